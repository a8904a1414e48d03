"""Reads of exports for screens and API."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.exports import access, catalogue
from kefu.exports.errors import TooManyRows
from kefu.exports.making import MOST_ROWS
from kefu.exports.models import ExportFile
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.kernel.paging import Order, Page, keyset_page

_FAILURES: Mapping[str, Message] = {
    "person_gone": _("申请人已离职或停用。"),
    "missing_permission": _("您已没有导出此列表的权限。"),
    "error": _("生成时出现意外错误，已记入服务器日志，请稍后再试。"),
}


def page(actor: Actor, *, cursor: str | None = None, size: int = 20) -> Page[ExportFile]:
    """One's own files, newest first."""
    return keyset_page(access.visible_to(actor).defer("wanted"), [Order("id", descending=True)], size=size, cursor=cursor)


def title(row: ExportFile) -> str:
    """Name of the list."""
    return str(catalogue.named(row.source).title)


def failure(row: ExportFile) -> str:
    """Why there is no file, in words; empty otherwise."""
    if row.failure == TooManyRows.code:
        return str(TooManyRows(most=MOST_ROWS))
    return str(_FAILURES.get(row.failure, _FAILURES["error"])) if row.failure else ""
