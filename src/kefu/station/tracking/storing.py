"""Keeping what carriers tell: each line once, and where each number stands by them."""

import hashlib
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from kefu.kernel import outbox
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Stale
from kefu.kernel.texts import storable
from kefu.parcels.checks import CLOCK_DRIFT
from kefu.parcels.lookup import state_after
from kefu.parcels.vocabulary import ScanCode
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.station.tracking.carriers import CarrierEvent, Found
from kefu.station.tracking.events import CarriersTold
from kefu.station.tracking.models import CarrierStanding, CarrierTrace
from kefu.station.tracking.vocabulary import CODES, COUNTS_AS, OTHER

_TRIES = 5
_PART = 1000
# Carriers' servers run ahead more than scanners do: a line of a future farther off is left out.
_AHEAD = CLOCK_DRIFT * 12


def digest_of(event: CarrierEvent) -> str:
    """What makes it the same line however often it is told: its moment, the carrier's own code and words."""
    text = f"{event.at.timestamp():.0f}|{event.vendor_code}|{event.text}"
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def store(*, vendor: str, found: Sequence[Found], now: datetime) -> dict[str, int]:
    """Keep the lines that are new; how many were, by number. A caller's transaction holds it, or one of its own.

    Lines of the future are left out, numbers that cannot be one as well.
    """
    lines = {(row.waybill, row.digest): row for one in found for row in _rows(vendor, one, now)}
    carriers = {number: one.carrier for one in found if (number := clean_waybill(one.waybill)) and one.carrier}
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                return _store(vendor, list(lines.values()), carriers, now)
        except (IntegrityError, Stale):
            continue  # somebody kept the same lines meanwhile: look again
    raise Stale


def _rows(vendor: str, found: Found, now: datetime) -> Iterable[CarrierTrace]:
    number = clean_waybill(found.waybill)
    if not is_waybill(number):
        return
    for event in found.events:
        if event.at > now + _AHEAD or event.at < now - timedelta(days=3650):
            continue
        text = storable(event.text)
        yield CarrierTrace(
            waybill=number,
            vendor=vendor,
            at=event.at,
            code=event.code if event.code in CODES else OTHER,
            vendor_code=storable(event.vendor_code),
            place=storable(event.place),
            text=text,
            digest=digest_of(event),
            received_at=now,
        )


def _store(vendor: str, lines: list[CarrierTrace], carriers: dict[str, str], now: datetime) -> dict[str, int]:
    numbers = sorted({line.waybill for line in lines})
    known = set(CarrierTrace.objects.filter(waybill__in=numbers, vendor=vendor).values_list("waybill", "digest"))
    fresh = [line for line in lines if (line.waybill, line.digest) not in known]
    counts: dict[str, int] = {}
    for line in fresh:
        line.pk = None
        counts[line.waybill] = counts.get(line.waybill, 0) + 1
    for start in range(0, len(fresh), _PART):
        CarrierTrace.objects.bulk_create(fresh[start : start + _PART])
    if fresh:
        standings = _stand(sorted(counts), carriers)
        outbox.emit(
            CarriersTold(standing_ids=tuple(one.pk for one in standings), waybills=tuple(one.waybill for one in standings)), now=now
        )
    return counts


def _stand(numbers: Collection[str], carriers: dict[str, str]) -> list[CarrierStanding]:
    """Work out where the numbers stand by all lines kept of them."""
    events: dict[str, list[tuple[datetime, str, str]]] = {number: [] for number in numbers}
    lines = CarrierTrace.objects.filter(waybill__in=numbers).order_by("at", "pk")
    for number, at, code, place in lines.values_list("waybill", "at", "code", "place"):
        events[number].append((at, code, place))
    there = {row.waybill: row for row in CarrierStanding.objects.filter(waybill__in=numbers)}
    made = []
    for number in numbers:
        values = _values(events[number]) | ({"carrier": carriers[number]} if number in carriers else {})
        if number in there:
            save_claimed(there[number], **values)
        else:
            made.append(CarrierStanding(waybill=number, **values))
    CarrierStanding.objects.bulk_create(made)
    return list(CarrierStanding.objects.filter(waybill__in=numbers).order_by("pk"))


def _values(events: Sequence[tuple[datetime, str, str]]) -> dict[str, object]:
    counted = [(at, COUNTS_AS.get(code, code)) for at, code, _place in events]
    state = state_after((at, code) for at, code in counted if code in ScanCode.values)
    at, code, place = events[-1]
    return {
        "state": state.state,
        "collected_at": state.collected_at,
        "first_attempt_at": state.first_attempt_at,
        "signed_at": state.signed_at,
        "last_at": at,
        "last_code": code,
        "last_place": place,
        "lines": len(events),
    }
