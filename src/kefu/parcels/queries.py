"""Reads of parcels for screens and for the guards of cases. Tracking a parcel is logged (R21, O14)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone

from kefu.handbook.schema import Handbook
from kefu.kernel import audit, prepared
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import NotFound
from kefu.kernel.masking import mask_address, mask_name, mask_phone, mask_text, phone_key
from kefu.kernel.models import AuditEntry
from kefu.kernel.paging import Order, Page, keyset_page
from kefu.parcels import access
from kefu.parcels.delay import DelayFacts, Judgement, delay_judgement
from kefu.parcels.limits import limits_of
from kefu.parcels.models import Parcel, Scan
from kefu.parcels.rules import Event, ParcelState, state_of
from kefu.parcels.vocabulary import ScanCode, StateCode
from kefu.parcels.waybills import CarrierGuess, carrier_guess, clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission

BookOf = Callable[[str], Handbook | None]
_SETTLED = (StateCode.SIGNED, StateCode.RETURNED, StateCode.RETURNING, StateCode.FORWARDED)


@dataclass(frozen=True, slots=True)
class MaskedParty:
    """Sender or receiver, masked."""

    name: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class TraceHeader:
    """A registered waybill, personal data masked."""

    id: int
    waybill: str
    carrier: str
    site_id: int
    origin_site_id: int | None
    scope: str
    sender: MaskedParty
    receiver: MaskedParty
    pieces: int
    weight: Decimal | None
    cod_amount: Decimal
    freight_amount: Decimal
    insured_amount: Decimal
    product: str
    promised_at: datetime | None
    postal: bool


@dataclass(frozen=True, slots=True)
class TraceLine:
    """A scan with the names of its sites."""

    code: str
    at: datetime
    site_id: int
    site: str
    previous_site: str
    next_site: str
    operator: str
    courier: str
    device: str
    reason: str
    note: str
    source: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of a waybill; ``header`` is ``None`` for a number that was scanned but never registered."""

    waybill: str
    header: TraceHeader | None
    state: ParcelState
    lines: list[TraceLine]
    judgement: Judgement | None
    guesses: list[CarrierGuess]


def trace(actor: Actor, waybill: str, *, now: datetime, book: Handbook | BookOf | None = None) -> Trace:
    """Everything about a waybill, events in order. Who asked is logged, also when the answer is *not found*.

    ``book`` is the handbook in force where the parcel is judged, or what finds it by the key of the delivering site's; without one there
    is no judgement.
    """
    people.require(actor, Permission.PARCEL_VIEW)
    number = clean_waybill(waybill)
    parcel = prepared.first(_registered, actor.as_reader(), waybill=number)
    if parcel is None and not (number and _unregistered(actor, number)):
        audit.record(actor, "parcel.trace_refused", Ref("parcel", 0, number), now=now)
        raise NotFound
    subject = Ref("parcel", parcel.pk if parcel else 0, number)
    audit.record(actor, "parcel.traced", subject, now=now, site_id=parcel.site_id if parcel else None)
    scans = prepared.rows(_scans, waybill=number)
    state = state_of((_event(scan) for scan in scans), site_id=parcel.site_id if parcel else None)
    if callable(book):
        book = book(parcel.site.handbook) if parcel else None
    judgement = _judge(parcel, state, now, book) if parcel and book else None
    return Trace(number, _header(parcel) if parcel else None, state, _lines(scans), judgement, carrier_guess(number))


def _registered(reader: Actor, *, waybill: str) -> QuerySet[Parcel]:
    return access.visible_to(reader).filter(waybill=waybill).select_related("site")[:1]


def _scans(*, waybill: str) -> QuerySet[Scan]:
    return Scan.objects.filter(waybill=waybill)


def _unregistered(actor: Actor, number: str) -> bool:
    return not Parcel.objects.filter(waybill=number).exists() and access.reaches_scan(actor, number)


def _event(scan: Scan) -> Event:
    return Event(scan.scanned_at, scan.code, scan.site_id, scan.operator)


def _judge(parcel: Parcel, state: ParcelState, now: datetime, book: Handbook) -> Judgement:
    settled = state.state in _SETTLED
    return delay_judgement(
        DelayFacts(parcel.scope, state.collected_at, state.first_attempt_at, parcel.promised_at, settled=settled), now, limits_of(book)
    )


def _party(name: str, phone: str, address: str) -> MaskedParty:
    return MaskedParty(mask_name(name), mask_phone(phone), mask_address(address))


def _header(parcel: Parcel) -> TraceHeader:
    return TraceHeader(
        id=parcel.pk,
        waybill=parcel.waybill,
        carrier=parcel.carrier,
        site_id=parcel.site_id,
        origin_site_id=parcel.origin_site_id,
        scope=parcel.scope,
        sender=_party(parcel.sender_name, parcel.sender_phone, parcel.sender_address),
        receiver=_party(parcel.receiver_name, parcel.receiver_phone, parcel.receiver_address),
        pieces=parcel.pieces,
        weight=parcel.weight,
        cod_amount=parcel.cod_amount,
        freight_amount=parcel.freight_amount,
        insured_amount=parcel.insured_amount,
        product=parcel.product,
        promised_at=parcel.promised_at,
        postal=parcel.postal,
    )


