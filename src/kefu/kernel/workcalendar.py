"""Working calendars: how many working seconds lie between two moments, and when a number of them has run (CASE4).

A calendar is seven lists of windows, a table of special days and a time zone. Windows are wall-clock minutes of the
local day they start on and may run past midnight, so a holiday closes the windows that *start* on it, not the tail of
the night before. All arithmetic is in whole seconds; a fraction of a second in an argument is dropped. Results are UTC.

Clock changes: a window edge inside a skipped hour is read at the moment of the change, one inside a repeated hour at
its first passing. Neither can make two windows overlap or open a gap.
"""

import math
import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import accumulate
from typing import Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import KefuError

DAY: Final = 86_400
LOOK_AHEAD_SECONDS: Final = 3 * 366 * DAY
"""How far `add_working` looks before it gives up: three years."""

_CHUNK: Final = 32 * DAY
_CHUNKS_KEPT: Final = 512
_WINDOW: Final = re.compile(r"(\d{1,2}):(\d{2})\s*[-~–—]\s*(\d{1,2}):(\d{2})", re.ASCII)


class WeekCalendarEmpty(KefuError, ValueError):
    """The calendar has no window at all, so no deadline can ever be reached."""

    code = "calendar_empty"
    status = 422
    message = _("工作日历“%(calendar)s”没有任何工作时段，请先为它设置时段。")


class LookAheadExceeded(KefuError, ValueError):
    """The working time asked for does not fit into the three years after the start."""

    code = "calendar_look_ahead"
    status = 422
    message = _("按工作日历“%(calendar)s”计算，三年内到不了这个期限，请缩短期限或增加工作时段。")


class WindowInvalid(KefuError, ValueError):
    """A window that cannot be read or has no length; `text` is what was written."""

    code = "calendar_window"
    status = 422
    message = _("工作时段“%(text)s”无效，请写成 08:30-12:00；过午夜写成 22:00-02:00，全天写成 00:00-24:00。")


class CalendarInvalid(KefuError, ValueError):
    """A calendar with an unknown time zone or a week that has not seven days."""

    code = "calendar_invalid"
    status = 422
    message = _("工作日历“%(calendar)s”无效：需要一个有效的时区和七天的时段。")


class DayKind(StrEnum):
    """What a special day is: off as a whole, or worked although the week says otherwise."""

    HOLIDAY = "holiday"
    MAKEUP = "makeup"


