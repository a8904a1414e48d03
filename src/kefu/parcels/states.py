"""States of parcels: reading their scans in bulk, working the states out, writing them back only if nobody moved them meanwhile."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar, cast

from django.db import OperationalError, connection
from django.db.models import Exists, Field, Model, OuterRef, QuerySet

from kefu.kernel import outbox
from kefu.kernel.bulk import array_of, plain_rows, update_rows
from kefu.parcels.events import ParcelsMoved
from kefu.parcels.models import Parcel, ParcelLink, Scan, ScanVoid, Standing
from kefu.parcels.rules import Event, Link, ParcelState, can_go_on, kept_state, marks_of, onward, state_of, through_links

_DERIVED = ("state", "collected_at", "first_attempt_at", "signed_at", "last_scan_at", "last_scan_code", "last_scan_site", "marks")
_PER_EVENT = 500
# Numbers in one statement.
_PART = 5000
# A parcel forwarded more often than this is no longer followed.
_LONGEST_CHAIN = 8
# Fewer numbers than this go as parameters.
_FEW = 200
_LINK = ("kind", "from_waybill", "to_waybill")
_ENDS = _LINK[1:]
M = TypeVar("M", bound=Model)
T = TypeVar("T")


class Moved(Exception):
    """A parcel changed between reading its scans and writing its state."""


class Stored(NamedTuple):
    """A parcel as it is stored. ``marks`` is none when the state cannot be gone on from."""

    pk: int
    version: int
    waybill: str
    site_id: int
    pieces: int
    state: ParcelState
    marks: int | None


@dataclass(frozen=True, slots=True)
class Links:
    """Links of some waybills and of all that hang on them."""

    links: tuple[Link, ...] = ()

    @property
    def numbers(self) -> set[str]:
        """Every number a link touches."""
        return {number for link in self.links for number in (link.from_waybill, link.to_waybill)}

    def hanging_on(self, waybills: Iterable[str]) -> set[str]:
        """Numbers whose state follows from one of these."""
        wanted = set(waybills)
        return {start for start in {link.from_waybill for link in self.links} if wanted & onward(start, self.links).keys()}


def live_scans() -> QuerySet[Scan]:
    """Scans that count: those nobody made void."""
    return Scan.objects.filter(~Exists(ScanVoid.objects.filter(scan_id=OuterRef("pk"))))


def among(rows: QuerySet[M], column: str, numbers: Collection[str]) -> Iterator[QuerySet[M]]:
    """Rows whose column holds one of the numbers, in as many query sets as statements are needed.

    PostgreSQL takes many numbers as one array: as a list of parameters they cost more to read than to look up.
    """
    wanted = sorted(numbers)
    if connection.vendor == "sqlite" or len(wanted) < _FEW:
        yield from (rows.filter(**{f"{column}__in": part}) for part in parts(wanted))
        return
    table = connection.ops.quote_name(rows.model._meta.db_table)
    name = connection.ops.quote_name(str(cast(Field[Any, Any], rows.model._meta.get_field(column)).column))
    yield rows.extra(where=[f"{table}.{name} = ANY(%s::varchar[])"], params=[array_of(wanted)])  # noqa: S610 (names are the model's)


def events_of(waybills: Collection[str]) -> dict[str, set[Event]]:
    """What happened to each, from the scans that count."""
    events: dict[str, set[Event]] = {waybill: set() for waybill in waybills}
    for rows in among(live_scans(), "waybill", waybills):
        for waybill, *values in rows.values_list("waybill", "scanned_at", "code", "site_id", "operator", "piece").iterator(_PART):
            events[waybill].add(Event._make(values))
    return events


def parts(numbers: Sequence[T], size: int = _PART) -> Iterable[Sequence[T]]:
    """Numbers in lots a statement can take."""
    return (numbers[start : start + size] for start in range(0, len(numbers), size))


_pk = itemgetter(0)
_HEAD = ("pk", "standing__version", "waybill", "site_id", "pieces")
_COLUMNS = (*_HEAD, *(f"standing__{name}" for name in _DERIVED))


def stored(waybills: Collection[str]) -> list[Stored]:
    """Registered ones among the numbers."""
    found: list[Stored] = []
    for rows in among(Parcel.objects.all(), "waybill", waybills):
        found += [Stored._make((*row[:5], kept_state(row[5:12], row[12]), row[12])) for row in plain_rows(rows.values_list(*_COLUMNS))]
    return sorted(found, key=_pk)


def links_of(waybills: Collection[str]) -> Links:
    """Links of the numbers, and the links of what they lead to and come from."""
    found: set[Link] = set()
    asked: set[str] = set()
    edge = set(waybills)
    if len(edge) > _FEW and not ParcelLink.objects.exists():
        return Links()
    for _step in range(_LONGEST_CHAIN):
        fresh = {
            Link(*row) for column in _ENDS for rows in among(ParcelLink.objects.all(), column, edge) for row in rows.values_list(*_LINK)
        }
        fresh -= found
        if not fresh:
            break
        asked |= edge
        found |= fresh
        edge = Links(tuple(fresh)).numbers - asked
    return Links(tuple(sorted(found)))


@dataclass(frozen=True, slots=True)
class Plan:
    """What new scans make of parcels: states that are known already, and ``late`` ones that take all their scans to tell."""

    touched: list[Stored]
    states: dict[int, ParcelState]
    late: list[Stored]
    chained: Links


def with_links(rows: Sequence[Stored], waybills: Collection[str]) -> tuple[list[Stored], Links]:
    """The links of the waybills, and the rows together with those of parcels that go on under one of them."""
    chained = links_of(waybills)
    hanging = chained.hanging_on(waybills) if chained.links else set()
    return [*rows, *stored(hanging - {row.waybill for row in rows})] if hanging else list(rows), chained


def going_on(rows: Iterable[Stored], fresh: Mapping[str, Collection[Event]], chained: Links) -> set[str]:
    """Waybills whose new scans are later than all before: they go on from where they stand."""
    numbers = chained.numbers
    return {
        row.waybill
        for row in rows
        if row.marks is not None
        and (events := fresh.get(row.waybill)) is not None
        and row.waybill not in numbers
        and can_go_on(row.state, events)
    }


def planned(rows: Sequence[Stored], fresh: Mapping[str, Collection[Event]], chained: Links, going: Collection[str]) -> Plan:
    """Without the database, what becomes of parcels; of those that go on (``going_on``) the state."""
    numbers = chained.numbers
    hanging = chained.hanging_on(fresh.keys()) if numbers else set()
    plan = Plan([], {}, [], chained)
    for row in rows:
        events = fresh.get(row.waybill)
        if events is None and row.waybill not in hanging:
            continue
        plan.touched.append(row)
        if events is None or row.waybill not in going:
            plan.late.append(row)
        else:
            plan.states[row.pk] = state_of(events, site_id=row.site_id, pieces=row.pieces, after=row.state)
    return plan


def carry_out(plan: Plan, now: datetime) -> None:
    """Write the states of a plan; raises ``Moved`` when somebody else moved one of the parcels."""
    move(plan.touched, plan.states | worked_out(plan.late, plan.chained), now)


def advance(rows: Sequence[Stored], fresh: Mapping[str, Collection[Event]], now: datetime) -> None:
    """Write what new scans make of the parcels, and of those that go on under a number among them; ``Moved`` as ``carry_out``."""
    rows, chained = with_links(rows, fresh.keys())
    carry_out(planned(rows, fresh, chained, going_on(rows, fresh, chained)), now)


def refold(waybills: Collection[str], now: datetime) -> None:
    """Work the states of the waybills, and of those that hang on them, out anew; ``Moved`` when somebody else moved one."""
    chained = links_of(waybills)
    rows = stored({*waybills, *chained.hanging_on(waybills)})
    move(rows, worked_out(rows, chained), now)


def worked_out(rows: Sequence[Stored], chained: Links) -> dict[int, ParcelState]:
    """States from all scans, by key of the parcel."""
    if not rows:
        return {}
    states = states_from({row.waybill for row in rows}, rows, chained)
    return {row.pk: states[row.waybill] for row in rows}


def states_from(waybills: Collection[str], rows: Iterable[Stored], chained: Links) -> dict[str, ParcelState]:
    """States from all scans; ``rows`` are those that are registered."""
    heads = {row.waybill: (row.site_id, row.pieces) for row in rows}
    linked = chained.numbers.intersection(waybills)
    further = {number for waybill in linked for number in onward(waybill, chained.links)}
    alone = {}
    for number, found in events_of({*waybills, *further}).items():
        site_id, pieces = heads.get(number, (None, 1))
        alone[number] = state_of(found, site_id=site_id, pieces=pieces)
    return {number: through_links(number, chained.links, alone) if number in linked else alone[number] for number in waybills}


def in_columns(state: ParcelState) -> tuple[object, ...]:
    """A state as it is kept, in database form."""
    moments: Sequence[object] = state[1:5]
    if connection.vendor == "sqlite":
        moments = [at and connection.ops.adapt_datetimefield_value(at) for at in state[1:5]]
    return state[0], *moments, state.last_code, state.last_site_id, marks_of(state)


def move(rows: Sequence[Stored], states: Mapping[int, ParcelState], now: datetime) -> None:
    """Write the states, each only if nobody moved the parcel since it was read; else ``Moved`` and nothing at all."""
    values: list[tuple[object, ...]] = []
    moves: list[tuple[int, int, str, str]] = []
    for row in rows:
        state = states[row.pk]
        values.append((row.pk, row.version, row.version + 1, *in_columns(state)))
        if state.state != row.state.state:
            moves.append((row.pk, row.site_id, state.state, row.state.state))
    # Told before it is done, in the one transaction: from the update on, whoever scans one of the parcels waits for its end.
    told = [ParcelsMoved(moves=tuple(moves[start : start + _PER_EVENT])) for start in range(0, len(moves), _PER_EVENT)]
    outbox.emit_many(told, now=now)
    try:
        written = update_rows(Standing, ("version", *_DERIVED), values, guard="version")
    except OperationalError as error:
        if "deadlock" in str(error):
            raise Moved from error  # another writer holds them in another order: once more
        raise
    if written != len(values):
        raise Moved
