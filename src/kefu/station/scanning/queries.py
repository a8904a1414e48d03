"""Reads of scanning: what a gun answered, and the day's counts."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from kefu.kernel.actor import Actor
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, capped_counts, keyset_page
from kefu.parcels.waybills import clean_waybill
from kefu.station.scanning import access
from kefu.station.scanning.models import Answer, GunSession
from kefu.station.scanning.modes import WITH_COURIER

__all__ = ["LAST", "Answer", "AnswerFilter", "GunSession", "count", "last", "page", "today"]
LAST = 50


@dataclass(frozen=True, slots=True)
class AnswerFilter:
    """What a list of answers shows; empty values do not narrow it."""

    waybill: str = ""
    tone: str = ""
    mode: str = ""
    reason: str = ""
    courier: str = ""
    operator: str = ""
    site_id: int | None = None
    since: date | None = None
    until: date | None = None
    undone: bool = False


def last(actor: Actor, session_id: int | None = None, *, limit: int = LAST) -> list[Answer]:
    """The last answers of a session, or of this person's guns, newest first."""
    rows = access.visible_to(actor)
    rows = rows.filter(session_id=session_id) if session_id is not None else rows.filter(actor_id=actor.own_id)
    return list(rows.order_by("-pk")[:limit])


def page(actor: Actor, wanted: AnswerFilter, *, cursor: str | None = None, size: int = 50) -> Page[Answer]:
    """Answers in reach, newest first."""
    order = [Order("answered_at", descending=True), Order("pk", descending=True)]
    return keyset_page(_narrowed(actor, wanted).select_related("site"), order, size=size, cursor=cursor)


def count(actor: Actor, wanted: AnswerFilter) -> CappedCount:
    """How many, up to the cap."""
    return capped_count(_narrowed(actor, wanted))


def today(actor: Actor, now: datetime) -> tuple[CappedCount, CappedCount, CappedCount]:
    """Deliveries scanned today, warnings, refusals: one statement."""
    day = _narrowed(actor, AnswerFilter(since=timezone.localdate(now)))
    delivered = day.filter(mode__in=sorted(WITH_COURIER), undone_at=None).exclude(tone="refused")
    found = capped_counts([delivered, day.filter(tone="warn"), day.filter(tone="refused")])
    return found[0], found[1], found[2]


def _narrowed(actor: Actor, wanted: AnswerFilter) -> QuerySet[Answer]:
    rows = access.visible_to(actor)
    exact = {name: getattr(wanted, name) for name in ("tone", "mode", "reason", "courier", "operator", "site_id")}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.waybill:
        rows = rows.filter(waybill=clean_waybill(wanted.waybill))
    rows = rows.filter(**on_days("answered_at", wanted.since, wanted.until))
    if wanted.undone:
        rows = rows.exclude(undone_at=None)
    return rows
