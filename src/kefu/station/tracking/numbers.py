"""Numbers out of what people paste or upload: each once, in their order; what cannot be one said apart, never guessed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kefu.kernel.cells import BadCell, code_of
from kefu.kernel.tabular import Cell, Column, Row, cells_of, map_columns, read_table
from kefu.parcels.waybills import clean_waybill, is_waybill

_SEPARATORS = re.compile(r"[\s,，;；、|/]+")
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:\.\d+)?E[+-]?\d{1,3}", re.IGNORECASE)
_HEADING = "waybill"
_COLUMNS: Sequence[Column] = (
    Column(_HEADING, _("运单号"), ("运单号", "快递单号", "单号", "运单编号", "物流单号", "面单号", "tracking_no", "waybill")),
)
_LONGEST_SHOWN = 40
_HEAD_LINES = 10


@dataclass(frozen=True, slots=True)
class Pasted:
    """``invalid`` are what was meant as a number and cannot be one, with a code of what is wrong."""

    numbers: tuple[str, ...]
    invalid: tuple[tuple[str, str], ...]

    @property
    def empty(self) -> bool:
        """Whether there was nothing at all."""
        return not self.numbers and not self.invalid


def pasted(text: str) -> Pasted:
    """Numbers of a text, however they are separated."""
    return _sorted(_of_cell(part) for part in _SEPARATORS.split(text.replace("\0", "")) if part)


def uploaded(path: Path) -> Pasted:
    """Numbers of a table: of the column that is called so, else of the first. Raises what the reading of tables raises.

    Carriers' exports have titles and merged headings above the names of the columns: those are looked for in the first lines.
    """
    table = read_table(path)
    rows = chain([Row(1, table.headings)], table.rows())
    head = list(islice(rows, _HEAD_LINES))
    for place, row in enumerate(head):
        places = map_columns([str(cell or "") for cell in row.cells], _COLUMNS)
        if _HEADING in places:
            cells = (cells_of(one, places).get(_HEADING) for one in chain(head[place + 1 :], rows))
            return _sorted(_of_cell(cell) for cell in cells if cell not in (None, ""))
    firsts = (row.cells[0] if row.cells else None for row in chain(head, rows))
    return _sorted(_of_cell(cell) for cell in firsts if cell not in (None, ""))


def _of_cell(cell: Cell) -> tuple[str, str]:
    """The clean number and what is wrong with it."""
    try:
        text = code_of(cell)
    except BadCell as bad:
        return str(cell)[:_LONGEST_SHOWN], bad.reason
    number = clean_waybill(text)
    if _SCIENTIFIC.fullmatch(text.strip()):
        return text[:_LONGEST_SHOWN], "digits_lost"
    return (number, "") if is_waybill(number) else (text.strip()[:_LONGEST_SHOWN], "bad_waybill")


def _sorted(found: Iterable[tuple[str, str]]) -> Pasted:
    good: dict[str, None] = {}
    bad: dict[str, str] = {}
    for text, reason in found:
        if reason and text:
            bad.setdefault(text, reason)
        elif text:
            good.setdefault(text, None)
    return Pasted(tuple(good), tuple(bad.items()))
