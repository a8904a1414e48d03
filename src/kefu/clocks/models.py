"""Tables of clocks and of days that differ from the published calendar."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Clock(models.Model):
    """One deadline of one subject, with the clause that sets it (CASE4).

    When it warns, breaks and climbs follows from ``warn_at``, ``due_at`` and ``ladder``; how far it has come, while it is open, says its
    ``Alarm``. ``breached_at`` is written when it ends or is held: that a running clock is past its deadline, the deadline tells.
    """

    class State(models.TextChoices):
        """States of a clock; a met or stopped one never runs again."""

        RUNNING = "running", _("计时中")
        PAUSED = "paused", _("已暂停")
        MET = "met", _("已完成")
        STOPPED = "stopped", _("已停止")

    class Family(models.TextChoices):
        """Who sets the limit."""

        COMPANY = "company", _("公司")
        PLATFORM = "platform", _("平台")
        LAW = "law", _("法规")

    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    site_id = models.BigIntegerField()
    key = models.CharField(max_length=60)
    clause = models.CharField(max_length=160)
    family = models.CharField(max_length=10, choices=Family.choices)
    calendar = models.CharField(max_length=60)
    target_seconds = models.PositiveIntegerField()
    warn_seconds = models.PositiveIntegerField(null=True)
    cap_seconds = models.PositiveIntegerField(null=True)
    meets_on: models.JSONField[Any, Any] = models.JSONField(default=list)
    ladder: models.JSONField[Any, Any] = models.JSONField(default=list)
    pauses: models.JSONField[Any, Any] = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="clock_subject"),
            models.Index(fields=["site_id", "due_at"], name="clock_site_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "key"], name="clock_open_once", condition=models.Q(state__in=["running", "paused"])
            )
        ]


class Alarm(models.Model):
    """When an open clock next has something to do: all that a sweep looks for and writes, kept narrow and apart (ADR 11).

    ``at`` is ``None`` while nothing can fire: all is done, or the clock is held without an end. ``fired`` of the clock's moments are done,
    the end of a pause not counted. A clock that is met or stopped has none. Written before its clock, so that two writers never wait for
    each other.
    """

    clock = models.OneToOneField(Clock, models.CASCADE, primary_key=True)
    at = models.DateTimeField(null=True)
    fired = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["at"], name="alarm_rings", condition=models.Q(at__isnull=False))]


class CalendarDay(models.Model):
    """A day that differs from the published national calendar, or a year not yet announced; edited by the centre, dated and sourced."""

    class Kind(models.TextChoices):
        """What the day is."""

        HOLIDAY = "holiday", _("休息日")
        MAKEUP = "makeup", _("调休上班")

    day = models.DateField(unique=True)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    name = models.CharField(max_length=40)
    source = models.CharField(max_length=120)
