"""Conditional updates: the one way to change the state of a row that others may change too.

Works alike on both databases; row locks are not needed for correctness (design: rules learnt from others' scars). The statements are
written out here: putting them together through a query each time costs more than running them.
"""

from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet

from kefu.kernel.errors import Stale


def save_claimed(row: Model, **changes: Any) -> None:
    """Write ``changes`` if the row still has the version we read; raise ``Stale`` otherwise and change nothing.

    The row must have an integer field ``version``; the object in hand is brought up to date.
    """
    version: int = row.version  # type: ignore[attr-defined]
    if _update(row, {**changes, "version": version + 1}, expected=version) != 1:
        raise Stale
    row.version = version + 1  # type: ignore[attr-defined]
    _adopt(row, changes)


def save_plain(row: Model, **changes: Any) -> None:
    """Write ``changes`` whatever the row's version: for what follows from other rows, or only says when something happened."""
    _update(row, changes)
    _adopt(row, changes)


def _adopt(row: Model, changes: dict[str, Any]) -> None:
    for name, value in changes.items():
        setattr(row, name, value)


def _update(row: Model, changes: dict[str, Any], expected: int | None = None) -> int:
    """Write columns of one row; returns how many rows that were."""
    meta, quote = row._meta, connection.ops.quote_name
    fields = [meta.get_field(name) for name in changes]
    sets = ", ".join(f"{quote(str(field.column))} = %s" for field in fields)  # type: ignore[union-attr]
    values = [
        field.get_db_prep_save(value.pk if isinstance(value, Model) else value, connection)  # type: ignore[union-attr]
        for field, value in zip(fields, changes.values(), strict=True)
    ]
    sql = f"UPDATE {quote(meta.db_table)} SET {sets} WHERE {quote(str(meta.pk.column))} = %s"
    guard: list[Any] = [row.pk]
    if expected is not None:
        sql, guard = f"{sql} AND {quote('version')} = %s", [row.pk, expected]
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *guard])
        return int(cursor.rowcount)


def claim(rows: QuerySet[Any], /, **changes: Any) -> bool:
    """Update the rows of the query; true if this caller was the one that changed exactly one."""
    return rows.update(**changes) == 1
