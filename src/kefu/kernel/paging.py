"""Keyset pages and capped counts: no OFFSET, no full COUNT on any screen (peers §2 A)."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Invalid

COUNT_CAP = 1000
T = TypeVar("T")
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Order:
    """One key of a sort: a column that is never null within the list, and its direction."""

    column: str
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of rows with the cursors of its neighbours (``None`` at the ends)."""

    rows: list[T]
    next: str | None
    previous: str | None


@dataclass(frozen=True, slots=True)
class CappedCount:
    """A count that stops early; ``str`` gives ``1000+``."""

    value: int
    capped: bool

    def __str__(self) -> str:
        return f"{self.value}+" if self.capped else str(self.value)


def capped_count(rows: QuerySet[Any], cap: int = COUNT_CAP) -> CappedCount:
    """Count at most ``cap`` rows; the cost is bounded whatever the table's size."""
    found = rows.order_by().values("pk")[: cap + 1].count()
    return CappedCount(min(found, cap), found > cap)


def capped_counts(many: Sequence[QuerySet[Any]], cap: int = COUNT_CAP) -> list[CappedCount]:
    """Several capped counts in one statement."""
    if not many:
        return []
    sql, values = counting(many, cap)
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return capped(cursor.fetchone(), cap)


def counting(many: Sequence[QuerySet[Any]], cap: int = COUNT_CAP) -> tuple[str, list[Any]]:
    """The statement that counts so, with its values."""
    parts: list[str] = []
    values: list[Any] = []
    for rows in many:
        try:
            sql, params = rows.order_by().values("pk")[: cap + 1].query.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS counted)")
        values.extend(params)
    return f"SELECT {', '.join(parts)}", values


def capped(found: Sequence[int], cap: int = COUNT_CAP) -> list[CappedCount]:
    """What such a statement found."""
    return [CappedCount(min(one, cap), one > cap) for one in found]


def _plain(value: Any) -> Any:
    """As JSON holds it; moments and days say which they are."""
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    return {"d": value.isoformat()} if isinstance(value, date) else value


def _read(value: dict[str, str]) -> datetime | date:
    return date.fromisoformat(value["d"]) if "d" in value else datetime.fromisoformat(value["t"])


def _encode(direction: str, values: Sequence[Any]) -> str:
    plain = [_plain(value) for value in values]
    return base64.urlsafe_b64encode(json.dumps([direction, plain], separators=(",", ":")).encode()).decode().rstrip("=")


def _decode(cursor: str, size: int) -> tuple[Literal["next", "previous"], list[Any]]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        direction, plain = json.loads(base64.urlsafe_b64decode(padded.encode()))
        values = [_read(value) if isinstance(value, dict) else value for value in plain]
    except (ValueError, binascii.Error, KeyError, TypeError) as error:
        raise Invalid(_("页码标记已失效，请回到第一页。"), code="bad_cursor") from error
    if direction not in ("next", "previous") or len(values) != size:
        raise Invalid(_("页码标记已失效，请回到第一页。"), code="bad_cursor")
    return direction, values


def _after(order: Sequence[Order], values: Sequence[Any], *, backwards: bool) -> Q:
    """Rows strictly behind ``values`` in the order (before them when ``backwards``)."""
    condition = Q()
    for index, key in enumerate(order):
        operator = "lt" if key.descending != backwards else "gt"
        equal = {order[i].column: values[i] for i in range(index)}
        condition |= Q(**equal, **{f"{key.column}__{operator}": values[index]})
    first = order[0]
    operator = "lte" if first.descending != backwards else "gte"
    return Q(**{f"{first.column}__{operator}": values[0]}) & condition


def keyset_page(rows: QuerySet[M], order: Sequence[Order], *, size: int, cursor: str | None) -> Page[M]:
    """One page of ``rows``. The last key of ``order`` must be unique; costs one query whatever the depth."""
    direction, values = _decode(cursor, len(order)) if cursor else ("next", [])
    backwards = direction == "previous"
    if values:
        rows = rows.filter(_after(order, values, backwards=backwards))
    found = list(rows.order_by(*names(order, backwards=backwards))[: size + 1])
    return page_of(found, order, size=size, backwards=backwards, first=not values)


def names(order: Sequence[Order], *, backwards: bool = False) -> list[str]:
    """As ``order_by`` takes them."""
    return [("-" if key.descending != backwards else "") + key.column for key in order]


def page_of(found: list[M], order: Sequence[Order], *, size: int, backwards: bool = False, first: bool = True) -> Page[M]:
    """The page of up to ``size + 1`` rows that were read in the order."""
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([], None, None)
    has_next, has_previous = (True, more) if backwards else (more, not first)
    return Page(
        found,
        _encode("next", _values(found[-1], order)) if has_next else None,
        _encode("previous", _values(found[0], order)) if has_previous else None,
    )


def before(row: Model, order: Sequence[Order]) -> str | None:
    """The cursor of what stands before a row, whether or not it is in the list; ``None`` when it has no place in this order."""
    values = _values(row, order)
    return None if any(value is None for value in values) else _encode("previous", values)


def _values(row: Model, order: Sequence[Order]) -> list[Any]:
    return [getattr(row, key.column) for key in order]


def cursor_of(values: Sequence[Any], *, backwards: bool = False) -> str:
    """The cursor of a place in a list read by a statement of its own."""
    return _encode("previous" if backwards else "next", values)


def place_of(cursor: str, size: int) -> tuple[list[Any], bool]:
    """The values of such a cursor and whether it reads backwards; raises ``Invalid`` for what is none."""
    direction, values = _decode(cursor, size)
    return values, direction == "previous"