def _lines(scans: list[Scan]) -> list[TraceLine]:
    sites = people_queries.sites_by_id() if scans else {}

    def name(site_id: int | None) -> str:
        return sites[site_id].name if site_id is not None and site_id in sites else ""

    lines = [
        TraceLine(
            code=scan.code,
            at=scan.scanned_at,
            site_id=scan.site_id,
            site=name(scan.site_id),
            previous_site=name(scan.previous_site_id),
            next_site=name(scan.next_site_id),
            operator=scan.operator,
            courier=scan.courier,
            device=scan.device,
            reason=scan.reason,
            note=mask_text(scan.note),
            source=scan.source,
            received_at=scan.received_at,
        )
        for scan in scans
    ]
    order = {code: index for index, code in enumerate(ScanCode.values)}
    return sorted(lines, key=lambda line: (line.at, order[line.code], line.site_id, line.operator))


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """A parcel in a list, masked."""

    id: int
    waybill: str
    carrier: str
    site_id: int
    state: str
    receiver_name: str
    receiver_phone: str
    last_scan_at: datetime | None
    last_scan_code: str
    created_at: datetime


def page(
    actor: Actor,
    *,
    site_id: int | None = None,
    sent: bool = False,
    state: str = "",
    waybill: str = "",
    phone: str = "",
    day_from: date | None = None,
    cursor: str | None = None,
    size: int = 50,
    clear: bool = False,
) -> Page[ParcelRow]:
    """Parcels that sites in reach deliver (or sent), newest first; a waybill or a phone number finds any parcel in reach.

    ``clear``: nothing is masked; the caller must hold the right and writes to the audit log what leaves (exports).
    """
    people.require(actor, Permission.PARCEL_VIEW)
    if clear:
        people.require(actor, Permission.PERSONAL_UNMASK)
    column = "origin_site_id" if sent else "site_id"
    rows = access.visible_to(actor) if waybill or phone else people.in_reach(Parcel.objects.all(), actor, column)
    if site_id is not None:
        rows = rows.filter(**{column: site_id})
    if state:
        rows = rows.filter(state=state)
    if waybill:
        rows = rows.filter(waybill=clean_waybill(waybill))
    if phone:
        index = keyring().index("phone", phone_key(phone) or "")
        rows = rows.filter(receiver_phone_index=index) | rows.filter(sender_phone_index=index)
    if day_from is not None:
        rows = rows.filter(created_at__gte=timezone.make_aware(datetime.combine(day_from, time.min)))
    found = keyset_page(rows, [Order("pk", descending=True)], size=size, cursor=cursor)
    return Page([_row(parcel, clear=clear) for parcel in found.rows], found.next, found.previous)


def _row(parcel: Parcel, *, clear: bool = False) -> ParcelRow:
    return ParcelRow(
        id=parcel.pk,
        waybill=parcel.waybill,
        carrier=parcel.carrier,
        site_id=parcel.site_id,
        state=parcel.state,
        receiver_name=parcel.receiver_name if clear else mask_name(parcel.receiver_name),
        receiver_phone=parcel.receiver_phone if clear else mask_phone(parcel.receiver_phone),
        last_scan_at=parcel.last_scan_at,
        last_scan_code=parcel.last_scan_code,
        created_at=parcel.created_at,
    )


def facts(waybill: str, *, now: datetime, book: Handbook | None = None) -> Mapping[str, object]:
    """Facts that conditions may ask about (``parcel.*``); what is unknown is left out. For the engine, not for screens."""
    number = clean_waybill(waybill)
    parcel = Parcel.objects.filter(waybill=number).first() if number else None
    if parcel is None:
        return {"parcel.known": False}
    events = [Event(*row) for row in Scan.objects.filter(waybill=number).values_list("scanned_at", "code", "site_id", "operator")]
    state = state_of(events, site_id=parcel.site_id)
    found: dict[str, object] = {
        "parcel.known": True,
        "parcel.carrier": parcel.carrier,
        "parcel.collected": state.collected_at is not None,
        "parcel.arrived": state.arrived,
        "parcel.out_for_delivery": state.state == StateCode.OUT_FOR_DELIVERY,
        "parcel.signed": state.signed,
        "parcel.problem_open": state.problem_open,
        "parcel.forwarded": state.forwarded,
        "parcel.returned": state.returned,
        "parcel.insured": parcel.insured_amount > 0,
        "parcel.insured_amount": float(parcel.insured_amount),
        "parcel.cod": parcel.cod_amount > 0 or parcel.freight_amount > 0,
        "parcel.pieces": parcel.pieces,
        "parcel.attempts": state.attempts,
        "parcel.postal": parcel.postal,
    }
    if parcel.in_area is not None:
        found["parcel.in_area"] = parcel.in_area
    if state.last_at is not None:
        found["parcel.hours_since_scan"] = (now - state.last_at) / timedelta(hours=1)
    if book is not None:
        judgement = _judge(parcel, state, now, book)
        found["parcel.late"] = judgement.late
        found["parcel.hours_late"] = judgement.late_by / timedelta(hours=1)
        found["parcel.presumed_lost"] = judgement.presumed_lost
    return found


def is_party(waybill: str, phone_tail: str) -> bool:
    """Whether the last four digits are those of the sender or the receiver: the identity check before telling more (O1)."""
    parcel = Parcel.objects.filter(waybill=clean_waybill(waybill)).first()
    if parcel is None or len(phone_tail) != 4 or not phone_tail.isdecimal():
        return False
    keys = (phone_key(parcel.sender_phone), phone_key(parcel.receiver_phone))
    return any(key is not None and key.partition("-")[0].endswith(phone_tail) for key in keys)


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody tracked a waybill."""

    at: datetime
    actor_name: str
    actor_kind: str


def query_log(actor: Actor, waybill: str, *, limit: int = 100) -> list[Asked]:
    """Who tracked a waybill in reach, newest first (R21)."""
    people.require(actor, Permission.AUDIT_VIEW)
    parcel = access.get_for(actor, clean_waybill(waybill))
    rows = AuditEntry.objects.filter(subject_kind="parcel", subject_id=parcel.pk, action="parcel.traced").order_by("-pk")[:limit]
    return [Asked(row.at, row.actor_name, row.actor_kind) for row in rows]
