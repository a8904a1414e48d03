"""Rows from the files people have: CSV, TSV, Excel, JSON lines, in whatever encoding they were saved (PLAT2).

Files are told apart by their content, never by their name. Text is read as a stream; every refusal names the row.
"""

import csv
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import chain, compress, islice
from pathlib import Path
from typing import Any, TypeAlias
from unicodedata import normalize

from django.utils.translation import gettext_lazy as _
from python_calamine import CalamineError, CalamineWorkbook

from kefu.kernel.encodings import detect_encoding
from kefu.kernel.errors import Invalid, Message
from kefu.kernel.wording import listed_later

MAX_BYTES = 1024**3
MAX_EXCEL_BYTES = 128 * 1024**2
MAX_CELL = 4_000_000
MAX_LINE = 16 * 1024**2

Cell: TypeAlias = str | int | float | bool | date | datetime | time | timedelta | None


@dataclass(frozen=True, slots=True)
class Row:
    """A row with its number in the file, from 1."""

    number: int
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Lot:
    """Many rows at once: their numbers in the file, and their cells."""

    numbers: Sequence[int]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Table:
    """Headings and the rows below them; ``rows`` starts anew at every call, and so does ``lots``, which gives many at once."""

    headings: tuple[str, ...]
    rows: Callable[[], Iterator[Row]]
    many: Callable[[int], Iterator[Lot]] | None = None
    skipped: int = 0

    def lots(self, size: int) -> Iterator[Lot]:
        """The rows in lots of about that many; a lot may hold fewer."""
        if self.many is not None:
            yield from self.many(size)
            return
        rows = self.rows()
        while lot := list(islice(rows, size)):
            yield Lot([row.number for row in lot], [row.cells for row in lot])


@dataclass(frozen=True, slots=True)
class Column:
    """A field that a table may have, and the headings it goes by."""

    field: str
    title: Message
    names: tuple[str, ...]
    required: bool = False


@dataclass(frozen=True, slots=True)
class JsonLine:
    """A line of JSON: its value, or ``broken`` when it is none; ``text`` as it stands in the file."""

    number: int
    text: str
    value: Any = None
    broken: bool = False


def check_file(path: Path, *, most: int = MAX_BYTES) -> None:
    """Refuse what is no file, empty, or larger than we read."""
    if not path.is_file():
        raise Invalid(_("找不到文件：%(name)s。"), code="no_file", name=path.name)
    size = path.stat().st_size
    if size == 0:
        raise Invalid(_("文件是空的：%(name)s。"), code="empty_file", name=path.name)
    if size > most:
        raise Invalid(
            _("文件过大（%(size)s MB），最大 %(most)s MB，请拆分后再导入。"), code="file_too_large", size=size >> 20, most=most >> 20
        )


# --- tables ----------------------------------------------------------------------------------------------------------------------


def read_table(path: Path, *, quoted: bool = True, delimiter: str = "") -> Table:
    """A table of any kind. ``quoted=False`` takes quotation marks as ordinary characters; the delimiter is seen in the headings."""
    check_file(path)
    with path.open("rb") as file:
        start = file.read(512)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _excel(path, zipped=start.startswith(b"PK"))
    if start.lstrip().lower().startswith((b"<html", b"<table", b"<!doctype", b"<?xml")):
        raise Invalid(_("这是网页或 XML 格式，请在 Excel 中另存为 .xlsx 后再导入。"), code="not_a_table")
    return _text_table(path, quoted=quoted, delimiter=delimiter)


def _excel(path: Path, *, zipped: bool) -> Table:
    check_file(path, most=MAX_EXCEL_BYTES)
    try:
        if zipped:
            with zipfile.ZipFile(path) as archive:
                if sum(info.file_size for info in archive.infolist()) > MAX_BYTES:
                    raise Invalid(_("表格解压后过大，请拆分后再导入。"), code="file_too_large")
        with CalamineWorkbook.from_path(path) as book:
            sheets = [book.get_sheet_by_index(index).to_python(skip_empty_area=False) for index in range(len(book.sheet_names))]
    except (CalamineError, zipfile.BadZipFile, OSError) as error:
        raise Invalid(_("无法打开表格，文件可能已损坏或有密码。"), code="broken_excel") from error
    filled = (
        [Row(number, cells) for number, cells in enumerate(sheet, start=1) if any(cell not in ("", None) for cell in cells)]
        for sheet in sheets
    )
    numbered = next((rows for rows in filled if rows), [])
    if not numbered:
        raise Invalid(_("表格是空的：%(name)s。"), code="empty_file", name=path.name)
    return Table(tuple(str(cell).strip() for cell in numbered[0].cells), lambda: iter(numbered[1:]))


