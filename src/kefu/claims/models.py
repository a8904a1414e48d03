"""Tables of claims (CASE6, O17)."""

from typing import Any

from django.db import models

from kefu.claims.share_columns import ShareColumns
from kefu.claims.vocabulary import (
    ENDED,
    LIVE_PAYMENTS,
    Basis,
    Cause,
    Channel,
    Choice,
    Claimant,
    Excuse,
    Harm,
    Loss,
    PayState,
    Rung,
    State,
)
from kefu.kernel.encryption import EncryptedTextField

_LIVE = ~models.Q(state__in=[one.value for one in ENDED])
_LIVE_PAYMENT = models.Q(state__in=[one.value for one in LIVE_PAYMENTS])


def _yuan(**options: Any) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(max_digits=12, decimal_places=2, **options)


def _percent(default: int) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(max_digits=5, decimal_places=2, default=default)


class Claim(models.Model):
    """One loss and what is paid for it. ``lines`` is its reckoning: key, clause, figures and amount of each line."""

    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    waybill = models.CharField(max_length=40, blank=True, default="")
    order_no = models.CharField(max_length=60, blank=True, default="")
    item = models.CharField(max_length=80, blank=True, default="")
    carrier = models.CharField(max_length=20, blank=True, default="")
    # 工号 of the courier it happened to, for the month report.
    courier = models.CharField(max_length=20, blank=True, default="")
    loss = models.CharField(max_length=10, choices=Loss.choices)
    harm = models.CharField(max_length=10, choices=Harm.choices)
    cause = models.CharField(max_length=20, choices=Cause.choices, default=Cause.OTHER)
    fee = _yuan(default=0)
    value = _yuan(null=True)
    insured = _yuan(default=0)
    part = _percent(100)
    value_destroyed = models.BooleanField(default=False)
    shipper_part = _percent(0)
    salvage = _yuan(default=0)
    excuse = models.CharField(max_length=20, choices=Excuse.choices, blank=True, default="")
    basis = models.CharField(max_length=10, choices=Basis.choices, default=Basis.CIVIL)
    lines: models.JSONField[Any, Any] = models.JSONField(default=list)
    reckoned = _yuan(default=0)
    # Of that, the fee waived: once for a waybill.
    fee_waived = _yuan(default=0)
    amount = _yuan(default=0)
    # Why less than the reckoning is proposed, why nothing is paid, why it was taken back.
    reason = EncryptedTextField(blank=True, default="")
    claimant = models.CharField(max_length=10, choices=Claimant.choices, default=Claimant.SENDER)
    claimant_name = EncryptedTextField(blank=True, default="")
    claimant_phone = EncryptedTextField(blank=True, default="")
    # How the right passed to somebody who is not the sender.
    authority = EncryptedTextField(blank=True, default="")
    channel = models.CharField(max_length=10, choices=Channel.choices, blank=True, default="")
    account_name = EncryptedTextField(blank=True, default="")
    account = EncryptedTextField(blank=True, default="")
    papers: models.JSONField[Any, Any] = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    # Rungs that must agree in this round, and the one whose turn it is.
    rungs: models.JSONField[Any, Any] = models.JSONField(default=list)
    rung = models.CharField(max_length=10, choices=Rung.choices, blank=True, default="")
    round = models.PositiveSmallIntegerField(default=0)
    limit_clause = models.CharField(max_length=160, blank=True, default="")
    made_by = models.CharField(max_length=80)
    made_by_id = models.BigIntegerField(null=True)
    made_at = models.DateTimeField()
    proposed_by = models.CharField(max_length=80, blank=True, default="")
    proposed_by_id = models.BigIntegerField(null=True)
    proposed_at = models.DateTimeField(null=True)
    acknowledged_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    agreed_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    # The parcel turned up; and when somebody confirmed that the claim stands all the same.
    found_at = models.DateTimeField(null=True)
    found_cleared_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    external_id = models.CharField(max_length=80, null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            # One loss is paid once, whoever claims it and however many press the button at the same time.
            models.UniqueConstraint(fields=["waybill", "item", "harm"], condition=_LIVE & ~models.Q(waybill=""), name="claim_waybill_once"),
            models.UniqueConstraint(fields=["order_no", "item", "harm"], condition=_LIVE & ~models.Q(order_no=""), name="claim_order_once"),
            models.UniqueConstraint(
                fields=["case", "item", "harm"], condition=_LIVE & models.Q(waybill="", order_no=""), name="claim_case_once"
            ),
            models.UniqueConstraint(
                fields=["waybill"], condition=_LIVE & ~models.Q(waybill="") & models.Q(fee_waived__gt=0), name="claim_fee_once"
            ),
            models.UniqueConstraint(fields=["site", "external_id"], name="claim_external_once"),
            models.CheckConstraint(condition=models.Q(amount__gte=0, amount__lte=models.F("reckoned")), name="claim_within_reckoning"),
        ]
        indexes = [
            models.Index(fields=["site", "state", "-id"], name="claim_site_state"),
            models.Index(fields=["site", "-id"], name="claim_site"),
            models.Index(fields=["rung", "site", "-id"], name="claim_rung", condition=models.Q(state="approving")),
            models.Index(fields=["paid_at", "site"], name="claim_paid", condition=models.Q(paid_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people read out."""
        return f"L{self.pk:07d}"


class Approval(models.Model):
    """What one person on one rung decided in one round. Each rung once, each person once."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="approvals", db_index=False)
    round = models.PositiveSmallIntegerField()
    rung = models.CharField(max_length=10, choices=Rung.choices)
    agreed = models.BooleanField()
    by = models.CharField(max_length=80)
    by_id = models.BigIntegerField(null=True)
    reason = EncryptedTextField(blank=True, default="")
    clause = models.CharField(max_length=160, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim", "round", "rung"], name="claim_approval_rung_once"),
            models.UniqueConstraint(fields=["claim", "round", "by_id"], name="claim_approval_person_once"),
        ]


class Payment(models.Model):
    """Money on its way to a claimant. Of a claim at most one lives (constraint); the account is a copy of the moment."""

    claim = models.ForeignKey(Claim, on_delete=models.PROTECT, related_name="payments", db_index=False)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    amount = _yuan()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    account_name = EncryptedTextField(blank=True, default="")
    account = EncryptedTextField(blank=True, default="")
    state = models.CharField(max_length=10, choices=PayState.choices, default=PayState.WAITING)
    batch = models.CharField(max_length=30, blank=True, default="")
    # Serial number of the bank or platform; and why it failed or came back.
    serial = models.CharField(max_length=80, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["claim"], condition=_LIVE_PAYMENT, name="claim_payment_live_once"),
            models.UniqueConstraint(fields=["channel", "serial"], condition=~models.Q(serial=""), name="claim_payment_serial_once"),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="claim_payment_not_nothing"),
        ]
        indexes = [
            models.Index(fields=["site", "state", "-id"], name="claim_payment_site_state"),
            models.Index(fields=["site", "-id"], name="claim_payment_site"),
            models.Index(fields=["batch"], name="claim_payment_batch", condition=~models.Q(batch="")),
        ]

    @property
    def number(self) -> str:
        """What stands in the file for the bank, and comes back with the result."""
        return f"P{self.pk:08d}"


class Recovery(models.Model):
    """A parcel found after it was paid for: what the customer chose, and the money that came back (O5)."""

    claim = models.OneToOneField(Claim, on_delete=models.CASCADE, related_name="recovery")
    found_at = models.DateTimeField()
    choice = models.CharField(max_length=12, choices=Choice.choices, blank=True, default="")
    chosen_at = models.DateTimeField(null=True)
    # Yuan that came back.
    back = _yuan(default=0)
    back_at = models.DateTimeField(null=True)
    by = models.CharField(max_length=80, blank=True, default="")


class LiabilityShare(ShareColumns):
    """Who bears what of a claim."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="shares", db_index=False)

    class Meta(ShareColumns.Meta):
        constraints = [*ShareColumns.Meta.constraints, models.UniqueConstraint(fields=["claim", "place"], name="claim_share_place_once")]
        # The ledger of what carriers bear: one party of many, newest first.
        indexes = [models.Index(fields=["party", "-id"], name="claim_share_party")]
