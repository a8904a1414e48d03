"""Reads of return receipts for screens: the reconciliation sets with their counts, and the chain of one (O13)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, capped_counts, keyset_page
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.receipts import access, limits, rules
from kefu.station.receipts.actions import way_of
from kefu.station.receipts.models import Receipt, ReceiptImage, ReceiptLoss, ReceiptMove
from kefu.station.receipts.rules import Step
from kefu.station.receipts.vocabulary import COUNTED, SENT, Due, State

MOST_NUMBERS = 200
_NEWEST = [Order("pk", descending=True)]
_OPEN = Q(closed_at=None, lost_at=None)


@dataclass(frozen=True, slots=True)
class ReceiptWanted:
    """A choice of receipts. ``numbers``: waybills, receipt numbers or numbers they were sent under; days are those of the signature.

    ``due``: a code of ``Due``; ``over``: overdue by at least so many days; ``due_site_id``: who has to do the next step; ``origin``: code
    or part of the name of the sending site.
    """

    numbers: Sequence[str] = ()
    due: str = ""
    state: int | None = None
    kind: str = ""
    site_id: int | None = None
    origin: str = ""
    due_site_id: int | None = None
    first: date | None = None
    last: date | None = None
    over: int | None = None


def in_set(due: str, now: datetime) -> Q:
    """What belongs to a set at a moment."""
    tests = {
        Due.UNREGISTERED.value: _OPEN & Q(state=State.UNREGISTERED, signed_at__isnull=False),
        Due.UNRETURNED.value: _OPEN & Q(state=State.HERE, next_state=State.SENT_BACK, step_due_at__lt=now),
        Due.HUB_MISSING.value: _OPEN & Q(state__in=(State.HERE, State.SENT_BACK), hub__isnull=False),
        Due.NOT_RECEIVED.value: _OPEN & Q(state__in=SENT, next_state__isnull=False),
        Due.HUB_UNSENT.value: _OPEN & Q(state__in=(State.HUB_GOT, State.ORIGIN_HUB_GOT)),
        Due.OVERDUE.value: _OPEN & Q(due_at__lt=now, signed_at__isnull=False),
        Due.LOST.value: Q(lost_at__isnull=False),
        Due.OPEN.value: Q(closed_at=None),
        Due.CLOSED.value: Q(closed_at__isnull=False),
    }
    return tests[due]


def rows(actor: Actor, wanted: ReceiptWanted, now: datetime) -> QuerySet[Receipt]:
    """Receipts in reach, narrowed."""
    found = access.visible_to(actor)
    exact = {"state": wanted.state, "kind": wanted.kind or None, "site_id": wanted.site_id}
    exact |= {"due_site_id": wanted.due_site_id}
    found = found.filter(**{name: value for name, value in exact.items() if value is not None})
    if wanted.origin:
        found = found.filter(origin_site_id__in=people_queries.site_ids_called(wanted.origin))
    found = found.filter(**on_days("signed_at", wanted.first, wanted.last))
    if wanted.over is not None:
        found = found.filter(in_set(Due.OVERDUE, now), due_at__lt=now - timedelta(days=max(wanted.over - 1, 0)))
    if wanted.numbers:
        numbers = [clean_waybill(number) for number in wanted.numbers[:MOST_NUMBERS]]
        found = found.filter(Q(waybill__in=numbers) | Q(receipt_no__in=numbers) | Q(sent_no__in=numbers))
    return found.filter(in_set(wanted.due, now)) if wanted.due else found


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A receipt in a list. ``days_over``: days overdue by the limit from the signature, until it came back or until now."""

    id: int
    waybill: str
    receipt_no: str
    kind: str
    copies: int
    site: str
    origin: str
    signed_at: datetime | None
    registered_at: datetime | None
    sent_at: datetime | None
    sent_no: str
    closed_at: datetime | None
    state: int
    state_at: datetime | None
    next_state: int | None
    due_site: str
    step_due_at: datetime | None
    step_late: bool
    due_at: datetime | None
    days_over: int
    lost: bool
    clause: str
    version: int


def page(actor: Actor, wanted: ReceiptWanted, *, now: datetime, cursor: str | None = None, size: int = 50) -> Page[ReceiptRow]:
    """Receipts, the newest first: two queries whatever the depth."""
    people.require(actor, Permission.RECEIPT_VIEW)
    found = keyset_page(rows(actor, wanted, now), _NEWEST, size=size, cursor=cursor)
    names = {pk: site.name for pk, site in people_queries.sites_by_id().items()}
    return Page([receipt_row(row, names, now) for row in found.rows], found.next, found.previous)