def _text_table(path: Path, *, quoted: bool, delimiter: str) -> Table:
    encoding = detect_encoding(path)
    csv.field_size_limit(MAX_CELL)

    def rows() -> Iterator[Row]:
        with path.open(encoding=encoding, newline="") as file:
            skipped, first = _first_line(file)
            mark = delimiter or max(",\t;|，", key=first.count)
            lines = chain([first], file)
            reader = (
                csv.reader(lines, delimiter=mark) if quoted else csv.reader(lines, delimiter=mark, quoting=csv.QUOTE_NONE, quotechar=None)
            )
            yield from _numbered(reader, skipped)

    def many(size: int) -> Iterator[Lot]:
        with path.open(encoding=encoding, newline="") as file:
            skipped, first = _first_line(file)
            mark = delimiter or max(",\t;|，", key=first.count)
            rest: dict[str, Any] = {} if quoted else {"quoting": csv.QUOTE_NONE, "quotechar": None}
            yield from _lots(csv.reader(chain([first], file), delimiter=mark, **rest), skipped, size)

    headings = next(rows(), None)
    if headings is None:
        raise Invalid(_("表格是空的：%(name)s。"), code="empty_file", name=path.name)
    return Table(tuple(str(cell).strip() for cell in headings.cells), lambda: islice(rows(), 1, None), many)


def _lots(reader: Any, skipped: int, size: int) -> Iterator[Lot]:
    """All rows but the first that holds something, blank ones left out, as ``_numbered`` numbers them but without a step for each."""
    headed = False
    last = skipped
    try:
        while cells := list(islice(reader, size)):
            numbers: Sequence[int] = range(last + 1, last + 1 + len(cells))
            last = skipped + int(reader.line_num)
            if last != numbers[-1]:  # some cells hold line breaks
                numbers = _counted_lines(cells, numbers[0])
            full = ["".join(row).strip() != "" for row in cells]
            if not headed and True in full:
                full[full.index(True)], headed = False, True
            if not all(full):
                numbers, cells = list(compress(numbers, full)), list(compress(cells, full))
            if cells:
                yield Lot(numbers, cells)
    except csv.Error as error:
        raise Invalid(_("第 %(row)s 行无法读取，请检查引号是否成对。"), code="broken_row", row=last + 1) from error


def _counted_lines(cells: Sequence[Sequence[str]], first: int) -> list[int]:
    numbers = []
    for row in cells:
        numbers.append(first)
        first += 1 + sum(cell.count("\n") or cell.count("\r") for cell in row)
    return numbers


def _first_line(file: Iterator[str]) -> tuple[int, str]:
    """The headings, and how many lines stand before them; Excel may put ``sep=;`` there."""
    for skipped, line in enumerate(file):
        if line.strip() and not line.lower().startswith("sep="):
            return skipped, line
    return 0, ""


def _numbered(reader: Any, skipped: int) -> Iterator[Row]:
    number = skipped + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield Row(number, cells)
            number = skipped + int(reader.line_num) + 1
    except csv.Error as error:
        raise Invalid(_("第 %(row)s 行无法读取，请检查引号是否成对。"), code="broken_row", row=number) from error