class DayLabel(StrEnum):
    """Why a local day has the windows it has; for explanations."""

    WEEK = "week"
    HOLIDAY = "holiday"
    MAKEUP = "makeup"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Minutes of the local day, half open; `end_minute` may pass midnight (up to 2880). Raises `WindowInvalid`."""

    start_minute: int
    end_minute: int

    def __post_init__(self) -> None:
        if not (0 <= self.start_minute < 1440 and self.start_minute < self.end_minute <= 2880):
            raise WindowInvalid(text=f"{self.start_minute}-{self.end_minute}")


@dataclass(frozen=True, slots=True)
class Span:
    """An open stretch, half open, both ends in UTC."""

    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        """Length in seconds."""
        return int((self.end - self.start).total_seconds())


@dataclass(frozen=True, slots=True)
class _Chunk:
    """The merged spans of one fixed piece of time, epoch seconds; `worked[i]` = seconds worked before `starts[i]`."""

    starts: list[int]
    ends: list[int]
    worked: list[int]
    total: int

    def before(self, at: int) -> int:
        """Seconds of this chunk worked before `at`."""
        index = bisect_right(self.starts, at) - 1
        return 0 if index < 0 else self.worked[index] + min(at, self.ends[index]) - self.starts[index]

    def reached(self, seconds: int) -> int:
        """The first moment at which `seconds` (1 … total) of this chunk have been worked."""
        index = bisect_left(self.worked, seconds) - 1
        return self.starts[index] + seconds - self.worked[index]


@dataclass(frozen=True)
class WorkCalendar:
    """One version of a calendar. `week` is Monday to Sunday; `days` overrides single dates.

    A make-up day uses `makeup_windows`, or Monday's when there are none. Build one per handbook version and keep it:
    the spans it has worked out stay in it. Raises `CalendarInvalid`.
    """

    name: str
    version: str
    timezone: str = "Asia/Shanghai"
    week: tuple[tuple[Window, ...], ...] = ((),) * 7
    days: Mapping[date, DayKind | tuple[Window, ...]] = field(default_factory=dict, hash=False)
    makeup_windows: tuple[Window, ...] | None = None
    _chunks: dict[int, _Chunk] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.timezone)
        except (KeyError, ValueError, OSError) as error:
            raise CalendarInvalid(calendar=self.name) from error
        if len(self.week) != 7:
            raise CalendarInvalid(calendar=self.name)
        object.__setattr__(self, "days", dict(self.days))

    @classmethod
    def always(cls, name: str = "always", version: str = "1", timezone: str = "Asia/Shanghai") -> "WorkCalendar":
        """Round the clock, every day: natural time. The time zone only matters for showing days."""
        return cls(name=name, version=version, timezone=timezone, week=((Window(0, 1440),),) * 7)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone the windows are read in."""
        return ZoneInfo(self.timezone)

    def windows_on(self, day: date) -> tuple[Window, ...]:
        """The windows that start on this local day, as written (they may overlap)."""
        special = self.days.get(day)
        if special is None:
            return self.week[day.weekday()]
        if special is DayKind.HOLIDAY:
            return ()
        if special is DayKind.MAKEUP:
            return self.week[0] if self.makeup_windows is None else self.makeup_windows
        return special

    def label_of(self, day: date) -> DayLabel:
        """Why the day has its windows."""
        special = self.days.get(day)
        if special is None:
            return DayLabel.WEEK
        return DayLabel(special.value) if isinstance(special, DayKind) else DayLabel.SPECIAL

    def midnight(self, day: date) -> datetime:
        """The moment (UTC) at which this local day begins."""
        return _moment(_edge(self.zone, day, 0))

    def require_windows(self) -> None:
        """Raises `WeekCalendarEmpty` if no day of this calendar can have a window."""
        if not any(self.week) and not any(self.windows_on(day) for day in self.days):
            raise WeekCalendarEmpty(calendar=self.name)

    def _chunk(self, index: int) -> _Chunk:
        found = self._chunks.get(index)
        if found is None:
            if len(self._chunks) >= _CHUNKS_KEPT:
                self._chunks.clear()
            found = self._chunks[index] = _build(self, index * _CHUNK)
        return found


def add_working(calendar: WorkCalendar, start: datetime, seconds: int) -> datetime:
    """The first moment (UTC) at which `seconds` of working time have run since `start` (aware) (CASE4).

    That is the end of a window rather than the start of the next one; nought seconds give `start` itself.
    Raises `ValueError` for a negative number or a naive start, `WeekCalendarEmpty`, `LookAheadExceeded`.
    """
    if seconds < 0:
        raise ValueError("seconds must not be negative")
    at = _epoch(start)
    if seconds == 0:
        return _moment(at)
    calendar.require_windows()
    index, last = at // _CHUNK, (at + LOOK_AHEAD_SECONDS) // _CHUNK
    wanted = seconds + calendar._chunk(index).before(at)
    while index <= last:
        chunk = calendar._chunk(index)
        if wanted <= chunk.total:
            reached = chunk.reached(wanted)
            if reached > at + LOOK_AHEAD_SECONDS:
                break
            return _moment(reached)
        wanted -= chunk.total
        index += 1
    raise LookAheadExceeded(calendar=calendar.name)


def working_between(calendar: WorkCalendar, a: datetime, b: datetime) -> int:
    """Working seconds from `a` to `b` (aware); 0 when `b` is not after `a`. Raises `ValueError` for naive moments."""
    first, last = _epoch(a), _epoch(b)
    if last <= first:
        return 0
    low, high = first // _CHUNK, last // _CHUNK
    whole = sum(calendar._chunk(index).total for index in range(low, high))
    return whole + calendar._chunk(high).before(last) - calendar._chunk(low).before(first)


