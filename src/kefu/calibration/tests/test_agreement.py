"""Agreement against examples printed in the literature, and what must hold of any marks (QA7)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.calibration.agreement import agreed, alpha, kappa, mean_kappa, reading


def units(*rows: str) -> list[dict[int, str]]:
    """Rows are people, columns things; ``.`` is a mark somebody did not give."""
    return [
        {person: mark for person, mark in enumerate(marks) if mark != "."} for marks in zip(*(row.split() for row in rows), strict=True)
    ]


# K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011), section B: binary data of two observers.
TWO_BINARY = units("0 1 0 0 0 0 0 0 1 0", "1 1 1 0 0 1 0 0 0 0")
# The same, section C: nominal data, two observers, no missing marks.
TWO_NOMINAL = units("a a b b d c c c e d d a", "b a b b b c c c e d d d")
# The same, section D: four observers, missing marks.
FOUR = units(
    "1 2 3 3 2 1 4 1 2 . . .",
    "1 2 3 3 2 2 4 1 2 5 . 3",
    ". 3 3 3 2 3 4 2 2 5 1 .",
    "1 2 3 3 2 4 4 1 2 5 1 .",
)


@pytest.mark.parametrize(("given", "wanted"), [(TWO_BINARY, 0.095), (TWO_NOMINAL, 0.692), (FOUR, 0.743)])
def test_alpha_is_that_of_krippendorffs_own_examples(given, wanted):
    assert round(alpha(given), 3) == wanted


def test_kappa_of_the_textbook_table_of_fifty_grants():
    # Both yes 20, first yes second no 5, first no second yes 10, both no 15: agreement 0.7, by chance 0.5, kappa 0.4.
    rows = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    assert kappa([{0: a, 1: b} for a, b in rows], 0, 1) == pytest.approx(0.4)


def test_kappa_with_unlike_margins_but_equal_agreement():
    # Two tables with 60 of 100 agreed: 45/15/25/15 gives 0.1304, 25/35/5/35 gives 0.2593.
    def table(both: int, first: int, second: int, none: int) -> list[dict[int, str]]:
        rows = [("y", "y")] * both + [("y", "n")] * first + [("n", "y")] * second + [("n", "n")] * none
        return [{0: a, 1: b} for a, b in rows]

    assert kappa(table(45, 15, 25, 15), 0, 1) == pytest.approx(0.1304, abs=1e-4)
    assert kappa(table(25, 35, 5, 35), 0, 1) == pytest.approx(0.2593, abs=1e-4)


_MARKS = st.lists(st.dictionaries(st.integers(1, 4), st.sampled_from("bpn"), max_size=4), max_size=12)


@given(_MARKS)
def test_alpha_is_one_at_most_and_knows_nobody_by_name(given):
    found = alpha(given)
    if found is None:
        assert sum(len(unit) for unit in given if len(unit) >= 2) == 0
        return
    assert found <= 1
    assert alpha([{9 - person: mark for person, mark in unit.items()} for unit in reversed(given)]) == pytest.approx(found)
    assert alpha([*given, {1: "b"}, {}]) == pytest.approx(found)


@given(_MARKS)
def test_full_agreement_is_one_and_only_that(given):
    same = [dict.fromkeys(unit, "b" if index % 2 else "p") for index, unit in enumerate(given)]
    assert alpha(same) in (None, 1.0)
    if alpha(given) == 1.0:
        assert agreed(given) == 1.0


@given(_MARKS)
def test_kappa_does_not_mind_who_is_first(given):
    one, other = kappa(given, 1, 2), kappa(given, 2, 1)
    assert one == other or one == pytest.approx(other)
    mean = mean_kappa(given)
    assert mean is None or -1 <= mean <= 1


def test_how_it_reads():
    assert [reading(value) for value in (None, 1.0, 0.8, 0.79, 2 / 3, 0.62, 0.4, 0.39, -0.2)] == [
        "none", "good", "good", "fair", "fair", "talk", "talk", "poor", "poor",
    ]  # fmt: skip
    assert alpha([]) is None
    assert alpha([{1: "b"}]) is None
    assert kappa([{1: "b"}], 1, 2) is None
    assert agreed([{1: "b"}]) is None
