"""The feed of events: what changed, in order, for who keeps a copy or waits for something (PLAT2).

It says only that something changed; what it is now is asked for with the caller's own permissions, so nothing leaks through the feed.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from ninja import Query, Router
from pydantic import ConfigDict, Field

from kefu.api.identity import ApiRequest
from kefu.api.schema import Schema
from kefu.clocks.events import ClocksFired
from kefu.kernel.actor import Actor
from kefu.kernel.models import OutboxEvent
from kefu.people.permissions import Permission

router = Router(tags=["events"])
_CLOCKS = ClocksFired.type
# Kinds that belong to no site and are everybody's who may see them. Of other kinds an event without a site stays with who reaches all.
_OF_ALL_SITES = ("handbook",)
# Who may see the thing may know that it changed; kinds that are not here are nobody's.
_SEEN_BY: dict[str, Permission] = {
    "case": Permission.CASE_VIEW,
    "clock": Permission.CASE_VIEW,
    "conversation": Permission.CONVERSATION_VIEW,
    "customer": Permission.CUSTOMER_VIEW,
    "parcel": Permission.PARCEL_VIEW,
    "staff": Permission.PEOPLE_VIEW,
    "handbook": Permission.HANDBOOK_VIEW,
}


class Event(Schema):
    """Something changed: its type, the thing, and the place in the feed. Closed: nothing else is ever told."""

    model_config = ConfigDict(extra="forbid")
    seq: int
    type: str
    subject_kind: str
    subject_id: int


class Feed(Schema):
    """Events behind ``since`` and the mark to go on from; the mark moves on even when nothing was for the caller."""

    events: list[Event]
    next: int


class EventsWanted(Schema):
    """From where, and how much of the feed to look through."""

    model_config = ConfigDict(extra="forbid")
    since: int = Field(0, ge=0, description="`next` of the answer before; 0 from the beginning of what is kept (two weeks).")
    size: int = Field(200, ge=1, le=500)


@router.get("/events", response=Feed)
def list_events(request: ApiRequest, wanted: Query[EventsWanted]) -> Feed:
    """Events of sites in reach and of handbooks behind `since`, in order, each once (PLAT2). Ask again with `next`; clocks per case."""
    rows = list(_rows(request.actor, wanted.since)[: wanted.size])
    events = [event for row in rows for event in _told(request.actor, row)]
    return Feed(events=events, next=rows[-1].seq or wanted.since if rows else wanted.since)


def _rows(actor: Actor, since: int) -> Any:
    rows = OutboxEvent.objects.filter(seq__gt=since).order_by("seq")
    if actor.sites is not None:
        everywhere = Q(site_id=None, subject_kind__in=_OF_ALL_SITES)
        rows = rows.filter(Q(site_id__in=sorted(actor.sites)) | everywhere | Q(type=_CLOCKS))
    return rows


def _told(actor: Actor, row: OutboxEvent) -> Iterator[Event]:
    if row.type == _CLOCKS:
        for item in ClocksFired.model_validate(row.payload).items:
            if actor.reaches(item.site_id) and _may(actor, item.subject_kind):
                yield Event(seq=row.seq or 0, type=f"clock.{item.phase}", subject_kind=item.subject_kind, subject_id=item.subject_id)
    elif _may(actor, row.subject_kind):
        yield Event(seq=row.seq or 0, type=row.type, subject_kind=row.subject_kind, subject_id=row.subject_id)


def _may(actor: Actor, kind: str) -> bool:
    return kind in _SEEN_BY and actor.may(_SEEN_BY[kind])
