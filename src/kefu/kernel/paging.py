"""Keyset pages and capped counts: no OFFSET, no full COUNT on any screen (peers §2 A)."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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
    counted: list[int | None] = []
    parts: list[str] = []
    values: list[Any] = []
    for rows in many:
        try:
            sql, params = rows.order_by().values("pk")[: cap + 1].query.sql_with_params()
        except EmptyResultSet:
            counted.append(0)
            continue
        counted.append(None)
        parts.append(f"(SELECT COUNT(*) FROM ({sql}) AS counted)")
        values.extend(params)
    if parts:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(parts)}", values)
            found = iter(cursor.fetchone())
        counted = [next(found) if one is None else one for one in counted]
    return [CappedCount(min(one or 0, cap), (one or 0) > cap) for one in counted]


def _encode(direction: str, values: Sequence[Any]) -> str:
    plain = [{"t": value.isoformat()} if isinstance(value, datetime) else value for value in values]
    return base64.urlsafe_b64encode(json.dumps([direction, plain], separators=(",", ":")).encode()).decode().rstrip("=")


def _decode(cursor: str, size: int) -> tuple[Literal["next", "previous"], list[Any]]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        direction, plain = json.loads(base64.urlsafe_b64decode(padded.encode()))
        values = [datetime.fromisoformat(value["t"]) if isinstance(value, dict) else value for value in plain]
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
    names = [("-" if key.descending != backwards else "") + key.column for key in order]
    found = list(rows.order_by(*names)[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    if not found:
        return Page([], None, None)
    has_next, has_previous = (True, more) if backwards else (more, bool(values))
    return Page(
        found,
        _encode("next", _values(found[-1], order)) if has_next else None,
        _encode("previous", _values(found[0], order)) if has_previous else None,
    )


def _values(row: Model, order: Sequence[Order]) -> list[Any]:
    return [getattr(row, key.column) for key in order]
