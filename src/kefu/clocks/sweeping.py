"""The sweep: fires the clocks that are due, a thousand at a time (CASE4, ADR 11)."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from django.db import connection, transaction
from django.db.models import F

from kefu.clocks.events import ClocksFired, FiredClock
from kefu.clocks.models import Alarm, Clock
from kefu.clocks.plan import Firing, Ladder, firings
from kefu.kernel import outbox
from kefu.kernel.bulk import update_rows

SWEPT_AT_ONCE = 1000


def sweep(*, now: datetime, batch: int = SWEPT_AT_ONCE) -> int:
    """Fire what is due: one batch, one transaction, one event. Returns how many moments fired; call again while it is not 0.

    Several workers may sweep at once; an alarm belongs to the one that holds its row. Only alarms are written, except where a pause ends.
    """
    changes, items, running_on = [], [], []
    with transaction.atomic():
        for clock in _ringing(now, batch):
            moments = firings(clock.due_at, clock.warn_at, _stored_ladder(clock.ladder))[clock.fired :]
            passed = [moment for moment in moments if moment.at <= now]
            if clock.state == Clock.State.PAUSED:
                running_on.append(clock.pk)
                items.append(_fired(clock, Firing(clock.at, "resume")))
            items.extend([_fired(clock, moment) for moment in passed])
            following = moments[len(passed)].at if len(passed) < len(moments) else None
            changes.append([clock.pk, connection.ops.adapt_datetimefield_value(following), clock.fired + len(passed)])
        update_rows(Alarm, ["at", "fired"], changes)
        _run_on(running_on)
        if items:
            items.sort(key=lambda item: item.at)
            outbox.emit(ClocksFired(items=tuple(items)), now=now)
    return len(items)


class _Ringing(NamedTuple):
    """A clock whose alarm goes off: what the sweep has to know of it."""

    pk: int
    key: str
    clause: str
    subject_kind: str
    subject_id: int
    site_id: int
    state: str
    ladder: str
    fired: int
    due_at: datetime
    warn_at: datetime | None
    at: datetime


def _ringing(now: datetime, batch: int) -> list[_Ringing]:
    """What is due and nobody else has in hand, the soonest first.

    The alarms are locked first and the clocks read afterwards: then nobody can be in the middle of planning one of them anew. Moments are
    taken as text, which costs a tenth of what the driver makes of them.
    """
    rows = Alarm.objects.filter(at__lte=now).order_by("at")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    taken = list(rows.values_list("pk", flat=True)[:batch])
    if not taken:
        return []
    sql = (
        "SELECT c.id, c.key, c.clause, c.subject_kind, c.subject_id, c.site_id, c.state, c.ladder, a.fired,"
        " CAST(c.due_at AS text), CAST(c.warn_at AS text), CAST(a.at AS text)"
        f" FROM clocks_alarm AS a JOIN clocks_clock AS c ON c.id = a.clock_id WHERE a.clock_id IN ({', '.join(['%s'] * len(taken))})"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, taken)
        found = cursor.fetchall()
    return [_Ringing._make((*row[:9], _moment(row[9]), row[10] and _moment(row[10]), _moment(row[11]))) for row in found]


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@lru_cache(maxsize=256)
def _stored_ladder(text: str) -> Ladder:
    """A ladder as it is stored; a handbook has a dozen, a storm asks for them a hundred thousand times."""
    return Ladder.stored(json.loads(text))


def _run_on(clock_ids: Sequence[int]) -> None:
    """Clocks whose capped pause is used up count again."""
    if clock_ids:
        Clock.objects.filter(pk__in=clock_ids).update(state=Clock.State.RUNNING, version=F("version") + 1)


def _fired(clock: _Ringing, firing: Firing) -> FiredClock:
    return FiredClock(
        clock_id=clock.pk,
        key=clock.key,
        clause=clock.clause,
        subject_kind=clock.subject_kind,
        subject_id=clock.subject_id,
        site_id=clock.site_id,
        phase=firing.phase,
        at=firing.at,
        notify=firing.notify,
        raise_level=firing.raise_level,
    )
