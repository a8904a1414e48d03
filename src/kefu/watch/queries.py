"""Reads of alarms for lists and pages (QA9)."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.people.access import in_reach, require
from kefu.people.permissions import Permission
from kefu.watch import access
from kefu.watch.models import Alarm, Mute
from kefu.watch.vocabulary import AlarmState

_ORDER = (Order("pk", descending=True),)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which alarms."""

    state: str = ""
    kind: str = ""
    staff_id: int | None = None
    site_id: int | None = None
    day_from: date | None = None
    day_to: date | None = None


@dataclass(frozen=True, slots=True)
class AlarmRow:
    """An alarm as lists show it; ``matched`` is masked."""

    id: int
    kind: str
    state: str
    staff_id: int | None
    staff: str
    site_id: int
    site: str
    subject_kind: str
    subject_id: int
    talk: str
    clause: str
    matched: str
    at: datetime
    more: int
    seen_by: str
    seen_at: datetime | None


def rows(actor: Actor, wanted: Wanted) -> QuerySet[Alarm]:
    """Alarms of a filter, in reach."""
    exact = {"state": wanted.state, "kind": wanted.kind, "staff_id": wanted.staff_id, "site_id": wanted.site_id}
    found = access.visible_alarms(actor).filter(**{name: value for name, value in exact.items() if value})
    return found.filter(**on_days("at", wanted.day_from, wanted.day_to))


def page(actor: Actor, wanted: Wanted, *, cursor: str | None = None, size: int = 50) -> Page[AlarmRow]:
    """A page, the newest first."""
    require(actor, Permission.WATCH_ALARM)
    found = keyset_page(rows(actor, wanted).select_related("staff", "site"), _ORDER, size=size, cursor=cursor)
    return Page([_row(one) for one in found.rows], found.next, found.previous)


def get(actor: Actor, alarm_id: int) -> AlarmRow:
    """One alarm in reach, or ``NotFound``."""
    return _row(access.get_alarm(actor, alarm_id))


def count(actor: Actor, wanted: Wanted) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted))


def waiting(actor: Actor) -> int:
    """How many nobody has seen, up to the cap."""
    return capped_count(access.visible_alarms(actor).filter(state=AlarmState.NEW)).value


def mutes(actor: Actor, *, now: datetime) -> list[Mute]:
    """What is quiet now, in reach."""
    require(actor, Permission.WATCH_ALARM)
    return list(in_reach(Mute.objects.filter(until__gt=now), actor).order_by("until"))


def _row(one: Alarm) -> AlarmRow:
    return AlarmRow(
        one.pk, one.kind, one.state, one.staff_id, one.staff.name if one.staff else "", one.site_id, one.site.name, one.subject_kind,
        one.subject_id, one.talk, one.clause, one.matched, one.at, one.more, one.seen_by, one.seen_at,
    )  # fmt: skip
