"""Pure decisions of the watch: what follows from a hit, and when an alarm is one more of the same (QA9)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from kefu.watch.vocabulary import ORDER, Measure


def measure_for(item: str, mode: str, settings: Mapping[str, str], usual: Measure) -> Measure:
    """What the handbook sets for an item. What is not certain (``review``) is never more than a warning."""
    named = settings.get(item, "")
    found = Measure(named) if named in Measure.values else usual
    return Measure.WARN if mode == "review" and found in (Measure.HOLD, Measure.BLOCK) else found


def strictest(found: Iterable[Measure]) -> Measure:
    """The strictest of several."""
    return max(found, key=ORDER.index, default=Measure.OFF)


def held_back(same: Sequence[datetime], all_of_agent: Sequence[datetime], now: datetime, *, apart: timedelta, most: int) -> bool:
    """Whether an alarm is not raised again: one of the same talk and kind was, not long ago, or the agent had enough within the hour."""
    if any(now - one < apart for one in same):
        return True
    return sum(now - one < timedelta(hours=1) for one in all_of_agent) >= most
