"""The one box: many numbers together, answered from what is known, at a fixed number of statements (OPS7)."""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from kefu.handbook.schema import Handbook
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import NotFound
from kefu.parcels.delay import DelayLimits, Judgement, delay_judgement
from kefu.parcels.limits import limits_of
from kefu.parcels.lookup import Looked, delay_facts, is_settled, looked_up
from kefu.parcels.waybills import CarrierGuess, carrier_guess
from kefu.people import queries as people_queries
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.tracking import access
from kefu.station.tracking.errors import NoNumbers, TooManyNumbers
from kefu.station.tracking.merging import Moments, quiet_for, together
from kefu.station.tracking.models import Box, CarrierAsk, CarrierStanding
from kefu.station.tracking.numbers import Pasted
from kefu.station.tracking.settings import TrackingRules, rules_of

MOST = 1000
KEPT = timedelta(days=7)
# The same person at the same box within this time is one look-up in the log of queries.
_ONE_LOOK = timedelta(minutes=10)
BookOf = Callable[[str], Handbook | None]


def open_box(*, actor: Actor, given: Pasted, now: datetime, name: str = "") -> Box:
    """Keep the numbers for looking them up; the same numbers again are the same box. Refused when there are none, or too many."""
    require(actor, Permission.PARCEL_VIEW)
    if given.empty:
        raise NoNumbers
    if len(given.numbers) > MOST:
        raise TooManyNumbers(most=MOST, given=len(given.numbers))
    digest = hashlib.sha256("\n".join([*given.numbers, "", *(text for text, _reason in given.invalid[:MOST])]).encode()).hexdigest()
    values = {
        "name": name[:80],
        "numbers": list(given.numbers),
        "invalid": [list(pair) for pair in given.invalid[:MOST]],
        "made_at": now,
        "logged_at": None,
    }
    with transaction.atomic():
        try:
            with transaction.atomic():
                return Box.objects.create(owner_kind=actor.kind, owner_id=actor.id, digest=digest, **values)
        except IntegrityError:
            access.boxes_of(actor).filter(digest=digest).update(**values)
            return access.boxes_of(actor).get(digest=digest)


def forget_old(*, now: datetime) -> int:
    """Drop boxes nobody opened for some days; for the worker."""
    return Box.objects.filter(made_at__lt=now - KEPT).delete()[0]


@dataclass(frozen=True, slots=True)
class BoxRow:
    """A number of a box. ``known`` is false for a number nobody in reach knows; ``sources`` say who told: own, carrier.

    ``holder`` is the site that scanned it last, or the place a carrier names. ``asking``: in the queue to a carrier until ``ask_due``.
    """

    place: int
    number: str
    waybill: str
    known: bool
    registered: bool
    carrier: str
    guesses: tuple[CarrierGuess, ...]
    state: str = ""
    settled: bool = False
    last_at: datetime | None = None
    last_code: str = ""
    holder: str = ""
    own: bool = False
    carriers: bool = False
    judgement: Judgement | None = None
    quiet: timedelta | None = None
    quiet_clause: str = ""
    asking: bool = False
    ask_due: datetime | None = None
    fault: str = ""

    @property
    def age_of(self) -> datetime | None:
        """The moment the age counts from."""
        return self.last_at


def look_up(actor: Actor, numbers: Sequence[str], *, now: datetime, book_of: BookOf, log: bool = True) -> list[BoxRow]:
    """What is known of each clean number, in the order given; a fixed number of statements. Who asked is logged in one (R21)."""
    require(actor, Permission.PARCEL_VIEW)
    own = looked_up(actor, numbers)
    mains = {number: own[number].waybill if number in own else number for number in numbers}
    theirs = _standings(actor, own, set(mains.values()))
    queue = _queue(actor, set(mains.values()))
    names = {site.pk: site.name for site in people_queries.sites_by_id().values()}
    frames: dict[str, _Frame] = {}
    default = _frame(book_of, frames, _home(actor))
    rows = []
    for place, number in enumerate(numbers):
        looked, standing, asked = own.get(number), theirs.get(mains[number]), queue.get(mains[number])
        frame = _frame(book_of, frames, looked.book) if looked and looked.book else default
        rows.append(_row(place, number, looked, standing, asked, frame, names, now))
    if log:
        log_look(actor, rows, own, now=now)
    return rows


def _standings(actor: Actor, own: dict[str, Looked], numbers: Collection[str]) -> dict[str, CarrierStanding]:
    """Carriers' standings of what is in sight: what own scans show, and what a site in reach asked about."""
    strangers = sorted(set(numbers) - {one.waybill for one in own.values()})
    seen = {one.waybill for one in own.values()}
    if strangers:
        asked = access.asks_visible_to(actor).filter(waybill__in=strangers).order_by().values_list("waybill", flat=True).distinct()
        seen |= set(asked)
    return {row.waybill: row for row in CarrierStanding.objects.filter(waybill__in=sorted(seen))}


def _queue(actor: Actor, numbers: Collection[str]) -> dict[str, tuple[str, datetime, str]]:
    """The newest question of each number: its state, when it is due, what went wrong."""
    rows = access.asks_visible_to(actor).filter(waybill__in=sorted(numbers), kind=CarrierAsk.Kind.QUERY).order_by("pk")
    return {waybill: (state, due_at, fault) for waybill, state, due_at, fault in rows.values_list("waybill", "state", "due_at", "fault")}


