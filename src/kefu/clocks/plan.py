"""What a clock will do and when: warning, breach, rungs of the ladder, the end of a capped pause. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from kefu.clocks.rules import Due, Pause, Target, due

Phase: TypeAlias = Literal["warn", "breach", "rung", "resume"]


@dataclass(frozen=True, slots=True)
class Firing:
    """One moment of the plan. ``notify`` are posts of the ladder; ``raise_level`` moves the case up."""

    at: datetime
    phase: Phase
    notify: tuple[str, ...] = ()
    raise_level: bool = False


@dataclass(frozen=True, slots=True)
class Rung:
    """A rung of the ladder: ``after`` seconds past the breach, ``None`` for the warning."""

    after: int | None
    notify: tuple[str, ...]
    raise_level: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """Deadline and firings of a clock; ``due_at`` is a lower bound while it stands in an uncapped pause."""

    due: Due
    firings: tuple[Firing, ...]

    @property
    def resumes(self) -> bool:
        """Whether it stands still now and runs on by itself."""
        return bool(self.firings) and self.firings[0].phase == "resume"

    def next_at(self, fired: int) -> datetime | None:
        """When the first thing happens of which ``fired`` moments (ends of pauses not counted) are done already."""
        left = self.firings if self.resumes else self.firings[fired:]
        return left[0].at if left else None


def plan(start: datetime, target: Target, pauses: Sequence[Pause], *, cap: int | None, ladder: "Ladder", now: datetime) -> Planned:
    """Work out when the clock fires. A pause that lasts is taken to last until its cap is used up, or for good without one."""
    found = due(start, target, pauses, pause_cap_seconds=cap, now=now)
    if found.running:
        return Planned(found, firings(found.due_at, found.warn_at, ladder))
    if found.resumes_at is None:
        return Planned(found, ())
    until = [Pause(p.start, p.end or found.resumes_at, p.reason) for p in pauses]
    later = due(start, target, until, pause_cap_seconds=cap, now=found.resumes_at)
    return Planned(later, (Firing(found.resumes_at, "resume"), *firings(later.due_at, later.warn_at, ladder)))


def firings(due_at: datetime, warn_at: datetime | None, ladder: "Ladder") -> tuple[Firing, ...]:
    """The moments of a running clock, the soonest first. A pause moves them and never changes their order."""
    found = [Firing(due_at + after, *what) for after, what in ladder.from_due]
    if warn_at is not None:
        found.append(Firing(warn_at, *ladder.warning))
    return tuple(sorted(found, key=lambda firing: firing.at))


_What: TypeAlias = tuple[Phase, tuple[str, ...], bool]


@dataclass(frozen=True, slots=True)
class Ladder:
    """What happens with the warning, and what with the deadline and how long after it; worked out once for all clocks of a clause."""

    warning: _What
    from_due: tuple[tuple[timedelta, _What], ...]

    @classmethod
    def of(cls, rungs: Sequence[Rung]) -> "Ladder":
        """The ladder of these rungs."""
        later = [(timedelta(seconds=rung.after), _what("rung", [rung])) for rung in rungs if rung.after]
        breach = _what("breach", [rung for rung in rungs if rung.after == 0])
        return cls(_what("warn", [rung for rung in rungs if rung.after is None]), ((timedelta(0), breach), *later))

    @classmethod
    def stored(cls, data: Iterable[Sequence[Any]]) -> "Ladder":
        """From the form that is kept with a clock: after, posts, whether it raises the level."""
        return cls.of([Rung(after, tuple(notify), raise_level) for after, notify, raise_level in data])


def _what(phase: Phase, rungs: Sequence[Rung]) -> _What:
    return phase, tuple(dict.fromkeys(post for rung in rungs for post in rung.notify)), any(rung.raise_level for rung in rungs)
