"""Reads of the money: moves, and a site's months (O6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import QuerySet

from kefu.arbitration import access
from kefu.arbitration.ledger import Sums, sums
from kefu.arbitration.models import Lock, Move
from kefu.kernel.actor import Actor
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission


@dataclass(frozen=True, slots=True)
class MoveWanted:
    """Which moves; ``month`` is its first day."""

    site_id: int | None = None
    month: date | None = None
    kind: str = ""
    waybills: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class MoveRow:
    """A move in a list: positive came to the site, negative went. ``site`` empty: headquarters. ``for_site``: whom it pays for."""

    id: int
    filing_id: int
    number: str
    waybill: str
    site: str
    for_site: str
    kind: str
    amount: Decimal
    month: date
    booked_at: datetime
    clause: str


def rows(actor: Actor, wanted: MoveWanted) -> QuerySet[Move]:
    """Moves in reach, narrowed."""
    found = access.moves(actor)
    exact = {"site_id": wanted.site_id, "month": wanted.month, "kind": wanted.kind}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    return found.filter(filing__waybill__in=list(wanted.waybills)) if wanted.waybills else found


def page(actor: Actor, wanted: MoveWanted, *, cursor: str | None = None, size: int = 50) -> Page[MoveRow]:
    """A page of moves, newest first."""
    people_access.require(actor, Permission.ARBITRATION_VIEW)
    found = keyset_page(rows(actor, wanted).select_related("filing"), [Order("pk", descending=True)], size=size, cursor=cursor)
    names = {pk: site.name for pk, site in people.sites_by_id().items()}
    shown = [
        MoveRow(
            one.pk, one.filing_id, one.filing.number, one.filing.waybill, names.get(one.site_id or 0, ""),
            names.get(one.for_site_id or 0, ""), one.kind, one.amount, one.month, one.booked_at, one.clause,
        )
        for one in found.rows
    ]  # fmt: skip
    return Page(shown, found.next, found.previous)


def count(actor: Actor, wanted: MoveWanted) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted))


@dataclass(frozen=True, slots=True)
class Statement:
    """A site's month: its sums, and whether it is locked, by whom and when."""

    site_id: int
    site: str
    month: date
    sums: Sums
    locked_by: str = ""
    locked_at: datetime | None = None


def statement(actor: Actor, site_id: int, month: date) -> Statement:
    """The statement of a site in reach; two statements of SQL."""
    people_access.require(actor, Permission.ARBITRATION_VIEW)
    people_access.require_site(actor, site_id)
    month = month.replace(day=1)
    lock = Lock.objects.filter(site_id=site_id, month=month).first()
    site = people.sites_by_id()[site_id].name
    if lock is not None:
        return Statement(site_id, site, month, Sums(lock.received, lock.paid, lock.fines), lock.locked_by, lock.locked_at)
    return Statement(site_id, site, month, sums(rows(actor, MoveWanted(site_id=site_id, month=month))))
