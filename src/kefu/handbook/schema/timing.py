"""Calendars and clocks."""

from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from kefu.handbook.schema.base import Clause, Duration, Key, Model, Titled, parse_duration
from kefu.kernel.workcalendar import Window, parse_windows

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _window(text: str) -> str:
    try:
        parse_windows([text])
    except ValueError:
        raise PydanticCustomError("window", "window", {"given": text}) from None
    return text


WindowText = Annotated[str, AfterValidator(_window)]


class Calendar(Clause):
    """Windows of work. ``every_day`` or ``workdays`` (Monday to Friday) and ``weekend``; a named day replaces them.

    ``holidays: cn`` follows the national holidays and the make-up workdays that go with them.
    """

    every_day: tuple[WindowText, ...] | None = None
    workdays: tuple[WindowText, ...] | None = None
    weekend: tuple[WindowText, ...] | None = None
    mon: tuple[WindowText, ...] | None = None
    tue: tuple[WindowText, ...] | None = None
    wed: tuple[WindowText, ...] | None = None
    thu: tuple[WindowText, ...] | None = None
    fri: tuple[WindowText, ...] | None = None
    sat: tuple[WindowText, ...] | None = None
    sun: tuple[WindowText, ...] | None = None
    holidays: Literal["cn", "none"] = "none"

    @property
    def week(self) -> tuple[tuple[Window, ...], ...]:
        """Seven days from Monday, each its windows as the kernel's work calendar takes them."""
        return tuple(parse_windows(self.day(index)) for index in range(7))

    def day(self, index: int) -> tuple[str, ...]:
        """Windows of a weekday as written, 0 is Monday."""
        named: tuple[str, ...] | None = getattr(self, DAYS[index])
        group = self.workdays if index < 5 else self.weekend
        return next((windows for windows in (named, group, self.every_day) if windows is not None), ())

    @model_validator(mode="after")
    def _windows_apart(self) -> "Calendar":
        week = self.week
        if not any(week):
            raise PydanticCustomError("calendar_empty", "calendar_empty")
        flat = sorted((index * 1440 + one.start_minute, index * 1440 + one.end_minute) for index, day in enumerate(week) for one in day)
        flat.append((flat[0][0] + 7 * 1440, flat[0][1] + 7 * 1440))
        if any(later[0] < earlier[1] for earlier, later in pairwise(flat)):
            raise PydanticCustomError("windows_overlap", "windows_overlap")
        return self


class Reason(Titled):
    """Why a clock may stand still."""

    id: Key


class Pause(Model):
    """Whether and how a clock may be stopped for a while; ``cap`` bounds the total."""

    reasons: tuple[Reason, ...] = Field(min_length=1)
    who: tuple[Key, ...] = Field(min_length=1)
    cap: Duration


class Rung(Model):
    """A step of the escalation ladder. ``at``: ``warn``, ``breach``, or ``+4h`` after the breach."""

    at: str
    notify: tuple[Literal["assignee", "lead", "manager", "inspector", "hq"], ...] = Field(min_length=1)
    raise_level: bool = False

    @model_validator(mode="after")
    def _known_moment(self) -> "Rung":
        if self.at not in {"warn", "breach"}:
            if not self.at.startswith("+"):
                raise PydanticCustomError("rung", "rung", {"given": self.at})
            parse_duration(self.at[1:])
        return self

    @property
    def after(self) -> timedelta | None:
        """Time after the breach; ``None`` for ``warn``."""
        if self.at == "warn":
            return None
        return timedelta(0) if self.at == "breach" else parse_duration(self.at[1:])


class Applies(Model):
    """Which cases a clock is for; an empty list means all. ``channels`` are those of conversations."""

    kinds: tuple[Key, ...] = ()
    levels: tuple[Key, ...] = ()
    tiers: tuple[Key, ...] = ()
    channels: tuple[Literal["call", "chat", "email", "form"], ...] = ()

    def fits(self, *, kind: str, level: str = "", tier: str = "") -> bool:
        """Whether a case of this kind, level and tier is meant."""
        return all(not wanted or given in wanted for wanted, given in ((self.kinds, kind), (self.levels, level), (self.tiers, tier)))


class Clock(Clause):
    """A time limit: ``target`` of working time on the calendar, from the first of ``starts_on`` until the first of ``meets_on``.

    ``warn_before`` the deadline people are warned. ``law`` clocks are met by closing the case at the latest and cannot be paused.
    """

    target: Duration
    calendar: Key
    kind: Literal["company", "platform", "law"]
    starts_on: tuple[str, ...] = Field(min_length=1)
    meets_on: tuple[str, ...] = Field(min_length=1)
    warn_before: Duration | None = None
    pause: Pause | None = None
    ladder: tuple[Rung, ...] = ()
    applies: Applies = Applies()

    @model_validator(mode="after")
    def _sensible(self) -> "Clock":
        if self.target <= timedelta(0):
            raise PydanticCustomError("target_zero", "target_zero")
        if self.warn_before is not None and self.warn_before >= self.target:
            raise PydanticCustomError("warn_too_early", "warn_too_early")
        if self.kind == "law" and self.pause:
            raise PydanticCustomError("law_pause", "law_pause")
        return self
