"""Reads of customers in hand: one's own, those at the sites of a lead, and the last talks with a number."""

from dataclasses import dataclass
from datetime import datetime

from django.core.cache import cache
from django.db.models import Q, QuerySet

from kefu.conversations import access
from kefu.conversations.models import Reception
from kefu.kernel.actor import Actor
from kefu.kernel.encryption import keyring
from kefu.kernel.masking import phone_key
from kefu.people import access as people
from kefu.people.permissions import Permission

# How long "nobody in hand" may be believed by a process that did not see the last write.
_BELIEVED = 5
_MOST = 100


@dataclass(frozen=True, slots=True)
class Left:
    """The time left for the record, as clocks are shown."""

    due_at: datetime
    warn_at: datetime | None
    state: str = "running"
    breached_at: datetime | None = None
    met_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Front:
    """The customer in front of somebody, for the bar on every page, and how many wait aside."""

    id: int
    state: str
    channel: str
    since: datetime
    left: Left | None
    aside: int


def _key(staff_id: int) -> str:
    return f"in-hand:{staff_id}"


def forget(staff_id: int) -> None:
    """Somebody's customers changed."""
    cache.delete(_key(staff_id))


def front(actor: Actor) -> Front | None:
    """Who is in front of the actor; asked on every page, so "nobody" is remembered for some seconds."""
    if actor.staff_id is None or not actor.may(Permission.CASE_WORK) or cache.get(_key(actor.staff_id)) == "nobody":
        return None
    rows = mine(actor)
    if not rows:
        cache.set(_key(actor.staff_id), "nobody", _BELIEVED)
        return None
    first = rows[0]
    return Front(
        id=first.pk,
        state=first.state,
        channel=first.channel,
        since=first.answered_at or first.started_at,
        left=Left(first.wrap_due_at, first.wrap_warn_at) if first.wrap_due_at else None,
        aside=len(rows) - 1,
    )


def _open(rows: QuerySet[Reception]) -> QuerySet[Reception]:
    return rows.filter(ended_at=None)


def mine(actor: Actor) -> list[Reception]:
    """One's own, the one in front first, then those put aside, the longest waiting first."""
    rows = list(_open(Reception.objects.filter(staff_id=actor.own_id)).order_by("parked_at", "pk")[:_MOST])
    return sorted(rows, key=lambda row: (row.parked_at is not None, row.pk))


def last_of_mine(actor: Actor, *, limit: int = 8) -> list[Reception]:
    """One's own last talks, newest first."""
    return list(Reception.objects.filter(staff_id=actor.own_id, state=Reception.State.ENDED).order_by("-started_at", "-pk")[:limit])


def at_sites(actor: Actor) -> list[Reception]:
    """Everybody's customers in hand at the sites in reach, the longest first; for who assigns work."""
    people.require(actor, Permission.CASE_ASSIGN)
    return list(_open(access.visible_receptions(actor)).select_related("staff", "site").order_by("started_at", "pk")[:_MOST])


def earlier(actor: Actor, *, phone: str = "", waybill: str = "", but: int = 0, limit: int = 5) -> list[Reception]:
    """Ended talks at the sites in reach with this number or about this waybill, newest first: whoever answers may know of them."""
    if not actor.may(Permission.CASE_WORK):
        return []
    key = phone_key(phone) if phone else None
    wanted = Q(pk=None)
    if key is not None:
        wanted |= Q(number_index=keyring().index("phone", key))
    if waybill:
        wanted |= Q(waybill=waybill)
    rows = people.in_reach(Reception.objects.filter(wanted, state=Reception.State.ENDED), actor).exclude(pk=but)
    return list(rows.select_related("staff").order_by("-pk")[:limit])
