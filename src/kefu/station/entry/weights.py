"""Weights of a waybill: by size, charged, and against the hub's scale. Pure (O9)."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

_GRAM = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Weighed:
    """Kilograms: what the size amounts to and what is charged; empty when nothing tells."""

    volume: Decimal | None
    billed: Decimal | None


def volumetric(length: Decimal | None, width: Decimal | None, height: Decimal | None, divisor: float | None) -> Decimal | None:
    """L×W×H in centimetres over the divisor (6000, 8000, 12000), in kilograms; nothing without a size or a stated divisor."""
    if not divisor or length is None or width is None or height is None:
        return None
    return (length * width * height / Decimal(str(divisor))).quantize(_GRAM)


def billed(weight: Decimal | None, volume: Decimal | None, step: float | None) -> Decimal | None:
    """The greater of both, rounded up to the step; not rounded when the handbook states none."""
    known = [one for one in (weight, volume) if one is not None]
    if not known:
        return None
    most = max(known)
    if not step:
        return most.quantize(_GRAM)
    unit = Decimal(str(step))
    return ((most / unit).to_integral_value(ROUND_CEILING) * unit).quantize(_GRAM)


def weighed(
    weight: Decimal | None,
    size: tuple[Decimal | None, Decimal | None, Decimal | None],
    *,
    divisor: float | None,
    step: float | None,
) -> Weighed:
    """Both weights of a parcel."""
    volume = volumetric(*size, divisor)
    return Weighed(volume, billed(weight, volume, step))


def underpaid(entered: Decimal | None, hub: Decimal | None, *, kilograms: float | None, share: float | None) -> Decimal:
    """Kilograms the hub found beyond what was entered, when that passes both tolerances (短缴); else 0."""
    if entered is None or hub is None or kilograms is None:
        return Decimal(0)
    more = hub - entered
    if more <= Decimal(str(kilograms)) or more <= entered * Decimal(str(share or 0)):
        return Decimal(0)
    return more
