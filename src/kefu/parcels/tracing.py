"""Tracing a waybill: everything that happened to it, under whatever number, in order. Who asked is logged (R21, O14)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from kefu.handbook.schema import Handbook
from kefu.kernel import audit, prepared
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import NotFound
from kefu.kernel.masking import mask_address, mask_name, mask_phone, mask_text
from kefu.parcels import access
from kefu.parcels.delay import DelayFacts, Judgement, delay_judgement
from kefu.parcels.drafts import Party
from kefu.parcels.limits import limits_of
from kefu.parcels.models import Parcel, Scan
from kefu.parcels.recording import mains_of
from kefu.parcels.rules import Event, Link, ParcelState, onward, state_of, through_links
from kefu.parcels.states import links_of, live_scans
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
    company: str = ""


@dataclass(frozen=True, slots=True)
class TraceHeader:
    """A registered waybill, personal data masked. Weights in kilograms, amounts in yuan; ``sub_waybills`` by position."""

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
    goods: str
    packaging: str
    payment: str
    volume_weight: Decimal | None
    billing_weight: Decimal | None
    hub_weight: Decimal | None
    fee_amount: Decimal
    insurance_fee: Decimal
    receipt_kind: str
    collected_by: str
    entered_by: str
    id_verified: bool
    destination: str
    remark: str
    cancelled_at: datetime | None
    sub_waybills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TraceLine:
    """A scan with the names of its sites. ``waybill`` is the number it happened to: the one asked for, or one it goes on under."""

    id: int
    waybill: str
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
    piece: str
    bag: str
    truck: str
    next_site_id: int | None = None


@dataclass(frozen=True, slots=True)
class TraceLink:
    """A number the waybill goes on under, or comes from (``onward`` false)."""

    kind: str
    waybill: str
    onward: bool


@dataclass(frozen=True, slots=True)
class Trace:
    """What is known of a waybill; ``header`` is ``None`` for a number that was scanned but never registered.

    ``lines`` hold the scans of the numbers it goes on under too; ``asked`` is the number of a piece when that was asked for.
    """

    waybill: str
    header: TraceHeader | None
    state: ParcelState
    lines: list[TraceLine]
    judgement: Judgement | None
    guesses: list[CarrierGuess]
    links: list[TraceLink] = field(default_factory=list)
    asked: str = ""


def trace(actor: Actor, waybill: str, *, now: datetime, book: Handbook | BookOf | None = None, follows: bool = False) -> Trace:
    """Everything about a waybill, events in order. Who asked is logged, also when the answer is *not found*.

    ``follows``: an open page is brought up to date. It was logged when somebody opened it, and nobody asks anew (R21).

    ``book`` is the handbook in force where the parcel is judged, or what finds it by the key of the delivering site's; without one there
    is no judgement.
    """
    people.require(actor, Permission.PARCEL_VIEW)
    asked = clean_waybill(waybill)
    number, parcel = _find(actor, asked)
    if number is None:
        if not follows:
            audit.record(actor, "parcel.trace_refused", Ref("parcel", 0, asked), now=now)
        raise NotFound
    if not follows:
        subject = Ref("parcel", parcel.pk if parcel else 0, number)
        audit.record(actor, "parcel.traced", subject, now=now, site_id=parcel.site_id if parcel else None)
    chained = links_of({number}).links
    further = onward(number, chained)
    scans = _scans_of(number) if not further else list(live_scans().filter(waybill__in=[number, *further]))
    state = _state(number, chained, scans, parcel)
    if callable(book):
        book = book(parcel.site.handbook) if parcel else None
    judgement = judge(parcel, state, now, book) if parcel and book else None
    header = _header(parcel) if parcel else None
    links = [TraceLink(link.kind, end, onward=True) for end, link in further.items()]
    links += [TraceLink(link.kind, link.from_waybill, onward=False) for link in chained if link.to_waybill == number]
    return Trace(number, header, state, _lines(scans), judgement, carrier_guess(number), links, asked if asked != number else "")


def _find(actor: Actor, asked: str) -> tuple[str | None, Parcel | None]:
    """The waybill and its row, by its number or that of a piece; no number when it is none in reach."""
    if not asked:
        return None, None
    parcel = prepared.first(_registered, actor.as_reader(), waybill=asked)
    if parcel is not None:
        return asked, parcel
    if main := mains_of({asked}).get(asked):
        parcel = prepared.first(_registered, actor.as_reader(), waybill=main)
        return (main, parcel) if parcel is not None else (None, None)
    return (asked if access.reaches(actor, asked) else None), None


def _registered(reader: Actor, *, waybill: str) -> QuerySet[Parcel]:
    return access.visible_to(reader).filter(waybill=waybill).select_related("site", "parties")[:1]


def _scans_of(number: str) -> list[Scan]:
    return prepared.rows(_scans, waybill=number)


def _scans(*, waybill: str) -> QuerySet[Scan]:
    return live_scans().filter(waybill=waybill)


def _state(number: str, links: Sequence[Link], scans: Iterable[Scan], parcel: Parcel | None) -> ParcelState:
    events: dict[str, list[Event]] = {number: []}
    for scan in scans:
        events.setdefault(scan.waybill, []).append(Event(scan.scanned_at, scan.code, scan.site_id, scan.operator, scan.piece))
    states = {one: state_of(found) for one, found in events.items() if one != number or parcel is None}
    if parcel is not None:
        states[number] = state_of(events[number], site_id=parcel.site_id, pieces=parcel.pieces)
    return through_links(number, links, states)


def judge(parcel: Parcel, state: ParcelState, now: datetime, book: Handbook) -> Judgement:
    """Whether the parcel is late or counts as lost, by the limits of the handbook (R1–R8)."""
    settled = state.state in _SETTLED
    return delay_judgement(
        DelayFacts(parcel.scope, state.collected_at, state.first_attempt_at, parcel.promised_at, settled=settled), now, limits_of(book)
    )


_COPIED = tuple(one.name for one in fields(TraceHeader) if one.name not in ("sender", "receiver", "sub_waybills"))


def _header(parcel: Parcel) -> TraceHeader:
    return TraceHeader(
        **{name: getattr(parcel, name) for name in _COPIED},
        sender=_party(parcel, "sender"),
        receiver=_party(parcel, "receiver"),
        sub_waybills=tuple(parcel.sub_waybills.order_by("position").values_list("number", flat=True)) if parcel.pieces > 1 else (),
    )


def _party(parcel: Parcel, side: str) -> MaskedParty:
    given = party_of(parcel, side)
    return MaskedParty(mask_name(given.name), mask_phone(given.phone), mask_address(given.address), given.company)


def party_of(parcel: Parcel, side: str) -> Party:
    """Sender or receiver in the clear, for who may see it; empty when nobody was named."""
    row = getattr(parcel, "parties", None)
    return Party(*(getattr(row, f"{side}_{name}") for name in ("name", "phone", "address", "company"))) if row else Party()


def _lines(scans: list[Scan]) -> list[TraceLine]:
    sites = people_queries.sites_by_id() if scans else {}

    def name(site_id: int | None) -> str:
        return sites[site_id].name if site_id is not None and site_id in sites else ""

    lines = [
        TraceLine(
            id=scan.pk,
            waybill=scan.waybill,
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
            piece=scan.piece,
            bag=scan.bag,
            truck=scan.truck,
            next_site_id=scan.next_site_id,
        )
        for scan in scans
    ]
    order = {code: index for index, code in enumerate(ScanCode.values)}
    return sorted(lines, key=lambda line: (line.at, order[line.code], line.site_id, line.operator))
