"""Reads of many numbers at once, for the rooms of a station: two or three statements, whatever their number up to some thousands."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.parcels import access
from kefu.parcels.drafts import Party
from kefu.parcels.models import Parcel, Scan
from kefu.parcels.recording import mains_of
from kefu.parcels.rules import ParcelState
from kefu.parcels.states import links_of, live_scans, parts, states_from, stored
from kefu.parcels.tracing import party_of
from kefu.parcels.waybills import clean_waybill


@dataclass(frozen=True, slots=True)
class ScanLine:
    """A scan that counts, as a rule wants it: plain values, sites by key."""

    id: int
    waybill: str
    code: str
    site_id: int
    scanned_at: datetime
    received_at: datetime
    operator: str
    courier: str
    previous_site_id: int | None
    next_site_id: int | None
    device: str
    reason: str
    note: str
    source: str
    piece: str
    bag: str
    truck: str


@dataclass(frozen=True, slots=True)
class ParcelCard:
    """A registered parcel with what rooms judge it by. Nothing of it is masked: no name, phone or address is in it."""

    id: int
    waybill: str
    carrier: str
    site_id: int
    origin_site_id: int | None
    scope: str
    state: str
    pieces: int
    weight: Decimal | None
    volume_weight: Decimal | None
    billing_weight: Decimal | None
    hub_weight: Decimal | None
    length: Decimal | None
    width: Decimal | None
    height: Decimal | None
    goods: str
    packaging: str
    payment: str
    cod_amount: Decimal
    freight_amount: Decimal
    insured_amount: Decimal
    fee_amount: Decimal
    insurance_fee: Decimal
    receipt_kind: str
    collected_by: str
    entered_by: str
    id_verified: bool
    destination: str
    remark: str
    product: str
    promised_at: datetime | None
    postal: bool
    in_area: bool | None
    cancelled_at: datetime | None
    created_at: datetime
    collected_at: datetime | None
    first_attempt_at: datetime | None
    signed_at: datetime | None
    last_scan_at: datetime | None
    last_scan_code: str
    last_scan_site_id: int | None
    version: int


_SCAN = tuple(one.name for one in fields(ScanLine))
_STANDING = frozenset({"state", "collected_at", "first_attempt_at", "signed_at", "last_scan_at", "last_scan_code", "last_scan_site_id"})
_CARD = tuple(f"standing__{one.name}" if one.name in _STANDING else one.name for one in fields(ParcelCard))


def waybills_of(numbers: Iterable[str]) -> dict[str, str]:
    """Numbers as somebody gave them, each with the waybill it stands for: cleaned, and that of a piece its main one (子单)."""
    clean = {number: clean_waybill(number) for number in numbers}
    mains = mains_of({number for number in clean.values() if number})
    return {given: mains.get(number, number) for given, number in clean.items() if number}


def cards(actor: Actor, waybills: Collection[str]) -> dict[str, ParcelCard]:
    """Registered parcels in reach among the waybills (clean, main ones); the others are left out."""
    return {
        card.waybill: card
        for rows in _lots(access.visible_to(actor), waybills)
        for card in (ParcelCard(*row) for row in rows.values_list(*_CARD))
    }


def cards_of(waybills: Collection[str]) -> dict[str, ParcelCard]:
    """Registered parcels whoever reaches them. For rules and checks, not for screens."""
    return {
        card.waybill: card
        for rows in _lots(Parcel.objects.all(), waybills)
        for card in (ParcelCard(*row) for row in rows.values_list(*_CARD))
    }


def parties_of(actor: Actor, waybills: Collection[str]) -> dict[str, tuple[Party, Party]]:
    """Sender and receiver of parcels in reach, in the clear: the caller masks them or asks for the right to show them."""
    found = {}
    for rows in _lots(access.visible_to(actor).select_related("parties"), waybills):
        found.update({parcel.waybill: (party_of(parcel, "sender"), party_of(parcel, "receiver")) for parcel in rows})
    return found


def scans_of(
    waybills: Collection[str],
    *,
    codes: Collection[str] = (),
    sites: Collection[int] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> dict[str, list[ScanLine]]:
    """Scans that count of each waybill, oldest first; of some codes, sites or times only (``until`` excluded). For rules."""
    found: dict[str, list[ScanLine]] = {waybill: [] for waybill in waybills}
    for part in parts(sorted(waybills)):
        for row in _narrowed(part, codes, sites, since, until).order_by("waybill", "scanned_at", "pk").values_list(*_SCAN):
            line = ScanLine(*row)
            found[line.waybill].append(line)
    return found


def latest_scans(
    waybills: Collection[str], *, codes: Collection[str] = (), sites: Collection[int] | None = None, until: datetime | None = None
) -> dict[str, ScanLine]:
    """The last scan that counts of each waybill, of some codes and at some sites; waybills without one are left out."""
    found = scans_of(waybills, codes=codes, sites=sites, until=until)
    return {waybill: lines[-1] for waybill, lines in found.items() if lines}


def states_of(waybills: Collection[str]) -> dict[str, ParcelState]:
    """Where each stands, worked out from its scans and those of the numbers it goes on under; registered or not."""
    return states_from(waybills, stored(waybills), links_of(waybills))


def _narrowed(
    part: Collection[str], codes: Collection[str], sites: Collection[int] | None, since: datetime | None, until: datetime | None
) -> QuerySet[Scan]:
    rows = live_scans().filter(waybill__in=part)
    if codes:
        rows = rows.filter(code__in=sorted(codes))
    if sites is not None:
        rows = rows.filter(site_id__in=sorted(sites))
    if since is not None:
        rows = rows.filter(scanned_at__gte=since)
    return rows.filter(scanned_at__lt=until) if until is not None else rows


def _lots(rows: QuerySet[Parcel], waybills: Collection[str]) -> Iterator[QuerySet[Parcel]]:
    return (rows.filter(waybill__in=part) for part in parts(sorted(waybills)))
