"""Columns and cells of a list as a screen shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console import routes
from kefu.kernel.actor import Actor
from kefu.kernel.exporting import Value
from kefu.lists.definition import List, ListColumn, Place

_RIGHT = ("number", "money", "percent")
_LONG = 14


@dataclass(frozen=True, slots=True)
class Cell:
    """A value to show. ``kind``: how (text, code, number with ``places``, money, percent, day, moment), a badge when it has a ``tone``.

    ``edit`` is the address where it is changed, empty for who may not.
    """

    kind: str
    value: Value
    tone: str
    href: str
    label: str
    places: int = 0
    edit: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to show."""
        return self.value is None or self.value == ""

    @property
    def is_long(self) -> bool:
        """Whether it is text of more than a few words, which needs a column to be read in."""
        return self.kind == "text" and isinstance(self.value, str) and len(self.value) > _LONG

    @property
    def num(self) -> bool:
        """Whether it stands to the right."""
        return self.kind in _RIGHT


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A row: its key for ticks (empty when there are none), its leading cell, the others."""

    key: str
    lead: Cell
    cells: Sequence[Cell]


def columns(the_list: List[Any], wanted: Sequence[str], *, several_sites: bool) -> list[ListColumn[Any]]:
    """The columns to show: the leading one, then those wanted, or the usual ones."""
    first, *others = the_list.columns
    kept = [one for one in others if (one.key in wanted if wanted else one.usual)]
    return [first, *(one for one in kept if several_sites or one.key != "site")]


def chooser(the_list: List[Any], shown: Sequence[ListColumn[Any]], *, several_sites: bool) -> list[tuple[str, str, bool]]:
    """Columns to tick: key, title, shown. The leading one is not to choose."""
    keys = {one.key for one in shown}
    return [(one.key, str(one.title), one.key in keys) for one in the_list.columns[1:] if several_sites or one.key != "site"]


def drawn(actor: Actor, the_list: List[Any], shown: Sequence[ListColumn[Any]], rows: Sequence[Any]) -> list[DrawnRow]:
    """The rows of a page; links only to pages the reader may open."""
    key = the_list.row_key
    found = []
    for row in rows:
        lead, *cells = (_cell(actor, one, row) for one in shown)
        found.append(DrawnRow(str(key(row)) if key else "", lead, cells))
    return found


def _cell(actor: Actor, column: ListColumn[Any], row: Any) -> Cell:
    value = column.said(row)
    if isinstance(value, bool):
        value = _("是") if value else _("否")
    kind = column.kind if column.words is None else ("code" if column.kind == "code" else "text")
    tone = column.tone(row) if column.tone is not None else ""
    opens = _address(actor, column.opens(row) if column.opens else None)
    edits = _address(actor, column.edit(row) if column.edit else None)
    return Cell(kind, value, tone, opens, str(column.title), _places(value), edits)


def _places(value: Value) -> int:
    """Decimal places a number needs: weights have up to three, counts none."""
    if not isinstance(value, Decimal | float):
        return 0
    exponent = Decimal(str(value)).normalize().as_tuple().exponent
    return min(3, max(0, -exponent)) if isinstance(exponent, int) else 0


def _address(actor: Actor, place: Place | None) -> str:
    if place is None:
        return ""
    route = routes.route(place.route)
    return reverse(f"console:{place.route}", kwargs=dict(place.params)) if route is not None and route.opens_for(actor) else ""
