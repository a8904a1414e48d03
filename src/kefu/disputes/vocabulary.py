"""Words of disputes that other rooms and screens name."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Where a dispute stands."""

    REVIEW = "review", pgettext_lazy("dispute", "待复核")
    DECIDED = "decided", pgettext_lazy("dispute", "已复核")
    FINAL = "final", pgettext_lazy("dispute", "待终审")
    CLOSED = "closed", pgettext_lazy("dispute", "已终结")
    WITHDRAWN = "withdrawn", pgettext_lazy("dispute", "已撤回")


class Outcome(models.TextChoices):
    """What was decided."""

    ACCEPTED = "accepted", pgettext_lazy("dispute", "申诉成立")
    PARTLY = "partly", pgettext_lazy("dispute", "部分成立")
    REJECTED = "rejected", pgettext_lazy("dispute", "维持原判")


class Overdue(models.TextChoices):
    """What follows when nobody decides in time, as the handbook says; nothing: it stays open."""

    NOTHING = "", _("继续等待")
    ACCEPT = "accept", _("按申诉成立处理")
    ESCALATE = "escalate", _("转终审")


class StepKind(models.TextChoices):
    """What happened, for the timeline."""

    FILED = "filed", _("提出申诉")
    COMMENTED = "commented", _("组长意见")
    DECIDED = "decided", _("复核结论")
    ASKED_FINAL = "asked_final", _("申请终审")
    FINAL = "final", _("终审结论")
    ESCALATED = "escalated", _("复核逾期，转终审")
    LAPSED = "lapsed", _("逾期未决，按申诉成立处理")
    CLOSED = "closed", _("终审期满，复核结论生效")
    WITHDRAWN = "withdrawn", _("撤回申诉")
    FILE = "file", _("补充附件")


OPEN = (State.REVIEW, State.DECIDED, State.FINAL)
"""A verdict under one of these is not final."""
WAITING = (State.REVIEW, State.FINAL)
"""Somebody has to decide."""
