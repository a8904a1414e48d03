"""What is scored and counted: scorecards, penalty policy, KPI definitions."""

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field

from kefu.handbook.schema.base import ALL_CHANNELS, Channel, Clause, Key, Model, Titled, Words


class Penalty(Model):
    """What one breach costs: points of the score, and money in yuan where the source fines."""

    points: Decimal = Field(default=Decimal(0), ge=0, le=1000)
    money: Decimal = Field(default=Decimal(0), ge=0, le=100000)


class Detector(Model):
    """Which mechanism looks for the breach; its parameters are checked by the module that owns it."""

    model_config = {"extra": "allow"}

    kind: Key

    @property
    def params(self) -> dict[str, Any]:
        """Everything besides the kind."""
        return dict(self.model_extra or {})


class ScoreItem(Clause):
    """One line of the scorecard, and what a breach of it costs."""

    id: Key
    definition: Words
    penalty: Penalty = Penalty()
    fatal: bool = False
    weight: Decimal = Field(default=Decimal(1), ge=0, le=100)
    positive: bool = False
    mode: Literal["auto", "review", "manual"] = "auto"
    channels: tuple[Channel, ...] = ALL_CHANNELS
    detector: Detector | None = None


class ScoreGroup(Titled):
    """Items that belong together."""

    id: Key
    items: tuple[ScoreItem, ...] = Field(min_length=1)


class Scorecard(Clause):
    """Groups of items. A conversation starts at ``base_score`` and loses the points of its breaches.

    A handbook that extends another may ``adjust`` single items by id instead of writing the groups again.
    """

    channels: tuple[Channel, ...] = ALL_CHANNELS
    base_score: Decimal = Field(default=Decimal(100), gt=0, le=1000)
    pass_score: Decimal = Field(default=Decimal(60), ge=0, le=1000)
    groups: tuple[ScoreGroup, ...] = Field(min_length=1)

    def items(self) -> tuple[ScoreItem, ...]:
        """All items of all groups in order."""
        return tuple(item for group in self.groups for item in group.items)

    def item(self, item_id: str) -> ScoreItem | None:
        """The item with the id."""
        return next((item for item in self.items() if item.id == item_id), None)


class Penalties(Clause):
    """How breaches add up: repeats, caps per month, appeal and review windows in days (QA7, QA8)."""

    text: Words
    repeat_multiplier: Decimal = Field(default=Decimal(1), ge=1, le=10)
    repeat_window_days: int = Field(default=30, ge=1, le=366)
    monthly_cap_points: Decimal | None = Field(default=None, ge=0)
    monthly_cap_money: Decimal | None = Field(default=None, ge=0)
    appeal_days: int = Field(default=7, ge=0, le=90)
    review_days: int = Field(default=3, ge=0, le=90)


class Kpi(Clause):
    """A figure with its printed formula; ``numerator`` and ``denominator`` say what is counted."""

    formula: Words
    formula_en: str = ""
    numerator: Words
    denominator: str = ""
    unit: Literal["percent", "seconds", "minutes", "hours", "count", "points", "money", "per_million", "per_10000", "per_100000"]
    direction: Literal["up", "down"] = "up"
    target: Decimal | None = None
    weight: Decimal = Field(default=Decimal(0), ge=0, le=100)
