"""Tables of exports: files that are made in the background and kept for some days."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kernel.encryption import EncryptedTextField


class ExportFile(models.Model):
    """A file somebody asked for, made by the worker, kept encrypted under ``KEFU_HOME/exports`` until ``expires_at`` (SEC1).

    ``wanted`` is the list's filter as JSON, encrypted: it may hold what was searched for.
    """

    class State(models.TextChoices):
        """States of a file."""

        QUEUED = "queued", _("排队中")
        RUNNING = "running", _("生成中")
        DONE = "done", _("可下载")
        FAILED = "failed", _("未能生成")
        CANCELLED = "cancelled", _("已取消")
        EXPIRED = "expired", _("已过期")

    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=80)
    site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=40)
    format = models.CharField(max_length=4)
    wanted = EncryptedTextField(blank=True, default="")
    clear = models.BooleanField(default=False)
    reason = models.CharField(max_length=20, blank=True)
    language = models.CharField(max_length=10)
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    failure = models.CharField(max_length=40, blank=True)
    rows = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=120, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="export_due", condition=Q(state__in=("queued", "running"))),
            models.Index(fields=["expires_at"], name="export_kept", condition=Q(state="done")),
            models.Index(fields=["actor_kind", "actor_id", "-id"], name="export_of_actor"),
        ]

    @property
    def is_active(self) -> bool:
        """Whether it is still being made."""
        return self.state in (self.State.QUEUED, self.State.RUNNING)
