"""Shares of liability add up to exactly 100 %, their amounts to the sum, to the fen (CASE6)."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.claims.liability import FEN, Party, Share, amounts, by_party, shares_problem, split
from kefu.kernel.errors import Invalid


def share(party, percent, site_id=None):
    return Share(party, Decimal(percent), site_id)


@pytest.mark.parametrize(
    ("shares", "code"),
    [
        ([], "no_shares"),
        ([share("Q", "100")], "unknown_party"),
        ([share("S", "100")], "no_liable_site"),
        ([share("C", "100", 4)], "party_with_site"),
        ([share("C", "0"), share("A", "100")], "bad_percent"),
        ([share("C", "-20"), share("A", "120")], "bad_percent"),
        ([share("C", "33.333"), share("A", "66.667")], "bad_percent"),
        ([share("C", "NaN")], "bad_percent"),
        ([share("C", "50"), share("C", "50")], "twice"),
        ([share("S", "50", 1), share("S", "50", 1)], "twice"),
        ([share("C", "60"), share("A", "39.99")], "not_whole"),
        ([share("C", "60"), share("A", "40.01")], "not_whole"),
        ([share("S", str(100 // 20), site) for site in range(20)], "many_shares"),
        ([share("S", "50", 1), share("S", "50", 2)], None),
        ([share("C", "33.33"), share("A", "33.33"), share("H", "33.34")], None),
    ],
)
def test_a_split_stands_only_when_it_is_whole(shares, code):
    assert shares_problem(shares) == code


@pytest.mark.parametrize(
    ("total", "percents", "expected"),
    [
        ("100", ["50", "50"], ["50.00", "50.00"]),
        ("0.01", ["50", "50"], ["0.01", "0.00"]),
        ("100", ["33.33", "33.33", "33.34"], ["33.33", "33.33", "33.34"]),
        ("10", ["33.33", "33.33", "33.34"], ["3.33", "3.33", "3.34"]),
        ("0.05", ["10", "20", "70"], ["0.01", "0.01", "0.03"]),
        ("0", ["40", "60"], ["0.00", "0.00"]),
    ],
)
def test_the_fen_left_over_go_to_the_largest_remainders(total, percents, expected):
    assert amounts(Decimal(total), map(Decimal, percents)) == [Decimal(one) for one in expected]


@given(fen=st.integers(0, 10**9), cuts=st.lists(st.integers(1, 9_999), min_size=0, max_size=9, unique=True))
def test_amounts_always_add_up_and_lie_within_a_fen_of_their_part(fen, cuts):
    total, marks = fen * FEN, [0, *sorted(cuts), 10_000]
    percents = [Decimal(after - before) / 100 for before, after in pairwise(marks)]
    found = amounts(total, percents)
    assert sum(found) == total
    assert all(abs(one - total * percent / 100) < FEN and one >= 0 for one, percent in zip(found, percents, strict=True))


def test_a_sum_that_is_no_amount_is_refused():
    for bad in ("-1", "1.005", "NaN", "Infinity"):
        with pytest.raises(Invalid) as refused:
            split(Decimal(bad), [share("C", "100")])
        assert refused.value.reason == "liability.bad_sum"


def test_what_sites_bear_is_counted_together():
    found = by_party(split(Decimal("99.99"), [share("S", "50", 1), share("S", "25", 2), share("H", "25")]))
    assert found == {Party.SITE: Decimal("74.99"), Party.SERVICE: Decimal("25.00")}
