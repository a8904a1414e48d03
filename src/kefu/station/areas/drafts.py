"""What is handed in about served areas. Plain values; checked in ``rules``."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class AreaDraft:
    """A row to add. ``region``: an address or a path, down to what it is meant for; ``valid_to`` is the first day it no longer holds."""

    region: str
    kind: str
    valid_from: date
    published_on: date
    valid_to: date | None = None
    places: str = ""
    surcharge: Decimal = Decimal(0)
    note: str = ""
