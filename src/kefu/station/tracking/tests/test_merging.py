"""Own scans and carriers' traces as one trace."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.station.tracking.merging import OWN, Line, Moments, merged, quiet_for, together
from kefu.station.tracking.public_view import public_lines

T = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TEN = timedelta(minutes=10)


def at(minutes: float) -> datetime:
    return T + timedelta(minutes=minutes)


def line(minutes: float, code: str, source: str = OWN, text: str = "", place: str = "") -> Line:
    return Line(at(minutes), code, source, place, text)


def told(lines: list[Line]) -> list[tuple[float, str, tuple[str, ...]]]:
    return [((one.at - T).total_seconds() / 60, one.code, one.sources) for one in merged(lines, TEN)]


@pytest.mark.parametrize(
    ("lines", "wanted"),
    [
        ([line(0, "arrive"), line(3, "arrive", "zto")], [(0, "arrive", (OWN, "zto"))]),
        # The own scan stays even when the carrier was earlier.
        ([line(5, "arrive"), line(0, "arrive", "zto")], [(5, "arrive", (OWN, "zto"))]),
        ([line(0, "arrive"), line(11, "arrive", "zto")], [(0, "arrive", (OWN,)), (11, "arrive", ("zto",))]),
        # Two own scans are two, two couriers within minutes.
        ([line(0, "deliver"), line(1, "deliver")], [(0, "deliver", (OWN,)), (1, "deliver", (OWN,))]),
        ([line(0, "agent_sign"), line(2, "sign", "zto")], [(0, "agent_sign", (OWN, "zto"))]),
        ([line(0, "arrive"), line(1, "deliver", "zto")], [(0, "arrive", (OWN,)), (1, "deliver", ("zto",))]),
        # Two vendors telling of one event.
        ([line(0, "sign", "zto", "甲"), line(1, "sign", "kuaidi100", "乙")], [(0, "sign", ("zto", "kuaidi100"))]),
        # One vendor's two arrivals within minutes are two places.
        ([line(0, "arrive", "zto", "到A"), line(1, "arrive", "zto", "到B")], [(0, "arrive", ("zto",)), (1, "arrive", ("zto",))]),
        ([line(0, "transit", "zto", "途中A"), line(1, "transit", "sto", "途中B")], [(0, "transit", ("zto",)), (1, "transit", ("sto",))]),
        ([line(0, "transit", "zto", "途中"), line(0, "transit", "zto", "途中")], [(0, "transit", ("zto",))]),
        ([], []),
    ],
)
def test_what_means_the_same_is_told_once(lines: list[Line], wanted: list[object]) -> None:
    assert told(lines) == wanted
    assert told(lines[::-1]) == wanted


LINES = st.builds(
    Line,
    at=st.integers(0, 60).map(at),
    code=st.sampled_from(["arrive", "deliver", "sign", "agent_sign", "transit"]),
    source=st.sampled_from([OWN, "zto", "kuaidi100"]),
    text=st.sampled_from(["", "甲", "乙"]),
)


@given(st.lists(LINES, max_size=15), st.randoms())
def test_any_order_gives_the_same_and_no_own_scan_is_lost(lines: list[Line], chance: object) -> None:
    result = merged(lines, TEN)
    shuffled = list(lines)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert merged(shuffled, TEN) == result
    assert [one.at for one in result] == sorted(one.at for one in result)
    assert sum(OWN in one.sources for one in result) == sum(one.source == OWN for one in lines)
    assert {one.source for one in lines} == {source for one in result for source in one.sources}


OWN_ARRIVED = Moments("arrived", at(-600), None, None, at(0), "arrive")


@pytest.mark.parametrize(
    ("own", "theirs", "state"),
    [
        (None, None, None),
        (OWN_ARRIVED, None, "arrived"),
        (None, Moments("signed", last_at=at(0)), "signed"),
        (Moments("ordered"), Moments("in_transit", last_at=at(0)), "in_transit"),
        # The carrier's own word for the same arrival does not take it back to "under way".
        (OWN_ARRIVED, Moments("in_transit", last_at=at(9)), "arrived"),
        (OWN_ARRIVED, Moments("signed", last_at=at(60)), "signed"),
        (Moments("signed", last_at=at(0), settled=True), Moments("problem", last_at=at(600)), "signed"),
    ],
)
def test_own_scans_decide_unless_the_carrier_knows_of_something_later(
    own: Moments | None, theirs: Moments | None, state: str | None
) -> None:
    found = together(own, theirs, TEN)
    assert (found.state if found else None) == state


def test_moments_nobody_scanned_here_come_from_the_carrier() -> None:
    found = together(OWN_ARRIVED, Moments("in_transit", at(-700), at(5), None, at(5), "deliver"), TEN)
    assert found is not None
    assert (found.collected_at, found.first_attempt_at, found.last_code) == (at(-600), at(5), "deliver")


@pytest.mark.parametrize(
    ("moments", "hours", "quiet"),
    [
        (Moments("in_transit", last_at=at(0)), 25, True),
        (Moments("in_transit", last_at=at(0)), 24, False),
        (Moments("signed", last_at=at(0), settled=True), 25, False),
        (None, 25, False),
    ],
)
def test_quiet_parcels(moments: Moments | None, hours: int, quiet: bool) -> None:
    assert (quiet_for(moments, T + timedelta(hours=hours), timedelta(hours=24)) is not None) is quiet
    assert quiet_for(moments, T + timedelta(hours=hours), None) is None


def test_a_customer_is_told_public_facts_only() -> None:
    found = public_lines(
        [
            line(0, "collect", "zto", "【南京】快递员张三 13812345678 已揽收", "南京市"),
            line(1, "arrive", OWN, "备注：客户很凶", "南市分部"),
            line(2, "other", "zto", "内部流转"),
            line(3, "deliver", "zto", "派件员李四 13912345678", "李四 13912345678"),
            line(4, "sign", "zto", "已签收，签收人王五", "浙江 杭州"),
        ]
    )
    assert [(one.text, one.place) for one in found] == [
        ("【浙江 杭州】快件已签收", "浙江 杭州"),
        ("快递员正在派送", ""),
        ("【南市分部】快件已到达", "南市分部"),
        ("【南京市】快递员已揽收", "南京市"),
    ]
