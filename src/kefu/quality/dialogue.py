"""A conversation as the inspector takes it: who said what, in which order, on which channel (QA2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, TypeAlias

from kefu.handbook.schema import Channel

Side: TypeAlias = Literal["agent", "customer", "system"]


class Line(Protocol):
    """One utterance. ``at`` and ``end`` are seconds from the start of the conversation, ``None`` when nobody noted them."""

    @property
    def index(self) -> int:
        """Place in the conversation, from 0."""
        ...

    @property
    def side(self) -> Side:
        """Who speaks; ``system`` is an automatic reply or notice."""
        ...

    @property
    def text(self) -> str:
        """What was said or written, as it was."""
        ...

    @property
    def at(self) -> float | None:
        """When it began."""
        ...

    @property
    def end(self) -> float | None:
        """When it ended; calls only."""
        ...


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A whole conversation. ``facts`` may say what the text does not:

    ``conversation.ended_by`` (``agent``, ``customer``, ``system``), ``conversation.transferred_in``, ``conversation.transferred_out``.
    """

    channel: Channel
    lines: Sequence[Line]
    site_name: str = ""
    staff_no: str = ""
    staff_name: str = ""
    company: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
