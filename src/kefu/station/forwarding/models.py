"""Tables of this room."""

from typing import Any

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.station.forwarding.vocabulary import OPEN_STATES, Contact, Payer, Reason, State, Way

_OPEN = models.Q(state__in=[one.value for one in OPEN_STATES])


class Forward(models.Model):
    """A parcel a site asks to hand on: to a site of the network, an outside carrier, or for the receiver to collect."""

    waybill = models.CharField(max_length=40)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=20, choices=Reason.choices)
    # The number the handbook gives the reason; 超区 is 1.
    reason_code = models.PositiveSmallIntegerField(default=0)
    way = models.CharField(max_length=8, choices=Way.choices)
    to_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    company = models.CharField(max_length=40, blank=True, default="")
    address = EncryptedTextField(blank=True, default="")
    note = EncryptedTextField(blank=True, default="")
    # Yuan.
    fee: models.DecimalField[Any, Any] = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    payer = models.CharField(max_length=10, choices=Payer.choices)
    # Whether the sender was told, or agreed, before collection (R19, R19a), and the clause that was asked.
    sender_told = models.BooleanField(default=False)
    payer_clause = models.CharField(max_length=160, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by_way = models.CharField(max_length=10, choices=Contact.choices, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    new_waybill = models.CharField(max_length=40, blank=True, default="")
    # A 超区 claim the served areas speak against: the area that does, and the site that is liable for it.
    wrong_claim = models.BooleanField(null=True)
    area = models.CharField(max_length=160, blank=True, default="")
    liable_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # By when the next step is due, and the clause that says so.
    due_at = models.DateTimeField(null=True)
    clause = models.CharField(max_length=160, blank=True, default="")
    requested_by = models.CharField(max_length=80)
    requested_by_id = models.BigIntegerField(null=True)
    requested_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decision = EncryptedTextField(blank=True, default="")
    forwarded_by = models.CharField(max_length=80, blank=True, default="")
    forwarded_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=80, blank=True, default="")
    settled_at = models.DateTimeField(null=True)
    settled_fee: models.DecimalField[Any, Any] = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    settled_payer = models.CharField(max_length=10, choices=Payer.choices, blank=True, default="")
    updated_at = models.DateTimeField()
    external_id = models.CharField(max_length=80, null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["waybill"], condition=_OPEN, name="forward_open_once"),
            models.UniqueConstraint(fields=["site", "external_id"], name="forward_external_once"),
            models.UniqueConstraint(fields=["new_waybill"], condition=~models.Q(new_waybill=""), name="forward_number_once"),
            models.CheckConstraint(condition=models.Q(to_site=None) | ~models.Q(to_site=models.F("site")), name="forward_elsewhere"),
            models.CheckConstraint(condition=~models.Q(way="site") | models.Q(to_site__isnull=False), name="forward_site_named"),
            models.CheckConstraint(condition=~models.Q(way="outside") | ~models.Q(company=""), name="forward_company_named"),
            models.CheckConstraint(condition=models.Q(fee__gte=0), name="forward_fee_not_negative"),
        ]
        indexes = [
            models.Index(fields=["site", "state", "-id"], name="forward_site_state"),
            models.Index(fields=["to_site", "state", "-id"], name="forward_to_state"),
            models.Index(fields=["waybill"], name="forward_waybill"),
            models.Index(fields=["state", "due_at"], name="forward_due"),
        ]
