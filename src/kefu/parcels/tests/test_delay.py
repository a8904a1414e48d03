"""The delay judgement as a table (R1-R8)."""

from datetime import UTC, datetime, timedelta

import pytest

from kefu.parcels.delay import DelayFacts, DelayLimits, Limit, Verdict, delay_judgement

LIMITS = DelayLimits(
    delivery={"same_city": Limit(timedelta(hours=24), "t@1#clocks.city"), "domestic": Limit(timedelta(hours=72), "t@1#clocks.far")},
    lost={"same_city": Limit(timedelta(days=3), "t@1#clocks.lost_city"), "domestic": Limit(timedelta(days=7), "t@1#clocks.lost_far")},
    standard="GB/T 27917-2011",
)
START = datetime(2026, 3, 1, 8, tzinfo=UTC)


def after(hours: float) -> datetime:
    """So many hours after collection."""
    return START + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("scope", "attempt", "promised", "now", "verdict", "hours_late"),
    [
        ("same_city", None, None, 24, Verdict.ON_TIME, 0),
        ("same_city", None, None, 24.5, Verdict.LATE, 0.5),
        ("same_city", None, None, 24 + 72 - 0.1, Verdict.LATE, 71.9),
        ("same_city", None, None, 24 + 72, Verdict.PRESUMED_LOST, 72),
        ("domestic", None, None, 72, Verdict.ON_TIME, 0),
        ("domestic", None, None, 73, Verdict.LATE, 1),
        ("domestic", None, None, 72 + 168, Verdict.PRESUMED_LOST, 168),
        ("domestic", 72, None, 500, Verdict.ATTEMPTED_ON_TIME, 0),
        ("domestic", 80, None, 500, Verdict.ATTEMPTED_LATE, 8),
        ("domestic", None, 24, 30, Verdict.LATE, 6),
        ("same_city", None, 100, 90, Verdict.ON_TIME, 0),
        ("domestic", None, 24, 24 + 168, Verdict.PRESUMED_LOST, 168),
        ("overseas", None, None, 900, Verdict.NO_LIMIT, 0),
        ("overseas", None, 24, 900, Verdict.LATE, 876),
    ],
)
def test_verdict(scope: str, attempt: float | None, promised: float | None, now: float, verdict: Verdict, hours_late: float) -> None:
    """Each case of the standard."""
    facts = DelayFacts(scope, START, None if attempt is None else after(attempt), promised_at=None if promised is None else after(promised))
    found = delay_judgement(facts, after(now), LIMITS)
    assert (found.verdict, found.late_by / timedelta(hours=1)) == (verdict, pytest.approx(hours_late))
    assert found.late == (hours_late > 0)


def test_it_says_what_it_stands_on() -> None:
    """The deadline, its basis, the clauses and the edition of the standard."""
    found = delay_judgement(DelayFacts("domestic", START, None), after(72 + 168), LIMITS)
    assert (found.due_at, found.lost_at, found.basis) == (after(72), after(240), "domestic")
    assert (found.clauses, found.standard) == (("t@1#clocks.far", "t@1#clocks.lost_far"), "GB/T 27917-2011")
    promised = delay_judgement(DelayFacts("domestic", START, None, promised_at=after(24)), after(30), LIMITS)
    assert (promised.basis, promised.clauses) == ("promised", ())


def test_not_collected_and_settled() -> None:
    """Without collection there is no clock; what was returned or forwarded is late at most."""
    assert delay_judgement(DelayFacts("domestic", None, None), after(999), LIMITS).verdict == Verdict.NOT_COLLECTED
    assert delay_judgement(DelayFacts("domestic", START, None, settled=True), after(999), LIMITS).verdict == Verdict.LATE
