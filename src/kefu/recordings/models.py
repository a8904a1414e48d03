"""Tables of recordings: the file, what was measured, who holds it, who listened (CONV4, SEC1)."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kernel.encryption import EncryptedTextField


class Recording(models.Model):
    """One sound file of one call. Its bytes lie encrypted in a file of the home; the same bytes are kept once a site."""

    class State(models.TextChoices):
        """How far the work on it is. ``measured`` waits for words, where there is an engine to find them."""

        STORED = "stored", _("待分析")
        MEASURED = "measured", _("已分析")
        DONE = "done", _("已完成")
        FAILED = "failed", _("未能处理")
        REMOVED = "removed", _("已删除")

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    # May hold somebody's number: telephone systems like to name files so.
    file_name = EncryptedTextField(blank=True, default="")
    format = models.CharField(max_length=20)
    rate = models.PositiveIntegerField()
    channels = models.PositiveSmallIntegerField()
    seconds = models.FloatField()
    # Who is on which channel, in their order; ``["both"]``: one channel for both.
    sides: models.JSONField[Any, Any] = models.JSONField(default=list)
    # The file is shorter than its header says.
    cut_off = models.BooleanField(default=False)
    state = models.CharField(max_length=9, choices=State.choices, default=State.STORED)
    failure = models.CharField(max_length=40, blank=True, default="")
    # Of the stage under way, in percent.
    progress = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)
    lease = models.CharField(max_length=32, blank=True, default="")
    leased_until = models.DateTimeField(null=True)
    # Where the words are from: ``engine`` (with its name and version), ``import``, or empty.
    words_from = models.CharField(max_length=10, blank=True, default="")
    engine = models.CharField(max_length=60, blank=True, default="")
    started_at = models.DateTimeField()
    received_at = models.DateTimeField()
    received_by = models.CharField(max_length=80)
    measured_at = models.DateTimeField(null=True)
    transcribed_at = models.DateTimeField(null=True)
    keep_until = models.DateTimeField(null=True)
    # Clause or setting the time is from.
    kept_by = models.CharField(max_length=160, blank=True, default="")
    removed_at = models.DateTimeField(null=True)
    removed_why = models.CharField(max_length=20, blank=True, default="")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "sha256"], name="recording_once"),
            models.UniqueConstraint(fields=["conversation"], name="recording_of_conversation", condition=Q(removed_at=None)),
        ]
        indexes = [
            models.Index(fields=["-started_at", "-id"], name="recording_newest"),
            models.Index(fields=["site", "-started_at", "-id"], name="recording_site"),
            models.Index(fields=["staff", "-started_at", "-id"], name="recording_staff", condition=~Q(staff=None)),
            models.Index(fields=["id"], name="recording_due", condition=Q(state__in=("stored", "measured"))),
            models.Index(fields=["keep_until"], name="recording_kept", condition=Q(removed_at=None)),
            models.Index(fields=["conversation"], name="recording_conversation"),
        ]

    def __str__(self) -> str:
        return f"L{self.pk:07d}"


class Measurement(models.Model):
    """What was measured, packed (``sound.measured``); numbers only, nothing that was said."""

    recording = models.OneToOneField(Recording, on_delete=models.CASCADE, primary_key=True, related_name="measurement")
    body = models.BinaryField()


class Hold(models.Model):
    """Somebody needs the recording beyond its time: an appeal, a case, the law. It is not deleted while one is open."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="holds", db_index=False)
    kind = models.CharField(max_length=30)
    object_id = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    held_by = models.CharField(max_length=80)
    held_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recording", "kind", "object_id"], name="recording_held_once", condition=Q(released_at=None)),
        ]
        indexes = [models.Index(fields=["recording", "released_at"], name="recording_hold")]


class Listening(models.Model):
    """Somebody listened to a recording or took it along: who, when, why."""

    recording = models.ForeignKey(Recording, on_delete=models.CASCADE, related_name="listenings", db_index=False)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=80)
    # ``own``, ``inspection``, ``supervision``, ``training``, or ``download`` and ``api`` with words.
    purpose = models.CharField(max_length=12)
    reason = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["recording", "-id"], name="listening_recording"),
            models.Index(fields=["actor_kind", "actor_id", "-id"], name="listening_actor"),
        ]
