"""Tables of this room."""

from typing import Any

from django.db import models

from kefu.arbitration.vocabulary import MAY_FILE_AGAIN, MoveKind, Outcome, Side, State
from kefu.kernel.encryption import EncryptedTextField


def _yuan(**more: Any) -> "models.DecimalField[Any, Any]":
    return models.DecimalField(max_digits=12, decimal_places=2, **more)


def _site(**more: Any) -> "models.ForeignKey[Any, Any]":
    return models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False, **more)


class Filing(models.Model):
    """A site asks headquarters to fix who is liable for what happened to a waybill. ``clause`` is the type's, of the day it was filed."""

    number = models.CharField(max_length=20, unique=True)
    waybill = models.CharField(max_length=40)
    kind = models.CharField(max_length=30)
    clause = models.CharField(max_length=160)
    # The applicant, usually the site that paid or was complained to.
    site = _site()
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    complainant = EncryptedTextField(blank=True, default="")
    phone = EncryptedTextField(blank=True, default="")
    # What shows the value (order page, invoice), and how much it shows.
    proof = EncryptedTextField(blank=True, default="")
    proof_amount: models.DecimalField[Any, Any] = _yuan(null=True)
    claimed: models.DecimalField[Any, Any] = _yuan()
    pieces = models.PositiveIntegerField(default=1)
    abnormal = models.PositiveIntegerField(default=1)
    packing = models.CharField(max_length=60, blank=True, default="")
    # Where the parcel stood when it was filed: what the checks were made on.
    parcel_state = models.CharField(max_length=30, blank=True, default="")
    product = models.CharField(max_length=40, blank=True, default="")
    collected_at = models.DateTimeField(null=True)
    counted_from = models.DateTimeField(null=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.FILED)
    arbiter = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    filed_by = models.CharField(max_length=80)
    filed_by_id = models.BigIntegerField(null=True)
    filed_at = models.DateTimeField()
    accepted_by = models.CharField(max_length=80, blank=True, default="")
    accepted_at = models.DateTimeField(null=True)
    # By when the accused answer, or the appeal may be made; the worker goes on by itself then. The clause that says so stands beside it.
    due_at = models.DateTimeField(null=True)
    due_clause = models.CharField(max_length=160, blank=True, default="")
    # Why it was refused or withdrawn.
    remark = EncryptedTextField(blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["waybill"],
                condition=~models.Q(state__in=[one.value for one in MAY_FILE_AGAIN]),
                name="arbitration_waybill_once",
            ),
            models.CheckConstraint(condition=models.Q(claimed__gt=0), name="arbitration_claimed_positive"),
            models.CheckConstraint(condition=models.Q(abnormal__lte=models.F("pieces")), name="arbitration_abnormal_most"),
        ]
        indexes = [
            models.Index(fields=["site", "state", "-id"], name="arbitration_site_state"),
            models.Index(fields=["state", "-id"], name="arbitration_state"),
            models.Index(fields=["arbiter", "state", "-id"], name="arbitration_of_arbiter"),
            models.Index(fields=["state", "due_at"], name="arbitration_due"),
            models.Index(fields=["waybill"], name="arbitration_waybill"),
        ]


class Accused(models.Model):
    """A site or hub the filing is against, with its answer. ``silent``: it let the time pass."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="accused", db_index=False)
    site = _site()
    statement = EncryptedTextField(blank=True, default="")
    replied_by = models.CharField(max_length=80, blank=True, default="")
    replied_at = models.DateTimeField(null=True)
    silent = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filing", "site"], name="arbitration_accused_once")]
        indexes = [models.Index(fields=["site", "filing"], name="arbitration_accused_site")]


class Evidence(models.Model):
    """A file one of the sides handed in, kept encrypted."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="evidence")
    site = _site(null=True)
    side = models.CharField(max_length=10, choices=Side.choices)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=80)
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["filing", "side", "sha256"], name="arbitration_evidence_once")]


class Verdict(models.Model):
    """What an arbiter ruled, in the first round (1) or on the appeal (2). It counts once a second person confirmed it."""

    filing = models.ForeignKey(Filing, on_delete=models.CASCADE, related_name="verdicts")
    round = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    awarded: models.DecimalField[Any, Any] = _yuan()
    reason = EncryptedTextField()
    clause = models.CharField(max_length=160)
    ruled_by = models.CharField(max_length=80)
    ruled_by_id = models.BigIntegerField(null=True)
    ruled_at = models.DateTimeField()
    audited_by = models.CharField(max_length=80, blank=True, default="")
    audited_at = models.DateTimeField(null=True)
    confirmed = models.BooleanField(null=True)
    audit_note = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["filing", "round"], condition=~models.Q(confirmed=False), name="arbitration_verdict_once"),
            models.CheckConstraint(condition=models.Q(awarded__gte=0), name="arbitration_awarded_not_negative"),
        ]


class Share(models.Model):
    """What one site bears of a verdict: percent, its part of the compensation, and its fine."""

    verdict = models.ForeignKey(Verdict, on_delete=models.CASCADE, related_name="shares", db_index=False)
    site = _site()
    percent: models.DecimalField[Any, Any] = models.DecimalField(max_digits=5, decimal_places=2)
    amount: models.DecimalField[Any, Any] = _yuan()
    fine: models.DecimalField[Any, Any] = _yuan(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["verdict", "site"], name="arbitration_share_once")]


class Appeal(models.Model):
    """The one appeal 复议 of a filing."""

    filing = models.OneToOneField(Filing, on_delete=models.CASCADE, related_name="appeal")
    site = _site()
    reason = EncryptedTextField()
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()


class Move(models.Model):
    """Money of a final verdict on a site's account: what comes is positive, what goes negative. Never changed, never deleted.

    ``site`` none is headquarters, which takes the fines. ``for_site`` is the liable site where another pays for it because it is closed.
    """

    filing = models.ForeignKey(Filing, on_delete=models.PROTECT, related_name="moves", db_index=False)
    site = _site(null=True)
    for_site = _site(null=True)
    kind = models.CharField(max_length=12, choices=MoveKind.choices)
    amount: models.DecimalField[Any, Any] = _yuan()
    # First day of the month whose statement it stands in.
    month = models.DateField()
    booked_at = models.DateTimeField()
    clause = models.CharField(max_length=160)

    class Meta:
        constraints = [models.CheckConstraint(condition=~models.Q(amount=0), name="arbitration_move_not_zero")]
        indexes = [
            models.Index(fields=["site", "month", "-id"], name="arbitration_move_site"),
            models.Index(fields=["filing"], name="arbitration_move_filing"),
            models.Index(fields=["month", "-id"], name="arbitration_move_month"),
        ]


class Lock(models.Model):
    """A site's month is closed: its statement no longer changes. The sums are those of that moment."""

    site = _site()
    month = models.DateField()
    received: models.DecimalField[Any, Any] = _yuan()
    paid: models.DecimalField[Any, Any] = _yuan()
    fines: models.DecimalField[Any, Any] = _yuan()
    locked_by = models.CharField(max_length=80)
    locked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "month"], name="arbitration_month_once")]


class Arbiter(models.Model):
    """Somebody filings are given to by themselves: those of a region (a site with all below it) and of some types, by weight."""

    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    region = _site()
    # Keys of types; empty: all.
    kinds: models.JSONField[Any, Any] = models.JSONField(default=list)
    weight = models.PositiveSmallIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "region"], name="arbitration_arbiter_once")]
