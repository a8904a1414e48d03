"""Reads of recordings: the list, one with its stages, what was measured for many."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from typing import Any, BinaryIO

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.recordings import access, engines, store
from kefu.recordings.models import Hold, Listening, Measurement, Recording
from kefu.sound import measured
from kefu.sound.measured import Measured

__all__ = [
    "Filters",
    "Full",
    "Recording",
    "State",
    "count",
    "engine",
    "full",
    "listenings",
    "measured_of",
    "of_conversation",
    "page",
    "rows",
    "sound",
]

State = Recording.State
_ORDER = (Order("started_at", descending=True), Order("pk", descending=True))


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list may be narrowed by. Days are local, of the call, both included."""

    state: str = ""
    site_id: int | None = None
    staff_id: int | None = None
    held: bool = False
    day_from: date | None = None
    day_to: date | None = None


def rows(actor: Actor, wanted: Filters) -> QuerySet[Recording]:
    """Recordings in reach that the filters leave."""
    people.require(actor, Permission.RECORDING_LISTEN)
    found = access.visible_to(actor).filter(**on_days("started_at", wanted.day_from, wanted.day_to))
    exact = {"state": wanted.state, "site_id": wanted.site_id, "staff_id": wanted.staff_id}
    found = found.filter(**{name: value for name, value in exact.items() if value not in (None, "")})
    return found.filter(pk__in=Hold.objects.filter(released_at=None).values("recording_id")) if wanted.held else found


def page(actor: Actor, wanted: Filters | None = None, *, cursor: str | None = None, size: int = 50) -> Page[Recording]:
    """One page, newest call first, with site, agent and call."""
    found = rows(actor, wanted or Filters()).select_related("site", "staff", "conversation")
    return keyset_page(found, _ORDER, size=size, cursor=cursor)


def count(actor: Actor, wanted: Filters | None = None) -> CappedCount:
    """How many the filters leave, up to a cap."""
    return capped_count(rows(actor, wanted or Filters()))


@dataclass(frozen=True, slots=True)
class Full:
    """A recording with what was measured, who holds it and who listened last."""

    row: Recording
    sound: Measured | None
    holds: Sequence[Hold]
    listenings: Sequence[Listening]


def full(actor: Actor, recording_id: int) -> Full:
    """One in reach, or ``NotFound``."""
    return _full(access.get_for(actor, recording_id))


def of_conversation(actor: Actor, conversation_id: int) -> Full | None:
    """The recording of a call in reach, a removed one too; ``None`` when there is none or the reader may not listen."""
    found = access.visible_to(actor).filter(conversation_id=conversation_id).select_related("site", "staff")
    row = found.order_by("removed_at", "-pk").filter(removed_at=None).first() or found.order_by("-pk").first()
    return None if row is None else _full(row)


def _full(row: Recording) -> Full:
    body = Measurement.objects.filter(recording=row).values_list("body", flat=True).first()
    holds = list(Hold.objects.filter(recording=row, released_at=None).order_by("pk"))
    return Full(row, _unpacked(body), holds, listenings(row.pk))


def _unpacked(body: Any) -> Measured | None:
    try:
        return measured.unpack(bytes(body)) if body is not None else None
    except ValueError:
        return None  # of an older version: measured again on demand


def listenings(recording_id: int, *, limit: int = 20) -> list[Listening]:
    """Who listened, the last first."""
    return list(Listening.objects.filter(recording_id=recording_id).order_by("-pk")[:limit])


def measured_of(conversation_ids: Sequence[int]) -> Mapping[int, Measured]:
    """What was measured of these calls, by conversation; for mechanisms that work on many. One statement."""
    if not conversation_ids:
        return {}
    found = Measurement.objects.filter(recording__conversation_id__in=list(conversation_ids), recording__removed_at=None)
    bodies = found.values_list("recording__conversation_id", "body")
    return {key: known for key, body in bodies if (known := _unpacked(body)) is not None}


def sound(row: Recording) -> AbstractContextManager[BinaryIO]:
    """The bytes in the clear, for whoever has been let in (``actions.note_listening``, ``actions.download``); raises ``Gone``."""
    return store.opened(row.site_id, row.sha256)


def engine() -> str:
    """Name of the engine that finds words; empty: none."""
    return engines.configured()
