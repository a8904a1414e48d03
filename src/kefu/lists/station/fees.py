"""Delivery fees 大货派费查询, the network's own statement beside them, and monthly statements (OPS4, O11)."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.desk.shelves import ReadyView
from kefu.kernel.errors import Message
from kefu.kernel.paging import CappedCount, Page, capped_count
from kefu.kernel.wording import listed
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place
from kefu.lists.parcels import numbers_of
from kefu.people.permissions import Permission
from kefu.station.fees import access, queries
from kefu.station.fees.queries import FeeRow, FeeWanted, NetworkRow, Statement
from kefu.station.fees.vocabulary import Compared, FeeState, StatementState, Trouble

STATE_TONES = {"open": "accent", "counted": "accent", "settled": "good", "paid": "good", "disputed": "warn", "void": "quiet"}
_COMPARED_TONES = {"same": "good", "more": "warn", "less": "warn", "theirs_missing": "bad", "ours_missing": "bad"}
DIFFERENCES: tuple[tuple[str, Message], ...] = (
    ("weight", _("重量不符")),
    (Compared.SAME.value, Compared.SAME.label),
    (Compared.MORE.value, Compared.MORE.label),
    (Compared.LESS.value, Compared.LESS.label),
    (Compared.THEIRS_MISSING.value, Compared.THEIRS_MISSING.label),
)


def _number(text: str) -> Decimal | None:
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def fees_wanted(ask: Ask) -> FeeWanted:
    """The choice a filter of the list means."""
    return FeeWanted(
        numbers=numbers_of(ask.get("q")),
        site_id=ask.id("site"),
        origin=ask.get("origin"),
        first=ask.day("first"),
        last=ask.day("last"),
        lightest=_number(ask.get("lightest")),
        heaviest=_number(ask.get("heaviest")),
        state=ask.get("state"),
        trouble=ask.get("trouble"),
        difference=ask.get("difference"),
        statement_id=ask.id("statement"),
    )


def _fees(ask: Ask, cursor: str | None, size: int) -> Page[FeeRow]:
    return queries.page(ask.actor, fees_wanted(ask), cursor=cursor, size=size)


def _fee_count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, fees_wanted(ask))


def _fee(row: FeeRow) -> Place:
    return Place("station-fee", {"fee_id": row.id})


def _kept(name: str) -> Callable[[Any], Any]:
    return lambda row: getattr(row, name)


def difference_words(row: FeeRow) -> Message:
    """What differs: the weights, or the network's amount."""
    found = [_("重量不符")] if row.weight_differs else []
    if row.compared and row.compared != Compared.SAME:
        found.append(Compared(row.compared).label)
    if not found:
        return Compared.SAME.label if row.compared else ""
    return listed(found)


def _difference_code(row: FeeRow) -> str:
    return " ".join(one for one in ("weight" if row.weight_differs else "", row.compared) if one)


def _state(row: FeeRow) -> Message:
    return FeeState(row.state).label


def _trouble(row: FeeRow) -> Message:
    return Trouble(row.trouble).label if row.trouble else ""


FEES: List[FeeRow] = List(
    key="station-fees",
    title=_("派费"),
    route="station-fees",
    permissions=(Permission.FEE_VIEW,),
    personal=False,
    filters=(
        Filter("q", _("运单号，可多个"), "code"),
        Filter("first", _("签收从"), "day"),
        Filter("last", _("签收到"), "day"),
        Filter("state", _("结算状态"), "choice", FeeState.choices),
        Filter("site", _("派件网点"), "site"),
        Filter("difference", _("差异"), "choice", DIFFERENCES, main=False),
        Filter("trouble", _("无法计算的原因"), "choice", Trouble.choices, main=False),
        Filter("origin", _("发件网点（名称或编号）"), main=False),
        Filter("lightest", _("重量从（千克）"), "text", main=False),
        Filter("heaviest", _("重量到（千克）"), "text", main=False),
        Filter("statement", _("账单编号"), "code", main=False),
    ),
    columns=(
        ListColumn("waybill", _("运单号"), _kept("waybill"), "code", opens=_fee),
        ListColumn("signed_on", _("签收日期"), _kept("signed_on"), "day"),
        ListColumn("origin", _("发件网点"), _kept("origin")),
        ListColumn("site", _("派件网点"), _kept("site")),
        ListColumn("billed_weight", _("计费重量"), _kept("billed_weight"), "number"),
        ListColumn("own_weight", _("录单重量"), _kept("own_weight"), "number", usual=False),
        ListColumn("hub_weight", _("中心重量"), _kept("hub_weight"), "number", usual=False),
        ListColumn("base", _("基础派费"), _kept("base"), "money"),
        ListColumn("heavy", _("大货派费"), _kept("heavy"), "money"),
        ListColumn("other", _("其他费用"), _kept("other"), "money", usual=False),
        ListColumn("total", _("合计"), _kept("total"), "money"),
        ListColumn("state", _("结算状态"), _kept("state"), words=_state, tone=lambda row: STATE_TONES[row.state]),
        ListColumn("settled_on", _("结算日"), _kept("settled_on"), "day", usual=False),
        ListColumn("network_total", _("网络金额"), _kept("network_total"), "money", usual=False),
        ListColumn(
            "difference",
            _("差异"),
            _difference_code,
            words=difference_words,
            tone=lambda row: "warn" if row.weight_differs else _COMPARED_TONES.get(row.compared, ""),
        ),
        ListColumn("trouble", _("说明"), _kept("trouble"), words=_trouble, tone=lambda _row: "bad", usual=False),
    ),
    page=_fees,
    count=_fee_count,
    row_key=lambda row: row.id,
    views=(
        ReadyView("open", _("未结算"), {"state": "open"}),
        ReadyView("heavy", _("大货"), {"lightest": "3.001"}),
        ReadyView("weight", _("重量不符"), {"difference": "weight"}),
        ReadyView("disputed", _("有争议"), {"state": "disputed"}),
        ReadyView("no-card", _("没有费率"), {"trouble": "no_card", "state": "open"}),
        ReadyView("network", _("对方没有"), {"difference": "theirs_missing"}),
    ),
    empty=_("快件签收后派费自动计算；这里没有，请检查日期和网点，或先在“费率表”里建好费率。"),
)


