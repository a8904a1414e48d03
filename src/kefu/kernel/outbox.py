"""Outbox: events written in the transaction that caused them, read in order afterwards.

The sequence number orders what readers may see: it is given by a sealer after commit, so a reader that has seen
``n`` can never later meet a smaller number (no gaps from slow transactions).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import ClassVar

from django.db import transaction
from pydantic import BaseModel, ConfigDict

from kefu.kernel.bulk import update_rows
from kefu.kernel.models import OutboxEvent
from kefu.kernel.rows import insert, insert_all
from kefu.kernel.sequences import exclusive


class Event(BaseModel):
    """A frozen fact. Subclasses set ``type`` (``case.opened``) and ``version``; payloads are closed schemas."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: ClassVar[str]
    version: ClassVar[int] = 1

    @property
    def subject(self) -> tuple[str, int]:
        """Kind and id of the thing the event is about."""
        raise NotImplementedError

    @property
    def site(self) -> int | None:
        """Site whose people may be told, or ``None``."""
        return getattr(self, "site_id", None)


def emit(event: Event, *, now: datetime) -> None:
    """Write the event; it counts if and only if the surrounding transaction commits."""
    emit_many([event], now=now)


def emit_many(events: Sequence[Event], *, now: datetime) -> None:
    """Write several events in their order."""
    rows = [row(event, now=now) for event in events]
    insert(rows[0]) if len(rows) == 1 else insert_all(rows)


def row(event: Event, *, now: datetime) -> OutboxEvent:
    """An event not yet written, for writers of several rows at once; they write it in the transaction that caused it."""
    if not transaction.get_connection().in_atomic_block:
        msg = "an event must be written in the transaction that caused it"
        raise RuntimeError(msg)
    return OutboxEvent(
        type=event.type,
        version=event.version,
        subject_kind=event.subject[0],
        subject_id=event.subject[1],
        site_id=event.site,
        payload=event.model_dump(mode="json"),
        at=now,
    )


def seal(batch: int = 1000) -> int:
    """Give sequence numbers to committed events that have none; returns how many. One sealer wins, others return 0."""
    if not unsealed():
        return 0
    with exclusive("outbox-seal") as sequence:
        if sequence is None:
            return 0
        waiting = OutboxEvent.objects.filter(seq=None).order_by("id").values_list("pk", flat=True)[:batch]
        rows = [(pk, sequence.value + offset) for offset, pk in enumerate(waiting, start=1)]
        update_rows(OutboxEvent, ["seq"], rows)
        sequence.value += len(rows)
        return len(rows)


def unsealed() -> bool:
    """Whether committed events wait for their numbers; one look at a small index."""
    return OutboxEvent.objects.filter(seq=None).exists()


def head() -> int:
    """The last number given."""
    return OutboxEvent.objects.filter(seq__isnull=False).order_by("-seq").values_list("seq", flat=True).first() or 0


def types_since(seq: int) -> set[str]:
    """Kinds of sealed events behind ``seq``."""
    return set(OutboxEvent.objects.filter(seq__gt=seq).order_by().values_list("type", flat=True).distinct())


def since(seq: int, *, types: Iterable[str] = (), limit: int = 500) -> list[OutboxEvent]:
    """Sealed events behind ``seq`` in order."""
    rows = OutboxEvent.objects.filter(seq__gt=seq)
    if names := list(types):
        rows = rows.filter(type__in=names)
    return list(rows.order_by("seq")[:limit])
