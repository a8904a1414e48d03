"""Return receipts 回单 with the sets they are reconciled by (OPS6, O13)."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.desk.shelves import ReadyView
from kefu.kernel.errors import Message
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place
from kefu.lists.parcels import numbers_of
from kefu.people.permissions import Permission
from kefu.station.receipts import queries
from kefu.station.receipts.queries import ReceiptRow, ReceiptWanted
from kefu.station.receipts.vocabulary import Due, Kind, State

_STATES = tuple((str(value), label) for value, label in State.choices)


def receipts_wanted(ask: Ask) -> ReceiptWanted:
    """The choice a filter of the list means."""
    over = ask.get("over")
    return ReceiptWanted(
        numbers=numbers_of(ask.get("q")),
        due=ask.get("due"),
        state=ask.id("state"),
        kind=ask.get("kind"),
        site_id=ask.id("site"),
        origin=ask.get("origin"),
        due_site_id=ask.id("due_site"),
        first=ask.day("first"),
        last=ask.day("last"),
        over=int(over) if over.isascii() and over.isdecimal() and len(over) < 5 else None,
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[ReceiptRow]:
    return queries.page(ask.actor, receipts_wanted(ask), now=ask.now, cursor=cursor, size=size)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, receipts_wanted(ask), ask.now)


def _kept(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name)


def state_words(row: ReceiptRow) -> Message:
    """How far it has come, or that it is lost."""
    return Due.LOST.label if row.lost else State(row.state).label


def state_tone(row: ReceiptRow) -> str:
    """Colour of the state."""
    if row.lost:
        return "bad"
    if row.closed_at is not None:
        return "good"
    return "warn" if row.step_late or row.days_over else "accent" if row.state else "quiet"


def _next(row: ReceiptRow) -> Message:
    return State(row.next_state).label if row.next_state is not None and not row.lost else ""


RECEIPTS: List[ReceiptRow] = List(
    key="station-receipts",
    title=_("回单"),
    route="station-receipts",
    permissions=(Permission.RECEIPT_VIEW,),
    personal=False,
    filters=(
        Filter("q", _("运单号、回单号或寄出单号，可多个"), "code"),
        Filter("due", _("核对"), "choice", Due.choices),
        Filter("state", _("环节"), "choice", _STATES),
        Filter("site", _("派件网点"), "site"),
        Filter("due_site", _("待办网点"), "site", main=False),
        Filter("kind", _("回单类型"), "choice", Kind.choices, main=False),
        Filter("origin", _("发件网点（名称或编号）"), main=False),
        Filter("first", _("签收从"), "day", main=False),
        Filter("last", _("签收到"), "day", main=False),
        Filter("over", _("超期至少几天"), "code", main=False),
    ),
    columns=(
        ListColumn("waybill", _("主运单号"), _kept("waybill"), "code", opens=lambda row: Place("station-receipt", {"receipt_id": row.id})),
        ListColumn("receipt_no", _("回单号"), _kept("receipt_no"), "code"),
        ListColumn("kind", _("回单类型"), _kept("kind"), words=lambda row: Kind(row.kind).label),
        ListColumn("copies", _("份数"), _kept("copies"), "number", usual=False),
        ListColumn("state", _("环节"), _kept("state"), words=state_words, tone=state_tone),
        ListColumn("next_state", _("下一步"), _kept("next_state"), words=_next),
        ListColumn("due_site", _("待办网点"), _kept("due_site")),
        ListColumn("days_over", _("超期天数"), lambda row: row.days_over or None, "number", tone=lambda _row: "bad"),
        ListColumn("site", _("派件网点"), _kept("site")),
        ListColumn("origin", _("发件网点"), _kept("origin")),
        ListColumn("signed_at", _("派件签收时间"), _kept("signed_at"), "moment"),
        ListColumn("registered_at", _("回单登记时间"), _kept("registered_at"), "moment", usual=False),
        ListColumn("sent_at", _("回单寄出时间"), _kept("sent_at"), "moment", usual=False),
        ListColumn("sent_no", _("寄出单号"), _kept("sent_no"), "code", usual=False),
        ListColumn("closed_at", _("收到时间"), _kept("closed_at"), "moment", usual=False),
        ListColumn("due_at", _("应收到时间"), _kept("due_at"), "moment", usual=False),
        ListColumn("clause", _("依据条款"), _kept("clause"), usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda row: row.id,
    views=tuple(
        ReadyView(due.value.replace("_", "-"), due.label, {"due": due.value})
        for due in (Due.UNREGISTERED, Due.UNRETURNED, Due.HUB_MISSING, Due.NOT_RECEIVED, Due.OVERDUE, Due.LOST)
    ),
    empty=_("运单有回单标志并签收后，回单自动出现在这里。"),
)
