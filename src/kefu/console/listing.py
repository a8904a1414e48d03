"""The list kit: one call draws a list of the product (``kefu.lists``) with everything a list has.

That is: the search box and filters with their chips, the views the product brings as tabs, saved views (own, the site's, everybody's),
columns to choose, density, pages by cursor, a capped count, the export menu, ticks with a bar of bulk work, an empty state that says what
to do. It works without script; with it only the list is refreshed. On a phone rows become cards. The room's view is then:

    @page("station/problems", "station-problems", permission=Permission.PROBLEM_VIEW)
    def problems(request: ConsoleRequest) -> HttpResponse:
        return listing.show(request, PROBLEMS, tabs=board.tabs(request), head=Head(lead=_("…")))

A list with a ``private`` filter is sent by POST: register its page with ``methods=("GET", "POST")``.

Buttons of the head, parts above or below the list: a template of the room that extends ``lists/page.jinja`` and fills the blocks
``actions`` (buttons beside the title), ``before``, ``after``, ``keys``; ``extra`` is its context, ``rows`` are the rows as the list's query
gave them. Cells of the room's own: fill the block ``list`` no further than needed.

Bulk work over ticked rows, or over all that the filter holds. The list has a ``row_key``; the room names its actions and reads the form:

    show(request, PROBLEMS, bulk=Bulk("station-problems-bulk", (BulkAction("close", _("结案"), "accept"),)))

    @page("station/problems/bulk", "station-problems-bulk", permission=Permission.PROBLEM_WORK, methods=("POST",))
    def problems_bulk(request: ConsoleRequest) -> HttpResponse:
        chosen = listing.chosen(request, PROBLEMS)        # .do is "close"
        for key in chosen.keys(PROBLEMS, moment.now()):   # as row_key gave them, at most MOST_BULK; the action checks the reach
            ...
        return redirect(request, chosen.back(PROBLEMS))

Fields of the bar (a reason, a person) go into the block ``bulk_fields``; they are read from ``request.POST``.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse

from kefu.console import listing_rows, saved_views
from kefu.console.listing_state import Asked, fields, options
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.lists.access import require_open
from kefu.lists.definition import Ask, List, walk
from kefu.lists.shelf import shelf_of

PAGE = 50
MOST_BULK = 500
"""Rows one bulk work takes; "all that the filter holds" means the first so many."""
_CHUNK = 100


@dataclass(frozen=True, slots=True)
class Head:
    """What stands above a list: the list's own title unless another is given, a line below it, the way here (label, address)."""

    title: Message = ""
    lead: Message = ""
    crumbs: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class BulkAction:
    """A button of the bulk bar; ``kind`` primary or danger; ``confirm`` is asked before anything happens."""

    key: str
    title: Message
    icon: str = "step"
    kind: str = ""
    confirm: Message = ""


@dataclass(frozen=True, slots=True)
class Bulk:
    """The bulk bar of a list: the page its form goes to (by POST) and its buttons."""

    route: str
    actions: Sequence[BulkAction]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the form of a bulk bar speaks of: ``ticked`` keys, or ``all`` that the filter holds; ``do`` is the button."""

    actor: Actor
    do: str
    ticked: tuple[str, ...]
    all: bool
    filter: Mapping[str, str]

    @property
    def nothing(self) -> bool:
        """Whether nothing was chosen."""
        return not self.ticked and not self.all

    def keys(self, the_list: List[Any], now: datetime) -> list[str]:
        """Keys of the rows meant, at most ``MOST_BULK``. Ticked ones are as the form has them: the action on each checks its reach."""
        key = the_list.row_key
        if not self.all or key is None:
            return list(self.ticked)
        ask = Ask(self.actor, self.filter, now)
        rows = (row for part in walk(lambda cursor: the_list.page(ask, cursor, _CHUNK)) for row in part)
        return [str(key(row)) for row in islice(rows, MOST_BULK)]

    def back(self, the_list: List[Any]) -> str:
        """The address the form came from."""
        public = {one.name for one in the_list.filters if not one.private}
        query = {name: value for name, value in self.filter.items() if name in public}
        return reverse(f"console:{the_list.route}", kwargs=dict(the_list.params)) + (f"?{urlencode(query)}" if query else "")


def chosen(request: ConsoleRequest, the_list: List[Any]) -> Chosen:
    """Read the form of a bulk bar."""
    given = request.POST
    keys = tuple(dict.fromkeys(value[:64] for value in given.getlist("row")[:MOST_BULK] if value))
    held = the_list.kept({name.removeprefix("f-"): value for name, value in given.dict().items() if name.startswith("f-")})
    return Chosen(request.actor, given.get("do", "")[:40], keys, given.get("all") == "1", held)


def show(
    request: ConsoleRequest,
    the_list: List[Any],
    *,
    template: str = "lists/page.jinja",
    tabs: Sequence[Mapping[str, object]] = (),
    head: Head | None = None,
    bulk: Bulk | None = None,
    own_fields: Collection[str] = (),
    extra: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> HttpResponse:
    """The page of a list, or only its block ``list`` when htmx asks. Raises ``MissingPermission``, ``Invalid`` for a bad cursor.

    ``tabs``: where else to go from here, above the title. ``own_fields``: filters the room's template has fields of its own for.
    ``extra``: further context of that template.
    """
    require_open(request.actor, the_list)
    offered = options(request.actor, the_list)
    asked = Asked.of(request, the_list, offered)
    ask = Ask(request.actor, asked.values, now or moment.now())
    found = the_list.page(ask, asked.cursor, PAGE)
    shown = listing_rows.columns(the_list, asked.columns, several_sites=len(offered.sites) > 1)
    context = {
        "the_list": the_list,
        "head": head or Head(),
        "tabs": tabs,
        "asked": asked,
        "fields": fields(the_list, offered, asked, without=own_fields),
        "shown": shown,
        "chooser": listing_rows.chooser(the_list, shown, several_sites=len(offered.sites) > 1),
        "rows": found.rows,
        "drawn": listing_rows.drawn(request.actor, the_list, shown, found.rows),
        "paging": found,
        "count": the_list.count(ask) if the_list.count else None,
        "saved": saved_views.menu(request.actor, shelf_of(the_list), asked.path, asked.saved),
        "scopes": saved_views.scopes(request.actor),
        "bulk": bulk if the_list.row_key else None,
        **(extra or {}),
    }
    return render(request, template, context, part="list")
