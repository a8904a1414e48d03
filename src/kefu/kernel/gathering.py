"""Rows made of other rows inside of the database: nothing is carried out and back in. Alike on both databases."""

from typing import Any

from django.db import connection
from django.db.models import F, Field, Model, QuerySet


def insert_from(model: type[Model], column: str, rows: QuerySet[Any], **given: Any) -> int:
    """Add a row of ``model`` for every id of ``rows``: ``column`` holds the id, ``given`` the same values for all, the rest their defaults.

    A row that is there already by a unique constraint is left as it is. Returns how many were added.
    """
    quote = connection.ops.quote_name
    inner, inside = rows.order_by().values(picked=F("pk")).query.sql_with_params()
    names, sources, values = [], [], []
    for field in model._meta.concrete_fields:
        if field.primary_key:
            continue
        names.append(quote(str(field.column)))
        if column in (field.name, field.attname):
            sources.append("inside.picked")
            continue
        sources.append("%s")
        values.append(_value(field, given))
    sql = (
        f"INSERT INTO {quote(model._meta.db_table)} ({', '.join(names)}) SELECT {', '.join(sources)}"
        f" FROM ({inner}) AS inside WHERE 1 = 1 ON CONFLICT DO NOTHING"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *inside])
        return int(cursor.rowcount)


def _value(field: "Field[Any, Any]", given: dict[str, Any]) -> Any:
    name = next((one for one in (field.name, field.attname) if one in given), None)
    value = field.get_default() if name is None else given[name]
    return field.get_db_prep_save(value.pk if isinstance(value, Model) else value, connection)
