"""What an inspection says: hits with their evidence, one result per item, and the score (QA1, QA5)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal, TypeAlias

Mode: TypeAlias = Literal["auto", "review"]
State: TypeAlias = Literal["passed", "breached", "review", "not_applicable", "manual"]

LETTERS: Mapping[State, str] = {"passed": "p", "breached": "b", "review": "r", "not_applicable": "n", "manual": "m"}
"""One letter per state: an inspection's row keeps the whole card as one short word."""
STATES: Mapping[str, State] = {letter: state for state, letter in LETTERS.items()}


@dataclass(frozen=True, slots=True)
class Hit:
    """One finding. ``start`` and ``end`` are half-open in the original text of line ``line``; ``None`` speaks of the whole conversation.

    ``auto`` may count as a breach by itself, ``review`` waits for a person. ``confidence`` is 0..1, ``code`` says what was seen.
    """

    detector: str
    code: str
    line: int | None
    start: int
    end: int
    text: str
    mode: Mode
    confidence: float
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ItemResult:
    """One line of the scorecard: its clause id, its state, why it was not judged, and the evidence."""

    clause: str
    item: str
    state: State
    why: str = ""
    hits: tuple[Hit, ...] = ()
    points: Decimal = Decimal(0)
    money: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Inspected:
    """A whole card: every item once, in its order. ``cut`` when the conversation was too long to be read to its end."""

    scorecard: str
    items: tuple[ItemResult, ...]
    score: Decimal
    fatal: bool
    points: Decimal
    money: Decimal
    cut: bool = False

    @property
    def states(self) -> str:
        """One letter per item."""
        return "".join(LETTERS[item.state] for item in self.items)

    @property
    def hits(self) -> list[tuple[ItemResult, Hit]]:
        """Every hit with its item."""
        return [(item, hit) for item in self.items for hit in item.hits]

    def item(self, item_id: str) -> ItemResult:
        """The result of one item; ``KeyError`` for an unknown id."""
        for item in self.items:
            if item.item == item_id:
                return item
        raise KeyError(item_id)
