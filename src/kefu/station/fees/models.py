"""Tables of delivery fees."""

from typing import Any

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.station.fees.vocabulary import DisputeReason, FeeState, StatementState, Trouble, Verdict


def money(**more: Any) -> "models.DecimalField[Any, Any]":
    """Yuan with two digits; below zero for deductions and corrections."""
    return models.DecimalField(max_digits=12, decimal_places=2, **more)


def kilograms() -> "models.DecimalField[Any, Any]":
    """A weight, unknown until somebody put it on a scale."""
    return models.DecimalField(max_digits=10, decimal_places=3, null=True)


class RateKey(models.Model):
    """What rate cards are for: a site (and all below it), a place named in the destination, a product; empty means any.

    ``version`` is claimed by whoever adds or ends a card, so that two people cannot make cards that overlap.
    """

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+")
    area = models.CharField(max_length=60, blank=True, default="")
    product = models.CharField(max_length=40, blank=True, default="")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "area", "product"], name="rate_key_once")]


class RateCard(models.Model):
    """Rates in force from a day to a day, both included. Never changed afterwards: a new card follows, or it is withdrawn unused."""

    key = models.ForeignKey(RateKey, on_delete=models.PROTECT, related_name="cards")
    title = models.CharField(max_length=60)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    bands: models.JSONField[Any, Any] = models.JSONField()
    items: models.JSONField[Any, Any] = models.JSONField(default=list)
    # Where the numbers come from: a circular, a contract, an estimate.
    source = models.CharField(max_length=200)
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "valid_from"], name="rate_card_start_once", condition=models.Q(withdrawn_at=None)),
            models.UniqueConstraint(fields=["key"], name="rate_card_open_once", condition=models.Q(withdrawn_at=None, valid_until=None)),
            models.CheckConstraint(
                condition=models.Q(valid_until=None) | models.Q(valid_until__gte=models.F("valid_from")), name="rate_card_days"
            ),
        ]


class FeeStatement(models.Model):
    """What a site is to get for a month (its first day). Nothing in it changes once it is settled."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    state = models.CharField(max_length=8, choices=StatementState.choices, default=StatementState.DRAFT)
    count = models.PositiveIntegerField(default=0)
    base = money(default=0)
    heavy = money(default=0)
    total = money(default=0)
    made_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=80, blank=True, default="")
    paid_at = models.DateTimeField(null=True)
    paid_by = models.CharField(max_length=80, blank=True, default="")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "month"], name="fee_statement_once")]
        indexes = [models.Index(fields=["site", "-id"], name="fee_statement_site")]


class DeliveryFee(models.Model):
    """What one delivery earns. ``sequence`` 0 is the fee; higher ones correct it after it was settled. Weights in kilograms."""

    parcel = models.ForeignKey("parcels.Parcel", on_delete=models.PROTECT, related_name="+", db_index=False)
    sequence = models.PositiveSmallIntegerField(default=0)
    waybill = models.CharField(max_length=40)
    # The site that signed, whatever site the waybill was for (O11).
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    origin_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    signed_at = models.DateTimeField()
    signed_on = models.DateField()
    product = models.CharField(max_length=40, blank=True, default="")
    own_weight = kilograms()
    hub_weight = kilograms()
    billed_weight = kilograms()
    weight_differs = models.BooleanField(default=False)
    pieces = models.PositiveIntegerField(default=1)
    receipt = models.BooleanField(default=False)
    floors = models.PositiveSmallIntegerField(default=0)
    round_trip = models.BooleanField(default=False)
    card = models.ForeignKey(RateCard, null=True, on_delete=models.PROTECT, related_name="fees")
    lines: models.JSONField[Any, Any] = models.JSONField(default=list)
    base = money(default=0)
    heavy = money(default=0)
    total = money(default=0)
    state = models.CharField(max_length=8, choices=FeeState.choices, default=FeeState.OPEN)
    trouble = models.CharField(max_length=10, choices=Trouble.choices, blank=True, default="")
    # An amount a dispute ended with; weights and cards no longer change it.
    fixed = models.BooleanField(default=False)
    statement = models.ForeignKey(FeeStatement, null=True, on_delete=models.PROTECT, related_name="fees", db_index=False)
    # The amount of the network's own statement, once it was taken in.
    network_total = money(null=True)
    reckoned_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel", "sequence"], name="fee_once")]
        indexes = [
            models.Index(fields=["site", "-signed_on", "-id"], name="fee_site_day"),
            models.Index(fields=["site", "state", "-signed_on", "-id"], name="fee_site_state"),
            models.Index(fields=["waybill"], name="fee_waybill"),
            models.Index(fields=["statement", "-id"], name="fee_of_statement", condition=models.Q(statement__isnull=False)),
        ]


class FeeRevision(models.Model):
    """How a fee came to its amount: every reckoning that changed it, with what it was before."""

    fee = models.ForeignKey(DeliveryFee, on_delete=models.CASCADE, related_name="revisions")
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    why = models.CharField(max_length=12)
    before: models.DecimalField[Any, Any] = money(null=True)
    after = money()
    lines: models.JSONField[Any, Any] = models.JSONField(default=list)


class FeeDispute(models.Model):
    """A fee somebody does not agree with; while it is open the fee stays out of every statement. One open at a time."""

    fee = models.ForeignKey(DeliveryFee, on_delete=models.CASCADE, related_name="disputes")
    reason = models.CharField(max_length=8, choices=DisputeReason.choices)
    note = EncryptedTextField(blank=True, default="")
    # What the amount should be, if whoever disputes it says so.
    wanted = money(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True, default="")
    verdict = models.CharField(max_length=8, choices=Verdict.choices, blank=True, default="")
    answer = EncryptedTextField(blank=True, default="")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["fee"], name="fee_dispute_open_once", condition=models.Q(ended_at=None))]


class NetworkFee(models.Model):
    """A line of the network's own statement 网络派费报表: what they say a delivery earned in a month."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    waybill = models.CharField(max_length=40)
    weight = kilograms()
    base = money(default=0)
    heavy = money(default=0)
    total = money()
    taken_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "month", "waybill"], name="network_fee_once")]
        indexes = [
            models.Index(fields=["waybill"], name="network_fee_waybill"),
            models.Index(fields=["site", "-month", "-id"], name="network_fee_site"),
        ]
