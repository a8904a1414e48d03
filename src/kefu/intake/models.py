"""Tables of intake: files somebody sent to be taken in."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Intake(models.Model):
    """A file on its way in, at once or by the worker. Where it stands in the file is kept by the kernel's run (``run_id``).

    ``total`` is the number of its records, 0 until they are counted; the other counts are those of the run.
    """

    class State(models.TextChoices):
        """States of a file."""

        QUEUED = "queued", _("排队中")
        RUNNING = "running", _("导入中")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未能完成")
        STOPPED = "stopped", _("已停止")

    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=80)
    kind = models.CharField(max_length=40)
    site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    folder = models.CharField(max_length=40, unique=True)
    file_name = models.CharField(max_length=100)
    language = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    failure = models.CharField(max_length=60, blank=True)
    run_id = models.BigIntegerField(null=True)
    total = models.PositiveBigIntegerField(default=0)
    read = models.PositiveBigIntegerField(default=0)
    stored = models.PositiveBigIntegerField(default=0)
    present = models.PositiveBigIntegerField(default=0)
    refused = models.PositiveBigIntegerField(default=0)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="intake_due", condition=Q(state__in=("queued", "running"))),
            models.Index(fields=["actor_kind", "actor_id", "-id"], name="intake_of_actor"),
        ]

    @property
    def is_active(self) -> bool:
        """Whether it is still on its way."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)
