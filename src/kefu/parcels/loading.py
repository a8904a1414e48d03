"""Scans by the hundred thousand: by columns straight into their table, COPY on PostgreSQL, a prepared statement on SQLite; states follow.

The same as ``recording.record_scans`` in all that is stored; only the way there differs. Which scans are there already is known before:
what is later than the last scan of its parcel cannot be, and the few others are looked up. While the database puts the scans in, the
states are worked out. Should somebody else store one of them just then, the unique key refuses the lot, and it is looked up whole.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Stale
from kefu.parcels.drafts import Counts, Refusal, ScanDraft
from kefu.parcels.models import Scan, ScanVoid, SubWaybill
from kefu.parcels.recording import TRIES, audit_counts, look_again, mains_of, settle
from kefu.parcels.rules import MOVES_BAG, Event
from kefu.parcels.scan_columns import FIELDS, ScanColumns
from kefu.parcels.states import Moved, Plan, among, carry_out, going_on, planned, stored, with_links
from kefu.parcels.storing import KEY, take_over, voided_among
from kefu.parcels.vocabulary import ScanCode

_SITES = ("previous_site_id", "next_site_id")
_TEXTS = ("operator", "courier", "device", "reason", "note", "external_id", "piece", "bag", "truck")
_COLUMNS = ("waybill", "code", "scanned_at", "site_id", *_SITES, *_TEXTS, "received_at", "source")
# Rows handed to the database at once: while it stores them, the next are put together.
_HANDFUL = 4000
_NONE = timedelta(0)


def load_scans(*, actor: Actor, scans: ScanColumns, now: datetime) -> Counts:
    """Store the scans, which were checked, and move their parcels; refused are those that were made void. Call inside a transaction.

    Who may, the caller has asked.
    """
    if not len(scans):
        return Counts(0, 0, ())
    pieces = _pieces(scans)
    trusting = True
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                count, voided = _load(scans, pieces, now, trusting=trusting)
        except Moved:
            continue
        except IntegrityError:
            trusting = False
            continue
        except OperationalError as error:
            if "deadlock" not in str(error):
                raise
            continue
        span = min(scans.waybill), max(scans.waybill)
        done = Counts(count, len(scans) - count - len(voided), [Refusal(place, "scan_voided") for place in voided])
        audit_counts(actor, scans.site_id, span, done, now)
        return done
    raise Stale


def _pieces(scans: ScanColumns) -> list[str]:
    """Numbers of pieces become those of their waybills, and are kept beside."""
    mains = mains_of(set(scans.waybill)) if SubWaybill.objects.exists() else {}
    if not mains:
        return [""] * len(scans)
    pieces = [number if number in mains else "" for number in scans.waybill]
    scans.waybill = [mains.get(number, number) for number in scans.waybill]
    return pieces


def _load(scans: ScanColumns, pieces: Sequence[str], now: datetime, *, trusting: bool) -> tuple[int, list[int]]:
    numbers = set(scans.waybill)
    parcels, chained = with_links(stored(numbers), numbers)  # before the scans: whoever adds one in between moves the version read here
    known = {row.waybill for row in parcels}
    packed = {bag for bag, code in zip(scans.bag, scans.code, strict=True) if bag and code == ScanCode.BAG}
    moved = {number for number, code in zip(scans.waybill, scans.code, strict=True) if code in MOVES_BAG and number not in known}
    fresh = _events(scans, pieces, range(len(scans)))
    going = going_on(parcels, fresh, chained)
    new = _new(scans, pieces, _doubtful(fresh, going) if trusting else numbers)
    if len(new) < len(scans):
        fresh = _events(scans, pieces, new)
    with ThreadPoolExecutor(1, thread_name_prefix="scans") as pool, connection.cursor() as cursor:
        # The cursor is of this connection and its transaction: one asked for in the thread would be of another.
        putting = pool.submit(_put, cursor.cursor, scans, pieces, new, now) if connection.vendor != "sqlite" else None
        plan = None if packed or moved else planned(parcels, fresh, chained, going)
        with connection.wrap_database_errors:
            if putting is not None:
                putting.result()
    if putting is None:
        _insert(scans, pieces, new, now)
    voided: list[int] = []
    if len(new) < len(scans):
        there = sorted(set(range(len(scans))).difference(new))
        voided = _voided(scans, pieces, there)
        _own(scans, pieces, there)
    if plan is None:
        settle(parcels, fresh, packed, moved, now)
    else:
        _move(plan, fresh, numbers, now)
        look_again(numbers - known, now)
    return len(new), voided


def _move(plan: Plan, fresh: Mapping[str, Sequence[Event]], numbers: Collection[str], now: datetime) -> None:
    """Write the states. Where a gun moved one of the parcels meanwhile, they are planned anew; the scans are not stored again for that."""
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                carry_out(plan, now)
        except Moved:
            parcels, chained = with_links(stored(numbers), numbers)
            plan = planned(parcels, fresh, chained, going_on(parcels, fresh, chained))
        else:
            return
    raise Moved


def _events(scans: ScanColumns, pieces: Sequence[str], places: Sequence[int]) -> dict[str, list[Event]]:
    """What happened, by waybill, from the scans at these places."""
    found: dict[str, list[Event]] = {}
    events: Iterable[Event] = map(Event, scans.scanned_at, scans.code, scans.site_id, scans.operator, pieces)
    numbers: Iterable[str] = scans.waybill
    if len(places) < len(scans):
        rows = list(zip(numbers, events, strict=True))
        numbers, events = zip(*(rows[place] for place in places), strict=True) if places else ((), ())
    for waybill, event in zip(numbers, events, strict=True):
        if waybill in found:
            found[waybill].append(event)
        else:
            found[waybill] = [event]
    return found


def _doubtful(fresh: Mapping[str, Sequence[Event]], going: Collection[str]) -> set[str]:
    """Waybills some of whose scans may be there already, or twice among these."""
    found = fresh.keys() - going
    found |= {waybill for waybill, events in fresh.items() if len(events) > 1 and len(set(events)) < len(events)}
    # A scan that was made void is still there, and no state speaks of it.
    if ScanVoid.objects.exists():
        for rows in among(ScanVoid.objects.all(), "waybill", fresh.keys() - found):
            found.update(rows.values_list("waybill", flat=True))
    return found


def _new(scans: ScanColumns, pieces: Sequence[str], doubtful: Collection[str]) -> Sequence[int]:
    """Places of the scans that are not there yet, each once; only doubtful waybills are looked up."""
    if not doubtful:
        return range(len(scans))
    there: set[tuple[Any, ...]] = set()
    for rows in among(Scan.objects.all(), "waybill", doubtful):
        there.update(rows.values_list(*KEY).iterator(_HANDFUL))
    keys = zip(scans.waybill, scans.scanned_at, scans.code, scans.site_id, scans.operator, pieces, strict=True)
    new = []
    for place, key in enumerate(keys):
        if key[0] in doubtful:
            if key in there:
                continue
            there.add(key)
        new.append(place)
    return new


def _voided(scans: ScanColumns, pieces: Sequence[str], places: Sequence[int]) -> list[int]:
    """Places of scans that were there already and were made void."""
    if not ScanVoid.objects.exists():
        return []
    columns = (scans.waybill, scans.scanned_at, scans.code, scans.site_id, scans.operator, pieces)
    keys: list[Any] = [tuple(column[place] for column in columns) for place in places]
    voided = voided_among(keys)
    return [place for place, key in zip(places, keys, strict=True) if key in voided]


def _own(scans: ScanColumns, pieces: Sequence[str], places: Iterable[int]) -> None:
    """Scans that were there already, but only followed from a bag's."""
    drafts: dict[tuple[object, ...], ScanDraft] = {}
    for place in places:
        draft = ScanDraft(**{name: getattr(scans, name)[place] for name in FIELDS}, source=Scan.Source.IMPORT, piece=pieces[place])
        drafts[draft.waybill, draft.scanned_at, draft.code, draft.site_id, draft.operator, draft.piece] = draft
    take_over(drafts)


