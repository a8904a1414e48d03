"""Deadline arithmetic on plain values: working time, pauses with a cap, the warning, the explanation (CASE4).

A clock consumes working seconds of its calendar outside pauses. Paused time and its cap are working seconds of the same
calendar, so a cap of N seconds can move the deadline by at most N working seconds; when the cap is used up the clock
runs again by itself although the pause goes on. Nothing here reads the clock on the wall or the database.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial

from kefu.clocks.explanation import RUNS, Step, StepKind, Stretch, explain
from kefu.kernel.workcalendar import LookAheadExceeded, WorkCalendar, add_working, working_between

__all__ = ["RUNS", "Due", "Pause", "Step", "StepKind", "Target", "due", "elapsed"]


@dataclass(frozen=True, slots=True)
class Target:
    """Working seconds of a calendar until due; the warning comes `warn_before_seconds` working seconds before that."""

    seconds: int
    calendar: WorkCalendar
    warn_before_seconds: int | None = None

    def __post_init__(self) -> None:
        if self.seconds < 0 or (self.warn_before_seconds or 0) < 0:
            raise ValueError("a target must not be negative")


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause, half open; `end` is None while it lasts. `reason` is a code of the handbook."""

    start: datetime
    end: datetime | None
    reason: str = ""

    def __post_init__(self) -> None:
        if self.end is not None and self.end < self.start:
            raise ValueError("a pause must not end before it starts")

    def covers(self, at: datetime) -> bool:
        """Whether the pause is on at this moment."""
        return self.start <= at and (self.end is None or at < self.end)


@dataclass(frozen=True)
class Due:
    """The answer of `due`, moments in UTC.

    `paused_seconds_counted`: working seconds the pauses moved the deadline by. `capped`: some pause lasts or lasted longer
    than the cap allows. `running`: the clock is not standing in a pause at `now` (it may be outside working hours).
    `resumes_at`: when a standing clock runs again by itself because its cap is used up, if the pause goes on until then.
    """

    due_at: datetime
    warn_at: datetime | None
    paused_seconds_counted: int
    capped: bool
    running: bool
    resumes_at: datetime | None
    _story: Callable[[], tuple[Step, ...]] = field(repr=False, compare=False)

    @cached_property
    def explanation(self) -> tuple[Step, ...]:
        """Why it is due then; worked out when first asked for."""
        return self._story()


def due(start: datetime, target: Target, pauses: Sequence[Pause], *, pause_cap_seconds: int | None, now: datetime) -> Due:
    """When a clock started at `start` is due, given its pauses; a pause that still lasts is taken to end at `now`.

    Raises `WeekCalendarEmpty`, `LookAheadExceeded`, and `ValueError` for naive moments.
    """
    start, now, calendar = _utc(start), _utc(now), target.calendar
    stretches = _stretches(calendar, start, pauses, pause_cap_seconds, open_until=now)
    due_at = _reach(calendar, start, stretches, target.seconds)
    stretches = [stretch for stretch in stretches if stretch.start < due_at]
    so_far = _paused_so_far(calendar, start, pauses, now)
    left = None if so_far is None or pause_cap_seconds is None else pause_cap_seconds - so_far
    standing = so_far is not None and (left is None or left > 0)
    beyond = any(s.kind is StepKind.PAUSE_CAPPED and working_between(calendar, s.start, min(s.end, due_at)) for s in stretches)
    return Due(
        due_at=due_at,
        warn_at=_warn_at(calendar, start, stretches, target),
        paused_seconds_counted=_paused(calendar, stretches),
        capped=beyond or (so_far is not None and not standing),
        running=not standing,
        resumes_at=_resumes_at(calendar, now, left) if standing and left is not None else None,
        _story=partial(explain, calendar, start, due_at, stretches),
    )


