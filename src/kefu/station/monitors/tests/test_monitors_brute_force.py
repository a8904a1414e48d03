"""The statements against a plain model: whatever scans there are, both say the same (O12)."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kefu.conftest import Ground
from kefu.kernel.actor import Actor
from kefu.parcels.actions import register_parcels
from kefu.parcels.drafts import ParcelDraft
from kefu.parcels.tables import PARCELS, SCANS, SUB_WAYBILLS, VOIDS
from kefu.station.monitors import reading
from kefu.station.monitors.reading import Narrow
from kefu.station.monitors.sets import SETS, DifferenceSet
from kefu.station.monitors.statement import Span
from kefu.station.monitors.terms import Ground as TermsGround
from kefu.station.monitors.terms import Terms

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SUBS = ("W1-1", "W1-2")
CODES = ("collect", "send", "arrive", "deliver", "sign", "agent_sign", "problem", "in_store", "return")


class One(NamedTuple):
    """A scan of the model."""

    id: int
    waybill: str
    piece: str
    code: str
    site: int
    previous: int | None
    next: int | None
    at: datetime
    void: bool


class Model:
    """The sets by the words of O12, by looking at everything again and again."""

    def __init__(self, one: DifferenceSet, terms: Terms, sites: Sequence[int], scans: Sequence[One], entered: dict[str, Any]) -> None:
        self.one, self.terms, self.sites, self.entered = one, terms, sites, entered
        self.scans = [scan for scan in scans if not scan.void]

    def owner(self, scan: One) -> int | None:
        return scan.next if self.one.expected.owner == "next_site" else scan.site

    def settles(self, scan: One, row: One) -> bool:
        """Whether the scan settles the row, whatever the pieces."""
        settled, terms = self.one.settled, self.terms
        places = {"own": self.owner(row), "next": row.next, "previous": row.previous, "toward": self.owner(row)}
        if settled.where == "toward" and scan.next != places["toward"]:
            return False
        if settled.where in ("own", "next", "previous") and scan.site != places[settled.where]:
            return False
        low = row.at - (terms.clock if settled.when == "after" else terms.back or timedelta(days=9999))
        high = row.at + terms.clock if settled.when == "before" else NOW
        return scan.waybill == row.waybill and scan.code in (*settled.codes, *terms.also) and low <= scan.at <= high

    def settled(self, row: One) -> bool:
        if self.one.settled.entered:
            return row.waybill in self.entered
        found = [scan for scan in self.scans if self.settles(scan, row)]
        if any(scan.piece in ("", row.piece) for scan in found):
            return True
        return row.piece == "" and row.waybill == "W1" and {scan.piece for scan in found} >= set(SUBS)

    def misdirected(self, row: One) -> bool:
        here = self.owner(row)
        sends = [
            scan
            for scan in self.scans
            if scan.waybill == row.waybill and scan.code == "send" and scan.piece in ("", row.piece) and scan.next is not None
            and scan.at <= row.at + self.terms.clock
        ]  # fmt: skip
        low = row.at - (self.terms.back or timedelta(days=9999))
        wrong = [scan for scan in sends if scan.next != here and scan.site != here and scan.at >= low]
        return any(not any(right.next == here and right.at >= one.at for right in sends) for one in wrong)

    def rows(self) -> Iterator[One]:
        """What is expected and due."""
        if self.one.expected.entered:
            for number, (site, at) in self.entered.items():
                yield One(0, number, "", "entered", site, None, None, at, void=False)
            return
        for scan in self.scans:
            names = self.one.expected.names
            if scan.code in self.one.expected.codes and (not names or getattr(scan, names.removesuffix("_site")) is not None):
                yield scan

    def found(self, since: datetime) -> set[tuple[Any, ...]]:
        due = [row for row in self.rows() if self.owner(row) in self.sites and row.at + self.terms.tolerance <= NOW]
        again = self.terms.back if self.one.once and self.terms.back is not None else self.terms.repeat
        standing = [row for row in due if not self.settled(row)]
        # Being whole by its pieces is looked at later than a repetition is.
        plain = [row for row in due if not self._settled_plainly(row)]
        out = set()
        for row in standing:
            twins = [
                twin
                for twin in plain
                if (twin.waybill, twin.piece, self.owner(twin)) == (row.waybill, row.piece, self.owner(row))
                and (twin.at, twin.id) < (row.at, row.id)
                and twin.at >= row.at - again
            ]
            if not twins and row.at >= since and (not self.one.misdirected or self.misdirected(row)):
                out.add((self.owner(row), row.waybill, row.piece, row.at))
        return out

    def _settled_plainly(self, row: One) -> bool:
        if self.one.settled.entered:
            return row.waybill in self.entered
        return any(self.settles(scan, row) and scan.piece in ("", row.piece) for scan in self.scans)


def scans(sites: Sequence[int]) -> Any:
    """Some scans of three waybills (one of two pieces) within three days, many at the same half hours."""
    place = st.sampled_from(sites)
    return st.lists(
        st.tuples(
            st.sampled_from([("W1", ""), ("W1", "W1-1"), ("W1", "W1-2"), ("W2", ""), ("W3", "")]),
            st.sampled_from(CODES),
            place,
            st.none() | place,
            st.none() | place,
            st.integers(0, 144),
            st.integers(0, 9),
        ),
        max_size=14,
    )


TERMS = st.builds(
    Terms,
    tolerance=st.sampled_from([timedelta(0), HOUR, 12 * HOUR]),
    also=st.sampled_from([(), ("problem",), ("in_store", "return")]),
    clock=st.sampled_from([timedelta(0), timedelta(minutes=30), 2 * HOUR]),
    repeat=st.sampled_from([timedelta(0), HOUR, 24 * HOUR]),
    back=st.sampled_from([None, 24 * HOUR, 96 * HOUR]),
)


@pytest.fixture
def entered(ground: Ground) -> dict[str, Any]:
    """W1 and W3 are entered: at the station, four hours and two days ago."""
    system = Actor.system("tests")
    from kefu.parcels.models import Parcel, SubWaybill

    found = {}
    for number, ago in (("75100000000001", 4), ("75100000000003", 48)):
        register_parcels(actor=system, drafts=[ParcelDraft(number, ground.station.pk, ground.station.pk)], now=NOW - ago * HOUR)
        found[f"W{number[-1]}"] = (ground.station.pk, NOW - ago * HOUR)
    for short in found:
        Parcel.objects.filter(waybill__endswith=f"0{short[1]}").update(waybill=short)
    parcel = Parcel.objects.get(waybill="W1")
    SubWaybill.objects.bulk_create([SubWaybill(number=number, parcel=parcel, position=place) for place, number in enumerate(SUBS, 1)])
    return found


@pytest.mark.parametrize("key", SETS)
def test_statement_and_model_agree(key: str, ground: Ground, entered: dict[str, Any]) -> None:
    from kefu.parcels.models import Scan, ScanVoid

    assert (Scan._meta.db_table, ScanVoid._meta.db_table, "parcels_subwaybill", "parcels_parcel") == (SCANS, VOIDS, SUB_WAYBILLS, PARCELS)
    sites = (ground.hub.pk, ground.station.pk, ground.other_station.pk)

    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None)
    @given(made=scans(sites), terms=TERMS, looked=st.sampled_from([sites, sites[1:2], sites[:2]]), since=st.sampled_from([80, 30]))
    def agree(made: list[Any], terms: Terms, looked: tuple[int, ...], since: int) -> None:
        Scan.objects.all().delete()
        ScanVoid.objects.all().delete()
        model: list[One] = []
        for number, ((waybill, piece), code, site, previous, next_, half, void) in enumerate(made):
            at = NOW - half * HOUR / 2
            row = Scan.objects.create(
                waybill=waybill, piece=piece, code=code, site_id=site, previous_site_id=previous, next_site_id=next_, scanned_at=at,
                received_at=at, operator=str(number),
            )  # fmt: skip
            if void == 0:
                ScanVoid.objects.create(scan_id=row.pk, waybill=waybill, reason="x", voided_at=NOW)
            model.append(One(row.pk, waybill, piece, code, site, previous, next_, at, void=void == 0))
        one, start = SETS[key], NOW - since * HOUR
        span = Span(start, NOW + HOUR, NOW)
        found = reading.standing(one, [TermsGround(looked, terms)], span, Narrow(), size=1000)
        assert {(*row.key, row.at) for row in found} == Model(one, terms, looked, model, entered).found(start)

    agree()
