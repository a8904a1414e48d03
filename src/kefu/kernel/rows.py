"""New rows with a statement made once per table.

``save`` and ``bulk_create`` put the same statement together again for every call, which costs several times what running it does; every
write leaves a record, an audit row and an event, so this is most of the cost of a note. Nothing else differs: values go through the
same fields, errors are the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection, transaction
from django.db.models import AutoField, Field, Model


@dataclass(frozen=True, slots=True)
class _Table:
    """Fields that are written and the statement, which gives the new key back where the driver does not tell it."""

    fields: tuple[Field[Any, Any], ...]
    sql: str
    key: str


@lru_cache(maxsize=64)
def _table(model: type[Model], vendor: str) -> _Table:  # noqa: ARG001 (the quoting is the vendor's)
    key = model._meta.pk
    if not isinstance(key, AutoField) or model._meta.parents:
        msg = f"{model.__name__} has no key of the database's making"
        raise TypeError(msg)
    quote = connection.ops.quote_name
    fields = tuple(field for field in model._meta.concrete_fields if field is not key)
    names = ", ".join(quote(str(field.column)) for field in fields)
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({', '.join(['%s'] * len(fields))})"
    return _Table(fields, sql, quote(str(key.column)))


def _values(table: _Table, row: Model) -> list[Any]:
    return [field.get_db_prep_save(field.pre_save(row, True), connection) for field in table.fields]


def insert(row: Model) -> None:
    """Write a new row; it has its key afterwards."""
    table = _table(type(row), connection.vendor)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(table.sql, _values(table, row))
            row.pk = cursor.lastrowid
        else:
            cursor.execute(f"{table.sql} RETURNING {table.key}", _values(table, row))
            row.pk = cursor.fetchone()[0]
    row._state.adding, row._state.db = False, connection.alias


def insert_all(rows: Sequence[Model]) -> None:
    """Write many new rows of one table, all or none. Their keys are not told."""
    if not rows:
        return
    table = _table(type(rows[0]), connection.vendor)
    values = [_values(table, row) for row in rows]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(table.sql, values)
