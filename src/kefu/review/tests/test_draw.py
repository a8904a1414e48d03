"""The draw as a pure function (QA6): the same seed the same sample, strata get their quota, nothing twice."""

from collections import Counter
from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.review.rules import Candidate, Inspector, Quota, apportioned, assign, by_agent, draw, passed, period_of

_TRIGGERS = st.frozensets(st.sampled_from(["words", "silence"]), max_size=2)
_MAYBE_FEW = st.one_of(st.none(), st.integers(1, 6))
_CANDIDATES = st.lists(
    st.builds(Candidate, st.integers(1, 500), _MAYBE_FEW, st.one_of(st.none(), st.integers(0, 200)), _TRIGGERS),
    max_size=80,
    unique_by=lambda one: one.id,
)
_QUOTAS = st.builds(
    Quota,
    st.sampled_from(["per_agent", "percent", "all", "spot", "must"]),
    st.integers(1, 8),
    st.fractions(0, 100, max_denominator=10),
    st.integers(0, 12),
    st.integers(0, 90),
    st.fractions(Fraction(1, 7), 1, max_denominator=7),
)

_TASKS = st.lists(st.tuples(st.integers(1, 50), st.integers(1, 5), _MAYBE_FEW), max_size=30, unique_by=lambda one: one[0])
_INSPECTORS = st.lists(st.builds(Inspector, st.integers(1, 8), st.just(0), _MAYBE_FEW), max_size=6, unique_by=lambda one: one.id)


def _tenured(candidates: list[Candidate]) -> list[Candidate]:
    """An agent has one tenure."""
    known: dict[int | None, int | None] = {}
    return [Candidate(one.id, one.staff_id, known.setdefault(one.staff_id, one.tenure_days), one.triggers) for one in candidates]


@given(_QUOTAS, _CANDIDATES, st.text(max_size=6), st.randoms())
def test_the_same_seed_draws_the_same_whatever_the_order(quota, candidates, seed, random):
    candidates = _tenured(candidates)
    once = draw(quota, candidates, seed=seed)
    random.shuffle(candidates)
    assert draw(quota, candidates, seed=seed) == once


@given(_QUOTAS, _CANDIDATES, st.text(max_size=6))
def test_strata_get_their_quota_musts_are_always_in_and_nothing_comes_twice(quota, candidates, seed):
    candidates = _tenured(candidates)
    drawn = draw(quota, candidates, seed=seed)
    ids = [one.id for one in drawn]
    assert len(ids) == len(set(ids))
    chosen = set(ids)
    assert chosen <= {one.id for one in candidates}
    musts = {one.id for one in candidates if one.triggers}
    assert musts <= chosen
    assert all(one.why for one in drawn)
    if quota.method == "must":
        assert chosen == musts
    if quota.method == "all":
        assert len(chosen) == len(candidates)
    for rows in by_agent(candidates).values():
        here = sum(one.id in chosen for one in rows)
        if quota.method == "per_agent":
            new = rows[0].tenure_days is not None and rows[0].tenure_days < quota.new_days
            amount = max(quota.amount, quota.new_amount) if new else quota.amount
            wanted = -(-amount * quota.share.numerator // quota.share.denominator)
            assert here == max(min(wanted, len(rows)), sum(one.id in musts for one in rows))
        if quota.method == "percent":
            assert here >= min(len(rows), int(len(rows) * quota.percent / 100))


@given(_QUOTAS, _CANDIDATES, st.text(max_size=6))
def test_drawing_again_after_a_draw_adds_nothing(quota, candidates, seed):
    candidates = _tenured(candidates)
    first = {one.id for one in draw(quota, candidates, seed=seed)}
    assert draw(quota, candidates, seed=seed, before=first) == []


@given(st.lists(_CANDIDATES, min_size=1, max_size=5), st.integers(1, 6), st.text(max_size=4))
def test_day_by_day_a_week_never_gives_an_agent_more_than_the_quota_and_nothing_twice(days, amount, seed):
    before: set[int] = set()
    so_far: dict[int, Candidate] = {}
    for number, day in enumerate(days, start=1):
        so_far |= {one.id: Candidate(one.id, one.staff_id) for one in day if one.id not in so_far}
        quota = Quota("per_agent", amount, share=Fraction(number, 7))
        drawn = {one.id for one in draw(quota, so_far.values(), seed=seed, before=before)}
        assert not drawn & before
        before |= drawn
    for count in Counter(so_far[pk].staff_id for pk in before).values():
        assert count <= amount


@given(st.dictionaries(st.integers(1, 20), st.integers(0, 60), max_size=8), st.fractions(0, 100, max_denominator=20))
def test_a_share_is_apportioned_within_one_of_each_stratum(sizes, percent):
    parts = apportioned(sizes, percent)
    exact = sum(sizes.values()) * percent / 100
    assert exact <= sum(parts.values()) < exact + 1
    for key, size in sizes.items():
        assert abs(parts[key] - size * percent / 100) < 1
        assert parts[key] <= size


@given(_TASKS, _INSPECTORS)
def test_nobody_scores_themselves_or_their_team(tasks, inspectors):
    people = {one.id: one for one in inspectors}
    for task_id, agent, team in tasks:
        chosen = assign(tasks, inspectors, seed="s")[task_id]
        if chosen is not None:
            assert chosen != agent
            assert people[chosen].team_id is None or people[chosen].team_id != team


def test_loads_come_out_equal() -> None:
    tasks = [(number, 99, None) for number in range(10)]
    found = Counter(assign(tasks, [Inspector(1, 3), Inspector(2, 0), Inspector(3, 1)], seed="s").values())
    assert {pk: found[pk] + load for pk, load in ((1, 3), (2, 0), (3, 1))} in ({1: 5, 2: 5, 3: 4}, {1: 4, 2: 5, 3: 5}, {1: 5, 2: 4, 3: 5})


@pytest.mark.parametrize(
    ("kind", "day", "wanted"),
    [
        ("day", date(2026, 11, 22), (date(2026, 11, 22), date(2026, 11, 22))),
        ("week", date(2026, 11, 22), (date(2026, 11, 16), date(2026, 11, 22))),
        ("week", date(2026, 11, 23), (date(2026, 11, 23), date(2026, 11, 29))),
    ],
)
def test_periods(kind, day, wanted):
    assert period_of(kind, day) == wanted


def test_how_much_of_a_week_has_passed() -> None:
    assert passed("week", date(2026, 11, 23)) == Fraction(1, 7)
    assert passed("week", date(2026, 11, 22)) == 1
    assert passed("day", date(2026, 11, 23)) == 1
