"""Reads of forwarding for screens, files and figures (OPS10, O7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_address, mask_text
from kefu.kernel.models import AuditEntry
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, capped_counts, keyset_page
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.forwarding import access, rules
from kefu.station.forwarding.models import Forward
from kefu.station.forwarding.rules import Terms
from kefu.station.forwarding.terms import terms_at
from kefu.station.forwarding.vocabulary import OPEN_STATES, State, Step


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests. ``box``: ``out`` of the reader's sites, ``in`` given to them. ``late``: behind the limit of the next step."""

    box: str = ""
    state: str = ""
    open_only: bool = False
    way: str = ""
    reason: str = ""
    payer: str = ""
    site_id: int | None = None
    waybills: Sequence[str] = ()
    late: bool = False
    wrong: bool = False
    day_from: date | None = None
    day_to: date | None = None


@dataclass(frozen=True, slots=True)
class ForwardRow:
    """A request in a list. Amounts in yuan."""

    id: int
    waybill: str
    new_waybill: str
    site_id: int
    site: str
    to_site_id: int | None
    to: str
    reason: str
    reason_code: int
    way: str
    fee: Decimal
    payer: str
    state: str
    late: bool
    due_at: datetime | None
    clause: str
    payer_clause: str
    wrong_claim: bool | None
    area: str
    liable_site: str
    sender_told: bool
    confirmed_at: datetime | None
    confirmed_by_way: str
    requested_by: str
    requested_by_id: int | None
    requested_at: datetime
    decided_by: str
    decided_at: datetime | None
    forwarded_by: str
    forwarded_at: datetime | None
    signed_at: datetime | None
    settled_by: str
    settled_at: datetime | None
    settled_fee: Decimal | None
    settled_payer: str
    address: str
    note: str
    decision: str
    own: bool
    version: int


def rows(actor: Actor, wanted: Wanted, now: datetime) -> QuerySet[Forward]:
    """Requests in reach, narrowed."""
    found = access.visible_to(actor)
    if wanted.box in ("in", "out"):
        found = people_access.in_reach(found, actor, "to_site_id" if wanted.box == "in" else "site_id")
        if wanted.box == "in":
            found = found.filter(to_site__isnull=False)
    exact = {"state": wanted.state, "way": wanted.way, "reason": wanted.reason, "payer": wanted.payer}
    found = found.filter(**{name: value for name, value in exact.items() if value})
    if wanted.open_only:
        found = found.filter(state__in=OPEN_STATES)
    if wanted.site_id is not None:
        found = found.filter(Q(site_id=wanted.site_id) | Q(to_site_id=wanted.site_id))
    if wanted.waybills:
        numbers = [clean_waybill(one) for one in wanted.waybills]
        found = found.filter(Q(waybill__in=numbers) | Q(new_waybill__in=numbers))
    if wanted.late:
        found = found.filter(state__in=OPEN_STATES, due_at__lte=now)
    if wanted.wrong:
        found = found.filter(wrong_claim=True)
    return found.filter(**on_days("requested_at", wanted.day_from, wanted.day_to))


def page(
    actor: Actor, wanted: Wanted, *, now: datetime, cursor: str | None = None, size: int = 50, clear: bool = False
) -> Page[ForwardRow]:
    """A page of requests, newest first. ``clear``: addresses unmasked (exports, who may)."""
    people_access.require(actor, Permission.FORWARD_VIEW)
    if clear:
        people_access.require(actor, Permission.PERSONAL_UNMASK)
    found = keyset_page(rows(actor, wanted, now), [Order("pk", descending=True)], size=size, cursor=cursor)
    names = {pk: site.name for pk, site in people.sites_by_id().items()}
    return Page([_shown(actor, row, names, now, clear=clear) for row in found.rows], found.next, found.previous)


def count(actor: Actor, wanted: Wanted, *, now: datetime) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted, now))


def get(actor: Actor, forward_id: int, *, now: datetime, clear: bool = False) -> ForwardRow:
    """One request in reach."""
    row = access.get_for(actor, forward_id)
    if clear:
        people_access.require(actor, Permission.PERSONAL_UNMASK)
    return _shown(actor, row, {pk: site.name for pk, site in people.sites_by_id().items()}, now, clear=clear)


