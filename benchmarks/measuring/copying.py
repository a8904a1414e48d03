"""Writes many rows into a table: COPY on PostgreSQL, one prepared statement on SQLite."""

from collections.abc import Iterable, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models


def columns_of(model: type[models.Model]) -> list[str]:
    """The table's columns in order."""
    return [str(field.column) for field in model._meta.concrete_fields]


def _cell(value: Any) -> str:
    if value is None:
        return r"\N"
    if isinstance(value, str):
        return (
            value.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t")
            if "\n" in value or "\\" in value or "\t" in value
            else value
        )
    if isinstance(value, bool):
        return "t" if value else "f"
    return str(value)


def write(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows; values are numbers, truths, texts and moments as text in UTC."""
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(["%s"] * len(columns))})', rows)
            return
        with cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy:
            part: list[str] = []
            for row in rows:
                part.append("\t".join(map(_cell, row)))
                if len(part) == 2000:
                    copy.write("\n".join(part) + "\n")
                    part.clear()
            if part:
                copy.write("\n".join(part) + "\n")


def write_models(model: type[models.Model], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows with a value for every column of the model."""
    write(model._meta.db_table, columns_of(model), rows)


@contextmanager
def without_indexes(found: Sequence[type[models.Model]], *, vector: bool) -> Any:
    """Take the tables' named indexes away while rows are written, and build them afterwards: three times as fast as keeping them up."""
    with connection.schema_editor() as editor:
        for model in found:
            for index in model._meta.indexes:
                editor.remove_index(model, index)
    if vector and connection.vendor == "postgresql":
        _run("DROP INDEX search_vector")
    yield
    if connection.vendor == "postgresql":
        _run("SET maintenance_work_mem = '512MB'")
        if vector:
            _run("CREATE INDEX search_vector ON kernel_searchdocument USING gin (vector) WITH (fastupdate = off)")
    with connection.schema_editor() as editor:
        for model in found:
            for index in model._meta.indexes:
                editor.add_index(model, index)


def finish(found: Sequence[type[models.Model]]) -> None:
    """Let identities go on behind the written rows, and gather statistics."""
    if connection.vendor == "sqlite":
        _run("ANALYZE")
        return
    for model in found:
        table = model._meta.db_table
        if isinstance(model._meta.pk, models.AutoField):
            _run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 1) FROM {table}))")
        _run(f"VACUUM (ANALYZE) {table}")


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
