"""What a delivery earns: one pure function from the facts of a parcel and a rate card to lines with the sum written out (O11)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from kefu.station.fees.rates import ZERO, Item, Rates
from kefu.station.fees.vocabulary import DEDUCTIONS, Charge, Rule, When

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a fee depends on. Kilograms; ``hub`` is the centre's scale, nothing when it did not weigh. ``tolerance``: how far the two
    weights may lie apart before the difference counts; nothing: no such rule is in force."""

    own: Decimal | None
    hub: Decimal | None = None
    pieces: int = 1
    receipt: bool = False
    round_trip: bool = False
    floors: int = 0
    tolerance: Decimal | None = None

    @property
    def billed(self) -> Decimal | None:
        """The weight that counts: the centre's over one's own (O11)."""
        return self.hub if self.hub is not None else self.own

    @property
    def difference(self) -> Decimal:
        """The centre's weight minus one's own."""
        return ZERO if self.hub is None or self.own is None else self.hub - self.own

    @property
    def differs(self) -> bool:
        """Whether the two lie further apart than allowed."""
        return self.tolerance is not None and abs(self.difference) > self.tolerance


@dataclass(frozen=True, slots=True)
class Line:
    """An amount in yuan (below zero: a deduction) with the numbers it was worked out from."""

    charge: str
    rule: str
    amount: Decimal
    numbers: Mapping[str, str]

    def stored(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return {"charge": self.charge, "rule": self.rule, "amount": str(self.amount), "numbers": dict(self.numbers)}


@dataclass(frozen=True, slots=True)
class Reckoned:
    """Lines in the order of the card, and their sum."""

    lines: tuple[Line, ...]
    billed: Decimal

    @property
    def total(self) -> Decimal:
        """Sum of the lines."""
        return sum((line.amount for line in self.lines), ZERO)

    def of(self, charge: str) -> Decimal:
        """Sum of one charge."""
        return sum((line.amount for line in self.lines if line.charge == charge), ZERO)


def fee_of(facts: Facts, card: Rates) -> Reckoned:
    """Work out a delivery. The weight must be known (``facts.billed``)."""
    weight = facts.billed
    if weight is None:
        msg = "a fee needs a weight"
        raise ValueError(msg)
    lines = _by_bands(weight, card)
    for item in card.items:
        if _falls(item, facts) and (line := _line(item, facts, weight, lines)) is not None:
            lines.append(line)
    return Reckoned(tuple(lines), weight)


def _money(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)


def _short(number: Decimal) -> str:
    """Without zeros behind the point."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _by_bands(weight: Decimal, card: Rates) -> list[Line]:
    band = card.band(weight)
    base = _money(band.base)
    numbers = {"weight": _short(weight), "from": _short(band.from_kg), "each": _short(band.base)}
    lines = [Line(Charge.BASE.value, "band", base, numbers)]
    over = band.over(weight)
    if over and band.per_kg:
        extra = _money(band.fee(weight)) - base
        capped = band.cap is not None and band.base + over * band.per_kg > band.cap
        told = {"weight": _short(weight), "over": _short(band.over_kg), "step": _short(band.step), "kg": _short(over)}
        told |= {"each": _short(band.per_kg)} | ({"cap": _short(band.cap)} if capped and band.cap is not None else {})
        lines.append(Line(Charge.HEAVY.value, "over", extra, told))
    return lines


def _falls(item: Item, facts: Facts) -> bool:
    falls = {
        When.RECEIPT.value: facts.receipt,
        When.ROUND_TRIP.value: facts.round_trip,
        When.HEAVIER.value: facts.differs and facts.difference > 0,
    }
    return falls.get(item.when, True)


def _line(item: Item, facts: Facts, weight: Decimal, before: list[Line]) -> Line | None:
    count, numbers = _COUNTS[item.rule](item, facts, weight, before)
    whole = count * item.amount
    amount = whole if item.cap is None else min(whole, item.cap)
    if not amount:
        return None
    told = {"each": _short(item.amount), **numbers}
    if item.cap is not None and whole > item.cap:
        told["cap"] = _short(item.cap)
    sign = -1 if item.charge in DEDUCTIONS else 1
    return Line(item.charge, item.rule, sign * _money(amount), told)


_Count = Callable[[Item, Facts, Decimal, list[Line]], tuple[Decimal, dict[str, str]]]


def _kilograms(item: Item, weight: Decimal, over: Decimal) -> tuple[Decimal, dict[str, str]]:
    beyond = max(weight - over, ZERO)
    kg = (beyond / item.step).to_integral_value(ROUND_CEILING) * item.step
    return kg, {"weight": _short(weight), "over": _short(over), "step": _short(item.step), "kg": _short(kg)}


def _shared(_item: Item, _facts: Facts, _weight: Decimal, before: list[Line]) -> tuple[Decimal, dict[str, str]]:
    earned = sum((line.amount for line in before if line.amount > 0), ZERO)
    return earned / 100, {"sum": _short(earned)}


_COUNTS: dict[str, _Count] = {
    Rule.EACH.value: lambda _item, _facts, _weight, _before: (Decimal(1), {}),
    Rule.PIECE.value: lambda _item, facts, _weight, _before: (Decimal(facts.pieces), {"pieces": str(facts.pieces)}),
    Rule.WEIGHT.value: lambda item, _facts, weight, _before: _kilograms(item, weight, item.over_kg),
    Rule.DIFFERENCE.value: lambda item, facts, weight, _before: _kilograms(item, weight, weight - max(facts.difference, ZERO)),
    Rule.FLOOR.value: lambda _item, facts, _weight, _before: (Decimal(facts.floors), {"floors": str(facts.floors)}),
    Rule.PERCENT.value: _shared,
}


def spelled(line: Mapping[str, Any]) -> str:
    """A kept line as a sum somebody can check with a pocket calculator, in the reader's language."""
    numbers: Mapping[str, str] = line["numbers"]
    said = _spelled(str(line["rule"]), numbers)
    return f"{said}{_('；封顶 %(cap)s 元') % numbers}" if "cap" in numbers else said


def _spelled(rule: str, numbers: Mapping[str, str]) -> str:
    """By the rule's own form of words."""
    forms = {
        "band": _("%(weight)s 千克，属于 %(from)s 千克起的重量段：%(each)s 元"),
        "over": _("（%(weight)s − %(over)s）千克，按 %(step)s 进位为 %(kg)s 千克 × %(each)s 元"),
        "each": _("每票 %(each)s 元"),
        "piece": _("%(pieces)s 件 × %(each)s 元"),
        "weight": _("（%(weight)s − %(over)s）千克，按 %(step)s 进位为 %(kg)s 千克 × %(each)s 元"),
        "difference": _("中心 %(weight)s − 录单 %(over)s 千克，按 %(step)s 进位为 %(kg)s 千克 × %(each)s 元"),
        "floor": _("%(floors)s 层 × %(each)s 元"),
        "percent": _("%(sum)s 元 × %(each)s%%"),
        "verdict": _("争议裁定金额"),
        "settled": _("冲回已结算的 %(each)s 元"),
    }
    return forms[rule] % numbers