def is_open(calendar: WorkCalendar, at: datetime) -> bool:
    """Whether `at` (aware) lies inside a window; windows are half open."""
    moment = _epoch(at)
    chunk = calendar._chunk(moment // _CHUNK)
    index = bisect_right(chunk.starts, moment) - 1
    return index >= 0 and moment < chunk.ends[index]


def spans(calendar: WorkCalendar, start: datetime, end: datetime) -> Iterator[Span]:
    """The open stretches between `start` and `end` (aware), cut to them, in order; touching windows are one stretch."""
    first, last = _epoch(start), _epoch(end)
    held: tuple[int, int] | None = None
    for low, high in _pieces(calendar, first, last):
        if held is not None and held[1] == low:
            held = (held[0], high)
            continue
        if held is not None:
            yield Span(_moment(held[0]), _moment(held[1]))
        held = (low, high)
    if held is not None:
        yield Span(_moment(held[0]), _moment(held[1]))


def parse_windows(texts: Iterable[str]) -> tuple[Window, ...]:
    """Windows from handbook data such as `08:30-12:00`, `22:00-02:00` (past midnight) or `00:00-24:00`.

    Full-width characters and the dashes `~ – —` are taken too. Raises `WindowInvalid` (a `ValueError`) with the text.
    """
    return tuple(_parse_window(text) for text in texts)


def _parse_window(text: str) -> Window:
    match = _WINDOW.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None:
        raise WindowInvalid(text=text)
    start_hour, start_minute, end_hour, end_minute = (int(part) for part in match.groups())
    start, end = start_hour * 60 + start_minute, end_hour * 60 + end_minute
    if max(start_minute, end_minute) > 59 or start == end or start >= 1440 or end > 2880:
        raise WindowInvalid(text=text)
    return Window(start, end if end > start else end + 1440)


def _pieces(calendar: WorkCalendar, first: int, last: int) -> Iterator[tuple[int, int]]:
    for index in range(first // _CHUNK, last // _CHUNK + 1):
        chunk = calendar._chunk(index)
        for low, high in zip(chunk.starts, chunk.ends, strict=True):
            low, high = max(low, first), min(high, last)  # noqa: PLW2901
            if low < high:
                yield low, high


def _build(calendar: WorkCalendar, begin: int) -> _Chunk:
    """The chunk that starts at `begin`: the windows of every local day that can reach into it, cut and merged."""
    end = begin + _CHUNK
    zone = calendar.zone
    day = _moment(begin).date() - timedelta(days=3)
    last = _moment(end).date() + timedelta(days=1)
    found: list[tuple[int, int]] = []
    while day <= last:
        for window in calendar.windows_on(day):
            low = max(_edge(zone, day, window.start_minute), begin)
            high = min(_edge(zone, day, window.end_minute), end)
            if low < high:
                found.append((low, high))
        day += timedelta(days=1)
    starts, ends = _merged(sorted(found))
    totals = list(accumulate((high - low for low, high in zip(starts, ends, strict=True)), initial=0))
    return _Chunk(starts=starts, ends=ends, worked=totals[:-1], total=totals[-1])


def _merged(pieces: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    starts: list[int] = []
    ends: list[int] = []
    for low, high in pieces:
        if ends and low <= ends[-1]:
            ends[-1] = max(ends[-1], high)
        else:
            starts.append(low)
            ends.append(high)
    return starts, ends


def _edge(zone: ZoneInfo, day: date, minute: int) -> int:
    """Epoch second of a wall-clock minute of a local day (`minute` may pass 1440)."""
    wall = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=minute)
    early, late = _epoch(wall.replace(fold=0)), _epoch(wall.replace(fold=1))
    return early if early <= late else _change_between(zone, late, early)


def _change_between(zone: ZoneInfo, low: int, high: int) -> int:
    """The second at which the zone's offset changes between `low` and `high` (a skipped hour)."""
    before = datetime.fromtimestamp(low, zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _epoch(moment: datetime) -> int:
    if moment.tzinfo is None:
        raise ValueError("an aware datetime is needed")
    return math.floor(moment.timestamp())


def _moment(epoch: int) -> datetime:
    return datetime.fromtimestamp(epoch, UTC)
