"""Who is where."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from kefu.kernel.actor import Actor
from kefu.presence import access
from kefu.presence.models import Presence

Snapshot: TypeAlias = dict[tuple[str, int], frozenset[tuple[int, bool]]]
"""By kind and id: the people there and whether each is writing."""
_MOST_SHOWN = 20
_MOST = 5000


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody else who has the thing open."""

    id: int
    name: str
    typing: bool


def others(actor: Actor, kind: str, subject_id: int, *, now: datetime) -> list[Colleague]:
    """Who else is there, those who write first; ``NotFound`` for what the reader may not see."""
    access.check(actor, kind, subject_id)
    rows = Presence.objects.filter(subject_kind=kind, subject_id=subject_id, until__gte=now).exclude(staff_id=actor.own_id)
    found = rows.order_by("-typing", "pk").values_list("staff_id", "staff__name", "typing")[:_MOST_SHOWN]
    return [Colleague(id_, name, typing) for id_, name, typing in found]


def snapshot(*, now: datetime) -> Snapshot:
    """Everybody who is anywhere: what the live feed compares from one look to the next."""
    rows = Presence.objects.filter(until__gte=now).values_list("subject_kind", "subject_id", "staff_id", "typing")[:_MOST]
    gathered: dict[tuple[str, int], set[tuple[int, bool]]] = {}
    for kind, id_, staff_id, typing in rows:
        gathered.setdefault((kind, id_), set()).add((staff_id, typing))
    return {subject: frozenset(people) for subject, people in gathered.items()}
