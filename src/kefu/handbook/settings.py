"""Dated settings: numbers and words a handbook states under ``texts.<key>.values``, read with the clause they stand in (HB2).

What the sources leave open (GK) is never a constant of the code: it is such a value, with a date and a source, shown in the reader.
"""

from dataclasses import dataclass
from datetime import timedelta

from kefu.handbook.schema import Handbook


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and the clause that sets it, written as ``best@3#texts.station_delivery_scan``."""

    value: object
    clause: str

    @property
    def number(self) -> float:
        """As a number; 0 when it is none."""
        return float(self.value) if isinstance(self.value, int | float) else 0.0

    def span(self, unit: timedelta) -> timedelta:
        """As a time of so many units."""
        return unit * self.number


def setting(book: Handbook, key: str, name: str) -> Setting | None:
    """The value ``name`` of the clause ``texts.<key>``; nothing when the handbook does not state it: the rule is then not in force."""
    text = book.texts.get(key)
    if text is None or name not in text.values:
        return None
    return Setting(text.values[name], str(book.ref(f"texts.{key}")))
