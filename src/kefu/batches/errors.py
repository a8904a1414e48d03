"""Refusals of bulk work."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid, KefuError, TooMany


class KindUnknown(Invalid):
    """This cannot be done in bulk."""

    code = "batch_action_unknown"
    message = _("没有这种批量操作，请从列表中选择。")


class NothingChosen(Invalid):
    """No case was ticked, or the filter holds none."""

    code = "batch_empty"
    message = _("没有选中任何工单，请先勾选或换个筛选条件。")


class TooLarge(Invalid):
    """More cases than one batch takes; none is touched."""

    code = "batch_too_large"
    message = _("一次最多处理 %(most)s 张工单，请缩小筛选范围后分批进行。")


class TooManyAtOnce(TooMany):
    """Somebody has enough running."""

    code = "batch_too_many"
    message = _("您已有 %(count)s 个批量操作在进行，请等其中一个完成或停止后再开始。")


class NotActive(Conflict):
    """Only what still runs can be stopped."""

    code = "batch_ended"
    message = _("此批量操作已经结束，无需停止。")


class CannotUndo(Conflict):
    """This work has no inverse, is not finished, or nothing is left to take back."""

    code = "batch_not_undoable"
    message = _("不能撤销：%(why)s")


class MovedOn(Conflict):
    """The case was changed since; taking the work back would overwrite what others did."""

    code = "batch_moved_on"
    message = _("此工单之后又有变动，为免覆盖他人的处理，没有撤销。")


class AlreadySo(KefuError):
    """Nothing to do: the case is already as wanted. Ends an item as skipped, never shown as a failure."""

    code = "already_so"
    message = _("已是所要的结果，无需处理。")
