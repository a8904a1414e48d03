"""New rows, and the few rows that every write begins with, by statements made once per table.

``save``, ``bulk_create`` and a query put the same statement together again for every call, which costs several times what running it does;
every write reads its thing and leaves a record, an audit row and an event, so this is most of the cost of a note. Nothing else differs:
values go through the same fields, errors are the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, transaction
from django.db.models import AutoField, Field, Model

M = TypeVar("M", bound=Model)


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


def insert_together(rows: Sequence[Model]) -> None:
    """Write a few new rows of different tables; each has its key afterwards. All or none where one statement can do it.

    On PostgreSQL every statement is a way to another process and back: what follows from one happening goes there at once.
    """
    if connection.vendor == "sqlite" or len(rows) == 1:
        for row in rows:
            insert(row)
        return
    tables = [_table(type(row), connection.vendor) for row in rows]
    parts = ", ".join(f"r{place} AS ({table.sql} RETURNING {table.key} AS k)" for place, table in enumerate(tables))
    keys = ", ".join(f"(SELECT k FROM r{place})" for place in range(len(tables)))
    values = [value for table, row in zip(tables, rows, strict=True) for value in _values(table, row)]
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {parts} SELECT {keys}", values)
        found = cursor.fetchone()
    for row, key in zip(rows, found, strict=True):
        row.pk = key
        row._state.adding, row._state.db = False, connection.alias


def insert_all(rows: Sequence[Model]) -> None:
    """Write many new rows of one table, all or none. Their keys are not told."""
    if not rows:
        return
    table = _table(type(rows[0]), connection.vendor)
    values = [_values(table, row) for row in rows]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(table.sql, values)


@dataclass(frozen=True, slots=True)
class _Reading:
    """A statement with the columns it gives, and what makes Python values of those that are kept in another form."""

    sql: str
    names: tuple[str, ...]
    asked: tuple[Field[Any, Any], ...]
    converters: tuple[tuple[int, Any, Any], ...]


@lru_cache(maxsize=64)
def _reading(model: type[Model], asked: tuple[str, ...], vendor: str) -> _Reading:  # noqa: ARG001 (the quoting is the vendor's)
    quote, meta = connection.ops.quote_name, model._meta
    fields = meta.concrete_fields
    by_name = {field.attname: field for field in fields}
    columns = [field.get_col(meta.db_table) for field in fields]
    converters = [
        (place, convert, column)
        for place, column in enumerate(columns)
        for convert in (*connection.ops.get_db_converters(column), *column.get_db_converters(connection))
    ]
    where = " AND ".join(f"{quote(str(by_name[name].column))} = %s" for name in asked)
    names = ", ".join(quote(str(field.column)) for field in fields)
    sql = f"SELECT {names} FROM {quote(meta.db_table)} WHERE {where} ORDER BY {quote(str(meta.pk.column))}"
    return _Reading(sql, tuple(by_name), tuple(by_name[name] for name in asked), tuple(converters))


def read(model: type[M], **equal: Any) -> list[M]:
    """Rows whose columns have these values (``id=7``, ``site_id=1``), by key. Whose they are to see, the caller asks."""
    reading = _reading(model, tuple(equal), connection.vendor)
    values = [field.get_db_prep_value(value, connection) for field, value in zip(reading.asked, equal.values(), strict=True)]
    with connection.cursor() as cursor:
        cursor.execute(reading.sql, values)
        found = cursor.fetchall()
    return [_made(model, reading, list(row)) for row in found]


def _made(model: type[M], reading: _Reading, row: list[Any]) -> M:
    for place, convert, column in reading.converters:
        row[place] = convert(row[place], column, connection)
    return model.from_db(connection.alias, reading.names, row)
