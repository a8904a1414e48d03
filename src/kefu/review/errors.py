"""Refusals of sampling and scoring."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Denied


class TaskTaken(Conflict):
    """Somebody else has it."""

    code = "review_taken"
    message = _("这条任务已由%(name)s领取。")


class TaskClosed(Conflict):
    """It is scored or dropped."""

    code = "review_closed"
    message = _("这条任务现在是“%(state)s”，不能再改。")


class NotYours(Denied):
    """Only who has it in hand scores it."""

    code = "review_not_yours"
    message = _("这条任务不在您手上，请先领取。")


class NotAble(Denied):
    """Nobody scores themselves or their own team."""

    code = "review_not_able"
    message = _("不能给自己或本班组的人评分，请由其他质检员办理。")


class NotInspected(Conflict):
    """Without a card there is nothing to score."""

    code = "review_no_card"
    message = _("这段会话没有评分表：站点的手册在会话当天没有生效，或评分表不含这个渠道。")


class AlreadyOpen(Conflict):
    """It waits for scoring already."""

    code = "review_open"
    message = _("这段会话已经在待评分的任务里。")


class PersonOnly(Denied):
    """A program does not judge people."""

    code = "person_only"
    message = _("评分和裁决只能由本人登录办理，接口令牌不能代办。")
