"""Tables of clocks and of days that differ from the published calendar."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Clock(models.Model):
    """One deadline of one subject, with the clause that sets it (CASE4).

    ``plan`` lists the moments at which something is due (warning, breach, rungs of the ladder, end of a capped pause), soonest
    first; ``fired`` of them are done and ``next_fire_at`` is the next, ``None`` when nothing can fire any more.
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
    plan: models.JSONField[Any, Any] = models.JSONField(default=list)
    fired = models.PositiveSmallIntegerField(default=0)
    next_fire_at = models.DateTimeField(null=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    warn_at = models.DateTimeField(null=True)
    warned_at = models.DateTimeField(null=True)
    breached_at = models.DateTimeField(null=True)
    met_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["next_fire_at"], name="clock_fires", condition=models.Q(next_fire_at__isnull=False)),
            models.Index(fields=["subject_kind", "subject_id"], name="clock_subject"),
            models.Index(fields=["site_id", "due_at"], name="clock_site_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "key"], name="clock_open_once", condition=models.Q(state__in=["running", "paused"])
            )
        ]


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
