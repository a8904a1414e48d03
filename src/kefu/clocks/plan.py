"""What a clock will do and when: warning, breach, rungs of the ladder, the end of a capped pause. Pure."""

from collections.abc import Sequence
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

    def to_json(self) -> list[Any]:
        """Compact form kept with the clock."""
        return [self.at.isoformat(), self.phase, list(self.notify), self.raise_level]

    @classmethod
    def from_json(cls, data: list[Any]) -> "Firing":
        """Back from the compact form."""
        return cls(datetime.fromisoformat(data[0]), data[1], tuple(data[2]), data[3])


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


def plan(start: datetime, target: Target, pauses: Sequence[Pause], *, cap: int | None, ladder: Sequence[Rung], now: datetime) -> Planned:
    """Work out when the clock fires. A pause that lasts is taken to last until its cap is used up, or for good without one."""
    found = due(start, target, pauses, pause_cap_seconds=cap, now=now)
    if found.running:
        return Planned(found, _firings(found, ladder))
    if found.resumes_at is None:
        return Planned(found, ())
    until = [Pause(p.start, p.end or found.resumes_at, p.reason) for p in pauses]
    later = due(start, target, until, pause_cap_seconds=cap, now=found.resumes_at)
    return Planned(later, (Firing(found.resumes_at, "resume"), *_firings(later, ladder)))


def _firings(found: Due, ladder: Sequence[Rung]) -> tuple[Firing, ...]:
    breach_rungs = [rung for rung in ladder if rung.after == 0]
    breach = Firing(found.due_at, "breach", _posts(breach_rungs), any(rung.raise_level for rung in breach_rungs))
    result = [breach]
    if found.warn_at is not None:
        warn_rungs = [rung for rung in ladder if rung.after is None]
        result.append(Firing(found.warn_at, "warn", _posts(warn_rungs), any(rung.raise_level for rung in warn_rungs)))
    result.extend(
        Firing(found.due_at + timedelta(seconds=rung.after), "rung", rung.notify, rung.raise_level) for rung in ladder if rung.after
    )
    return tuple(sorted(result, key=lambda firing: firing.at))


def _posts(rungs: Sequence[Rung]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(post for rung in rungs for post in rung.notify))
