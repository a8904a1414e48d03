"""Events of clocks. One event carries all clocks that fired in one sweep of a batch."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from kefu.kernel.outbox import Event


class FiredClock(BaseModel):
    """A clock that reached a moment of its plan; ``at`` is when that moment fell, not when it was noticed."""

    model_config = ConfigDict(frozen=True, extra="forbid")
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
