"""The limits a handbook states for parcels: ``texts.service_limits`` (R1), ``texts.total_delay`` (R5, R8), ``texts.weight_loss`` (O4)."""

from datetime import timedelta
from decimal import Decimal

from kefu.handbook.schema import Handbook
from kefu.parcels.delay import DelayLimits, Limit
from kefu.parcels.holding import WeightLimits
from kefu.parcels.vocabulary import Scope

_DELIVERY = {Scope.SAME_CITY: "same_city_hours", Scope.DOMESTIC: "other_city_hours"}
_LOST = {Scope.SAME_CITY: "same_city_days", Scope.DOMESTIC: "other_city_days", Scope.OVERSEAS: "international_days"}


def limits_of(book: Handbook) -> DelayLimits:
    """Limits by reach, each with its clause; a handbook that does not state one sets none."""
    return DelayLimits(
        delivery=_limits(book, "service_limits", _DELIVERY, timedelta(hours=1)),
        lost=_limits(book, "total_delay", _LOST, timedelta(days=1)),
        standard=str(_value(book, "total_delay", "standard_version") or ""),
    )


def weight_limits(book: Handbook) -> WeightLimits | None:
    """How much lighter a parcel may be weighed on the way (O4); none when the handbook does not state it."""
    kilograms, share = _value(book, "weight_loss", "kilograms"), _value(book, "weight_loss", "share")
    if not isinstance(kilograms, int | float) or not isinstance(share, int | float):
        return None
    return WeightLimits(Decimal(str(kilograms)), Decimal(str(share)), str(book.ref("texts.weight_loss")))


def _value(book: Handbook, key: str, name: str) -> object:
    text = book.texts.get(key)
    return text.values.get(name) if text else None


def _limits(book: Handbook, key: str, names: dict[Scope, str], unit: timedelta) -> dict[str, Limit]:
    found = {scope.value: _value(book, key, name) for scope, name in names.items()}
    clause = str(book.ref(f"texts.{key}"))
    return {scope: Limit(unit * value, clause) for scope, value in found.items() if isinstance(value, int | float)}