@dataclass(frozen=True, slots=True)
class _Frame:
    """What a handbook says, read once for all numbers judged by it."""

    rules: TrackingRules
    limits: DelayLimits | None


def _frame(book_of: BookOf, frames: dict[str, _Frame], key: str) -> _Frame:
    if key not in frames:
        book = book_of(key) if key else None
        frames[key] = _Frame(rules_of(book), limits_of(book) if book else None)
    return frames[key]


def _home(actor: Actor) -> str:
    site = people_queries.sites_by_id().get(actor.site_id or 0)
    return site.handbook if site else ""


def moments_of(looked: Looked | None) -> Moments | None:
    """Where a number stands by own scans."""
    if looked is None:
        return None
    return Moments(
        looked.state, looked.collected_at, looked.first_attempt_at, looked.signed_at, looked.last_at, looked.last_code, looked.settled
    )


def moments_told(standing: CarrierStanding | None) -> Moments | None:
    """Where it stands by its carriers."""
    if standing is None:
        return None
    return Moments(
        standing.state,
        standing.collected_at,
        standing.first_attempt_at,
        standing.signed_at,
        standing.last_at,
        standing.last_code,
        is_settled(standing.state),
    )


def _row(
    place: int,
    number: str,
    looked: Looked | None,
    standing: CarrierStanding | None,
    asked: tuple[str, datetime, str] | None,
    frame: _Frame,
    names: dict[int, str],
    now: datetime,
) -> BoxRow:
    rules = frame.rules
    own, theirs = moments_of(looked), moments_told(standing)
    both = together(own, theirs, rules.within)
    waiting = asked is not None and asked[0] in (CarrierAsk.State.DUE, CarrierAsk.State.SENDING)
    waybill = looked.waybill if looked else number
    guesses = tuple(carrier_guess(waybill))
    carrier = (looked.carrier if looked else "") or (standing.carrier if standing else "")
    row = BoxRow(place, number, waybill, both is not None, bool(looked and looked.parcel_id), carrier, guesses)
    if both is None:
        return _waiting(row, asked, waiting)
    theirs_last = standing is not None and standing.last_at is not None and both.last_at == standing.last_at
    own_last = looked is not None and looked.last_at is not None and both.last_at == looked.last_at
    holder = names.get(looked.last_site_id or 0, "") if looked and own_last else standing.last_place if standing and theirs_last else ""
    quiet = quiet_for(both, now, rules.quiet_after)
    return BoxRow(
        place,
        number,
        waybill,
        known=True,
        registered=row.registered,
        carrier=carrier,
        guesses=guesses,
        state=both.state,
        settled=both.settled,
        last_at=both.last_at,
        last_code=both.last_code,
        holder=holder,
        own=own is not None and own.last_at is not None,
        carriers=theirs is not None,
        judgement=judged(looked, both, frame.limits, now),
        quiet=quiet,
        quiet_clause=rules.clause if quiet else "",
        asking=waiting,
        ask_due=asked[1] if asked and waiting else None,
        fault=asked[2] if asked else "",
    )


def _waiting(row: BoxRow, asked: tuple[str, datetime, str] | None, waiting: bool) -> BoxRow:
    """A number nobody knows yet; it may be on its way to a carrier."""
    return BoxRow(
        row.place,
        row.number,
        row.waybill,
        known=False,
        registered=False,
        carrier=row.carrier,
        guesses=row.guesses,
        asking=waiting,
        ask_due=asked[1] if asked and waiting else None,
        fault=asked[2] if asked else "",
    )


def judged(looked: Looked | None, both: Moments, limits: DelayLimits | None, now: datetime) -> Judgement | None:
    """Late or as good as lost, by the handbook of the delivering site (R1-R8), carriers' moments standing in where nobody scanned."""
    if looked is None or looked.parcel_id is None or limits is None:
        return None
    facts = delay_facts(looked, collected_at=both.collected_at, first_attempt_at=both.first_attempt_at, settled=both.settled)
    return delay_judgement(facts, now, limits)


def log_look(actor: Actor, rows: Sequence[BoxRow], own: dict[str, Looked], *, now: datetime) -> None:
    """Who asked about which number (R21): an entry each, written together."""
    entries = []
    for row in rows:
        looked = own.get(row.number)
        subject = Ref("parcel", (looked.parcel_id or 0) if looked else 0, row.waybill)
        action = "parcel.traced" if row.known else "parcel.trace_refused"
        entries.append(audit.entry(actor, action, subject, now=now, site_id=looked.site_id if looked else None))
    if entries:
        with transaction.atomic():
            audit.record_many(entries)


def box_rows(actor: Actor, box_id: int, *, now: datetime, book_of: BookOf) -> tuple[Box, list[BoxRow]]:
    """The rows of one's own box. Looking again within minutes is one query in the log."""
    box = access.box_for(actor, box_id)
    again = box.logged_at is not None and box.logged_at <= now < box.logged_at + _ONE_LOOK
    rows = look_up(actor, box.numbers, now=now, book_of=book_of, log=not again)
    if not again:
        Box.objects.filter(pk=box.pk).update(logged_at=now)
    return box, rows


def box_of(actor: Actor, box_id: int | None) -> Box | None:
    """One's own box, if there is one of this key."""
    try:
        return access.box_for(actor, box_id) if box_id is not None else None
    except NotFound:
        return None


def recent(actor: Actor, *, limit: int = 5) -> list[Box]:
    """The last boxes of the actor."""
    return list(access.boxes_of(actor).order_by("-made_at", "-pk").defer("numbers", "invalid")[:limit])
