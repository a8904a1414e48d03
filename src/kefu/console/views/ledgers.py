"""Ledgers: the shelf of them, a ledger's page, its sums, its cells, what is handed over to the next shift (SHOP7)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import fragment, redirect, render
from kefu.console.routes import ConsoleRequest, is_htmx, page
from kefu.console.views import cases_words
from kefu.desk import handover
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, KefuError, Message, NotFound
from kefu.ledgers import actions, queries
from kefu.ledgers.queries import LedgerInForce, Wanted
from kefu.lists.definition import Ask
from kefu.lists.ledgers import VIEW, list_of, wanted_of
from kefu.people.permissions import Permission

_HANDED = "open_cases"


@dataclass(frozen=True, slots=True)
class OnShelf:
    """A ledger to open: how many rows it has and how many of them are of today."""

    ledger: LedgerInForce
    href: str
    rows: Any
    today: Any
    clause: Any


def address(ledger: LedgerInForce, query: Mapping[str, str] | None = None) -> str:
    """A ledger's page."""
    plain = reverse("console:ledger", kwargs={"handbook": ledger.book.handbook, "key": ledger.key})
    return plain + (f"?{urlencode(query)}" if query else "")


def _clause(ledger: LedgerInForce, actor: Actor) -> tuple[str, str]:
    return cases_words.clause_title(ledger.ref), cases_words.clause_url(ledger.ref, actor)


@page("ledgers", "ledgers", permission=VIEW)
def ledgers(request: ConsoleRequest) -> HttpResponse:
    """The ledgers of the handbooks the sites in reach follow."""
    now, actor = moment.now(), request.actor
    by_book: dict[str, list[OnShelf]] = {}
    for one in queries.of_actor(actor, now):
        shelf = by_book.setdefault(one.book.name(queries.language()), [])
        shelf.append(
            OnShelf(
                one,
                address(one),
                queries.count(actor, one, Wanted(), now=now),
                queries.count(actor, one, Wanted(today=True), now=now),
                _clause(one, actor),
            )
        )
    return render(request, "ledgers/shelf.jinja", {"by_book": by_book})


@page("ledgers/<slug:handbook>/<slug:key>", "ledger", permission=VIEW)
def ledger(request: ConsoleRequest, handbook: str, key: str) -> HttpResponse:
    """A ledger's rows in the handbook's columns."""
    return _show(request, queries.open_for(request.actor, handbook, key, moment.now()))


def _show(request: ConsoleRequest, found: LedgerInForce, *, error: str = "", given: str = "") -> HttpResponse:
    now, actor = moment.now(), request.actor
    the_list = list_of(found, actor)
    filters = the_list.kept(request.GET.dict())
    may_hand = found.register.key == _HANDED and actor.may(Permission.CASE_WORK) and actor.staff_id is not None
    extra: dict[str, Any] = {
        "ledger": found,
        "clause": _clause(found, actor),
        "totals_href": reverse("console:ledger-totals", kwargs=dict(the_list.params)) + (f"?{urlencode(filters)}" if filters else ""),
        "may_hand": may_hand,
        "handed": handover.notes(actor, now=now, limit=5) if found.register.key == _HANDED else [],
        "error": error,
        "given": given,
        "writes": any(one.edit for one in the_list.columns),
    }
    head = Head(found.title, found.clause.text, crumbs=[(_("台账"), reverse("console:ledgers"))])
    return listing.show(request, the_list, template="ledgers/page.jinja", head=head, extra=extra, now=now)


@dataclass(frozen=True, slots=True)
class Sum:
    """A line of the sums: its words, how many rows, yuan together, and the ledger with these rows only."""

    title: Message
    rows: int
    sum: Decimal | None
    href: str


