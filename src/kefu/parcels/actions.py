"""Every write of parcels: registering waybills and recording scans, one or thousands at a time (OPS7)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from django.db import IntegrityError, connection, transaction

from kefu.kernel import audit, outbox, search
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.bulk import update_rows
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.kernel.masking import phone_key
from kefu.parcels.checks import REASONS, parcel_problem, scan_problem
from kefu.parcels.drafts import Counts, ParcelDraft, Refusal, ScanDraft
from kefu.parcels.events import ParcelStateChanged
from kefu.parcels.models import Parcel, Scan
from kefu.parcels.rules import Event, ParcelState, state_of
from kefu.parcels.waybills import carrier_guess, clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission

_TRIES = 5
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
    for _try in range(_TRIES):
        known = set(Parcel.objects.filter(waybill__in=list(wanted)).values_list("waybill", flat=True))
        fresh = [_parcel(wanted[waybill], now) for waybill in sorted(wanted.keys() - known)]
        try:
            with transaction.atomic():
                _register(actor, fresh, now)
        except IntegrityError:
            continue  # somebody registered one of them meanwhile: look again
        return Counts(len(fresh), len(drafts) - len(refused) - len(fresh), refused)
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
    Parcel.objects.bulk_create(parcels)
    search.index("parcel", [search.Document(parcel.pk, parcel.site_id, parcel.waybill) for parcel in parcels])
    audit.record_many([audit.entry(actor, "parcel.registered", parcel_ref(parcel), now=now, site_id=parcel.site_id) for parcel in parcels])
    waybills = [parcel.waybill for parcel in parcels]
    _derive(waybills, now)
    transaction.on_commit(partial(_catch_up, waybills, now))


def record_scans(*, actor: Actor, batch: Sequence[ScanDraft], now: datetime) -> Counts:
    """Record scans in bulk: the same scan again counts as present, bad ones are refused with a reason, states follow.

    One transaction and a fixed number of statements. Two writers of one parcel cannot lose each other's scans.
    """
    people.require(actor, Permission.PARCEL_SCAN)
    reach = _Reach(actor)
    refused: list[Refusal] = []
    wanted: dict[_Key, ScanDraft] = {}
    for index, given in enumerate(batch):
        draft = replace(given, waybill=clean_waybill(given.waybill))
        if reason := scan_problem(draft, now, reach):
            refused.append(Refusal(index, reason))
        else:
            wanted.setdefault((draft.waybill, draft.code, draft.site_id, draft.scanned_at, draft.operator), draft)
    for _try in range(_TRIES):
        fresh = sorted(wanted.keys() - _stored_keys({key[0] for key in wanted}))
        try:
            with transaction.atomic():
                Scan.objects.bulk_create([_scan(wanted[key], now) for key in fresh])
                if strangers := _derive({key[0] for key in fresh}, now):
                    transaction.on_commit(partial(_catch_up, strangers, now))
                _audit_scans(actor, fresh, len(wanted) - len(fresh), len(refused), now)
        except (IntegrityError, _Moved):
            continue  # somebody recorded one of them, or moved a parcel, meanwhile: look again
        return Counts(len(fresh), len(batch) - len(refused) - len(fresh), refused)
    raise Stale


class _Moved(Exception):
    """A parcel changed between reading its scans and writing its state."""


def _stored_keys(waybills: Collection[str]) -> set[_Key]:
    rows = Scan.objects.filter(waybill__in=sorted(waybills))
    return set(rows.values_list("waybill", "code", "site_id", "scanned_at", "operator"))


def _scan(draft: ScanDraft, now: datetime) -> Scan:
    return Scan(
        waybill=draft.waybill,
        code=draft.code,
        site_id=draft.site_id,
        scanned_at=draft.scanned_at,
        received_at=now,
        operator=draft.operator,
        courier=draft.courier,
        previous_site_id=draft.previous_site_id,
        next_site_id=draft.next_site_id,
        device=draft.device,
        reason=draft.reason,
        note=draft.note,
        source=draft.source,
        external_id=draft.external_id,
    )


def _audit_scans(actor: Actor, fresh: Sequence[_Key], present: int, refused: int, now: datetime) -> None:
    if not fresh:
        return
    sites = {key[2] for key in fresh}
    data = {"stored": len(fresh), "present": present, "refused": refused, "first": fresh[0][0], "last": fresh[-1][0]}
    site_id = next(iter(sites)) if len(sites) == 1 else None
    audit.record(actor, "scan.recorded", Ref("scan", 0), now=now, site_id=site_id, data=data)


def _events(waybills: Iterable[str]) -> dict[str, list[Event]]:
    events: dict[str, list[Event]] = {}
    rows = Scan.objects.filter(waybill__in=sorted(waybills)).values_list("waybill", "scanned_at", "code", "site_id", "operator")
    for waybill, at, code, site_id, operator in rows.iterator(5000):
        events.setdefault(waybill, []).append(Event(at, code, site_id, operator))
    return events


def _catch_up(waybills: Collection[str], now: datetime) -> None:
    """Once more after commit: a scan and the registration of its waybill, written side by side, did not see each other."""
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                _derive(waybills, now)
        except _Moved:
            continue
        return


def _derive(waybills: Collection[str], now: datetime) -> set[str]:
    """Bring the stored states up to date; each parcel is written only if nobody moved it since it was read.

    Returns the waybills that nobody registered.
    """
    columns = ("pk", "version", "waybill", "site_id", *(_DERIVED[:-1]), "last_scan_site_id")
    parcels = list(Parcel.objects.filter(waybill__in=sorted(waybills)).order_by("pk").values_list(*columns))
    events = _events(waybills)
    rows, changed = [], []
    for pk, version, waybill, site_id, *before in parcels:
        state = state_of(events.get(waybill, ()), site_id=site_id)
        after = _values(state)
        if after != before:
            rows.append((pk, version, version + 1, *_stored(after)))
        if state.state != before[0]:
            changed.append(ParcelStateChanged(parcel_id=pk, waybill=waybill, site_id=site_id, state=state.state, previous=before[0]))
    if update_rows(Parcel, ("version", *_DERIVED), rows, guard="version") != len(rows):
        raise _Moved
    outbox.emit_many(changed, now=now)
    return set(waybills) - {row[2] for row in parcels}


def _values(state: ParcelState) -> list[object]:
    moments = [state.collected_at, state.first_attempt_at, state.signed_at, state.last_at]
    return [str(state.state), *moments, state.last_code, state.last_site_id]


def _stored(values: Sequence[object]) -> list[object]:
    """In database form: times become text on SQLite."""
    adapt = connection.ops.adapt_datetimefield_value
    return [adapt(value) if isinstance(value, datetime) else value for value in values]
