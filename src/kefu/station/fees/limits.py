"""The settings of delivery fees a handbook states: ``texts.station_fees`` (O11, GK)."""

from decimal import Decimal

from kefu.handbook.schema import Handbook
from kefu.handbook.settings import Setting, setting

KEY = "station_fees"


def weight_tolerance(book: Handbook) -> Decimal | None:
    """Kilograms the centre's weight and one's own may lie apart; nothing when the handbook does not say."""
    found = setting(book, KEY, "weight_tolerance_kg")
    return None if found is None else Decimal(str(found.value))


def case_kinds(book: Handbook) -> tuple[str, ...]:
    """Kinds of case a dispute may become, the first the handbook has a procedure for is taken."""
    found: list[Setting] = [one for name in ("case_kind", "case_kind_else") if (one := setting(book, KEY, name)) is not None]
    return tuple(str(one.value) for one in found)
