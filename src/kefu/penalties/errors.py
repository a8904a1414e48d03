"""Refusals of the ledger."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict


class AlreadyReversed(Conflict):
    """Nothing of it is left."""

    code = "already_reversed"
    message = _("这笔记录已经冲销，不能重复处理。")


class NotReversible(Conflict):
    """A reversing line is the end of its story."""

    code = "not_reversible"
    message = _("冲销记录本身不能再冲销；如需恢复，请由质检重新判定。")


class ObjectionOpen(Conflict):
    """One at a time."""

    code = "objection_open"
    message = _("这笔记录已有异议在等待答复。")


class ObjectionAnswered(Conflict):
    """Somebody answered."""

    code = "objection_answered"
    message = _("这条异议已经答复过，请刷新查看。")


class MonthLocked(Conflict):
    """It was locked before."""

    code = "month_locked"
    message = _("%(month)s 已经锁定，之后的更正记入以后的月份。")


class MonthNotOver(Conflict):
    """A month is locked when it is over."""

    code = "month_not_over"
    message = _("%(month)s 还没有结束，月底之后才能锁定。")


class MonthUnsettled(Conflict):
    """What falls into it is not all entered, or objections wait."""

    code = "month_unsettled"
    message = _("%(month)s 还有 %(count)s 项没有办完（待入账的判定或待答复的异议），处理完再锁定。")
