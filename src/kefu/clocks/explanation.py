"""Why a deadline falls when it does: the time from start to due, told in a few dozen steps (CASE4, HB4).

Steps hold codes and numbers, never sentences; the reader's page puts them into words. The seconds of all steps that
run (`window`, `makeup`, `pause_capped`) add up to the target; those of `pause` to the paused time that counted.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from kefu.kernel.workcalendar import DayLabel, WorkCalendar, spans, working_between

MAX_STEPS: Final = 39
"""Most steps of one explanation, the due step included."""

_KEPT_EACH_SIDE: Final = 18


class StepKind(StrEnum):
    """What happened during a step."""

    WINDOW = "window"
    MAKEUP = "makeup"
    HOLIDAY = "holiday"
    CLOSED = "closed"
    PAUSE = "pause"
    PAUSE_CAPPED = "pause_capped"
    DUE = "due"


RUNS: Final = frozenset({StepKind.WINDOW, StepKind.MAKEUP, StepKind.PAUSE_CAPPED})
"""Kinds of steps in which the clock runs."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the explanation, half open, UTC.

    `seconds` are working seconds: consumed in a step that runs, not counted in a pause, 0 while closed.
    `code` is one of window, special_day, whole_days, makeup_day, condensed, holiday, break, off_hours, rest_days, pause,
    pause_capped, due. `params`: `days` (whole local days), `reason` (codes joined by commas), `target` and `paused`
    (seconds, of due), `steps` and `paused` (of condensed).
    """

    kind: StepKind
    start: datetime
    end: datetime
    seconds: int
    code: str
    params: Mapping[str, int | str] = field(default_factory=dict, hash=False)

    @property
    def days(self) -> int:
        """Whole local days this step stands for; 0 when it is part of a day."""
        return int(self.params.get("days", 0))


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of pause after merging and capping: `kind` is PAUSE (the clock stands) or PAUSE_CAPPED (it runs again)."""

    kind: StepKind
    start: datetime
    end: datetime
    reasons: tuple[str, ...]


def explain(calendar: WorkCalendar, start: datetime, due_at: datetime, stretches: Sequence[Stretch]) -> tuple[Step, ...]:
    """The steps from `start` to `due_at`, at most `MAX_STEPS`; the last one is the due step."""
    steps = list(_joined(_walk(calendar, start, due_at, stretches)))
    ran = sum(step.seconds for step in steps if step.kind in RUNS)
    paused = sum(step.seconds for step in steps if step.kind is StepKind.PAUSE)
    due = Step(StepKind.DUE, due_at, due_at, 0, "due", {"target": ran, "paused": paused})
    return (*_condensed(steps), due)


def _walk(calendar: WorkCalendar, start: datetime, due_at: datetime, stretches: Sequence[Stretch]) -> Iterator[Step]:
    cursor = start
    for stretch in stretches:
        if stretch.start >= due_at:
            break
        yield from _running(calendar, cursor, stretch.start)
        cursor = min(stretch.end, due_at)
        seconds = working_between(calendar, stretch.start, cursor)
        yield Step(stretch.kind, stretch.start, cursor, seconds, stretch.kind.value, {"reason": ",".join(stretch.reasons)})
    yield from _running(calendar, cursor, due_at)


def _running(calendar: WorkCalendar, start: datetime, end: datetime) -> Iterator[Step]:
    """Steps of a stretch without pauses: whole local days as one step each, the days at its ends in detail."""
    low, zone = start, calendar.zone
    while low < end:
        day = low.astimezone(zone).date()
        next_day = calendar.midnight(day + timedelta(days=1))
        high = min(next_day, end)
        label = calendar.label_of(day)
        seconds = working_between(calendar, low, high)
        whole = high == next_day and low == calendar.midnight(day)
        if whole and not (seconds and label is DayLabel.HOLIDAY):
            yield _whole_day(label, low, high, seconds)
        else:
            yield from _part_of_day(calendar, label, low, high)
        low = high


def _whole_day(label: DayLabel, low: datetime, high: datetime, seconds: int) -> Step:
    kind, code = StepKind.WINDOW, "whole_days"
    if label is DayLabel.HOLIDAY:
        kind, code = StepKind.HOLIDAY, "holiday"
    elif not seconds:
        kind, code = StepKind.CLOSED, "rest_days"
    elif label is DayLabel.MAKEUP:
        kind, code = StepKind.MAKEUP, "makeup_day"
    elif label is DayLabel.SPECIAL:
        code = "special_day"
    return Step(kind, low, high, seconds, code, {"days": 1})


def _part_of_day(calendar: WorkCalendar, label: DayLabel, low: datetime, high: datetime) -> Iterator[Step]:
    """Windows and what lies between them, inside one local day."""
    opened = {DayLabel.MAKEUP: (StepKind.MAKEUP, "makeup_day"), DayLabel.SPECIAL: (StepKind.WINDOW, "special_day")}
    kind, code = opened.get(label, (StepKind.WINDOW, "window"))
    shut = (StepKind.HOLIDAY, "holiday") if label is DayLabel.HOLIDAY else (StepKind.CLOSED, "off_hours")
    cursor = low
    for span in spans(calendar, low, high):
        if span.start > cursor:
            gap = (StepKind.CLOSED, "break") if cursor > low else shut
            yield Step(gap[0], cursor, span.start, 0, gap[1])
        yield Step(kind, span.start, span.end, span.seconds, code)
        cursor = span.end
    if cursor < high:
        yield Step(shut[0], cursor, high, 0, shut[1])


def _joined(steps: Iterable[Step]) -> Iterator[Step]:
    held: Step | None = None
    for step in steps:
        if held is not None and _one(held, step):
            held = _join(held, step)
            continue
        if held is not None:
            yield held
        held = step
    if held is not None:
        yield held


def _one(a: Step, b: Step) -> bool:
    """Whether two neighbours read better as one line: the same thing going on, or closed before and after midnight."""
    if a.kind is not b.kind or a.kind in (StepKind.PAUSE, StepKind.PAUSE_CAPPED):
        return False
    if a.kind in (StepKind.CLOSED, StepKind.HOLIDAY):
        return True
    return a.code == b.code and bool(a.days) == bool(b.days)


def _join(a: Step, b: Step) -> Step:
    code = a.code if a.code == b.code else "off_hours"
    days = a.days + b.days
    return Step(a.kind, a.start, b.end, a.seconds + b.seconds, code, {"days": days} if days else {})


def _condensed(steps: list[Step]) -> list[Step]:
    """The steps themselves, or their beginning and end with the middle as one line when there are too many."""
    if len(steps) < MAX_STEPS:
        return steps
    middle = steps[_KEPT_EACH_SIDE:-_KEPT_EACH_SIDE]
    ran = sum(step.seconds for step in middle if step.kind in RUNS)
    paused = sum(step.seconds for step in middle if step.kind is StepKind.PAUSE)
    line = Step(StepKind.WINDOW, middle[0].start, middle[-1].end, ran, "condensed", {"steps": len(middle), "paused": paused})
    return [*steps[:_KEPT_EACH_SIDE], line, *steps[-_KEPT_EACH_SIDE:]]
