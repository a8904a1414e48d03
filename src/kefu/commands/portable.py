"""All rows as JSON lines: a backup that any database can take in, and the way from SQLite to PostgreSQL (PLAT1, PLAT4).

Encrypted columns are written as they are stored, still encrypted. What search knows is not written: it is made anew.
"""

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.models import F, Field, Model, TextField, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from kefu.commands.frame import Problem
from kefu.commands.searching import rebuild_all
from kefu.kernel.encryption import encrypted_fields
from kefu.kernel.models import SearchDocument

_BATCH = 500


def _models() -> list[type[Model]]:
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.managed and model is not SearchDocument]


def save(file: Path) -> Path:
    """Write every row of one consistent moment."""
    with file.open("w", encoding="utf-8") as out, transaction.atomic():
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for model in _models():
            names = [field.attname for field in model._meta.concrete_fields]
            out.write(_line({"model": model._meta.label, "fields": names}))
            for row in _rows(model, names):
                out.write(_line([_plain(value) for value in row]))
    return file


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def _rows(model: type[Model], names: list[str]) -> Iterator[tuple[Any, ...]]:
    sealed = set(encrypted_fields(model))
    casts = {f"stored_{name}": Cast(F(name), TextField()) for name in sealed}
    rows = model._base_manager.order_by("pk").annotate(**casts)
    columns = [f"stored_{name}" if name in sealed else name for name in names]
    yield from rows.values_list(*columns).iterator(2000)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, datetime):
        return {"t": value.isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, Decimal):
        return {"n": str(value)}
    if isinstance(value, bytes | memoryview):
        return {"b": base64.b64encode(bytes(value)).decode()}
    return {"j": value}


def _value(plain: Any) -> Any:
    if not isinstance(plain, dict):
        return plain
    ((kind, inner),) = plain.items()
    readers: dict[str, Any] = {
        "t": datetime.fromisoformat,
        "d": date.fromisoformat,
        "n": Decimal,
        "b": base64.b64decode,
        "j": lambda value: value,
    }
    return readers[kind](inner)


def restore(file: Path) -> None:
    """Empty every table and write the rows of the file, all or nothing; then make the search index anew."""
    with transaction.atomic(), file.open(encoding="utf-8") as lines:
        _empty()
        model: type[Model] | None = None
        names: list[str] = []
        batch: list[Model] = []
        for line in lines:
            content = json.loads(line)
            if isinstance(content, dict):
                _store(model, batch)
                model, names, batch = _known(content["model"]), content["fields"], []
                continue
            assert model is not None
            batch.append(_row(model, names, content))
            if len(batch) >= _BATCH:
                _store(model, batch)
                batch = []
        _store(model, batch)
        with connection.cursor() as cursor:
            for statement in connection.ops.sequence_reset_sql(no_style(), _models()):
                cursor.execute(statement)
    rebuild_all()


def _known(label: str) -> type[Model]:
    try:
        return apps.get_model(label)
    except LookupError:
        raise Problem(_("备份中有此版本不认识的表 %(table)s，请用新版本恢复。"), table=label) from None


def _row(model: type[Model], names: list[str], values: Iterable[Any]) -> Model:
    sealed = set(encrypted_fields(model))
    row = model()
    for name, value in zip(names, values, strict=True):
        found = _value(value)
        setattr(row, name, Value(found, output_field=_text()) if name in sealed and found else found)
    return row


def _text() -> Field[Any, Any]:
    return TextField()


def _store(model: type[Model] | None, rows: list[Model]) -> None:
    if model is not None and rows:
        model._base_manager.bulk_create(rows, batch_size=_BATCH)


def _empty() -> None:
    models: list[type[Model]] = [*_models(), SearchDocument]
    tables = [model._meta.db_table for model in models]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            names = ", ".join(connection.ops.quote_name(table) for table in tables)
            cursor.execute(f"TRUNCATE {names} RESTART IDENTITY")
            return
        for table in (*tables, "kernel_search_fts"):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
