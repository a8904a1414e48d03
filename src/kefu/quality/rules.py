"""How breaches add up to a score (QA1). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from kefu.handbook.schema import ScoreItem
from kefu.quality.results import Hit, ItemResult, State

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Score:
    """The sum of a card."""

    score: Decimal
    fatal: bool
    points: Decimal
    money: Decimal


def state_of(hits: Sequence[Hit], *, mode: str) -> State:
    """What an item's hits make of it. An item set to ``review`` is never breached by itself, one set to ``manual`` is a person's."""
    if mode == "manual":
        return "manual"
    if any(hit.mode == "auto" for hit in hits) and mode == "auto":
        return "breached"
    return "review" if hits else "passed"


def price(item: ScoreItem, state: State, hits: Sequence[Hit], *, each: bool) -> tuple[Decimal, Decimal]:
    """Points and money of one item: once a conversation, or once per automatic hit where the card says so. Reviews cost nothing yet."""
    if state != "breached":
        return ZERO, ZERO
    times = sum(hit.mode == "auto" for hit in hits) if each else 1
    return item.penalty.points * item.weight * times, item.penalty.money * times


def add_up(base: Decimal, items: Sequence[tuple[ScoreItem, ItemResult]]) -> Score:
    """From ``base`` down by the points of breaches, up by earned positive items, never outside 0..base; a fatal breach leaves 0."""
    lost = earned = money = ZERO
    fatal = False
    for item, result in items:
        if item.positive:
            earned += result.points
            continue
        lost += result.points
        money += result.money
        fatal = fatal or (item.fatal and result.state == "breached")
    score = ZERO if fatal else min(base, max(ZERO, base - lost + earned))
    return Score(score, fatal, lost, money)
