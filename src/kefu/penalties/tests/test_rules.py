"""The reckoning of penalties on plain values (QA8)."""

from datetime import date, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.penalties.rules import Earlier, FloorTerms, Policy, counted, floor, month_after, month_of, open_month, reckon

amounts = st.decimals(0, 500, places=2)
days = st.dates(date(2026, 1, 1), date(2027, 12, 31))


@given(st.lists(st.tuples(amounts, amounts, st.booleans()), max_size=30), amounts, amounts, st.decimals(1, 3, places=1))
def test_no_month_goes_over_its_caps_and_nothing_is_lost(breaches, cap_points, cap_money, factor):
    policy = Policy(factor, 30, cap_points, cap_money)
    used_points = used_money = D(0)
    for points, money, repeat in breaches:
        one = reckon(points, money, (7,) if repeat else (), policy, used_points, used_money)
        used_points, used_money = used_points + one.points, used_money + one.money
        assert used_points <= cap_points
        assert used_money <= cap_money
        times = factor if repeat else 1
        assert one.points + one.capped_points == (points * times).quantize(D("0.01"), "ROUND_HALF_UP")
        assert one.money + one.capped_money == (money * times).quantize(D("0.01"), "ROUND_HALF_UP")
        assert min(one.points, one.money, one.capped_points, one.capped_money) >= 0


def test_a_repeat_counts_what_lies_in_the_window_and_is_multiplied_once():
    day = date(2026, 11, 20)
    earlier = [Earlier(3, day - timedelta(days=31)), Earlier(1, day - timedelta(days=30)), Earlier(2, day)]
    assert counted(earlier, day, 30) == (1, 2)
    assert counted([], day, 30) == ()
    twice = reckon(D(5), D(50), (1, 2), Policy(D("1.5")), D(0), D(0))
    assert (twice.points, twice.money, twice.multiplier, twice.counted) == (D("7.50"), D("75.00"), D("1.5"), (1, 2))
    # Without a multiplier a repeat is not counted as one: nothing follows from it.
    assert reckon(D(5), D(50), (1, 2), Policy(), D(0), D(0)).counted == ()


@given(days, st.sets(days.map(month_of), max_size=6))
def test_the_first_open_month_is_open_and_not_before(wanted, locked):
    month = open_month(wanted, locked)
    assert month not in locked
    assert month >= month_of(wanted)
    between = month_of(wanted)
    while between < month:
        assert between in locked
        between = month_after(between)


@pytest.mark.parametrize(
    ("deducted", "wage", "most", "over"),
    [
        (D(300), D(5000), D(1000), D(0)),
        (D(1200), D(5000), D(1000), D(200)),
        (D(300), D(2600), D(110), D(190)),  # the local minimum wage is the nearer limit
        (D(100), D(2400), D(0), D(100)),
        (D(700), None, D(498), D(202)),
        (D(498), None, D(498), D(0)),
    ],
)
def test_the_legal_floor(deducted, wage, most, over):
    found = floor(deducted, wage, FloorTerms(D(20), D(2490), D(498)))
    assert (found.most, found.over, found.known) == (most, over, wage is not None)


@given(amounts, st.one_of(st.none(), st.decimals(1, 20000, places=2)))
def test_without_terms_nothing_is_over(deducted, wage):
    assert floor(deducted, wage, FloorTerms()).over == 0
