"""Write many rows, or change many by key with different values each, in one statement."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from types import NoneType
from typing import Any

from django.db import connection, transaction
from django.db.models import Model, QuerySet
from psycopg import Cursor

_MANY = 5000


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


def insert_missing(
    model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]], *, told: Sequence[str]
) -> list[tuple[Any, ...]]:
    """Write the rows that break no unique key, and give the ``told`` columns of those that were written; call inside a transaction.

    Values must be in database form. PostgreSQL joins arrays; SQLite runs a prepared statement per row and knows the new ones by their keys.
    """
    if not rows:
        return []
    by_name = {name: field for field in model._meta.concrete_fields for name in (field.name, field.attname)}
    fields = [by_name[name] for name in columns]
    quote = connection.ops.quote_name
    table = quote(model._meta.db_table)
    names = ", ".join(quote(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            key = quote(str(model._meta.pk.column))
            last = cursor.execute(f"SELECT COALESCE(MAX({key}), 0) FROM {table}").fetchone()[0]
            marks = ", ".join(["%s"] * len(fields))
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows)
            return list(model._base_manager.filter(pk__gt=last).values_list(*told))
        arrays = ", ".join(f"unnest(%s::{field.db_type(connection)}[])" for field in fields)
        wanted = ", ".join(quote(str(by_name[name].column)) for name in told)
        sql = f"INSERT INTO {table} ({names}) SELECT {arrays} ON CONFLICT DO NOTHING RETURNING {wanted}"
        cursor.execute(sql, [_array(column) for column in zip(*rows, strict=True)])
        return list(cursor.fetchall())


def plain_rows(rows: QuerySet[Any, tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """The rows of a ``values_list`` by the tens of thousands. PostgreSQL sends them in binary, and moments (in UTC) are read by the
    driver's compiled code: Django's own reading of them takes longer than the query. Call inside a transaction."""
    if connection.vendor == "sqlite":
        yield from rows.iterator(_MANY)
        return
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as wrapped, Cursor(wrapped.connection) as cursor:
        cursor.execute(sql, params, prepare=False, binary=True)
        while found := cursor.fetchmany(_MANY):
            yield from found


def _array(values: Sequence[Any]) -> str:
    """A column as the text of an array. The driver's own way looks at every value several times, half of the cost of a sweep."""
    kinds = set(map(type, values))
    if kinds == {str}:
        together = "".join(values)
        if '"' not in together and "\\" not in together:
            return '{"' + '","'.join(values) + '"}'
    elif kinds == {int}:
        return "{" + ",".join(map(str, values)) + "}"
    elif kinds <= {datetime, NoneType}:
        return "{" + ",".join(["NULL" if value is None else f'"{value.isoformat()}"' for value in values]) + "}"
    return "{" + ",".join([_element(value) for value in values]) + "}"


def array_of(texts: Sequence[str]) -> str:
    """Texts as the text of an array, to be cast by the statement; a list is looked at value by value by the driver."""
    return _array(texts) if texts else "{}"


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
