"""Figures of a period as lists: their lines in words, the list each number opens, and their files (SHOP8, CASE6, PERF1).

Pages, the API and exports take names and addresses from here, so the three never differ.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, cast

from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kefu.cases import families
from kefu.claims.liability import Party
from kefu.claims.vocabulary import Cause, Loss
from kefu.kernel.errors import Message
from kefu.kernel.paging import Page
from kefu.lists.definition import Ask, Filter, List, ListColumn
from kefu.lists.parcel_words import carrier_title
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.performance import rates
from kefu.performance.rates import About, Asked, Line

TITLES: Mapping[About, Message] = {
    "complaints": _("投诉率"), "claims": _("理赔率"), "returns": _("退款率和退货率"), "plans": _("首次方案及时率"),
}  # fmt: skip
BY_TITLES: Mapping[str, Message] = {
    "kind": _("工单类型"),
    "site": _("站点"),
    "day": _("日期"),
    "cause": _("原因"),
    "loss": _("损失"),
    "party": _("责任方"),
    "item": _("商品"),
    "carrier": _("承运公司"),
    "courier": _("业务员工号"),
    "shop": _("店铺"),
    "product": _("商品编码"),
    "reason": _("退款原因"),
}
FORMULAS: Mapping[About, Message] = {
    "complaints": _("投诉率（万分之）= 受理的投诉 ÷ 登记的快件 × 10000。合并的投诉也计入；快件按登记日期和派件站点算。"),
    "claims": _("理赔率（万分之）= 已付款的理赔 ÷ 登记的快件 × 10000，按付款日期。一笔理赔由几方承担的，各方都计一笔。"),
    "returns": _("退款率 = 退款成功的订单 ÷ 付过款的订单；退货率 = 退货、换货、拒收且退款成功的订单 ÷ 发过货的订单。按下单日期。"),
    "plans": _("首次方案及时率 = 时限内给出首次方案的投诉 ÷ 首次方案已到期的投诉，按到期日期。"),
}
LONGEST_DAYS = 366
_USUAL_DAYS = 30
_NOT_FILLED = _("未填写")


@dataclass(frozen=True, slots=True)
class Column:
    """A number of a line: its attribute, its kind, and what of the line it opens ("": nothing of its own, a rate)."""

    key: str
    title: Message
    kind: str
    opens: str = ""


NUMBERS: Mapping[About, tuple[Column, ...]] = {
    "complaints": (
        Column("count", _("投诉"), "number", "count"),
        Column("of", _("快件"), "number", "of"),
        Column("rate", _("投诉率（万分之）"), "rate"),
    ),
    "claims": (
        Column("count", _("已付理赔（笔）"), "number", "count"),
        Column("amount", _("赔款（元）"), "money", "count"),
        Column("of", _("快件"), "number", "of"),
        Column("rate", _("理赔率（万分之）"), "rate"),
        Column("amount_rate", _("每万件赔款（元）"), "rate"),
    ),
    "returns": (
        Column("of", _("已付款"), "number", "of"),
        Column("count", _("退款"), "number", "count"),
        Column("rate", _("退款率"), "percent"),
        Column("sent", _("已发货"), "number", "sent"),
        Column("returned", _("退货"), "number", "returned"),
        Column("return_rate", _("退货率"), "percent"),
    ),
    "plans": (
        Column("of", _("到期的首次方案"), "number", "of"),
        Column("count", _("按时给出"), "number", "count"),
        Column("rate", _("及时率"), "percent"),
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A line in words."""

    title: str
    line: Line


def kind_titles(now: datetime) -> dict[str, str]:
    """Kinds of complaint of the handbooks in force, in the reader's language."""
    language = get_language() or "zh"
    books = families.books(now)
    return {key: kind.name(language) for book in books for key, kind in book.kinds.items() if kind.family == families.COMPLAINT}


def rows(asked: Asked, by: str, lines: Sequence[Line]) -> list[Row]:
    """Lines with their names."""
    say = _named(asked, by)
    return [Row(say(one), one) for one in lines]


def _named(asked: Asked, by: str) -> Callable[[Line], str]:
    if by in ("shop", "product"):
        return lambda line: (f"{line.key} {line.name}" if by == "product" and line.key else line.name) or str(_NOT_FILLED)
    words: Mapping[str, Any] = {}
    if by == "kind":
        words = kind_titles(asked.now)
    elif by == "site":
        words = {str(key): site.name for key, site in people.sites_by_id().items()}
    elif by in _WORDS:
        words = _WORDS[by]
    elif by == "carrier":
        return lambda line: str(carrier_title(line.key)) if line.key else str(_NOT_FILLED)
    return lambda line: str(words.get(line.key, line.key) or _NOT_FILLED)