# --- the network's own statement ------------------------------------------------------------------------------------------------------


def _network_rows(ask: Ask) -> Any:
    return queries.network_rows(
        ask.actor, site_id=ask.id("site"), month=_month(ask.get("month")), comparison=ask.get("compared"), numbers=numbers_of(ask.get("q"))
    )


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text.strip()[:7]}-01")
    except ValueError:
        return None


def _network(ask: Ask, cursor: str | None, size: int) -> Page[NetworkRow]:
    return queries.network_page(_network_rows(ask), cursor=cursor, size=size)


NETWORK_FEES: List[NetworkRow] = List(
    key="station-fees-network",
    title=_("网络派费核对"),
    route="station-fees-network",
    permissions=(Permission.FEE_VIEW,),
    personal=False,
    filters=(
        Filter("q", _("运单号，可多个"), "code"),
        Filter("month", _("月份，如 2026-10"), "text"),
        Filter("compared", _("核对结果"), "choice", [one for one in Compared.choices if one[0] != Compared.THEIRS_MISSING]),
        Filter("site", _("派件网点"), "site"),
    ),
    columns=(
        ListColumn(
            "waybill",
            _("运单号"),
            _kept("waybill"),
            "code",
            opens=lambda row: Place("station-fee", {"fee_id": row.fee_id}) if row.fee_id else None,
        ),
        ListColumn("month", _("月份"), lambda row: f"{row.month:%Y-%m}"),
        ListColumn("site", _("派件网点"), _kept("site")),
        ListColumn("weight", _("对方重量"), _kept("weight"), "number"),
        ListColumn("total", _("对方金额"), _kept("total"), "money"),
        ListColumn("our_total", _("我方金额"), _kept("our_total"), "money"),
        ListColumn("difference", _("相差"), _kept("difference"), "money"),
        ListColumn(
            "compared",
            _("核对结果"),
            _kept("compared"),
            words=lambda row: Compared(row.compared).label,
            tone=lambda row: _COMPARED_TONES[row.compared],
        ),
    ),
    page=_network,
    count=lambda ask: capped_count(_network_rows(ask)),
    views=(
        ReadyView("less", _("我方少"), {"compared": "less"}),
        ReadyView("more", _("我方多"), {"compared": "more"}),
        ReadyView("ours-missing", _("我方没有"), {"compared": "ours_missing"}),
    ),
    empty=_("先导入网络派费报表，系统会逐票与我方计算的派费核对。"),
)


# --- statements -----------------------------------------------------------------------------------------------------------------------


def _statements(ask: Ask, cursor: str | None, size: int) -> Page[Statement]:
    return queries.statement_page(ask.actor, site_id=ask.id("site"), state=ask.get("state"), cursor=cursor, size=size)


STATEMENTS: List[Statement] = List(
    key="station-fee-statements",
    title=_("派费账单"),
    route="station-fees-statements",
    permissions=(Permission.FEE_VIEW,),
    personal=False,
    filters=(Filter("state", _("状态"), "choice", StatementState.choices), Filter("site", _("派件网点"), "site")),
    columns=(
        ListColumn(
            "month",
            _("月份"),
            lambda row: f"{row.month:%Y-%m}",
            opens=lambda row: Place("station-fees-statement", {"statement_id": row.id}),
        ),
        ListColumn("site", _("派件网点"), _kept("site")),
        ListColumn(
            "state",
            _("状态"),
            _kept("state"),
            words=lambda row: StatementState(row.state).label,
            tone=lambda row: "accent" if row.state == StatementState.DRAFT else "good",
        ),
        ListColumn("count", _("票数"), _kept("count"), "number"),
        ListColumn("base", _("基础派费"), _kept("base"), "money"),
        ListColumn("heavy", _("大货派费"), _kept("heavy"), "money"),
        ListColumn("total", _("合计"), _kept("total"), "money"),
        ListColumn("settled_at", _("结算时间"), _kept("settled_at"), "moment"),
        ListColumn("settled_by", _("结算人"), _kept("settled_by"), usual=False),
        ListColumn("paid_at", _("付款时间"), _kept("paid_at"), "moment"),
    ),
    page=_statements,
    count=lambda ask: capped_count(access.statements(ask.actor)),
    empty=_("选好网点和月份，点“生成账单”。"),
)
