"""Ledgers as lists: the handbook's columns over the register's rows, with the page, saved views, API and file of every list (SHOP7)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.handbook.schema.ledgers import Column
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message, NotFound
from kefu.kernel.exporting import Value
from kefu.kernel.paging import CappedCount, Page
from kefu.ledgers import access, cells, checkcodes, queries
from kefu.ledgers.imports import CHECK_CODE
from kefu.ledgers.queries import NONE, LedgerInForce, LedgerRow, Wanted
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place, ReadyView
from kefu.lists.parcels import numbers_of
from kefu.people.permissions import Permission

PREFIX = "ledger-"
_LONGEST_KEY = 40
_PLACES = {"case": ("case", "case_id"), "claim": ("claim", "claim_id"), "order": ("shop-order", "order_id")}


def key_of(ledger: LedgerInForce) -> str:
    """The key of its list; long names are told apart by their beginning and a mark."""
    plain = f"{PREFIX}{ledger.book.handbook}-{ledger.key}"
    return plain if len(plain) <= _LONGEST_KEY else f"{plain[:33]}_{checkcodes.mark(plain)}"


def of_actor(actor: Actor, now: datetime) -> Iterator[List[LedgerRow]]:
    """The ledgers an actor may open, as lists."""
    return (list_of(one, actor) for one in queries.of_actor(actor, now))


def named(key: str) -> List[Any]:
    """The list of a key; raises ``NotFound``."""
    handbook, _dash, ledger = key.removeprefix(PREFIX).partition("-")
    if not key.startswith(PREFIX) or not ledger:
        raise NotFound
    if len(key) == _LONGEST_KEY:
        for one in queries.of_handbook(handbook, moment.now()):
            if key_of(one) == key:
                return list_of(one)
    return list_of(queries.find(handbook, ledger, moment.now()))


def wanted_of(ask: Ask) -> Wanted:
    """The filter of any ledger."""
    return Wanted(numbers_of(ask.get("q")), ask.id("site"), ask.get("group"), ask.day("from"), ask.day("to"), ask.flag("today"))


def list_of(ledger: LedgerInForce, actor: Actor | None = None) -> List[LedgerRow]:
    """The ledger as a list; for an ``actor`` the cells they may write into lead to where that is done."""
    register = ledger.register

    def page(ask: Ask, cursor: str | None, size: int) -> Page[LedgerRow]:
        return queries.page(ask.actor, ledger, wanted_of(ask), now=ask.now, cursor=cursor, size=size)

    def count(ask: Ask) -> CappedCount:
        return queries.count(ask.actor, ledger, wanted_of(ask), now=ask.now)

    group = register.group
    choices = tuple((value or NONE, title) for value, title in group.choices)
    return List(
        key=key_of(ledger),
        title=ledger.title,
        route="ledger",
        params={"handbook": ledger.book.handbook, "key": ledger.key},
        permissions=(register.view,),
        filters=(
            Filter("q", _("订单编号或运单号"), "code"),
            Filter("group", group.title, "choice", choices),
            Filter("from", _("自"), "day", main=False),
            Filter("to", _("至"), "day", main=False),
            Filter("site", _("站点"), "site", main=False),
            Filter("today", pgettext_lazy("ledger", "当天"), "flag", main=False),
        ),
        columns=[_column(ledger, one, actor, first=place == 0) for place, one in enumerate(ledger.clause.columns)],
        file_columns=(ListColumn("check_code", CHECK_CODE.title, _check_code(ledger), "code", width=14),),
        page=page,
        count=count,
        views=(ReadyView("all", _("全部"), {}), ReadyView("today", pgettext_lazy("ledger", "当天"), {"today": "1"})),
        clearable=False,
        titled=True,
        empty=_empty(ledger),
    )


def _empty(ledger: LedgerInForce) -> Message:
    return _EMPTY[ledger.register.key]


_EMPTY: dict[str, Message] = {
    "open_cases": _("没有未完结的工单。"),
    "payments": _("理赔单付款后会出现在这里。"),
    "shares": _("在理赔单上划分责任后会出现在这里。"),
    "sales": _("售后单协商好处理办法后会出现在这里。"),
    "urges": _("在订单页登记催单后会出现在这里。"),
    "reminders": _("在催付页催付后会出现在这里。"),
}


def _column(ledger: LedgerInForce, column: Column, actor: Actor | None, *, first: bool) -> ListColumn[LedgerRow]:
    may = actor is not None and access.refusal(actor, ledger.book, ledger.register, column, language=queries.language()) is None
    ids = {"handbook": ledger.book.handbook, "key": ledger.key, "column": column.id}
    return ListColumn(
        column.id,
        column.name(queries.language()),
        lambda row: row.values[column.id],
        cells.KINDS[ledger.type_of(column)],
        words=None if column.kept else _words(ledger, column),
        opens=_opens(column, first=first),
        edit=(lambda row: Place("ledger-cell", {**ids, "row_id": row.id})) if may else None,
    )


def _words(ledger: LedgerInForce, column: Column) -> Callable[[LedgerRow], Message] | None:
    if ledger.register.cells[column.field].words is None:
        return None
    return lambda row: str(row.words[column.id])


def _opens(column: Column, *, first: bool) -> Callable[[LedgerRow], Place | None] | None:
    if not column.kept and column.field == "case_no":
        return lambda row: Place("case", {"case_id": row.case_id}) if row.case_id else None
    if not first and (column.kept or column.field not in ("order_no", "claim_no")):
        return None

    def opens(row: LedgerRow) -> Place | None:
        route, name = _PLACES[row.place.kind]
        return Place(route, {name: row.place.id})

    return opens


def _check_code(ledger: LedgerInForce) -> Callable[[LedgerRow], Value]:
    def code(row: LedgerRow) -> str:
        texts: Sequence[str] = [queries.text(ledger, row, column) for column in ledger.clause.columns]
        return str(checkcodes.made(ledger.book.handbook, ledger.key, row.id, queries.language(), texts))

    return code


VIEW = (Permission.CASE_VIEW, Permission.CLAIM_VIEW, Permission.ORDER_VIEW)
"""Any of these opens a ledger."""
