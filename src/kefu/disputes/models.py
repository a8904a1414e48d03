"""Tables of this room. A dispute names its card by what stays when the card is judged again, not by the row's number."""

from typing import Any

from django.db import models

from kefu.disputes.vocabulary import Outcome, Overdue, State, StepKind
from kefu.kernel.encryption import EncryptedTextField


class Dispute(models.Model):
    """What an agent holds against a verdict about themselves; ``due_at`` is when the state's window ends."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    subject_kind = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    handbook = models.CharField(max_length=60)
    version_judged = models.PositiveIntegerField()
    scorecard = models.CharField(max_length=60)
    # When what was inspected happened.
    day = models.DateField()
    reason = EncryptedTextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.REVIEW)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    # The windows of the day it was filed: they do not change under it.
    clause = models.CharField(max_length=160)
    ways = models.CharField(max_length=160, blank=True, default="")
    final_days = models.PositiveSmallIntegerField(null=True)
    review_days = models.PositiveSmallIntegerField()
    overdue_review = models.CharField(max_length=10, choices=Overdue.choices, blank=True, default="")
    overdue_final = models.CharField(max_length=10, choices=Overdue.choices, blank=True, default="")
    filed_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    # Whose word was disputed: people who had scored the card when it was filed. Empty: the machine's.
    scored_by: models.JSONField[Any, Any] = models.JSONField(default=list)
    reviewer = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    reviewed_at = models.DateTimeField(null=True)
    review_outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    final_judge = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    final_at = models.DateTimeField(null=True)
    # Decided by the clock, not by a person.
    by_lapse = models.BooleanField(default=False)
    before_score = models.DecimalField(max_digits=7, decimal_places=2)
    after_score = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(final_judge=None) | models.Q(reviewer=None) | ~models.Q(final_judge=models.F("reviewer")),
                name="dispute_judged_by_two",
            ),
            models.CheckConstraint(
                condition=models.Q(reviewer=None) | ~models.Q(reviewer=models.F("staff")), name="dispute_not_own_review"
            ),
            models.CheckConstraint(condition=models.Q(final_judge=None) | ~models.Q(final_judge=models.F("staff")), name="dispute_not_own"),
        ]
        indexes = [
            models.Index(fields=["site", "-filed_at", "-id"], name="dispute_site"),
            models.Index(fields=["staff", "-filed_at", "-id"], name="dispute_staff"),
            models.Index(fields=["subject_kind", "subject_id"], name="dispute_subject"),
            models.Index(fields=["due_at"], name="dispute_due", condition=models.Q(state__in=("review", "decided", "final"))),
        ]

    def __str__(self) -> str:
        return f"S{self.pk:07d}"


class DisputedItem(models.Model):
    """One item in dispute. An item is disputed once: a withdrawn dispute is not ``live`` and leaves the way open again."""

    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="items")
    subject_kind = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    handbook = models.CharField(max_length=60)
    version_judged = models.PositiveIntegerField()
    scorecard = models.CharField(max_length=60)
    item_key = models.CharField(max_length=60)
    live = models.BooleanField(default=True)
    points = models.DecimalField(max_digits=8, decimal_places=2)
    money = models.DecimalField(max_digits=9, decimal_places=2)
    # As decided: breached, passed, not_applicable; empty until then.
    review_verdict = models.CharField(max_length=14, blank=True, default="")
    verdict = models.CharField(max_length=14, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "handbook", "version_judged", "scorecard", "item_key"],
                condition=models.Q(live=True),
                name="disputed_item_once",
            )
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="disputed_item_subject")]


class Step(models.Model):
    """What happened to a dispute, who did it and what they said. Never changed."""

    dispute = models.ForeignKey(Dispute, on_delete=models.CASCADE, related_name="steps")
    kind = models.CharField(max_length=12, choices=StepKind.choices)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    text = EncryptedTextField(blank=True, default="")
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)


class DisputeFile(models.Model):
    """A file handed in with a dispute, kept encrypted."""

    dispute = models.ForeignKey(Dispute, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=80)
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dispute", "sha256"], name="dispute_file_once")]
