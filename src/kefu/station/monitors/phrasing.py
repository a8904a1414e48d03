"""Pieces of SQL with their values, in the wording of the database at hand."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection


class Sql(NamedTuple):
    """A piece of a statement and the values for its marks, in order."""

    text: str
    values: tuple[Any, ...] = ()


def sql(text: str, *parts: object) -> Sql:
    """A piece made of a text with ``{}`` for other pieces and for values: pieces bring their values along, the rest become marks."""
    texts: list[str] = []
    values: list[Any] = []
    for part in parts:
        if isinstance(part, Sql):
            texts.append(part.text)
            values.extend(part.values)
        else:
            texts.append("%s")
            values.append(connection.ops.adapt_datetimefield_value(part) if isinstance(part, datetime) else part)
    return Sql(text.format(*texts), tuple(values))


def both(parts: Iterable[Sql | None]) -> Sql:
    """All of the conditions that are there."""
    found = [part for part in parts if part is not None]
    return Sql(" AND ".join(part.text for part in found) or "1 = 1", tuple(value for part in found for value in part.values))


def among(column: str, values: Collection[int] | Collection[str]) -> Sql:
    """The column holds one of the values."""
    chosen = list(values)
    if len(chosen) == 1:
        return sql(f"{column} = {{}}", chosen[0])
    if connection.vendor == "postgresql":
        return sql(f"{column} = ANY({{}})", chosen)
    return Sql(f"{column} IN ({', '.join(['%s'] * len(chosen))})", tuple(chosen))


def moved(column: str, span: timedelta) -> str:
    """A moment of a row, so much later (earlier when negative); on SQLite, where times are text, to the second."""
    if not span:
        return column
    seconds = int(span.total_seconds())
    if connection.vendor == "postgresql":
        return f"({column} + INTERVAL '{seconds} seconds')"
    return f"datetime({column}, '{seconds:+d} seconds')"


def moment(value: object) -> datetime:
    """A moment as the driver gives it."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return found if found.tzinfo else found.replace(tzinfo=UTC)
