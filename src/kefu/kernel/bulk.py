"""Write many rows, or change many by key with different values each, in one statement."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Model


def update_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], *, guard: str = "", count: str = "") -> int:
    """Set ``columns`` of the rows; each row is ``(pk, *values)``, or ``(pk, expected, *values)`` with a ``guard`` column.

    Rows whose guard column no longer holds the expected value are left alone. Values must be in database form. ``count`` names a column
    that goes up by one in the same write (``version``): a second statement would write every row and its indexes twice.
    Returns the number of rows changed. PostgreSQL joins against arrays; SQLite runs a prepared statement per row.
    """
    if not rows:
        return 0
    by_name = {field.name: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in ([guard] if guard else []) + list(columns)]
    key = by_name[model._meta.pk.name]
    table = connection.ops.quote_name(model._meta.db_table)
    names = [connection.ops.quote_name(str(field.column)) for field in fields]
    if connection.vendor == "sqlite":
        return _one_by_one(table, str(key.column), names, rows, guarded=bool(guard), count=count)
    types = [str(field.db_type(connection)) for field in [key, *fields]]
    arrays = ", ".join(f"unnest(%s::{kind}[])" for kind in types)
    labels = ", ".join(["k", *(f"v{i}" for i in range(len(fields)))])
    pairs = list(enumerate(names))[1 if guard else 0 :]
    sets = ", ".join([f"{name} = n.v{i}" for i, name in pairs] + ([f'"{count}" = t."{count}" + 1'] if count else []))
    where = f" AND t.{names[0]} IS NOT DISTINCT FROM n.v0" if guard else ""
    sql = f'UPDATE {table} AS t SET {sets} FROM (SELECT {arrays}) AS n({labels}) WHERE t."{key.column}" = n.k{where}'
    with connection.cursor() as cursor:
        cursor.execute(sql, [_array(column) for column in zip(*rows, strict=True)])
        return int(cursor.rowcount)


def insert_rows(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Write many new rows, all or none; each is the values of ``columns`` in database form. Columns left out must do without a value.

    For tens of thousands of rows an hour, where making an object of each costs ten times what writing it does.
    """
    if not rows:
        return
    by_name = {field.name: field for field in model._meta.concrete_fields}
    fields = [by_name[name] for name in columns]
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join(['%s'] * len(fields))})", rows)
            return
        arrays = ", ".join(f"unnest(%s::{field.db_type(connection)}[])" for field in fields)
        cursor.execute(f"INSERT INTO {table} ({names}) SELECT {arrays}", [_array(column) for column in zip(*rows, strict=True)])


def _array(values: Sequence[Any]) -> str:
    """A column as the text of an array. The driver's own way looks at every value several times, half of the cost of a sweep."""
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, datetime):
        return f'"{value.isoformat()}"'
    return str(value)


def _one_by_one(table: str, key: str, names: list[str], rows: Sequence[Sequence[Any]], *, guarded: bool, count: str) -> int:
    sets = ", ".join([f"{name} = %s" for name in names[1 if guarded else 0 :]] + ([f'"{count}" = "{count}" + 1'] if count else []))
    where = f" AND {names[0]} IS %s" if guarded else ""
    sql = f'UPDATE {table} SET {sets} WHERE "{key}" = %s{where}'
    values = [[*row[2:], row[0], row[1]] if guarded else [*row[1:], row[0]] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(sql, values)
        return int(cursor.rowcount)
