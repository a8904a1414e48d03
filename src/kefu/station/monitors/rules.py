"""Pure decisions of the monitors: how old a difference is, when it counts as lost, which days a list may look at."""

from datetime import date, datetime, timedelta

from kefu.station.monitors.errors import NoResult, NoteTooLong, SpanTooLong
from kefu.station.monitors.vocabulary import RESULTS

AGES = ("0", "1", "2", "3")
"""Whole days since the expected scan; the last holds all that is older."""
MOST_DAYS = 31
USUAL_DAYS = 14
NOTE_LIMIT = 500
_DAY = timedelta(days=1)


def days_old(at: datetime, now: datetime) -> int:
    """Whole days of 24 hours since the expected scan."""
    return max((now - at) // _DAY, 0)


def age_bounds(age: str, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Moments (after, up to) of the scans that are so old; none where there is no bound."""
    days = int(age)
    since = None if age == AGES[-1] else now - (days + 1) * _DAY
    return since, None if days == 0 else now - days * _DAY


def is_lost(at: datetime, now: datetime, limit: timedelta | None) -> bool:
    """Whether it is missing as long as the handbook says; never when it says nothing."""
    return limit is not None and now - at >= limit


def days_asked(since: date | None, until: date | None, today: date) -> tuple[date, date]:
    """First and last day of a list; the usual ones when not said. Raises ``SpanTooLong``."""
    last = until or (min(today, since + (MOST_DAYS - 1) * _DAY) if since else today)
    first = since or last - (USUAL_DAYS - 1) * _DAY
    if (last - first).days >= MOST_DAYS:
        raise SpanTooLong(days=MOST_DAYS)
    return first, last


def checked_result(result: str, note: str) -> tuple[str, str]:
    """A result with its note. Raises ``NoResult``, ``NoteTooLong``."""
    note = note.replace("\0", "").strip()
    if len(note) > NOTE_LIMIT:
        raise NoteTooLong(most=NOTE_LIMIT)
    if result not in RESULTS or (result == "other" and not note):
        raise NoResult
    return result, note
