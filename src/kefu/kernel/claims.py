"""Conditional updates: the one way to change the state of a row that others may change too.

Works alike on both databases; row locks are not needed for correctness (design: rules learnt from others' scars).
"""

from typing import Any

from django.db.models import F, Model, QuerySet

from kefu.kernel.errors import Stale


def save_claimed(row: Model, **changes: Any) -> None:
    """Write ``changes`` if the row still has the version we read; raise ``Stale`` otherwise and change nothing.

    The row must have an integer field ``version``; the object in hand is brought up to date.
    """
    version: int = row.version  # type: ignore[attr-defined]
    manager: QuerySet[Any] = type(row)._default_manager.filter(pk=row.pk, version=version)
    if manager.update(version=F("version") + 1, **changes) != 1:
        raise Stale
    row.version = version + 1  # type: ignore[attr-defined]
    for name, value in changes.items():
        setattr(row, name, value)


def claim(rows: QuerySet[Any], **changes: Any) -> bool:
    """Update the rows of the query; true if this caller was the one that changed exactly one."""
    return rows.update(**changes) == 1