@dataclass(frozen=True, slots=True)
class Counts:
    """What waits at the reader's sites."""

    to_approve: CappedCount
    to_forward: CappedCount
    late: CappedCount
    to_us: CappedCount


def counts(actor: Actor, *, now: datetime) -> Counts:
    """Figures of the board, in one statement."""
    asked = (
        Wanted(box="out", state=State.REQUESTED),
        Wanted(box="out", state=State.APPROVED),
        Wanted(late=True),
        Wanted(box="in", state=State.FORWARDED),
    )
    return Counts(*capped_counts([rows(actor, one, now) for one in asked]))


def _shown(actor: Actor, row: Forward, names: dict[int, str], now: datetime, *, clear: bool) -> ForwardRow:
    return ForwardRow(
        id=row.pk,
        waybill=row.waybill,
        new_waybill=row.new_waybill,
        site_id=row.site_id,
        site=names.get(row.site_id, ""),
        to_site_id=row.to_site_id,
        to=names.get(row.to_site_id, "") if row.to_site_id else row.company,
        reason=row.reason,
        reason_code=row.reason_code,
        way=row.way,
        fee=row.fee,
        payer=row.payer,
        state=row.state,
        late=rules.late(row.state, row.due_at, now),
        due_at=row.due_at,
        clause=row.clause,
        payer_clause=row.payer_clause,
        wrong_claim=row.wrong_claim,
        area=row.area,
        liable_site=names.get(row.liable_site_id or 0, ""),
        sender_told=row.sender_told,
        confirmed_at=row.confirmed_at,
        confirmed_by_way=row.confirmed_by_way,
        requested_by=row.requested_by,
        requested_by_id=row.requested_by_id,
        requested_at=row.requested_at,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        forwarded_by=row.forwarded_by,
        forwarded_at=row.forwarded_at,
        signed_at=row.signed_at,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
        settled_fee=row.settled_fee,
        settled_payer=row.settled_payer,
        address=row.address if clear else mask_address(row.address),
        note=row.note if clear else mask_text(row.note),
        decision=row.decision if clear else mask_text(row.decision),
        own=actor.reaches(row.site_id),
        version=row.version,
    )


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step of the drawing: done, current, or still to come; who did it and when."""

    step: str
    mark: str
    by: str = ""
    at: datetime | None = None


def steps(row: ForwardRow) -> Sequence[StepRow]:
    """The five steps of a request as far as it has come; what was refused or withdrawn stops there."""
    done = (
        StepRow(Step.REQUEST, "done", row.requested_by, row.requested_at),
        StepRow(Step.APPROVE, "done", row.decided_by, row.decided_at),
        StepRow(Step.FORWARD, "done", row.forwarded_by, row.forwarded_at),
        StepRow(Step.SIGN, "done", "", row.signed_at),
        StepRow(Step.SETTLE, "done", row.settled_by, row.settled_at),
    )
    reached = {State.REQUESTED: 1, State.APPROVED: 2, State.FORWARDED: 3, State.SIGNED: 4, State.SETTLED: 5}.get(State(row.state))
    if reached is None:  # refused or withdrawn
        passed = 2 if row.decided_at else 1
        return [*done[:passed], *(StepRow(one.step, "off") for one in done[passed:])]
    return [*done[:reached], *(StepRow(one.step, "current" if place == 0 else "todo") for place, one in enumerate(done[reached:]))]


@dataclass(frozen=True, slots=True)
class Change:
    """Something done to a request."""

    at: datetime
    by: str
    action: str
    clause: str


def history(actor: Actor, forward_id: int) -> list[Change]:
    """What happened to a request in reach, oldest first, at most 100."""
    row = access.get_for(actor, forward_id)
    entries = AuditEntry.objects.filter(subject_kind="forward", subject_id=row.pk).order_by("pk")[:100]
    return [Change(entry.at, entry.actor_name, entry.action, entry.clause) for entry in entries]


def case_kind(row: ForwardRow, now: datetime) -> str:
    """The kind of case a request becomes; empty when the handbook of the asking site does not name one."""
    site = people.sites_by_id().get(row.site_id)
    return terms_at(site.handbook, now).case if site else ""


def terms_for(actor: Actor, site_id: int, *, now: datetime) -> Terms:
    """What the handbook of a site in reach says, for the form."""
    people_access.require_site(actor, site_id)
    return terms_at(people.sites_by_id()[site_id].handbook, now)
