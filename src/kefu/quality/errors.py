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
