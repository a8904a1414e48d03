"""Named counters that only one process moves at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from kefu.kernel.models import Counter


@dataclass
class Held:
    """A counter in the hands of this process; its value is written back at the end."""

    value: int


@contextmanager
def exclusive(name: str, *, wait: bool = False) -> Iterator[Held | None]:
    """Hold the counter for one transaction; yields ``None`` at once if another process has it (unless ``wait``).

    PostgreSQL locks the row; SQLite has a single writer, so its transaction is the lock.
    """
    with transaction.atomic():
        rows = Counter.objects.filter(name=name)
        if connection.features.has_select_for_update:
            rows = rows.select_for_update(skip_locked=not wait)
        row = rows.first()
        if row is None and Counter.objects.get_or_create(name=name)[1]:
            row = rows.first()
        if row is None:
            yield None
            return
        held = Held(row.value)
        yield held
        if held.value != row.value:
            Counter.objects.filter(name=name).update(value=held.value)
