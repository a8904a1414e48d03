"""Words of appeals to the postal authority as codes (R25–R31)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Where an appeal stands, seen from the company."""

    RECEIVED = "received", pgettext_lazy("appeal", "已收到")
    ACCEPTED = "accepted", pgettext_lazy("appeal", "已受理，待答复")
    ANSWERED = "answered", pgettext_lazy("appeal", "已答复")
    MEDIATION = "mediation", pgettext_lazy("appeal", "调解中")
    CLOSED = "closed", pgettext_lazy("appeal", "已办结")


class Verdict(models.TextChoices):
    """How it ended: 有效申诉 is one the company was at fault in (R30)."""

    VALID = "valid", _("有效申诉（企业有责）")
    INVALID = "invalid", _("无效申诉（企业无责）")
    WITHDRAWN = "withdrawn", pgettext_lazy("appeal", "申诉人撤回")


class Party(models.TextChoices):
    """Who appeals: a direct party of the parcel (R25)."""

    SENDER = "sender", _("寄件人")
    RECIPIENT = "recipient", _("收件人")
    OTHER = "other", _("其他人")


class AnswerState(models.TextChoices):
    """Where a version of our answer stands."""

    WAITING = "waiting", pgettext_lazy("answer", "待审批")
    APPROVED = "approved", pgettext_lazy("answer", "已批准发出")
    RETURNED = "returned", pgettext_lazy("answer", "退回重写")


# From which states a step may be taken, and where it leads.
STEPS: dict[str, tuple[tuple[str, ...], str]] = {
    "accepted": ((State.RECEIVED,), State.ACCEPTED),
    "written": ((State.RECEIVED, State.ACCEPTED), ""),
    "returned": ((State.RECEIVED, State.ACCEPTED), ""),
    "answered": ((State.RECEIVED, State.ACCEPTED), State.ANSWERED),
    "opinion": ((State.ANSWERED,), State.MEDIATION),
    "fed_back": ((State.MEDIATION,), ""),
    "closed": ((State.ANSWERED, State.MEDIATION), State.CLOSED),
    "withdrawn": ((State.RECEIVED, State.ACCEPTED, State.ANSWERED, State.MEDIATION), State.CLOSED),
}
# What the clocks of the case hear of each.
EVENTS: dict[str, tuple[str, ...]] = {
    "accepted": ("regulator.accepted",),
    "answered": ("regulator.answered",),
    "opinion": ("mediation.received",),
    "fed_back": ("mediation.answered",),
    "closed": ("regulator.closed",),
    "withdrawn": ("regulator.answered", "mediation.answered", "regulator.closed"),
}
