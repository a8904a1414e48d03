"""What was signed at a site on a day, for the rooms that check and count signatures (O10). Voided scans are left out; no personal data."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Exists, OuterRef, QuerySet

from kefu.parcels.models import Scan, ScanVoid
from kefu.parcels.vocabulary import ScanCode

SIGNED = (ScanCode.SIGN, ScanCode.AGENT_SIGN, ScanCode.OUT_STORE)
_LOOKED_AT = (ScanCode.SIGN, ScanCode.AGENT_SIGN, ScanCode.IN_STORE)
_HANDED = (ScanCode.DELIVER, ScanCode.SELF)


class Signature(NamedTuple):
    """A parcel signed for or put into store: when by the scan, when the system got it, and its last delivery scan here before."""

    waybill: str
    code: str
    at: datetime
    received_at: datetime
    courier: str
    delivered_at: datetime | None = None


def signatures(site_id: int, since: datetime, until: datetime, *, most: int) -> list[Signature]:
    """Signatures of a site in a span, the earliest first, at most so many; three statements."""
    rows = _live(Scan.objects.filter(site_id=site_id, code__in=_LOOKED_AT, scanned_at__gte=since, scanned_at__lt=until))
    columns = ("waybill", "code", "scanned_at", "received_at", "courier")
    found = list(rows.order_by("scanned_at", "pk").values_list(*columns)[:most])
    handed = _handed(site_id, {row[0] for row in found})
    return [
        Signature(waybill, code, at, received_at, courier, _before(handed.get(waybill, ()), at))
        for waybill, code, at, received_at, courier in found
    ]


def _before(handed: Iterable[datetime], at: datetime) -> datetime | None:
    return max((one for one in handed if one <= at), default=None)


def _handed(site_id: int, waybills: Collection[str]) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    rows = _live(Scan.objects.filter(waybill__in=sorted(waybills), site_id=site_id, code__in=_HANDED))
    for waybill, at in rows.order_by().values_list("waybill", "scanned_at"):
        found.setdefault(waybill, []).append(at)
    return found


def loads(site_id: int, since: datetime, until: datetime) -> dict[str, int]:
    """Parcels each courier was given at a site in a span."""
    rows = _live(Scan.objects.filter(site_id=site_id, code=ScanCode.DELIVER, scanned_at__gte=since, scanned_at__lt=until))
    return dict(rows.order_by().values_list("courier").annotate(count=Count("waybill", distinct=True)))


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Of the parcels a hub sent to a site: how many there were, were signed in the span, and lay in store at its end."""

    sent: int
    signed: int
    stored: int


def day_counts(site_id: int, hub_id: int, sent: tuple[datetime, datetime], day: tuple[datetime, datetime]) -> DayCounts:
    """Counts behind the rate of signatures (O10): sent by the hub in one span, signed or put into store in another."""
    out = _live(
        Scan.objects.filter(site_id=hub_id, code=ScanCode.SEND, next_site_id=site_id, scanned_at__gte=sent[0], scanned_at__lt=sent[1])
    )
    here = _live(Scan.objects.filter(site_id=site_id, scanned_at__gte=day[0], scanned_at__lt=day[1], waybill__in=out.values("waybill")))
    signed = here.filter(code__in=SIGNED)
    stored = here.filter(code=ScanCode.IN_STORE).exclude(waybill__in=signed.values("waybill"))
    return DayCounts(_parcels(out), _parcels(signed), _parcels(stored))


def _parcels(rows: QuerySet[Scan]) -> int:
    return int(rows.order_by().values("waybill").distinct().count())


def _live(rows: QuerySet[Scan]) -> QuerySet[Scan]:
    return rows.exclude(Exists(ScanVoid.objects.filter(scan_id=OuterRef("pk"))))
