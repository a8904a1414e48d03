"""Events of clocks. One event carries all clocks that fired in one sweep of a batch."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import ConfigDict

from kefu.kernel.outbox import Event


@dataclass(frozen=True, slots=True)
class FiredClock:
    """A clock that reached a moment of its plan; ``at`` is when that moment fell, not when it was noticed.

    A plain dataclass: a storm makes a hundred thousand of them, from values that come out of our own rows.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    clock_id: int
    key: str
    clause: str
    subject_kind: str
    subject_id: int
    site_id: int
    phase: Literal["warn", "breach", "rung", "resume"]
    at: datetime
    notify: tuple[str, ...] = ()
    raise_level: bool = False


class ClocksFired(Event):
    """Clocks that warned, broke, climbed their ladder or ran on by themselves."""

    type: ClassVar[str] = "clocks.fired"
    items: tuple[FiredClock, ...]

    @property
    def subject(self) -> tuple[str, int]:
        """The first clock; the items say the rest."""
        return "clock", self.items[0].clock_id
