"""Manners toward carriers, with clock and chance in hand."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kefu.station.tracking.manners import Breaker, Bucket, draw, earliest, failed, may_subscribe, pause, probe, succeeded

T = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_a_bucket_gives_its_burst_and_then_the_rate() -> None:
    bucket = Bucket(3, T)
    for _ in range(3):
        bucket, wait = draw(bucket, now=T, per_minute=60, burst=3)
        assert wait == timedelta(0)
    bucket, wait = draw(bucket, now=T, per_minute=60, burst=3)
    assert wait == timedelta(seconds=1)
    _bucket, wait = draw(bucket, now=T + timedelta(seconds=1), per_minute=60, burst=3)
    assert wait == timedelta(0)


def test_a_bucket_never_holds_more_than_its_burst() -> None:
    bucket, _wait = draw(Bucket(0, T), now=T + timedelta(days=1), per_minute=60, burst=3)
    assert bucket.tokens == 2


def test_a_clock_that_went_back_refills_nothing() -> None:
    bucket, wait = draw(Bucket(0, T), now=T - MINUTE, per_minute=60, burst=3)
    assert (bucket.tokens, bucket.at, wait > timedelta(0)) == (0, T, True)


@given(st.lists(st.integers(0, 5000), min_size=1, max_size=200), st.integers(1, 120), st.integers(1, 20))
def test_never_more_than_burst_and_rate_together(gaps: list[int], per_minute: int, burst: int) -> None:
    bucket, now, taken = Bucket(burst, T), T, 0
    for gap in gaps:
        now += timedelta(milliseconds=gap)
        bucket, wait = draw(bucket, now=now, per_minute=per_minute, burst=burst)
        taken += not wait
    assert taken <= burst + (now - T).total_seconds() * per_minute / 60 + 1e-6


def test_a_pause_doubles_with_jitter_up_to_its_most() -> None:
    chance = Random(1)
    for attempt in range(1, 30):
        whole = min(timedelta(seconds=20) * 2 ** (attempt - 1), timedelta(minutes=30))
        assert whole / 2 <= pause(attempt, chance) <= whole
    assert len({pause(3, chance) for _ in range(20)}) > 10


def test_the_breaker_opens_probes_and_closes() -> None:
    chance, breaker = Random(1), Breaker()
    for _ in range(4):
        breaker = failed(breaker, now=T, chance=chance)
    assert not breaker.blocks(T)
    breaker = failed(breaker, now=T, chance=chance)
    assert breaker.blocks(T)
    assert breaker.open_until is not None
    later = breaker.open_until
    assert not breaker.blocks(later)
    assert breaker.probing
    trying = probe(breaker, now=later, answer_by=timedelta(seconds=20))
    assert trying.blocks(later + timedelta(seconds=19))
    assert succeeded(trying) == Breaker()


def test_a_failed_probe_opens_it_at_once_and_for_longer() -> None:
    chance, breaker, spans = Random(1), Breaker(failures=4), []
    now = T
    for _ in range(5):
        breaker = failed(breaker, now=now, chance=chance)
        assert breaker.open_until is not None
        spans.append(breaker.open_until - now)
        now = breaker.open_until
    assert spans[4] > spans[0] * 4
    assert max(spans) <= timedelta(minutes=30)


@pytest.mark.parametrize(("ago", "wait"), [(None, 0), (0, 30), (29, 1), (30, 0), (31, 0)])
def test_half_an_hour_between_two_queries_of_a_number(ago: int | None, wait: int) -> None:
    last = None if ago is None else T - ago * MINUTE
    assert earliest(last, 30 * MINUTE, T) == T + wait * MINUTE


@pytest.mark.parametrize(("taken", "most", "may"), [(0, 4, True), (3, 4, True), (4, 4, False), (9, None, True)])
def test_four_subscriptions_a_month(taken: int, most: int | None, may: bool) -> None:
    assert may_subscribe(taken, most) is may
