"""Tables for people's spreadsheets: Excel and CSV, safe to open, with a line that says whose copy it is (PLAT2, SEC1).

Rows are taken one by one and never all held. Nothing in a file is a formula, whatever people wrote into the product; dates are dates in
local time, codes stay text to their last digit. The stamp goes onto every printed page, into the sheet and into the document's properties.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, Literal, TypeAlias

import xlsxwriter
from django.utils.translation import gettext as _

from kefu.kernel.errors import Message
from kefu.kernel.imports import safe_cell

Value: TypeAlias = str | int | float | bool | Decimal | date | datetime | None
Kind: TypeAlias = Literal["text", "code", "number", "money", "percent", "day", "moment"]
Format: TypeAlias = Literal["xlsx", "csv"]
CONTENT_TYPES: dict[str, str] = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
}
_LONGEST_CELL = 32_000
_WIDTHS: dict[Kind, int] = {"text": 18, "code": 18, "number": 9, "money": 11, "percent": 9, "day": 12, "moment": 19}
_NUMBERS: dict[Kind, str] = {
    "number": "#,##0.##",
    "money": "#,##0.00",
    "percent": "0.0%",
    "day": "yyyy-mm-dd",
    "moment": "yyyy-mm-dd hh:mm:ss",
}
# Digits a spreadsheet would round or write with an exponent.
_LONG_NUMBER = 11


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title and what its values are. ``code`` is a number that is a name (waybill, 工号)."""

    title: Message
    kind: Kind = "text"
    width: int = 0


@dataclass(frozen=True, slots=True)
class Document:
    """What goes into a file. ``stamp`` is the line that says whose copy it is, empty for none; ``notes`` are label and text.

    ``titled``: a spreadsheet begins with the title in a line of its own, as sheets kept by hand do.
    """

    title: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Value]]
    zone: tzinfo
    stamp: str = ""
    notes: Sequence[tuple[str, str]] = field(default_factory=tuple)
    author: str = ""
    titled: bool = False


def write(document: Document, file: IO[bytes], kind: Format, *, work_in: Path | None = None) -> int:
    """Write the table and return the number of rows. ``work_in`` is a private folder for parts of a large workbook; without it they
    stay in memory."""
    return _xlsx(document, file, work_in) if kind == "xlsx" else _csv(document, file)


def text_of(value: Value, kind: Kind, zone: tzinfo) -> str:
    """A value as a text cell."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal | float) and kind == "percent":
        return f"{float(value) * 100:.1f}%"
    if kind == "money" and isinstance(value, Decimal | float | int):
        return f"{value:.2f}"
    return "".join(char for char in str(value) if char >= " " or char in "\n\t")[:_LONGEST_CELL]


def _csv(document: Document, file: IO[bytes]) -> int:
    """UTF-8 with its mark, so that Excel reads Chinese. Long codes end in a tab, which Excel takes for text and imports drop."""
    text = io.TextIOWrapper(file, "utf-8-sig", newline="", write_through=True)
    writer = csv.writer(text)
    writer.writerow([safe_cell(str(column.title)) for column in document.columns])
    count = 0
    for row in document.rows:
        writer.writerow([_csv_cell(value, column.kind, document.zone) for value, column in zip(row, document.columns, strict=True)])
        count += 1
    if document.stamp:
        writer.writerow([safe_cell(document.stamp)])
    text.flush()
    text.detach()
    return count


def _csv_cell(value: Value, kind: Kind, zone: tzinfo) -> str:
    text = text_of(value, kind, zone)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return text  # a number may begin with a minus
    if kind == "code" and text.isdecimal() and (len(text) > _LONG_NUMBER or text.startswith("0")):
        return f"{text}\t"
    return safe_cell(text)


def _xlsx(document: Document, file: IO[bytes], work_in: Path | None) -> int:
    options: dict[str, Any] = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
        "default_date_format": _NUMBERS["moment"],
        **({"in_memory": True} if work_in is None else {"constant_memory": True, "tmpdir": str(work_in)}),
    }
    book = xlsxwriter.Workbook(file, options)
    book.set_properties({"title": document.title, "author": document.author, "comments": document.stamp})
    sheet = book.add_worksheet(_sheet_name(document.title))
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    if document.stamp:
        # An ampersand begins a command in headers and footers; they hold 255 characters.
        line = document.stamp.replace("&", "&&")[:220]
        sheet.set_header(f"&C{line}")
        sheet.set_footer(f"&L{line}&R&P / &N")
    else:
        sheet.set_footer("&R&P / &N")
    count = _sheet(book, sheet, document)
    _about(book, document, count)
    book.close()
    return count


def _sheet_name(title: str) -> str:
    return "".join(char for char in title if char not in "[]:*?/\\'")[:31] or "1"


def _sheet(book: Any, sheet: Any, document: Document) -> int:
    head = book.add_format({"bold": True, "bg_color": "#E8EEF6", "bottom": 1, "text_wrap": True, "valign": "vcenter"})
    stamp = book.add_format({"italic": True, "font_color": "#8A1C1C"})
    formats = {kind: book.add_format({"num_format": pattern}) for kind, pattern in _NUMBERS.items()}
    for place, column in enumerate(document.columns):
        sheet.set_column(place, place, column.width or _WIDTHS[column.kind])
    first = 0
    if document.titled:
        sheet.write_string(first, 0, document.title, book.add_format({"bold": True, "font_size": 14}))
        first += 1
    if document.stamp:
        sheet.write_string(first, 0, document.stamp, stamp)
        first += 1
    for place, column in enumerate(document.columns):
        sheet.write_string(first, place, str(column.title), head)
    sheet.freeze_panes(first + 1, 0)
    sheet.repeat_rows(first)
    line = first
    for line, row in enumerate(document.rows, start=first + 1):
        for place, (value, column) in enumerate(zip(row, document.columns, strict=True)):
            _cell(sheet, line, place, value, column.kind, formats, document.zone)
    if line > first:
        sheet.autofilter(first, 0, line, len(document.columns) - 1)
    return line - first


def _cell(sheet: Any, line: int, place: int, value: Value, kind: Kind, formats: dict[Kind, Any], zone: tzinfo) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        sheet.write_datetime(line, place, value.astimezone(zone).replace(tzinfo=None, microsecond=0), formats["moment"])
    elif isinstance(value, date):
        sheet.write_datetime(line, place, value, formats["day"])
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool) and kind != "code":
        sheet.write_number(line, place, value, formats.get(kind, formats["number"]))
    else:
        sheet.write_string(line, place, text_of(value, kind, zone))


def _about(book: Any, document: Document, count: int) -> None:
    """A second sheet: what this is, who took it, by which filter, how many rows."""
    sheet = book.add_worksheet(_sheet_name(_("说明")))
    bold = book.add_format({"bold": True})
    sheet.set_column(0, 0, 16)
    sheet.set_column(1, 1, 90)
    lines: Iterator[tuple[str, str]] = iter(
        (*document.notes, (_("行数"), str(count)), *(((_("水印"), document.stamp),) if document.stamp else ()))
    )
    for line, (label, words) in enumerate(lines):
        sheet.write_string(line, 0, label, bold)
        sheet.write_string(line, 1, words[:_LONGEST_CELL])
