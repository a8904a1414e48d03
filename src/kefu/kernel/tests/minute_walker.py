"""The slow truth about working calendars: looks at every single minute, shares no code with the product's arithmetic."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kefu.kernel.workcalendar import DayKind, WorkCalendar


def minute_is_open(calendar: WorkCalendar, minute: datetime) -> bool:
    """Whether the minute beginning at `minute` is inside a window of its local day or of the day before."""
    local = minute.astimezone(ZoneInfo(calendar.timezone))
    of_day = local.hour * 60 + local.minute
    for days_back in (0, 1):
        day = local.date() - timedelta(days=days_back)
        special = calendar.days.get(day)
        if special is DayKind.HOLIDAY:
            windows = ()
        elif special is DayKind.MAKEUP:
            windows = calendar.makeup_windows if calendar.makeup_windows is not None else calendar.week[0]
        elif special is not None:
            windows = special
        else:
            windows = calendar.week[day.weekday()]
        at = of_day + 1440 * days_back
        if any(window.start_minute <= at < window.end_minute for window in windows):
            return True
    return False


def minutes_from(start: datetime) -> Iterator[datetime]:
    """Every minute from `start` on, in UTC."""
    minute = start.astimezone(UTC)
    while True:
        yield minute
        minute += timedelta(minutes=1)


def walk_add(calendar: WorkCalendar, start: datetime, minutes: int) -> datetime:
    """The end of the last of `minutes` open minutes from `start` on."""
    if minutes == 0:
        return start
    for minute in minutes_from(start):
        minutes -= minute_is_open(calendar, minute)
        if minutes == 0:
            return minute + timedelta(minutes=1)
    raise AssertionError


def walk_between(calendar: WorkCalendar, start: datetime, end: datetime) -> int:
    """Open minutes between two moments."""
    count = 0
    for minute in minutes_from(start):
        if minute >= end:
            return count
        count += minute_is_open(calendar, minute)
    raise AssertionError
