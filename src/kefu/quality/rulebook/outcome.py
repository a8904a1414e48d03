"""What a condition comes to: true, false, or not known and why; with the places that show it (QA2, QA5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kefu.quality.reading import Utterance

NOTHING: Mapping[str, Any] = {}


class Evidence(NamedTuple):
    """A place that shows something, half-open in the plain text of an utterance; without one it speaks of the whole conversation."""

    utterance: Utterance | None
    start: int
    end: int
    code: str
    params: Mapping[str, Any] = NOTHING

    @property
    def place(self) -> tuple[int, int]:
        """Where it stands in the order of the conversation."""
        return (self.utterance.turn, self.start) if self.utterance is not None else (-1, 0)


@dataclass(frozen=True, slots=True)
class Unknown:
    """Why something cannot be told here: ``no_times``, ``no_sound``, ``no_fact:conversation.rating``, ``no_anchor:投诉`` …"""

    why: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """``value`` is ``None`` when it is not known, for the reason ``why``.

    ``lacking`` shows, for what is false, where something should have been. ``sure`` is false for what only a person can decide.
    """

    value: bool | None
    evidence: tuple[Evidence, ...] = field(default=())
    lacking: tuple[Evidence, ...] = field(default=())
    why: str = ""
    sure: bool = True


TRUE = Outcome(value=True)
FALSE = Outcome(value=False)


def unknown(why: str) -> Outcome:
    """Not known, and why."""
    return Outcome(None, why=why)
