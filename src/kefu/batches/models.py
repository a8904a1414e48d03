"""Tables of bulk work: a batch, and one row for each case in it."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kernel.encryption import EncryptedTextField


class Batch(models.Model):
    """One work done to many cases in somebody's name (CASE8).

    ``parameters`` and ``choice`` (the filter the cases were chosen by, empty when they were ticked one by one) are JSON, encrypted: they
    may hold what people wrote. ``leased_until`` keeps two workers from the same batch; that nothing is done twice rests on the items.
    """

    class State(models.TextChoices):
        """States of a batch."""

        QUEUED = "queued", _("排队中")
        RUNNING = "running", _("进行中")
        DONE = "done", _("已完成")
        STOPPED = "stopped", _("已停止")
        FAILED = "failed", _("已中止")

    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=80)
    site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    action = models.CharField(max_length=20)
    parameters = EncryptedTextField(blank=True, default="")
    choice = EncryptedTextField(blank=True, default="")
    language = models.CharField(max_length=10)
    undo_of = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undos", db_index=False)
    ticket = models.CharField(max_length=60, null=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    failure = models.CharField(max_length=30, blank=True)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)
    worked_at = models.DateTimeField()
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["worked_at", "id"], name="batch_due", condition=Q(state__in=("queued", "running"))),
            models.Index(fields=["actor_kind", "actor_id", "-id"], name="batch_of_actor"),
            models.Index(fields=["site", "-id"], name="batch_of_site"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["actor_kind", "actor_id", "ticket"], name="batch_once"),
            models.UniqueConstraint(fields=["undo_of"], condition=Q(state__in=("queued", "running")), name="batch_one_undo_at_a_time"),
        ]

    @property
    def handled(self) -> int:
        """Cases that have an outcome."""
        return self.done + self.refused + self.skipped

    @property
    def is_active(self) -> bool:
        """Whether it is still to be worked on."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)


class BatchItem(models.Model):
    """One case of a batch. ``why`` holds the reasons against it (source sentences with values, see ``reasons``).

    ``undo`` is what its inverse needs; ``origin`` the item an undo takes back, and ``undone`` that it was.
    """

    class Outcome(models.TextChoices):
        """What came of it."""

        WAITING = "waiting", _("等待处理")
        DONE = "done", _("已处理")
        REFUSED = "refused", _("未能处理")
        SKIPPED = "skipped", _("无需处理")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="items", db_index=False)
    case_id = models.BigIntegerField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.WAITING)
    code = models.CharField(max_length=40, blank=True)
    why: models.JSONField[Any, Any] = models.JSONField(default=list)
    undo: models.JSONField[Any, Any] = models.JSONField(null=True)
    undone = models.BooleanField(default=False)
    origin = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["batch", "id"], name="batch_item_waiting", condition=Q(outcome="waiting")),
            models.Index(fields=["batch", "outcome", "id"], name="batch_item_outcome"),
        ]
        constraints = [models.UniqueConstraint(fields=["batch", "case_id"], name="batch_item_once")]

    @property
    def number(self) -> str:
        """Number of the case, which follows from its key."""
        return f"K{self.case_id:07d}"
