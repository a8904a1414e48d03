"""Refusals of this room."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Denied, Message


class CellFixed(Denied):
    """The column shows what other work produced."""

    code = "ledger.cell_fixed"
    message = _("“%(column)s”由业务办理产生，不能在台账里修改；请打开这一行的单据办理。")


class CellNotYours(Denied):
    """The handbook lets other posts write here."""

    code = "ledger.cell_not_yours"
    message = _("按手册，“%(column)s”由 %(roles)s 填写。")


class CellChanged(Conflict):
    """Somebody else wrote meanwhile."""

    code = "ledger.cell_changed"
    message = _("“%(column)s”已被他人改为“%(now)s”，请按最新内容再改。")


NOT_A_LEDGER: Message = _("文件里没有“核对码”一列，请用台账页导出的文件修改后导入。")
ROW_REASONS: dict[str, Message] = {
    "bad_code": _("核对码不完整，请重新导出后再改。"),
    "other_ledger": _("这一行属于另一张台账，请分开导入。"),
    "unknown_row": _("台账里没有这一行，可能已经结束或不在您的范围内。"),
    "columns_changed": _("手册的栏目已经调整，请重新导出后再改。"),
}
"""Why a row of a file is refused; those about one cell are made from its column."""
