"""Tables of this room."""

from typing import Any

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.review.vocabulary import Method, Period, State


class Plan(models.Model):
    """A sampling plan 抽检计划 of a site and the sites below it. ``terms`` are its numbers (see ``drafts.Terms``).

    ``drawn_through`` is the last day that was drawn; ``next_at`` when the next day is due, null while paused. ``seed`` never changes.
    """

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    method = models.CharField(max_length=10, choices=Method.choices)
    period = models.CharField(max_length=5, choices=Period.choices)
    channel = models.CharField(max_length=8, blank=True, default="")
    terms: models.JSONField[Any, Any] = models.JSONField(default=dict)
    seed = models.CharField(max_length=32)
    # Where its first numbers came from (a dated setting of the handbook), shown beside them.
    clause = models.CharField(max_length=160, blank=True, default="")
    drawn_through = models.DateField()
    next_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="review_plan_name")]
        indexes = [models.Index(fields=["next_at"], name="review_plan_due", condition=models.Q(next_at__isnull=False))]


class Task(models.Model):
    """One conversation to be scored by a person, and why (``why``: codes with numbers). No plan: an inspector chose it."""

    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="tasks")
    # First day of the plan's period.
    period = models.DateField(null=True)
    conversation_id = models.BigIntegerField()
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=8)
    # When the conversation began, and its local day.
    at = models.DateTimeField()
    day = models.DateField()
    why: models.JSONField[Any, Any] = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    inspector = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    drawn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    seconds = models.PositiveIntegerField(null=True)
    # What is marked so far, by item: verdict, reason; never a figure of anything.
    draft: models.JSONField[Any, Any] = models.JSONField(default=dict)
    comment = EncryptedTextField(blank=True, default="")
    drop_reason = models.CharField(max_length=200, blank=True, default="")
    # At the moment of submitting: the machine's score, the person's, and how many items they judged otherwise.
    auto_score = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    score = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    changed_items = models.PositiveSmallIntegerField(default=0)
    judged_items = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            # Never twice in one period of a plan.
            models.UniqueConstraint(fields=["plan", "period", "conversation_id"], name="review_task_once"),
            # Nor in two hands at once, whatever drew it.
            models.UniqueConstraint(
                fields=["conversation_id"], condition=models.Q(state__in=("waiting", "assigned")), name="review_task_open_once"
            ),
            models.CheckConstraint(
                condition=models.Q(inspector=None) | models.Q(staff=None) | ~models.Q(inspector=models.F("staff")),
                name="review_not_oneself",
            ),
            models.CheckConstraint(condition=~models.Q(state="done") | models.Q(inspector__isnull=False), name="review_done_by_somebody"),
        ]
        indexes = [
            models.Index(fields=["site", "-drawn_at", "-id"], name="review_task_site"),
            models.Index(fields=["inspector", "due_at", "id"], name="review_task_mine", condition=models.Q(state="assigned")),
            models.Index(fields=["site", "due_at", "id"], name="review_task_open", condition=models.Q(state__in=("waiting", "assigned"))),
            models.Index(fields=["conversation_id"], name="review_task_subject"),
            models.Index(fields=["site", "day"], name="review_task_day", condition=models.Q(state="done")),
            models.Index(fields=["staff", "-done_at"], name="review_task_agent", condition=models.Q(state="done")),
        ]
