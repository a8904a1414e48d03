"""What a rate card says: weight bands and charge items, checked before it may be kept. Pure (O11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Invalid, Message
from kefu.station.fees.vocabulary import BY_BANDS, Charge, Rule, When

ZERO = Decimal(0)
STEPS = (Decimal("0.1"), Decimal("0.5"), Decimal(1))
MOST_BANDS = 20
MOST_ITEMS = 20
_MOST = Decimal(100_000)


@dataclass(frozen=True, slots=True)
class Band:
    """A weight band. From ``from_kg`` on (that weight included): ``base`` yuan, and ``per_kg`` yuan for each kilogram over ``over_kg``,
    counted up to the next ``step`` kilograms; never more than ``cap`` yuan together."""

    from_kg: Decimal
    base: Decimal
    over_kg: Decimal = ZERO
    per_kg: Decimal = ZERO
    step: Decimal = STEPS[1]
    cap: Decimal | None = None

    def over(self, weight: Decimal) -> Decimal:
        """Kilograms counted over the threshold, rounded up to the step."""
        beyond = max(weight - self.over_kg, ZERO)
        return (beyond / self.step).to_integral_value(ROUND_CEILING) * self.step

    def fee(self, weight: Decimal) -> Decimal:
        """Base and extra together, under the cap; yuan, not rounded."""
        whole = self.base + self.over(weight) * self.per_kg
        return whole if self.cap is None else min(whole, self.cap)


@dataclass(frozen=True, slots=True)
class Item:
    """A charge item beside the bands. ``amount`` is yuan by the rule's unit, or per cent; ``over_kg`` and ``step`` are for weights."""

    charge: str
    rule: str
    amount: Decimal
    when: str = When.ALWAYS.value
    over_kg: Decimal = ZERO
    step: Decimal = STEPS[1]
    cap: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """Bands in rising order, then items in the order they are worked out."""

    bands: tuple[Band, ...]
    items: tuple[Item, ...] = ()

    def band(self, weight: Decimal) -> Band:
        """The band a weight falls into: the last that begins at or below it."""
        return next(band for band in reversed(self.bands) if band.from_kg <= weight)

    def stored(self) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """As JSON keeps them: numbers as text, so that no digit is lost."""
        return [_stored(band) for band in self.bands], [_stored(item) for item in self.items]


def _stored(row: Band | Item) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in row.__slots__}
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def rates_of(bands: Sequence[Mapping[str, Any]], items: Sequence[Mapping[str, Any]]) -> Rates:
    """Rates as kept or given, numbers as text; raises ``Invalid`` with a message per field (``bands.0.base``)."""
    wrong: dict[str, Message] = {}
    made = Rates(
        tuple(_band(row, f"bands.{place}", wrong) for place, row in enumerate(bands)),
        tuple(_item(row, f"items.{place}", wrong) for place, row in enumerate(items)),
    )
    if not wrong:
        wrong = _problems(made)
    if wrong:
        raise Invalid(fields=wrong, code="rates_invalid")
    return made


def _number(row: Mapping[str, Any], name: str, place: str, wrong: dict[str, Message], default: Decimal | None = None) -> Decimal:
    value = row.get(name)
    if value in (None, "") and default is not None:
        return default
    try:
        found = Decimal(str(value).strip())
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or not 0 <= found <= _MOST:
        wrong[f"{place}.{name}"] = _("请填写不小于 0 的数字。")
        return ZERO
    return found


def _cap(row: Mapping[str, Any], place: str, wrong: dict[str, Message]) -> Decimal | None:
    return None if row.get("cap") in (None, "") else _number(row, "cap", place, wrong)


def _step(row: Mapping[str, Any], place: str, wrong: dict[str, Message]) -> Decimal:
    step = _number(row, "step", place, wrong, STEPS[1])
    if step not in STEPS:
        wrong[f"{place}.step"] = _("进位只能是 0.1、0.5 或 1 千克。")
        return STEPS[1]
    return step


def _band(row: Mapping[str, Any], place: str, wrong: dict[str, Message]) -> Band:
    return Band(
        from_kg=_number(row, "from_kg", place, wrong),
        base=_number(row, "base", place, wrong),
        over_kg=_number(row, "over_kg", place, wrong, ZERO),
        per_kg=_number(row, "per_kg", place, wrong, ZERO),
        step=_step(row, place, wrong),
        cap=_cap(row, place, wrong),
    )


def _item(row: Mapping[str, Any], place: str, wrong: dict[str, Message]) -> Item:
    charge, rule, when = str(row.get("charge", "")), str(row.get("rule", "")), str(row.get("when") or When.ALWAYS)
    if charge not in Charge.values or charge in BY_BANDS:
        wrong[f"{place}.charge"] = _("请选择收费项目；基础派费和大货派费在重量段里填写。")
    if rule not in Rule.values:
        wrong[f"{place}.rule"] = _("请选择计算方式。")
    if when not in When.values:
        wrong[f"{place}.when"] = _("请选择适用范围。")
    return Item(
        charge=charge,
        rule=rule,
        amount=_number(row, "amount", place, wrong),
        when=when,
        over_kg=_number(row, "over_kg", place, wrong, ZERO),
        step=_step(row, place, wrong),
        cap=_cap(row, place, wrong),
    )


def _problems(rates: Rates) -> dict[str, Message]:
    """What is wrong with the table as a whole: a gap at the bottom, bands out of order, a heavier parcel that would earn less."""
    bands = rates.bands
    if not bands or bands[0].from_kg != 0:
        return {"bands": _("至少要有一个重量段，第一段从 0 千克开始。")}
    if len(bands) > MOST_BANDS or len(rates.items) > MOST_ITEMS:
        return {"bands": _("重量段和收费项目各不超过 20 个。")}
    wrong: dict[str, Message] = {}
    for place, band in enumerate(bands):
        if band.cap is not None and band.cap < band.base:
            wrong[f"bands.{place}.cap"] = _("封顶不能低于本段的基础派费。")
        if place and band.from_kg <= bands[place - 1].from_kg:
            wrong[f"bands.{place}.from_kg"] = _("重量段要从轻到重，起点不能重复。")
        elif place and band.fee(band.from_kg) < bands[place - 1].fee(band.from_kg):
            wrong[f"bands.{place}.base"] = _("这一段起点的派费低于上一段，重的反而便宜，请检查基础派费和每公斤价。")
    return wrong
