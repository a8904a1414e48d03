"""Every write of parcels: registering waybills and recording scans, one or thousands at a time (OPS7)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import NamedTuple

from django.db import IntegrityError, connection, transaction

from kefu.kernel import audit, outbox, search
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.bulk import insert_rows, update_rows
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.kernel.masking import phone_key
from kefu.kernel.rows import insert_all
from kefu.parcels.checks import REASONS, parcel_problem, scan_problem
from kefu.parcels.drafts import Counts, ParcelDraft, Refusal, ScanDraft
from kefu.parcels.events import ParcelsMoved
from kefu.parcels.models import Parcel, Scan
from kefu.parcels.rules import Event, state_of
from kefu.parcels.waybills import carrier_guess, clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission

_TRIES = 5
# Rows per statement: a batch may be of any size, a statement may not.
_PART = 2000
_PER_EVENT = 500
_DERIVED = ("state", "collected_at", "first_attempt_at", "signed_at", "last_scan_at", "last_scan_code", "last_scan_site")
_Key = tuple[str, str, int, datetime, str]


def parcel_ref(parcel: Parcel) -> Ref:
    """How other records point at a parcel."""
    return Ref("parcel", parcel.pk, parcel.waybill)


def register_parcel(*, actor: Actor, draft: ParcelDraft, now: datetime) -> Parcel:
    """Register one waybill; refused with the field when it cannot be, ``Conflict`` when it is registered already."""
    done = register_parcels(actor=actor, drafts=[draft], now=now)
    if done.refused:
        raise Invalid(fields={"parcel": REASONS[done.refused[0].reason]}, code=done.refused[0].reason)
    if done.present:
        raise Conflict(code="parcel_exists")
    return Parcel.objects.get(waybill=clean_waybill(draft.waybill))


def register_parcels(*, actor: Actor, drafts: Sequence[ParcelDraft], now: datetime) -> Counts:
    """Register many waybills; those already there are left as they are. Scans that came before are counted in."""
    people.require(actor, Permission.PARCEL_SCAN)
    reach = _Reach(actor)
    refused: list[Refusal] = []
    wanted: dict[str, ParcelDraft] = {}
    for index, given in enumerate(drafts):
        draft = replace(given, waybill=clean_waybill(given.waybill))
        if reason := parcel_problem(draft, reach):
            refused.append(Refusal(index, reason))
        else:
            wanted.setdefault(draft.waybill, draft)
    numbers = sorted(wanted)
    with transaction.atomic():
        stored = sum(_register_part(actor, numbers[start : start + _PART], wanted, now) for start in range(0, len(numbers), _PART))
    return Counts(stored, len(drafts) - len(refused) - stored, refused)


def _register_part(actor: Actor, numbers: Sequence[str], wanted: Mapping[str, ParcelDraft], now: datetime) -> int:
    for _try in range(_TRIES):
        known = set(Parcel.objects.filter(waybill__in=numbers).values_list("waybill", flat=True))
        fresh = [_parcel(wanted[number], now) for number in numbers if number not in known]
        try:
            with transaction.atomic():
                _register(actor, fresh, now)
        except IntegrityError:
            continue  # somebody registered one of them meanwhile: look again
        return len(fresh)
    raise Stale


class _Reach:
    """Whether a site exists and the actor reaches it."""

    def __init__(self, actor: Actor) -> None:
        self._sites = people_queries.sites_by_id().keys() if actor.sites is None else actor.sites

    def __call__(self, site_id: int) -> bool:
        return site_id in self._sites


def _phone_index(phone: str) -> str:
    key = phone_key(phone)
    return keyring().index("phone", key) if key else ""


def _parcel(draft: ParcelDraft, now: datetime) -> Parcel:
    guesses = [] if draft.carrier else carrier_guess(draft.waybill)
    return Parcel(
        waybill=draft.waybill,
        carrier=draft.carrier or (guesses[0].carrier if guesses else ""),
        site_id=draft.site_id,
        origin_site_id=draft.origin_site_id,
        scope=draft.scope,
        sender_name=draft.sender.name,
        sender_phone=draft.sender.phone,
        sender_phone_index=_phone_index(draft.sender.phone),
        sender_address=draft.sender.address,
        receiver_name=draft.receiver.name,
        receiver_phone=draft.receiver.phone,
        receiver_phone_index=_phone_index(draft.receiver.phone),
        receiver_address=draft.receiver.address,
        pieces=draft.pieces,
        weight=draft.weight,
        cod_amount=draft.cod_amount,
        freight_amount=draft.freight_amount,
        insured_amount=draft.insured_amount,
        product=draft.product,
        promised_at=draft.promised_at,
        postal=draft.postal,
        in_area=draft.in_area,
        created_at=now,
    )


def _register(actor: Actor, parcels: list[Parcel], now: datetime) -> None:
    if not parcels:
        return
    insert_all(parcels)
    keys = dict(Parcel.objects.filter(waybill__in=[parcel.waybill for parcel in parcels]).values_list("waybill", "pk"))
    for parcel in parcels:
        parcel.pk = keys[parcel.waybill]
    search.index("parcel", [search.Document(parcel.pk, parcel.site_id, parcel.waybill) for parcel in parcels])
    audit.record_many([audit.entry(actor, "parcel.registered", parcel_ref(parcel), now=now, site_id=parcel.site_id) for parcel in parcels])
    waybills = [parcel.waybill for parcel in parcels]
    known = _scans_of(waybills)
    _move([row for row in _parcels(waybills) if known[row.waybill]], known, now)
    transaction.on_commit(partial(_catch_up, waybills, now))


def record_scans(*, actor: Actor, batch: Sequence[ScanDraft], now: datetime) -> Counts:
    """Record scans in bulk: the same scan again counts as present, bad ones are refused with a reason, states follow.

    One transaction; its number of statements grows by the thousand rows. Two writers of one parcel cannot lose each other's scans.
    """
    people.require(actor, Permission.PARCEL_SCAN)
    reach = _Reach(actor)
    refused: list[Refusal] = []
    wanted: dict[_Key, ScanDraft] = {}
    for index, given in enumerate(batch):
        number = clean_waybill(given.waybill)
        draft = given if number == given.waybill else replace(given, waybill=number)
        if reason := scan_problem(draft, now, reach):
            refused.append(Refusal(index, reason))
        else:
            wanted.setdefault((draft.waybill, draft.code, draft.site_id, draft.scanned_at, draft.operator), draft)
    keys = sorted(wanted)
    with transaction.atomic():
        stored = sum(_record_part(keys[start : start + _PART], wanted, now) for start in range(0, len(keys), _PART))
        _audit_scans(actor, keys, stored, len(keys) - stored, len(refused), now)
    return Counts(stored, len(batch) - len(refused) - stored, refused)


def _record_part(keys: Sequence[_Key], wanted: Mapping[_Key, ScanDraft], now: datetime) -> int:
    waybills = sorted({key[0] for key in keys})
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                parcels = _parcels(waybills)  # before the scans: whoever adds one in between moves the version read here
                known = _scans_of(waybills)
                fresh = [key for key in keys if _event_of(key) not in known[key[0]]]
                _store([wanted[key] for key in fresh], now)
                for key in fresh:
                    known[key[0]].add(_event_of(key))
                touched = {key[0] for key in fresh}
                _move([row for row in parcels if row.waybill in touched], known, now)
                if strangers := touched - {row.waybill for row in parcels}:
                    transaction.on_commit(partial(_catch_up, strangers, now))
        except (IntegrityError, _Moved):
            continue  # somebody recorded one of them, or moved a parcel, meanwhile: look again
        return len(fresh)
    raise Stale


class _Moved(Exception):
    """A parcel changed between reading its scans and writing its state."""


def _event_of(key: _Key) -> Event:
    _waybill, code, site_id, at, operator = key
    return Event(at, code, site_id, operator)


# As in a draft; ``site`` stands for ``site_id``.
_SCANNED = (
    "waybill",
    "code",
    "site",
    "operator",
    "courier",
    "previous_site",
    "next_site",
    "device",
    "reason",
    "note",
    "source",
    "external_id",
)


def _store(drafts: Sequence[ScanDraft], now: datetime) -> None:
    adapt = connection.ops.adapt_datetimefield_value
    values = attrgetter(*(f"{name}_id" if name in ("site", "previous_site", "next_site") else name for name in _SCANNED))
    received = adapt(now)
    insert_rows(Scan, ("scanned_at", "received_at", *_SCANNED), [(adapt(draft.scanned_at), received, *values(draft)) for draft in drafts])


def _audit_scans(actor: Actor, keys: Sequence[_Key], stored: int, present: int, refused: int, now: datetime) -> None:
    if not stored:
        return
    sites = {key[2] for key in keys}
    data = {"stored": stored, "present": present, "refused": refused, "first": keys[0][0], "last": keys[-1][0]}
    site_id = next(iter(sites)) if len(sites) == 1 else None
    audit.record(actor, "scan.recorded", Ref("scan", 0), now=now, site_id=site_id, data=data)


def _scans_of(waybills: Collection[str]) -> dict[str, set[Event]]:
    events: dict[str, set[Event]] = {waybill: set() for waybill in waybills}
    rows = Scan.objects.filter(waybill__in=sorted(waybills)).values_list("waybill", "scanned_at", "code", "site_id", "operator")
    for waybill, at, code, site_id, operator in rows.iterator(5000):
        events[waybill].add(Event(at, code, site_id, operator))
    return events


class _Standing(NamedTuple):
    """A parcel as it is stored."""

    pk: int
    version: int
    waybill: str
    site_id: int
    values: tuple[object, ...]


def _parcels(waybills: Collection[str]) -> list[_Standing]:
    columns = ("pk", "version", "waybill", "site_id", *_DERIVED[:-1], "last_scan_site_id")
    rows = Parcel.objects.filter(waybill__in=sorted(waybills)).order_by("pk").values_list(*columns)
    return [_Standing(pk, version, waybill, site_id, tuple(values)) for pk, version, waybill, site_id, *values in rows]


def _catch_up(waybills: Collection[str], now: datetime) -> None:
    """Once more after commit: a scan and the registration of its waybill, written side by side, did not see each other."""
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                parcels, known = _parcels(waybills), _scans_of(waybills)
                _move([row for row in parcels if _values(row, known) != row.values], known, now)
        except _Moved:
            continue
        return


def _move(parcels: Sequence[_Standing], known: Mapping[str, set[Event]], now: datetime) -> None:
    """Write what the scans say, for each parcel only if nobody moved it since it was read; else nothing at all."""
    rows: list[tuple[object, ...]] = []
    moves: list[tuple[int, int, str, str]] = []
    for row in parcels:
        values = _values(row, known)
        rows.append((row.pk, row.version, row.version + 1, *_stored(values)))
        if values[0] != row.values[0]:
            moves.append((row.pk, row.site_id, str(values[0]), str(row.values[0])))
    if update_rows(Parcel, ("version", *_DERIVED), rows, guard="version") != len(rows):
        raise _Moved
    told = [ParcelsMoved(moves=tuple(moves[start : start + _PER_EVENT])) for start in range(0, len(moves), _PER_EVENT)]
    outbox.emit_many(told, now=now)


def _values(row: _Standing, known: Mapping[str, set[Event]]) -> tuple[object, ...]:
    state = state_of(known[row.waybill], site_id=row.site_id)
    moments = (state.collected_at, state.first_attempt_at, state.signed_at, state.last_at)
    return str(state.state), *moments, state.last_code, state.last_site_id


def _stored(values: Sequence[object]) -> list[object]:
    """In database form: times become text on SQLite."""
    adapt = connection.ops.adapt_datetimefield_value
    return [adapt(value) if isinstance(value, datetime) else value for value in values]
