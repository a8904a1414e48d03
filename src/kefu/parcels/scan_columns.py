"""A lot of scans by columns: what a file says, checked a column at a time. Pure.

A million rows one by one cost more to check than to store. So a column is looked at as a whole, cells that many rows share once. A row
with any cell that is not plainly right is read again by the way of single rows (``one_by_one``), which alone knows what is wrong with it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from functools import partial
from itertools import compress
from operator import itemgetter
from typing import Any

from kefu.kernel.cells import BadCell, code_of
from kefu.kernel.tabular import Cell, Lot
from kefu.parcels.checks import is_bag
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.waybills import clean_waybill

FIELDS = ("waybill", "code", "site_id", "scanned_at", "operator", "courier", "previous_site_id", "next_site_id", "device", "reason",
    "note", "external_id", "bag", "truck")  # fmt: skip
# Columns of a file by field of a scan; cells that many rows share, with the most characters their column takes.
_SHARED = {"operator": 20, "courier": 20, "device": 40, "truck": 40}
_FREE = {"reason": 20, "note": 200, "external_id": 80}
_SITES = {"site_id": "site", "previous_site_id": "previous", "next_site_id": "next"}
_LENGTHS = frozenset({16, 19})
_UNSURE = object()


@dataclass(slots=True)
class ScanColumns:
    """Scans by columns, each as long as ``waybill``; ``moments`` are the times as a database reads them, with their offset, ``row`` the
    numbers of their rows in the file."""

    row: list[int] = field(default_factory=list)
    waybill: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    site_id: list[int] = field(default_factory=list)
    scanned_at: list[datetime] = field(default_factory=list)
    moments: list[str] = field(default_factory=list)
    operator: list[str] = field(default_factory=list)
    courier: list[str] = field(default_factory=list)
    previous_site_id: list[int | None] = field(default_factory=list)
    next_site_id: list[int | None] = field(default_factory=list)
    device: list[str] = field(default_factory=list)
    reason: list[str] = field(default_factory=list)
    note: list[str] = field(default_factory=list)
    external_id: list[str] = field(default_factory=list)
    bag: list[str] = field(default_factory=list)
    truck: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.waybill)

    def extend(self, others: "ScanColumns") -> None:
        """Append the others behind these."""
        for name in (*FIELDS, "moments", "row"):
            getattr(self, name).extend(getattr(others, name))


@dataclass(frozen=True)
class Reader:
    """Reads lots of one file. ``one_by_one`` gives the scan of a row, or the code of what is wrong with it.

    ``site_of`` tells the key of a site by its cell (0: none in reach), ``other_site_of`` that of a neighbour (none: unknown to us).
    """

    places: Mapping[str, int]
    zone: tzinfo
    latest: datetime
    earliest: datetime
    code_of: Callable[[str], str | None]
    site_of: Callable[[str], int]
    other_site_of: Callable[[str], int | None]
    one_by_one: Callable[[Sequence[Cell]], ScanDraft | str]
    _memo: dict[str, dict[str, Any]] = field(default_factory=dict)
    _offsets: dict[str, tuple[tzinfo, str] | None] = field(default_factory=dict)

    def read(self, lot: Lot) -> tuple[ScanColumns, list[tuple[int, str]]]:
        """The scans of a lot, those read one by one at the end; and the places that cannot be read, with the reason."""
        found = ScanColumns()
        columns, good = self._columns(lot.rows)
        slow: list[int] = []
        if columns is None:
            slow = list(range(len(lot.rows)))
        elif all(good):
            found.row = list(lot.numbers)
            for name, column in columns.items():
                setattr(found, name, column)
        else:
            slow = [place for place, fine in enumerate(good) if not fine]
            found.row = list(compress(lot.numbers, good))
            for name, column in columns.items():
                setattr(found, name, list(compress(column, good)))
        wrong = []
        for place in slow:
            draft = self.one_by_one(lot.rows[place])
            if isinstance(draft, str):
                wrong.append((place, draft))
            else:
                _add(found, draft, lot.numbers[place])
        return found, wrong

    def _columns(self, rows: Sequence[Sequence[Cell]]) -> tuple[dict[str, list[Any]] | None, list[bool]]:
        """Columns with ``_UNSURE`` cells, and which rows have none; no columns when the rows are of no even shape."""
        width = max(self.places.values()) + 1
        if min(map(len, rows)) < width:
            return None, []
        given = {name: list(map(itemgetter(place), rows)) for name, place in self.places.items()}
        if not all(set(map(type, column)) == {str} for column in given.values()):
            return None, []
        found: dict[str, list[Any]] = {"waybill": _numbers(given["waybill"]), "code": self._shared("code", given["code"], self._code)}
        found["scanned_at"], found["moments"] = self._moments(given["scanned_at"])
        blank = [""] * len(rows)
        for name, column in _SITES.items():
            read = self._site if name == "site_id" else self._other_site
            found[name] = self._shared(name, given.get(column, blank), read)
        for name, most in _SHARED.items():
            found[name] = self._shared(name, given[name], partial(_plain, most=most)) if name in given else blank
        for name, most in _FREE.items():
            found[name] = _texts(given[name], most) if name in given else blank
        found["bag"] = self._shared("bag", given["bag"], _bag) if "bag" in given else blank
        good = [True] * len(rows)
        for cells in found.values():
            if _UNSURE in cells:
                good = [fine and cell is not _UNSURE for fine, cell in zip(good, cells, strict=True)]
        return found, good

    def _shared(self, name: str, column: Sequence[str], read: Callable[[str], Any]) -> list[Any]:
        memo = self._memo.setdefault(name, {})
        for cell in set(column) - memo.keys():
            memo[cell] = read(cell)
        found = list(map(memo.__getitem__, column))
        if len(memo) > 100_000:
            memo.clear()
        return found

    def _code(self, cell: str) -> Any:
        return self.code_of(cell) or _UNSURE

    def _site(self, cell: str) -> Any:
        try:
            return self.site_of(cell) or _UNSURE
        except BadCell:
            return _UNSURE

    def _other_site(self, cell: str) -> Any:
        try:
            return self.other_site_of(cell)
        except BadCell:
            return _UNSURE

    def _moments(self, column: Sequence[str]) -> tuple[list[Any], list[Any]]:
        """Times written ``2026-03-01 09:30:00``, and how the database is to read them; others are unsure."""
        lengths = set(map(len, column))
        if not lengths <= _LENGTHS or not {cell[10] for cell in column} <= {" ", "T"} or any("W" in cell for cell in column):
            return self._moments_apart(column)
        try:
            plain = list(map(datetime.fromisoformat, column))
        except ValueError:
            return self._moments_apart(column)
        offsets = [self._offset(cell[:10]) for cell in column]
        if None in offsets:
            return self._moments_apart(column)
        moments = [at.replace(tzinfo=offset[0]) for at, offset in zip(plain, offsets, strict=True)]  # type: ignore[index]
        if max(moments) > self.latest or min(moments) < self.earliest:
            return self._moments_apart(column)
        return moments, [cell + offset[1] for cell, offset in zip(column, offsets, strict=True)]  # type: ignore[index]

    def _moments_apart(self, column: Sequence[str]) -> tuple[list[Any], list[Any]]:
        if len(column) == 1:
            return [_UNSURE], [_UNSURE]
        half = len(column) // 2
        early, late = self._moments(column[:half]), self._moments(column[half:])
        return early[0] + late[0], early[1] + late[1]

    def _offset(self, day: str) -> tuple[tzinfo, str] | None:
        """The offset of a whole day; none where clocks are changed that day."""
        if day not in self._offsets:
            self._offsets[day] = _offset_of(date.fromisoformat(day), self.zone)
        return self._offsets[day]


def _offset_of(day: date, zone: tzinfo) -> tuple[tzinfo, str] | None:
    midnight = datetime.combine(day, time.min, zone)
    offset = midnight.utcoffset() or timedelta(0)
    if datetime.combine(day + timedelta(days=1), time.min, zone).utcoffset() != offset or offset.total_seconds() % 60:
        return None
    return timezone(offset), midnight.isoformat()[19:]


def _numbers(column: Sequence[str]) -> list[Any]:
    """Waybills that are clean as they stand, or but for their case. What Excel made of a number is shorter, or has signs in it."""
    together = "".join(column)
    lengths = set(map(len, column))
    if together.isascii() and together.isdigit() and min(lengths) >= 6 and max(lengths) <= 40:
        return list(column)
    return [
        cell.upper() if cell.isascii() and cell.isalnum() and 6 <= len(cell) <= 40 and not cell.isalpha() else _UNSURE for cell in column
    ]


def _plain(cell: str, most: int) -> Any:
    try:
        text = code_of(cell)
    except BadCell:
        return _UNSURE
    return text if len(text) <= most else _UNSURE


def _bag(cell: str) -> Any:
    bag = _plain(cell, 80)
    number = clean_waybill(bag) if bag and bag is not _UNSURE else bag
    return number if not number or number is _UNSURE or is_bag(number) else _UNSURE


def _texts(column: Sequence[str], most: int) -> list[Any]:
    if not any(column):
        return list(column)
    stripped = list(map(str.strip, column))
    if max(map(len, stripped)) <= most:
        return stripped
    return [cell if len(cell) <= most else _UNSURE for cell in stripped]


def _add(found: ScanColumns, draft: ScanDraft, row: int) -> None:
    found.row.append(row)
    for name in FIELDS:
        getattr(found, name).append(getattr(draft, name))
    found.moments.append(draft.scanned_at.isoformat())