def elapsed(start: datetime, target: Target, pauses: Sequence[Pause], pause_cap_seconds: int | None, at: datetime) -> int:
    """Working seconds the clock has consumed from `start` to `at`; it may pass the target's."""
    start, at = _utc(start), _utc(at)
    cut = [Pause(p.start, at if p.end is None else min(p.end, at), p.reason) for p in pauses if p.start < at]
    stretches = _stretches(target.calendar, start, cut, pause_cap_seconds, open_until=at)
    return working_between(target.calendar, start, at) - _paused(target.calendar, stretches)


def _warn_at(calendar: WorkCalendar, start: datetime, stretches: Sequence[Stretch], target: Target) -> datetime | None:
    if target.warn_before_seconds is None:
        return None
    return _reach(calendar, start, stretches, max(0, target.seconds - target.warn_before_seconds))


def _reach(calendar: WorkCalendar, start: datetime, stretches: Iterable[Stretch], seconds: int) -> datetime:
    """The first moment at which the clock has run for `seconds`."""
    cursor, left = start, seconds
    for stretch in stretches:
        if stretch.kind is StepKind.PAUSE:
            ran = working_between(calendar, cursor, stretch.start)
            if ran >= left:
                break
            cursor, left = stretch.end, left - ran
    return add_working(calendar, cursor, left)


def _paused(calendar: WorkCalendar, stretches: Iterable[Stretch]) -> int:
    return sum(working_between(calendar, s.start, s.end) for s in stretches if s.kind is StepKind.PAUSE)


def _paused_so_far(calendar: WorkCalendar, start: datetime, pauses: Iterable[Pause], now: datetime) -> int | None:
    """Working seconds paused until `now`, whatever the cap; None when no pause is on at `now`."""
    if now < start or not any(pause.covers(now) for pause in pauses):
        return None
    so_far = [Pause(p.start, now, p.reason) if p.end is None or p.end > now else p for p in pauses if p.start <= now]
    return _paused(calendar, _merged(start, so_far, now))


def _resumes_at(calendar: WorkCalendar, now: datetime, seconds: int) -> datetime | None:
    try:
        return add_working(calendar, now, seconds)
    except LookAheadExceeded:
        return None


def _stretches(calendar: WorkCalendar, start: datetime, pauses: Iterable[Pause], cap: int | None, *, open_until: datetime) -> list[Stretch]:
    """Pauses after `start`, merged, and cut where the cap is used up."""
    merged = _merged(start, pauses, open_until)
    return merged if cap is None else list(_capped(calendar, merged, cap))


def _merged(start: datetime, pauses: Iterable[Pause], open_until: datetime) -> list[Stretch]:
    merged: list[Stretch] = []
    for pause in sorted(pauses, key=lambda pause: pause.start):
        low, high = max(_utc(pause.start), start), _utc(pause.end or open_until)
        if high <= low:
            continue
        if merged and low < merged[-1].end:
            last = merged.pop()
            reasons = last.reasons if pause.reason in last.reasons else (*last.reasons, pause.reason)
            merged.append(Stretch(StepKind.PAUSE, last.start, max(last.end, high), reasons))
        else:
            merged.append(Stretch(StepKind.PAUSE, low, high, (pause.reason,)))
    return merged


def _capped(calendar: WorkCalendar, merged: Iterable[Stretch], cap: int) -> Iterable[Stretch]:
    left = cap
    for stretch in merged:
        length = working_between(calendar, stretch.start, stretch.end)
        if length <= left:
            left -= length
            yield stretch
            continue
        cut = add_working(calendar, stretch.start, left)
        if cut > stretch.start:
            yield Stretch(StepKind.PAUSE, stretch.start, cut, stretch.reasons)
        yield Stretch(StepKind.PAUSE_CAPPED, cut, stretch.end, stretch.reasons)
        left = 0


def _utc(moment: datetime) -> datetime:
    """The moment in UTC, cut to the whole second."""
    if moment.tzinfo is None:
        raise ValueError("an aware datetime is needed")
    return moment.astimezone(UTC).replace(microsecond=0)
