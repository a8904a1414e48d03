"""The delay limits a handbook states: ``texts.service_limits`` (R1) and ``texts.total_delay`` (R5, R8)."""

from datetime import timedelta

from kefu.handbook.schema import Handbook
from kefu.parcels.delay import DelayLimits, Limit
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


def _value(book: Handbook, key: str, name: str) -> object:
    text = book.texts.get(key)
    return text.values.get(name) if text else None


def _limits(book: Handbook, key: str, names: dict[Scope, str], unit: timedelta) -> dict[str, Limit]:
    found = {scope.value: _value(book, key, name) for scope, name in names.items()}
    clause = str(book.ref(f"texts.{key}"))
    return {scope: Limit(unit * value, clause) for scope, value in found.items() if isinstance(value, int | float)}
