"""Tables of the watch. What is typed is never stored; what went out in spite of a warning, and what alarmed, is."""

from typing import Any

from django.db import models

from kefu.watch.vocabulary import AlarmKind, AlarmState


class Confirmed(models.Model):
    """A text that went out after a second confirmation: the items it breaks and the reason given, not the text."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject_kind = models.CharField(max_length=12)
    subject_id = models.BigIntegerField()
    items: models.JSONField[Any, Any] = models.JSONField(default=list)
    clause = models.CharField(max_length=200)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["site", "-at"], name="watch_confirmed_site")]


class Alarm(models.Model):
    """A line of a talk in progress that a lead should know of. ``matched`` is short, masked; ``more``: what the limit held back."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=6, choices=AlarmKind.choices)
    subject_kind = models.CharField(max_length=12)
    subject_id = models.BigIntegerField(default=0)
    # The caller's own name of a talk that is not stored here (yet).
    talk = models.CharField(max_length=80, blank=True, default="")
    clause = models.CharField(max_length=200)
    matched = models.CharField(max_length=80, blank=True, default="")
    at = models.DateTimeField()
    more = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=5, choices=AlarmState.choices, default=AlarmState.NEW)
    seen_by = models.CharField(max_length=80, blank=True, default="")
    seen_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["site", "-id"], name="watch_alarm_site"),
            models.Index(fields=["site", "state", "-id"], name="watch_alarm_state"),
            models.Index(fields=["subject_kind", "subject_id", "talk", "-at"], name="watch_alarm_talk"),
            models.Index(fields=["staff", "-at"], name="watch_alarm_staff"),
        ]


class Mute(models.Model):
    """Alarms about an agent or a case stay quiet until then."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    about = models.CharField(max_length=12)
    about_id = models.BigIntegerField()
    until = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "about", "about_id"], name="watch_mute_once")]
