"""Cases as they are listed."""

from collections.abc import Iterator, Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kefu.cases import filters, queries
from kefu.cases.filters import CaseFilter
from kefu.customers import queries as customers
from kefu.exports.source import CHUNK, Rows, Source
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookNotFound
from kefu.handbook.schema import Handbook
from kefu.kernel.errors import Message
from kefu.kernel.exporting import Column
from kefu.kernel.masking import mask_text
from kefu.lists.definition import Ask, walk
from kefu.people.permissions import Permission

CHANNELS: dict[str, Message] = {
    "call": _("电话"),
    "chat": _("在线聊天"),
    "email": _("邮件"),
    "form": _("网页表单"),
    "platform": _("电商平台"),
    "hq": _("总部转来"),
    "regulator": _("邮政管理部门"),
    "walk_in": _("到店"),
}
_COLUMNS = (
    Column(_("工单号"), "code", 11),
    Column(_("标题"), width=36),
    Column(_("类型")),
    Column(_("状态"), width=10),
    Column(_("级别"), width=10),
    Column(_("客户等级"), width=10),
    Column(_("来源渠道"), width=12),
    Column(_("运单号"), "code"),
    Column(_("订单号"), "code"),
    Column(_("客户"), width=12),
    Column(_("负责人"), width=12),
    Column(_("工号"), "code", 9),
    Column(_("站点")),
    Column(_("催单次数"), "number"),
    Column(_("重复投诉次数"), "number"),
    Column(_("最近时限"), "moment"),
    Column(_("受理时间"), "moment"),
    Column(_("解决时间"), "moment"),
    Column(_("结案时间"), "moment"),
    Column(_("最后更新"), "moment"),
)


def _language() -> str:
    return "en" if (get_language() or "zh").startswith("en") else "zh"


def book_named(reference: str) -> Handbook | None:
    """The handbook version a case names, if it is still known."""
    try:
        return handbooks.book(reference)
    except HandbookNotFound:
        return None


def kind_title(book: Handbook | None, key: str) -> str:
    """Name of a kind of case."""
    return book.kinds[key].name(_language()) if book and key in book.kinds else key


def level_title(book: Handbook | None, key: str) -> str:
    """Name of a level."""
    return book.levels[key].name(_language()) if book and key in book.levels else key


def tier_title(book: Handbook | None, key: str) -> str:
    """Name of a customer's tier."""
    return book.tiers[key].name(_language()) if book and key in book.tiers else key


def _columns(_ask: Ask) -> Sequence[Column]:
    return _COLUMNS


def _pages(ask: Ask) -> Iterator[Rows]:
    wanted = CaseFilter.of(ask.wanted)
    for found in walk(lambda cursor: queries.page(ask.actor, wanted, now=ask.now, cursor=cursor, size=CHUNK)):
        owners = customers.labels({case.customer_id for case in found if case.customer_id})
        yield [
            (
                case.number,
                mask_text(case.title),
                kind_title(book, case.kind),
                case.get_status_display(),
                level_title(book, case.level),
                tier_title(book, case.tier),
                str(CHANNELS.get(case.channel, case.channel)),
                case.waybill,
                case.order_no,
                owners.get(case.customer_id or 0, ""),
                case.assignee.name if case.assignee else "",
                case.assignee.staff_no if case.assignee else "",
                case.site.name,
                case.urge_count,
                case.repeat_count,
                case.next_due_at if case.is_open and case.next_due_at.year < 9999 else None,
                case.opened_at,
                case.solved_at,
                case.closed_at,
                case.updated_at,
            )
            for case in found
            for book in (book_named(case.handbook),)
        ]


_LABELS: dict[str, Message] = {
    "view": _("视图"),
    "sort": _("排序"),
    "kind": _("类型"),
    "status": _("状态"),
    "level": _("级别"),
    "site": _("站点"),
    "assignee": _("负责人"),
    "channel": _("来源渠道"),
    "waybill": _("运单号"),
    "since": _("受理自"),
    "until": _("受理至"),
    "opened": _("受理"),
    "due": _("时限"),
    "urged": _("催单至少"),
    "q": _("包含"),
}
CASES = Source("cases", _("工单"), (Permission.CASE_VIEW,), _columns, _pages, _LABELS, check=filters.check)