_WORDS: Mapping[str, Mapping[str, Any]] = {"cause": dict(Cause.choices), "loss": dict(Loss.choices), "party": dict(Party.choices)}


def opens(asked: Asked, about: About, by: str, key: str, what: str) -> tuple[str, dict[str, str]]:
    """The console page and the filters of the rows a number counts; ``by`` "" is the line of the whole."""
    since, until = (key, key) if by == "day" else (asked.since.isoformat(), asked.until.isoformat())
    site = key if by == "site" else str(asked.site_id or "")
    if what == "of" and about in ("complaints", "claims"):
        return "parcels", {"from": since, "to": until, "site": site}
    return _OPENS[about](since, until, site, "" if by in ("day", "site") else by, key, what)


def _cases(since: str, until: str, site: str, by: str, key: str, _what: str) -> tuple[str, dict[str, str]]:
    return "cases", {"view": "all", "family": families.COMPLAINT, "since": since, "until": until, "site": site, **_only(by, key)}


def _claims(since: str, until: str, site: str, by: str, key: str, _what: str) -> tuple[str, dict[str, str]]:
    return "claims", {"paid-from": since, "paid-to": until, "site": site, **(_only(by, key) if key else _only(by and "without", by))}


_ORDERS = {"of": "with_money", "count": "refunded", "sent": "sent", "returned": "returned"}


def _returns(since: str, until: str, site: str, by: str, key: str, what: str) -> tuple[str, dict[str, str]]:
    query = {"from": since, "to": until, "site": site, _ORDERS[what]: "1"}
    if by == "reason" and what in ("of", "sent"):
        return "shop-orders", query
    if by and not key:
        return "shop-orders", {**query, "no_reason" if by == "reason" else "no_code": "1"}
    return "shop-orders", {**query, **_only(by, key)}


def _plans(since: str, until: str, site: str, by: str, key: str, what: str) -> tuple[str, dict[str, str]]:
    outcome = {"outcome": "met"} if what == "count" else {}
    return "clocks", {"plan": "1", "since": since, "until": until, "site": site, **outcome, **_only(by, key)}


def _only(name: str, value: str) -> dict[str, str]:
    return {name: value} if name else {}


_OPENS: Mapping[About, Callable[..., tuple[str, dict[str, str]]]] = {
    "complaints": _cases, "claims": _claims, "returns": _returns, "plans": _plans,
}  # fmt: skip


def asked_of(ask: Ask) -> Asked:
    """Whose figures of which days: the last thirty where none are named; turned where they stand the wrong way, cut to a year."""
    until = ask.day("until") or timezone.localdate(ask.now)
    since = ask.day("since") or until - timedelta(days=_USUAL_DAYS - 1)
    since, until = min(since, until), max(since, until)
    return Asked(ask.actor, _cut(since, until), until, ask.id("site"), ask.now)


def _cut(since: date, until: date) -> date:
    return max(since, until - timedelta(days=LONGEST_DAYS - 1))


def key_of(about: About) -> str:
    """The key of the list of a figure, for exports and the API."""
    return f"figures-{about}"


def _list(about: About) -> List[Row]:
    def page(ask: Ask, _cursor: str | None, _size: int) -> Page[Row]:
        asked, by = asked_of(ask), ask.get("by") or rates.BY[about][0]
        found = rates.figures(asked, about, by)
        whole = Row(str(_("合计")), found.total)
        return Page([*rows(asked, by, found.lines), whole], None, None)

    choices = tuple((one, BY_TITLES[one]) for one in rates.BY[about])
    return List(
        key=key_of(about),
        title=TITLES[about],
        route="figures",
        permissions=(Permission.PERFORMANCE_VIEW,),
        also=(rates.NEEDS[about],),
        filters=(
            Filter("by", pgettext_lazy("figures", "分组"), "choice", choices),
            Filter("site", _("站点"), "site"),
            Filter("since", _("从"), "day"),
            Filter("until", _("到"), "day"),
        ),
        columns=(
            ListColumn("name", pgettext_lazy("figures", "分组"), lambda row: row.title, width=24),
            *(_column(one) for one in NUMBERS[about]),
        ),
        page=page,
        personal=False,
    )


def _column(one: Column) -> ListColumn[Row]:
    kind = cast("Any", "number" if one.kind == "rate" else one.kind)
    return ListColumn(one.key, one.title, lambda row: getattr(row.line, one.key), kind)


FIGURES: Mapping[About, List[Row]] = {about: _list(about) for about in rates.ABOUT}
