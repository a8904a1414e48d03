"""Tables of this room."""

from typing import Any

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.station.pickups.vocabulary import Payment, Platform, Reason, State, What


class PickupOrder(models.Model):
    """An order to collect a parcel. ``site`` holds it, none while it is in the pool of ``hub``, the site it was pushed to."""

    platform = models.CharField(max_length=10, choices=Platform.choices)
    # 物流订单号 of the platform.
    order_no = models.CharField(max_length=60)
    hub = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # 工号 of who is to collect it.
    courier = models.CharField(max_length=20, blank=True, default="")
    state = models.CharField(max_length=12, choices=State.choices, default=State.POOL)
    placed_at = models.DateTimeField()
    # The hours agreed for the collection.
    slot_from = models.DateTimeField(null=True)
    slot_to = models.DateTimeField(null=True)
    # Names, phones and addresses of both sides as JSON.
    parties = EncryptedTextField()
    sender_phone_index = models.CharField(max_length=22, blank=True, default="")
    # Province to street; not the address itself.
    sender_region = models.CharField(max_length=120, blank=True, default="")
    goods = models.CharField(max_length=60, blank=True, default="")
    # Kilograms, yuan.
    weight: models.DecimalField[Any, Any] = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    pieces = models.PositiveIntegerField(default=1)
    payment = models.CharField(max_length=10, choices=Payment.choices, default=Payment.SENDER)
    insured_amount: models.DecimalField[Any, Any] = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    cod_amount: models.DecimalField[Any, Any] = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    remark = models.CharField(max_length=200, blank=True, default="")
    waybill = models.CharField(max_length=40, blank=True, default="")
    # The nearest deadline of the clocks; none when nothing runs.
    due_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    collected_at = models.DateTimeField(null=True)
    transfers = models.PositiveSmallIntegerField(default=0)
    refusals = models.PositiveSmallIntegerField(default=0)
    last_reason = models.CharField(max_length=20, choices=Reason.choices, blank=True, default="")
    # Said to be out of the area although the area table serves it (O7: wrong claim).
    wrong_claim = models.BooleanField(default=False)
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["platform", "order_no"], name="pickup_once"),
            models.UniqueConstraint(fields=["waybill"], condition=~models.Q(waybill=""), name="pickup_waybill_once"),
            models.CheckConstraint(condition=~models.Q(state=State.COLLECTED) | ~models.Q(waybill=""), name="pickup_collected_has_waybill"),
        ]
        indexes = [
            models.Index(fields=["site", "state", "due_at"], name="pickup_site_due"),
            models.Index(fields=["site", "-id"], name="pickup_site"),
            models.Index(fields=["hub", "state", "-id"], name="pickup_pool"),
            models.Index(fields=["sender_phone_index"], name="pickup_phone"),
        ]


class Stay(models.Model):
    """An order at one site, from its assignment until it left again: what the site's score card counts (O16)."""

    order = models.ForeignKey(PickupOrder, on_delete=models.CASCADE, related_name="stays", db_index=False)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    assigned_at = models.DateTimeField()
    accept_due_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    collect_due_at = models.DateTimeField(null=True)
    collected_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order"], condition=models.Q(left_at=None), name="pickup_stays_at_one")]
        indexes = [
            models.Index(fields=["order", "id"], name="pickup_stay"),
            models.Index(fields=["site", "assigned_at"], name="pickup_stay_site"),
        ]


class Move(models.Model):
    """What happened to an order, by whom; append-only. ``data`` is put into words when read."""

    order = models.ForeignKey(PickupOrder, on_delete=models.CASCADE, related_name="moves", db_index=False)
    what = models.CharField(max_length=12, choices=What.choices)
    actor_name = models.CharField(max_length=80)
    at = models.DateTimeField()
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["order", "id"], name="pickup_move")]
