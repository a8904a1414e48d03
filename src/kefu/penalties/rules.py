"""Pure reckoning of penalties: repeats, caps, months, the legal floor (QA8, PERF3). Amounts here are positive; the ledger signs them."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal(0)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Policy:
    """How breaches of a handbook add up; a cap of ``None`` is none."""

    multiplier: Decimal = Decimal(1)
    window_days: int = 30
    cap_points: Decimal | None = None
    cap_money: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Earlier:
    """A standing line of the same person for the same item."""

    id: int
    day: date


@dataclass(frozen=True, slots=True)
class Reckoned:
    """What one breach costs: after the multiplier, with what earlier lines it counts, and what the month's cap cut off."""

    points: Decimal
    money: Decimal
    multiplier: Decimal
    counted: tuple[int, ...]
    capped_points: Decimal
    capped_money: Decimal


def counted(earlier: Iterable[Earlier], day: date, window_days: int) -> tuple[int, ...]:
    """Earlier lines inside of the window: the days before ``day`` and ``day`` itself."""
    first = day - timedelta(days=window_days)
    return tuple(sorted(one.id for one in earlier if first <= one.day <= day))


def reckon(
    points: Decimal, money: Decimal, earlier: Collection[int], policy: Policy, used_points: Decimal, used_money: Decimal
) -> Reckoned:
    """A repeat costs the multiplied amount, once multiplied however many came before; nobody's month goes over its cap."""
    factor = policy.multiplier if earlier else Decimal(1)
    whole_points, whole_money = _cents(points * factor), _cents(money * factor)
    held_points = _held(whole_points, used_points, policy.cap_points)
    held_money = _held(whole_money, used_money, policy.cap_money)
    return Reckoned(
        held_points, held_money, factor, tuple(earlier) if factor != 1 else (), whole_points - held_points, whole_money - held_money
    )


def _held(amount: Decimal, used: Decimal, cap: Decimal | None) -> Decimal:
    return amount if cap is None else min(amount, max(ZERO, cap - used))


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(_CENT, ROUND_HALF_UP)


def month_of(day: date) -> date:
    """The first of its month."""
    return day.replace(day=1)


def month_after(month: date) -> date:
    """The first of the next month."""
    return (month + timedelta(days=31)).replace(day=1)


def open_month(wanted: date, locked: Collection[date]) -> date:
    """The wanted month, or the first one after it that is not locked."""
    month = month_of(wanted)
    while month in locked:
        month = month_after(month)
    return month


@dataclass(frozen=True, slots=True)
class FloorTerms:
    """What may be taken of a month's wage: at most ``share`` of it, and never below ``minimum``; ``warn``: without a known wage."""

    share: Decimal | None = None
    minimum: Decimal | None = None
    warn: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Floor:
    """The most that may be deducted of the month's wage (``None``: unknown), and by how much the deductions go over it."""

    most: Decimal | None
    over: Decimal
    known: bool


def floor(deducted: Decimal, wage: Decimal | None, terms: FloorTerms) -> Floor:
    """Whether a month's money deductions stay inside of what the law leaves (工资支付暂行规定 第十六条). Only money is looked at."""
    if wage is None:
        return Floor(terms.warn, max(ZERO, deducted - terms.warn) if terms.warn is not None else ZERO, known=False)
    limits = []
    if terms.share is not None:
        limits.append(_cents(wage * terms.share / 100))
    if terms.minimum is not None:
        limits.append(max(ZERO, wage - terms.minimum))
    most = min(limits) if limits else None
    return Floor(most, max(ZERO, deducted - most) if most is not None else ZERO, known=True)
