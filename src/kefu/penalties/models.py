"""Tables of the ledger. Lines are written once and never changed: what was wrong is made good by a line against it."""

from typing import Any

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.penalties.vocabulary import Cause, Kind, ObjectionState


class Pending(models.Model):
    """A judged subject whose breaches are entered at ``due_at``, when its window to dispute has ended; gone once entered."""

    subject_kind = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    inspection_id = models.BigIntegerField()
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subject_kind", "subject_id"], name="penalty_pending_once")]
        indexes = [
            models.Index(fields=["due_at", "at", "id"], name="penalty_pending_due"),
            models.Index(fields=["staff", "due_at"], name="penalty_pending_staff"),
            models.Index(fields=["site", "due_at"], name="penalty_pending_site"),
        ]


class Month(models.Model):
    """A month of a site. Once locked nothing is entered into it; later corrections go into a later month."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    month = models.DateField()
    entries = models.PositiveIntegerField(default=0)
    locked_at = models.DateTimeField(null=True)
    locked_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "month"], name="penalty_month_once")]


class Sheet(models.Model):
    """A person's month: the sums of their lines. ``points`` and ``money`` are what the month comes to (deductions below zero);
    ``used_*`` what standing breaches of the month use of its caps. ``wage`` is optional, for the legal floor.
    """

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    team_id = models.BigIntegerField(null=True)
    month = models.DateField()
    points = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    money = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    used_points = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    used_money = models.DecimalField(max_digits=11, decimal_places=2, default=0)
    entries = models.PositiveIntegerField(default=0)
    wage = EncryptedTextField(blank=True, default="")
    acknowledged_at = models.DateTimeField(null=True)
    # How many lines there were then: a later line asks for another look.
    acknowledged_entries = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "month"], name="penalty_sheet_once")]
        indexes = [models.Index(fields=["site", "month"], name="penalty_sheet_site")]


class Entry(models.Model):
    """A line: one breach that became final, a merit, or the reversal of a line. Amounts are signed, deductions below zero.

    The breach is named by what stays when its card is judged again; ``finding_id``, ``line``, ``code`` and ``detail`` are its evidence as
    it was. ``listed_*`` is what the clause says, ``counted`` the earlier lines that make it a repeat, ``capped_*`` what the month's cap cut
    off. ``policy`` is the clause of multiplier, window and caps. ``turn`` counts how often the same breach was entered, 0 first: again only
    after the line before was reversed.
    """

    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="lines")
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    team_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    subject_kind = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    inspection_id = models.BigIntegerField()
    handbook = models.CharField(max_length=60)
    version_judged = models.PositiveIntegerField()
    scorecard = models.CharField(max_length=60)
    item_key = models.CharField(max_length=60)
    clause = models.CharField(max_length=200)
    policy = models.CharField(max_length=200, blank=True)
    finding_id = models.BigIntegerField()
    line = models.PositiveIntegerField(null=True)
    code = models.CharField(max_length=40)
    detail: models.JSONField[Any, Any] = models.JSONField(default=dict)
    matched = models.CharField(max_length=80, blank=True)
    # When what was judged happened, and its local day.
    at = models.DateTimeField()
    day = models.DateField()
    month = models.DateField()
    listed_points = models.DecimalField(max_digits=8, decimal_places=2)
    listed_money = models.DecimalField(max_digits=9, decimal_places=2)
    multiplier = models.DecimalField(max_digits=5, decimal_places=2, default=1)
    counted: models.JSONField[Any, Any] = models.JSONField(default=list)
    capped_points = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    capped_money = models.DecimalField(max_digits=10, decimal_places=2, default=0)
    points = models.DecimalField(max_digits=9, decimal_places=2)
    money = models.DecimalField(max_digits=10, decimal_places=2)
    final_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    turn = models.PositiveSmallIntegerField(default=0)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    cause = models.CharField(max_length=10, choices=Cause.choices, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")
    by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "item_key", "turn"], condition=models.Q(reverses=None), name="penalty_entry_once"
            ),
            models.CheckConstraint(condition=models.Q(kind="reversal") ^ models.Q(reverses=None), name="penalty_reversal_of_a_line"),
        ]
        indexes = [
            models.Index(fields=["site", "-month", "-id"], name="penalty_site"),
            models.Index(fields=["staff", "item_key", "day"], name="penalty_repeat"),
            models.Index(fields=["staff", "-id"], name="penalty_staff"),
        ]


class Objection(models.Model):
    """What a person holds against one of their lines after it was entered; a manager answers."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="objections")
    reason = EncryptedTextField()
    state = models.CharField(max_length=8, choices=ObjectionState.choices, default=ObjectionState.OPEN)
    at = models.DateTimeField()
    answer = EncryptedTextField(blank=True, default="")
    answered_by = models.CharField(max_length=80, blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry"], condition=models.Q(state="open"), name="penalty_objection_open_once")]