def with_headings(table: Table, columns: Sequence[Column], *, look: int = 12) -> Table:
    """The table with the row that really holds its headings: exports put a title, or headings in two rows of merged cells, above it.

    Of the first rows the one that knows most of the columns is taken, its cells also read together with the ones above them
    (收件人 over 姓名, 电话, 地址). When none knows the required columns, the table stays as it is.
    """
    if _knows(table.headings, columns) >= 2 and not _missing(table.headings, columns):
        return table
    first = [table.headings, *(tuple(text_cell(cell) for cell in row.cells) for row in islice(table.rows(), look))]
    best: tuple[int, int, tuple[str, ...]] | None = None
    for place in range(1, len(first)):
        for headings in (first[place], _joined(first[place - 1], first[place])):
            known = _knows(headings, columns)
            if not _missing(headings, columns) and (best is None or known > best[0]):
                best = (known, place, headings)
    if best is None:
        return table
    _known, place, headings = best
    many, rows = table.lots, table.rows
    return Table(headings, lambda: islice(rows(), place, None), lambda size: _without(many(size), place), place)


def text_cell(cell: Cell) -> str:
    """A cell of the headings as text."""
    return "" if cell is None else str(cell).strip()


def _without(lots: Iterator[Lot], count: int) -> Iterator[Lot]:
    for lot in lots:
        gone = min(count, len(lot.rows))
        count -= gone
        if gone < len(lot.rows):
            yield Lot(lot.numbers[gone:], lot.rows[gone:]) if gone else lot


def _joined(above: Sequence[str], below: Sequence[str]) -> tuple[str, ...]:
    """Two rows of headings in one: a merged cell above stands for all below it, until the next one."""
    found = []
    group = ""
    for place, cell in enumerate(below):
        group = above[place] if place < len(above) and above[place] else group
        found.append(group + cell if cell else group)
    return tuple(found)


def _knows(headings: Sequence[str], columns: Sequence[Column]) -> int:
    keys = {heading_key(heading) for heading in headings}
    return sum(any(heading_key(name) in keys for name in (column.field, *column.names)) for column in columns)


def _missing(headings: Sequence[str], columns: Sequence[Column]) -> bool:
    required = [column for column in columns if column.required]
    return _knows(headings, required) < len(required)


def heading_key(heading: str) -> str:
    """A heading as it is compared: without blanks, brackets and their content, stars and case."""
    text = normalize("NFKC", heading).lower().replace("*", "").replace("_", "").replace(" ", "").strip("\ufeff:")
    return text.partition("(")[0]


class Places(dict[str, int]):
    """Place of each field in a row, with what the field is called for people."""

    titles: Mapping[str, Message] = {}


def map_columns(headings: Sequence[str], columns: Sequence[Column]) -> Places:
    """Place of each field in a row. Refuses a table without its required columns, naming them."""
    places: dict[str, int] = {}
    for place, heading in enumerate(headings):
        places.setdefault(heading_key(heading), place)
    found = Places()
    found.titles = {column.field: column.title for column in columns}
    for column in columns:
        keys = (heading_key(name) for name in (column.field, *column.names))
        if (known := next((places[key] for key in keys if key in places), None)) is not None:
            found[column.field] = known
    missing = [column for column in columns if column.required and column.field not in found]
    if missing:
        names = listed_later(column.title for column in missing)
        raise Invalid(
            _("缺少必需的列：%(columns)s。"), code="missing_columns", fields={c.field: _("缺少这一列。") for c in missing}, columns=names
        )
    return found


def cells_of(row: Row, places: Mapping[str, int]) -> dict[str, Cell]:
    """The row's cells by field; short rows leave fields out."""
    return {field: row.cells[place] for field, place in places.items() if place < len(row.cells)}


# --- JSON lines ------------------------------------------------------------------------------------------------------------------


def read_json_lines(path: Path) -> Iterator[JsonLine]:
    """The lines that hold something. A broken line is handed on as such, the others are not touched by it."""
    check_file(path)
    with path.open(encoding=detect_encoding(path), newline="\n") as file:
        number = 0
        while text := file.readline(MAX_LINE + 1):
            number += 1
            if len(text) > MAX_LINE:
                while text and not text.endswith("\n"):
                    text = file.readline(MAX_LINE)
                yield JsonLine(number, "", broken=True)
            elif text.strip():
                yield _json_line(number, text.strip())


def _json_line(number: int, text: str) -> JsonLine:
    try:
        return JsonLine(number, text, json.loads(text))
    except (ValueError, RecursionError):
        return JsonLine(number, text, broken=True)
