"""Refusals of inspection."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid


class NoScorecard(Conflict):
    """The handbook has no card for this channel."""

    code = "no_scorecard"
    message = _("手册 %(handbook)s 没有适用于该渠道的评分表，请在手册的 scorecards 中添加。")


class UnknownFilter(Invalid):
    """A list was asked with a filter it does not know."""

    code = "unknown_filter"
    message = _("不支持的筛选条件：%(name)s。")


class UnknownItem(Invalid):
    """A verdict names an item the card does not have."""

    code = "unknown_item"
    message = _("评分表没有“%(name)s”这一项，请刷新页面后重试。")


class ReasonNeeded(Invalid):
    """A person who judges otherwise than the machine says why."""

    code = "reason_needed"
    message = _("“%(name)s”与自动判定不同，请写明理由。")