def count(actor: Actor, wanted: ReceiptWanted, now: datetime) -> CappedCount:
    """How many, at most a thousand."""
    return capped_count(rows(actor, wanted, now))


def counts(actor: Actor, now: datetime, *, site_id: int | None = None) -> Mapping[str, CappedCount]:
    """How many are in each set of the reconciliation, in one statement."""
    wanted = [rows(actor, ReceiptWanted(due=due.value, site_id=site_id), now) for due in COUNTED]
    return dict(zip([due.value for due in COUNTED], capped_counts(wanted), strict=True))


def receipt_row(row: Receipt, names: Mapping[int, str], now: datetime) -> ReceiptRow:
    """A kept receipt for a list."""
    return ReceiptRow(
        id=row.pk,
        waybill=row.waybill,
        receipt_no=row.receipt_no,
        kind=row.kind,
        copies=row.copies,
        site=names.get(row.site_id, ""),
        origin=names.get(row.origin_site_id, "") if row.origin_site_id else "",
        signed_at=row.signed_at,
        registered_at=row.registered_at,
        sent_at=row.sent_at,
        sent_no=row.sent_no,
        closed_at=row.closed_at,
        state=row.state,
        state_at=row.state_at,
        next_state=row.next_state,
        due_site=names.get(row.due_site_id, "") if row.due_site_id else "",
        step_due_at=row.step_due_at,
        step_late=row.closed_at is None and row.step_due_at is not None and row.step_due_at < now,
        due_at=row.due_at,
        days_over=rules.days_over(row.due_at, row.closed_at or now) if row.signed_at else 0,
        lost=row.lost_at is not None,
        clause=row.clause,
        version=row.version,
    )


def waybills(actor: Actor, receipt_ids: Sequence[int]) -> list[str]:
    """Waybills of receipts in reach, in the order of their keys."""
    return list(access.visible_to(actor).filter(pk__in=receipt_ids).order_by("pk").values_list("waybill", flat=True))


@dataclass(frozen=True, slots=True)
class ReceiptDetail:
    """A receipt with its chain as drawn, everything noted (also what was taken back) and its pictures.

    ``may_note``: the next step if a site in reach is to note it, or an electronic one may be closed.
    """

    row: ReceiptRow
    steps: Sequence[tuple[Step, str]]
    moves: Sequence[ReceiptMove]
    images: Sequence[ReceiptImage]
    losses: Sequence[ReceiptLoss]
    parcel_id: int
    site_id: int
    may_note: Sequence[int]
    site_names: Mapping[int, str]


def detail(actor: Actor, receipt_id: int, now: datetime) -> ReceiptDetail:
    """One receipt in reach, or ``NotFound``."""
    row = access.get_for(actor, receipt_id)
    names = {pk: site.name for pk, site in people_queries.sites_by_id().items()}
    moves = list(row.moves.order_by("pk"))
    way = way_of(row)
    noted = {
        move.state: Step(move.state, "done", move.at, move.by, move.site_id, move.courier_no) for move in moves if move.undone_at is None
    }
    drawn = rules.steps(way, row.state, noted, closed=row.closed_at is not None)
    return ReceiptDetail(
        row=receipt_row(row, names, now),
        steps=[(step, names.get(step.site_id, "") if step.site_id else "") for step in drawn],
        moves=moves,
        images=list(row.images.order_by("pk")),
        losses=list(row.losses.order_by("-pk")[:10]),
        parcel_id=row.parcel_id,
        site_id=row.site_id,
        may_note=_may_note(actor, row),
        site_names=names,
    )


def _may_note(actor: Actor, row: Receipt) -> list[int]:
    if not actor.may(Permission.RECEIPT_WORK) or row.closed_at or row.lost_at or not row.signed_at:
        return []
    way = way_of(row)
    following = rules.next_state(way, row.state)
    found = [following] if following is not None and actor.reaches(way.acting(following)) else []
    if way.electronic and actor.reaches(way.site) and State.DELIVERED.value not in found:
        found.append(State.DELIVERED.value)
    return found


def case_kind(site_id: int, now: datetime) -> tuple[str, str]:
    """Kind of case a lost receipt of a site becomes, and the clause; both empty when the handbook knows none."""
    site = people_queries.sites_by_id().get(site_id)
    return limits.case_kind(limits.book_at(site.handbook, now)) if site else ("", "")
