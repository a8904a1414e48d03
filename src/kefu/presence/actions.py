"""Saying that one is here. Passing news: no audit row and no event, the next look replaces it."""

from datetime import datetime, timedelta

from kefu.kernel.actor import Actor
from kefu.presence import access
from kefu.presence.models import Presence

LASTS = timedelta(seconds=45)
"""How long a sign of life counts; pages give one every twenty seconds."""


def be_here(*, actor: Actor, kind: str, subject_id: int, typing: bool, now: datetime) -> None:
    """Note that the person has the thing open. ``NotFound`` for what they may not see; machines are nowhere."""
    access.check(actor, kind, subject_id)
    if actor.staff_id is None:
        return
    Presence.objects.bulk_create(
        [Presence(staff_id=actor.staff_id, subject_kind=kind, subject_id=subject_id, typing=typing, until=now + LASTS)],
        update_conflicts=True,
        unique_fields=["subject_kind", "subject_id", "staff"],
        update_fields=["typing", "until"],
    )


def leave(*, actor: Actor, kind: str, subject_id: int) -> None:
    """The person has closed the thing."""
    Presence.objects.filter(staff_id=actor.own_id, subject_kind=kind, subject_id=subject_id).delete()


def forget_gone(*, now: datetime) -> int:
    """Drop rows that are stale; returns how many."""
    return Presence.objects.filter(until__lt=now).delete()[0]
