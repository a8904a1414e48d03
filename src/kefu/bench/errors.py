"""Refusals of the rule bench."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid


class UnknownItem(Invalid):
    """No handbook in force at the subject's time has the item."""

    code = "bench_unknown_item"
    message = _("手册里没有评分项“%(item)s”，请从评分表里选。")


class UnknownSource(Invalid):
    """A label from an occasion that there is not."""

    code = "bench_unknown_source"
    message = _("标注来源“%(source)s”不可用，可以是：%(known)s。")


class NothingToTry(Invalid):
    """No conversation in reach in the span."""

    code = "bench_nothing_to_try"
    message = _("这段时间没有可试的会话：只试使用手册“%(handbook)s”、在您权限范围内的站点。请换一段日期。")


class SpanTooLong(Invalid):
    """The span of a trial is empty or too long."""

    code = "bench_span"
    message = _("试行的日期应从早到晚，最长 %(days)s 天。")


class TrialEnded(Conflict):
    """The trial is not running."""

    code = "bench_trial_ended"
    message = _("这次试行已经结束，请刷新查看。")
