"""Refusals of scanning."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Message

UNDO: Mapping[str, Message] = {
    "undo_not_own": _("只能撤销自己的扫描，请组长撤销。"),
    "undo_too_late": _("已超过可撤销的时间，请组长撤销。"),
    "undo_other_day": _("只能撤销当天的扫描；之前的请走问题件。"),
    "undo_signed": _("这票已签收，请先撤销签收。"),
    "undo_none": _("这次没有录入扫描，不用撤销。"),
    "undo_done": _("已经撤销过了。"),
}


class UndoRefused(Conflict):
    """A scan that stays."""

    code = "undo_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(UNDO[reason], code=reason)
