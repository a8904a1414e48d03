"""The slow truth about clocks: every minute is looked at, open or not, paused or not, cap left or not."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from kefu.clocks.rules import Pause
from kefu.kernel.tests.minute_walker import minute_is_open, minutes_from
from kefu.kernel.workcalendar import WorkCalendar


def _runs(
    calendar: WorkCalendar, pauses: Sequence[Pause], cap_left: int | None, minute: datetime, now: datetime
) -> tuple[bool, int | None]:
    if not minute_is_open(calendar, minute):
        return False, cap_left
    if not any(pause.start <= minute < (pause.end or now) for pause in pauses) or cap_left == 0:
        return True, cap_left
    return False, None if cap_left is None else cap_left - 1


def walk_due(calendar: WorkCalendar, start: datetime, minutes: int, pauses: Sequence[Pause], cap: int | None, now: datetime) -> datetime:
    """When `minutes` have run; `cap` in minutes."""
    if minutes == 0:
        return start.astimezone(UTC)
    for minute in minutes_from(start):
        ran, cap = _runs(calendar, pauses, cap, minute, now)
        minutes -= ran
        if minutes == 0:
            return minute + timedelta(minutes=1)
    raise AssertionError


def walk_elapsed(calendar: WorkCalendar, start: datetime, pauses: Sequence[Pause], cap: int | None, at: datetime) -> int:
    """Minutes that have run at `at`."""
    count = 0
    for minute in minutes_from(start):
        if minute >= at:
            return count
        ran, cap = _runs(calendar, pauses, cap, minute, at)
        count += ran
    raise AssertionError
