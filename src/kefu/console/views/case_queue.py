"""The queue somebody came from: the strip beside a case, and which case comes next (CASE8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.cases import access, filters, queries
from kefu.cases.filters import CaseFilter
from kefu.console.routes import local_path
from kefu.console.views import cases_rows
from kefu.console.views.cases import VIEW_TITLES
from kefu.console.views.cases_rows import CaseRow
from kefu.kernel import paging
from kefu.kernel.actor import Actor
from kefu.people.permissions import Permission

DESK = "desk"
_SHOWN = 25
_MINE = CaseFilter(assignee="me", ball="us")
_LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Queue:
    """Cases of the queue in its order. ``token`` names it in addresses, ``address`` is its own page."""

    token: str
    title: str
    address: str
    rows: list[CaseRow]

    def mark(self) -> str:
        """Stands for what its rows show."""
        return sha256(repr(self.rows).encode()).hexdigest()[:16]

    def neighbours(self, case_id: int) -> tuple[int | None, int | None]:
        """Keys of the cases before and behind; of a case no longer in the queue, its first comes next."""
        keys = [row.id for row in self.rows]
        if case_id not in keys:
            return None, keys[0] if keys else None
        place = keys.index(case_id)
        return keys[place - 1] if place else None, keys[place + 1] if place + 1 < len(keys) else None


def origin(request: HttpRequest) -> str:
    """Which queue: said by the form or the address, else the list or desk the reader came from, else their own desk."""
    named = (request.POST.get("from") or request.GET.get("from") or "")[:_LONGEST]
    if named:
        return named
    for address in (request.headers.get("HX-Current-URL", ""), request.headers.get("Referer", "")):
        parts = urlsplit(local_path(address, request)) if address else None
        if parts is None:
            continue
        asked = dict(parse_qsl(parts.query))
        if parts.path == reverse("console:cases"):
            return _token({**filters.clean(asked), **({"cursor": asked["cursor"]} if "cursor" in asked else {})}) or "view=open"
        if asked.get("from") and parts.path.startswith("/cases/"):
            return asked["from"][:_LONGEST]
    return DESK


def _token(values: Mapping[str, str]) -> str:
    return urlencode({name: value for name, value in values.items() if value})


def queue(actor: Actor, token: str, *, now: datetime, case: Any = None) -> Queue:
    """Read it: the first cases, or those around ``case`` when it stands further down (two queries more), and their nearest clocks."""
    asked = {} if token == DESK else dict(parse_qsl(token))
    values = filters.clean(asked)
    wanted = CaseFilter.of(values) if asked else _MINE
    if not asked and not actor.may(Permission.CASE_WORK):
        wanted = CaseFilter()
    found = queries.page(actor, wanted, now=now, cursor=asked.get("cursor") or None, size=_SHOWN).rows
    goes_on = len(found) == _SHOWN or "cursor" in asked
    if case is not None and goes_on and case.pk not in {row.pk for row in found}:
        found = _around(actor, wanted, case, now=now) or found
    title = str(VIEW_TITLES.get(values.get("view", "open"), "")) if asked else _("待我处理")
    address = f"{reverse('console:cases')}?{token}" if asked else reverse("console:desk")
    return Queue(token if asked else DESK, title, address, cases_rows.rows(found, with_customers=False))


def as_shown(actor: Actor, ids: Sequence[int], token: str) -> Queue:
    """The same rows in the order in which they stand on an open page, as they are now: a strip does not move under the hand.

    Cases no longer in reach are left out; one that has left the queue stays, with its new state.
    """
    place = {key: index for index, key in enumerate(ids[:_SHOWN])}
    found = sorted(queries.with_ids(actor, place), key=lambda case: place[case.pk])
    return Queue(token or DESK, "", "", cases_rows.rows(found, with_customers=False))


def _around(actor: Actor, wanted: CaseFilter, case: Any, *, now: datetime) -> list[Any]:
    """The case in hand between those before and behind it; nothing when it is not in the queue or the queue is a search."""
    back = None if wanted.text.strip() else paging.before(case, wanted.order())
    if back is None:
        return []
    ahead = queries.page(actor, wanted, now=now, cursor=back, size=_SHOWN // 2)
    behind = queries.page(actor, wanted, now=now, cursor=ahead.next, size=_SHOWN - len(ahead.rows)).rows
    return [*ahead.rows, *behind] if behind and behind[0].pk == case.pk else []


def case_address(case_id: int, token: str) -> str:
    """A case in its queue."""
    return f"{reverse('console:case', kwargs={'case_id': case_id})}?{urlencode({'from': token})}"


def next_address(actor: Actor, case_id: int, token: str, *, now: datetime) -> str:
    """Where somebody goes on after this case: the next of the queue, or the queue when there is none."""
    found = queue(actor, token, now=now, case=access.visible_to(actor).filter(pk=case_id).first())
    after = found.neighbours(case_id)[1]
    if after is None:
        after = next((row.id for row in found.rows if row.id != case_id), None)
    return case_address(after, found.token) if after is not None else found.address
