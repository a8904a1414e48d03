"""Refusals of disputes."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Denied, Invalid


class WindowClosed(Conflict):
    """The window for this has ended."""

    code = "dispute_window_closed"
    message = _("期限已于 %(day)s 24 时届满，不能再办理。")


class WrongState(Conflict):
    """The step does not belong to this state."""

    code = "dispute_state"
    message = _("这件申诉现在是“%(state)s”，不能这样办理，请刷新查看。")


class AlreadyDisputed(Conflict):
    """An item is disputed once."""

    code = "already_disputed"
    message = _("其中有已经申诉过的评分项，每项只能申诉一次。")


class NotBreached(Invalid):
    """Only what counts against somebody can be disputed."""

    code = "not_breached"
    message = _("只能申诉判为违规的评分项，请刷新后重选。")


class NotTheJudge(Denied):
    """Who scored or decided before, and who it is about, does not decide."""

    code = "not_the_judge"
    message = _("复核和终审须由没有参与过评分的另一个人办理，您不能对这件申诉作决定。")


class PersonOnly(Denied):
    """A program does not judge people."""

    code = "person_only"
    message = _("评分和裁决只能由本人登录办理，接口令牌不能代办。")
