"""Where numbers stand, many at a time, for the rooms of a station that decide what may be scanned or signed (O8, O10).

No personal data, and no question whose parcel it is: who holds it in the hand may be told its state. A number may be a piece of a
waybill (子单) or a bag (包号).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from kefu.parcels.bars import Bar, standing_against
from kefu.parcels.models import Parcel, Scan, ScanVoid, SubWaybill
from kefu.parcels.rules import Event, ParcelState, state_of
from kefu.parcels.vocabulary import ScanCode, StateCode


class Seen(NamedTuple):
    """A scan that counts; ``operator`` and ``courier`` as they were written, mostly 工号."""

    id: int
    code: str
    at: datetime
    site_id: int
    operator: str
    courier: str
    piece: str


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a number. ``asked`` is the number given, ``waybill`` the one it belongs to; amounts in yuan.

    ``parcel_id`` is ``None`` for a number nobody registered; ``scans`` are in the order they happened; ``bars`` are open
    matters that allow only some scans.
    """

    asked: str
    waybill: str
    parcel_id: int | None = None
    site_id: int | None = None
    pieces: int = 1
    cod_amount: Decimal = Decimal(0)
    freight_amount: Decimal = Decimal(0)
    cancelled: bool = False
    state: str = StateCode.ORDERED.value
    signed_at: datetime | None = None
    problem_open: bool = False
    scans: tuple[Seen, ...] = ()
    in_bag: int = 0
    bars: tuple[Bar, ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether anybody registered or scanned it."""
        return self.parcel_id is not None or bool(self.scans)

    def of(self, *codes: str, site_id: int | None = None) -> list[Seen]:
        """The scans of these codes, at one site if given."""
        return [one for one in self.scans if one.code in codes and (site_id is None or one.site_id == site_id)]


def known_of(numbers: Collection[str]) -> dict[str, Known]:
    """By clean number. A handful of statements for any number of them; unknown ones stand as ordered, with no scans."""
    asked = sorted(set(numbers))
    mains = dict(SubWaybill.objects.filter(number__in=asked).values_list("number", "parcel__waybill"))
    waybills = sorted({mains.get(number, number) for number in asked})
    parcels = {parcel.waybill: parcel for parcel in Parcel.objects.filter(waybill__in=waybills).only(*_COLUMNS)}
    scans = _seen(waybills)
    # A bag has scans of its own from the sites before: only a registered parcel is none.
    strangers = [number for number in waybills if number not in parcels]
    bags = _bags(strangers)
    bars = standing_against(waybills)
    found = {number: _known(number, mains.get(number, number), parcels, scans, bags) for number in asked}
    return {number: replace(one, bars=tuple(bars[one.waybill])) if one.waybill in bars else one for number, one in found.items()}


_COLUMNS = ("waybill", "site_id", "pieces", "cod_amount", "freight_amount", "cancelled_at")


def _seen(waybills: Collection[str]) -> dict[str, list[Seen]]:
    voided = set(ScanVoid.objects.filter(waybill__in=waybills).values_list("scan_id", flat=True))
    found: dict[str, list[Seen]] = defaultdict(list)
    columns = ("waybill", "pk", "code", "scanned_at", "site_id", "operator", "courier", "piece")
    for waybill, *values in Scan.objects.filter(waybill__in=waybills).order_by("scanned_at", "pk").values_list(*columns):
        if values[0] not in voided:
            found[waybill].append(Seen(*values))
    return found


def _bags(numbers: Collection[str]) -> dict[str, int]:
    if not numbers:
        return {}
    held: dict[str, set[str]] = defaultdict(set)
    for bag, waybill in Scan.objects.filter(bag__in=numbers, code=ScanCode.BAG).values_list("bag", "waybill"):
        held[bag].add(waybill)
    return {bag: len(waybills) for bag, waybills in held.items()}


def _known(asked: str, waybill: str, parcels: Mapping[str, Parcel], scans: Mapping[str, list[Seen]], bags: Mapping[str, int]) -> Known:
    parcel, seen = parcels.get(waybill), tuple(scans.get(waybill, ()))
    state = _state(seen, parcel)
    return Known(
        asked=asked,
        waybill=waybill,
        parcel_id=parcel.pk if parcel else None,
        site_id=parcel.site_id if parcel else None,
        pieces=parcel.pieces if parcel else 1,
        cod_amount=parcel.cod_amount if parcel else Decimal(0),
        freight_amount=parcel.freight_amount if parcel else Decimal(0),
        cancelled=parcel is not None and parcel.cancelled_at is not None,
        state=state.state,
        signed_at=state.signed_at,
        problem_open=state.problem_open,
        scans=seen,
        in_bag=bags.get(waybill, 0),
    )


def _state(seen: Iterable[Seen], parcel: Parcel | None) -> ParcelState:
    events = [Event(one.at, one.code, one.site_id, one.operator, one.piece) for one in seen]
    return state_of(events, site_id=parcel.site_id, pieces=parcel.pieces) if parcel else state_of(events)


def courier_scans(site_id: int, courier: str, since: datetime, until: datetime, *, most: int) -> int:
    """How many parcels a courier was given at a site in a span, counted up to ``most``."""
    rows = Scan.objects.filter(site_id=site_id, code=ScanCode.DELIVER, scanned_at__gte=since, scanned_at__lt=until, courier=courier)
    return rows.order_by().values("waybill").distinct()[:most].count()