@page("ledgers/<slug:handbook>/<slug:key>/totals", "ledger-totals", permission=VIEW)
def totals(request: ConsoleRequest, handbook: str, key: str) -> HttpResponse:
    """The ledger summed up, each line opening to its rows."""
    now = moment.now()
    found = queries.open_for(request.actor, handbook, key, now)
    the_list = list_of(found, request.actor)
    filters = the_list.kept(request.GET.dict())
    parts = queries.totals(request.actor, found, wanted_of(Ask(request.actor, filters, now)), now=now)
    lines = [Sum(one.title or _("（空）"), one.rows, one.sum, address(found, {**filters, "group": one.value})) for one in parts]
    whole = _whole(parts, address(found, filters))
    context = {"lines": lines, "whole": whole, "group": found.register.group.title, "ledger": found, "back": address(found, filters)}
    return render(request, "ledgers/totals.jinja", context, part="sums")


def _whole(parts: Sequence[queries.Part], href: str) -> Sum:
    sums = [one.sum for one in parts if one.sum is not None]
    return Sum(_("合计"), sum(one.rows for one in parts), sum(sums, Decimal(0)) if sums else None, href)


@page("ledgers/<slug:handbook>/<slug:key>/<int:row_id>/<slug:column>", "ledger-cell", permission=VIEW, methods=("GET", "POST"))
def cell(request: ConsoleRequest, handbook: str, key: str, row_id: int, column: str) -> HttpResponse:
    """A cell to write into; what cannot be written comes back with the reason and the words typed."""
    now = moment.now()
    found = queries.open_for(request.actor, handbook, key, now)
    if request.method == "GET":
        return _cell_form(request, found, row_id, column, now)
    text, seen = request.POST.get("value", "").replace("\0", "")[:2000], request.POST.get("seen", "")
    try:
        actions.write_cell(actor=request.actor, ledger=found, row_id=row_id, column_id=column, text=text, now=now, seen=seen)
    except KefuError as refused:
        if refused.status == 404:
            raise
        words = " ".join(str(one) for one in refused.fields.values()) if isinstance(refused, Invalid) and refused.fields else str(refused)
        return _cell_form(request, found, row_id, column, now, error=words, typed=text, status=refused.status)
    if not is_htmx(request):
        messages.success(request, _("已保存。"))
        return redirect(request, address(found))
    return _cell_form(request, found, row_id, column, now, written=True)


def _cell_form(
    request: ConsoleRequest,
    found: LedgerInForce,
    row_id: int,
    column_id: str,
    now: datetime,
    *,
    error: str = "",
    typed: str = "",
    status: int = 200,
    written: bool = False,
) -> HttpResponse:
    column = found.column(column_id)
    row = queries.by_ids(request.actor, found, [row_id], now=now).get(row_id)
    if row is None:
        raise NotFound
    shown = queries.text(found, row, column)
    context = {
        "ledger": found,
        "column": column,
        "title": column.name(queries.language()),
        "type": found.type_of(column),
        "shown": shown,
        "typed": typed if error else shown,
        "error": error,
        "options": queries.options(request.actor, found, row_id, column, now=now),
        "address": request.path,
        "back": address(found),
        "lead": queries.text(found, row, found.clause.columns[0]),
        "clause": _clause(found, request.actor),
    }
    if written:
        return render(request, "ledgers/written.jinja", context)
    if is_htmx(request):
        # htmx puts answers with 2xx into the page; the refusal stands in the form itself.
        return fragment(request, "ledgers/cell.jinja", context, part="cell")
    return render(request, "ledgers/cell.jinja", context, status=status)


@page("ledgers/<slug:handbook>/<slug:key>/handover", "ledger-handover", permission=Permission.CASE_WORK, methods=("POST",))
def hand_over(request: ConsoleRequest, handbook: str, key: str) -> HttpResponse:
    """Leave what is open to the next shift, with a word on it (S 四(四)8)."""
    found = queries.open_for(request.actor, handbook, key, moment.now())
    text = request.POST.get("text", "").replace("\0", "")
    try:
        handover.leave(actor=request.actor, text=text, now=moment.now())
    except Invalid as refused:
        messages.error(request, str(refused.fields.get("text", refused)))
    else:
        messages.success(request, _("已交接给下一班，同事在工作台会看到。"))
    return redirect(request, address(found))
