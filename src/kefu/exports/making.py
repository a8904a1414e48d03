"""Puts a file together: the list's rows page by page into the spreadsheet, with its stamp and notes."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.exports import stamp
from kefu.exports.errors import TooManyRows
from kefu.exports.source import Source
from kefu.kernel import exporting
from kefu.kernel.exporting import Document, Format, Value
from kefu.lists.definition import Ask

MOST_ROWS = 200_000


@dataclass(frozen=True, slots=True)
class Order:
    """A file that was asked for."""

    source: Source
    format: Format
    ask: Ask
    reason: str

    def stamp(self) -> str:
        """The line on the file; empty where there is nothing personal in it."""
        return stamp.line(self.ask.actor, self.reason, self.ask.now) if self.source.personal else ""

    def name(self) -> str:
        """Name of the file."""
        return f"{self.source.title}-{timezone.localtime(self.ask.now):%Y%m%d-%H%M}.{self.format}"


def write(
    order: Order, file: IO[bytes], *, most: int | None = None, told: Callable[[int], None] = lambda _: None, work_in: Path | None = None
) -> int:
    """Write the file and return the number of rows; ``told`` hears of them page by page.

    Raises ``TooManyRows`` above ``most`` (``MOST_ROWS``).
    """
    document = Document(
        title=str(order.source.title),
        columns=order.source.columns(order.ask),
        rows=_rows(order, MOST_ROWS if most is None else most, told),
        zone=timezone.get_current_timezone(),
        stamp=order.stamp(),
        notes=_notes(order),
        author=stamp.who(order.ask.actor),
        titled=order.source.titled,
    )
    return exporting.write(document, file, order.format, work_in=work_in)


def _rows(order: Order, most: int, told: Callable[[int], None]) -> Iterator[Sequence[Value]]:
    count = 0
    for page in order.source.pages(order.ask):
        count += len(page)
        if count > most:
            raise TooManyRows(most=most)
        told(count)
        yield from page


def _notes(order: Order) -> list[tuple[str, str]]:
    filters = [f"{order.source.filters.get(name, name)}：{value}" for name, value in order.ask.wanted.items()]
    return [
        (_("列表"), str(order.source.title)),
        (_("筛选条件"), "\n".join(filters) or _("无")),
        (_("导出人"), stamp.who(order.ask.actor)),
        (_("导出时间"), f"{timezone.localtime(order.ask.now):%Y-%m-%d %H:%M:%S}"),
        *([(_("用途"), str(stamp.REASONS.get(order.reason, order.reason)))] if order.reason else []),
    ]


def as_json(wanted: dict[str, str]) -> str:
    """A filter as it is kept."""
    return json.dumps(wanted, ensure_ascii=False, separators=(",", ":"))
