"""Which scans open problems leave open, for whoever judges a scan (O15)."""

from collections.abc import Collection

from kefu.parcels.bars import Bar
from kefu.parcels.vocabulary import ScanCode
from kefu.station.problems.kinds import kind_of
from kefu.station.problems.models import Problem
from kefu.station.problems.vocabulary import OPEN_STATES


def bars_of(waybills: Collection[str]) -> dict[str, list[Bar]]:
    """Open problems whose type limits what may follow, by waybill; one statement, not for screens."""
    found: dict[str, list[Bar]] = {}
    rows = Problem.objects.filter(waybill__in=sorted(set(waybills)), state__in=OPEN_STATES).order_by("pk")
    for waybill, clause in rows.values_list("waybill", "clause"):
        kind = kind_of(clause)
        if kind is not None and kind.then:
            found.setdefault(waybill, []).append(Bar(kind.then | {ScanCode.PROBLEM}, kind.title, kind.title_en, clause))
    return found