def _put(cursor: Any, scans: ScanColumns, pieces: Sequence[str], places: Sequence[int], now: datetime) -> None:
    """The scans at these places by COPY."""
    lines = map("\t".join, zip(*_as_text(scans, pieces, places), strict=True))
    tail = f"\t{now.isoformat()}\t{Scan.Source.IMPORT.value}\n"
    with cursor.copy(f"COPY parcels_scan ({', '.join(_COLUMNS)}) FROM STDIN") as copy:
        while handful := list(islice(lines, _HANDFUL)):
            copy.write((tail.join(handful) + tail).encode())


def _as_text(scans: ScanColumns, pieces: Sequence[str], places: Sequence[int]) -> list[Sequence[str]]:
    """The columns but the last two as COPY reads them."""
    at = partial(_at, places=places, whole=len(scans))
    columns: list[Sequence[str]] = [at(scans.waybill), at(scans.code), at(scans.moments), _keys(at(scans.site_id))]
    columns += [_keys(at(getattr(scans, name))) for name in _SITES]
    return columns + [_escaped(at(pieces if name == "piece" else getattr(scans, name))) for name in _TEXTS]


def _at(column: Sequence[Any], *, places: Sequence[int], whole: int) -> Sequence[Any]:
    return column if len(places) == whole else [column[place] for place in places]


def _keys(column: Sequence[int | None]) -> list[str]:
    texts = {key: "\\N" if key is None else str(key) for key in set(column)}
    return [texts[key] for key in column]


def _escaped(column: Sequence[str]) -> Sequence[str]:
    together = "".join(column)
    if not any(mark in together for mark in "\\\t\n\r"):
        return column
    marks = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
    return [text.translate(marks) for text in column]


def _insert(scans: ScanColumns, pieces: Sequence[str], places: Sequence[int], now: datetime) -> None:
    """The scans at these places by a prepared statement."""
    at = partial(_at, places=places, whole=len(scans))
    moments = [str((one - (one.utcoffset() or _NONE)).replace(tzinfo=None)) for one in at(scans.scanned_at)]
    columns = [at(scans.waybill), at(scans.code), moments, at(scans.site_id)]
    columns += [at(getattr(scans, name)) for name in _SITES]
    columns += [at(pieces if name == "piece" else getattr(scans, name)) for name in _TEXTS]
    columns += [[connection.ops.adapt_datetimefield_value(now)] * len(places), [Scan.Source.IMPORT.value] * len(places)]
    with connection.cursor() as cursor:
        marks = ", ".join(["%s"] * len(_COLUMNS))
        rows: Any = zip(*columns, strict=True)
        cursor.executemany(f"INSERT INTO parcels_scan ({', '.join(_COLUMNS)}) VALUES ({marks})", rows)
