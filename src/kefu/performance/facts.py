"""Daily facts: which days are to be worked out again, and working them out (PERF1).

Never on the write path: events mark a day, the worker works marked days out a few seconds later, each in five grouped queries.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from kefu.cases import figures as cases
from kefu.clocks import figures as clocks
from kefu.conversations import figures as conversations
from kefu.kernel import outbox
from kefu.kernel.models import OutboxEvent
from kefu.kernel.moment import day_bounds
from kefu.performance.events import FiguresRenewed
from kefu.performance.models import DayFact, DayMark, HitFact
from kefu.quality import figures as quality

TYPES = (
    "case.opened",
    "case.closed",
    "case.changed",
    "case.merged",
    "clocks.fired",
    "conversations.stored",
    "quality.inspected",
    "quality.ruled",
)


def local_day(at: datetime) -> date:
    """The day people say it was."""
    return timezone.localtime(at).date()


def _days(event: OutboxEvent) -> Iterator[tuple[int, date]]:
    """Sites and days whose figures the event touches."""
    if event.type == "clocks.fired":
        for item in event.payload["items"]:
            yield item["site_id"], local_day(datetime.fromisoformat(item["at"]))
    elif "days" in event.payload:
        for site_id, day in event.payload["days"]:
            yield site_id, date.fromisoformat(day)
    elif "day" in event.payload and event.site_id is not None:
        yield event.site_id, date.fromisoformat(event.payload["day"])
    elif event.site_id is not None:
        yield event.site_id, local_day(event.at)


def mark(events: Sequence[OutboxEvent], *, now: datetime) -> None:
    """Note the days that events touch."""
    wanted = {place for event in events for place in _days(event)}
    DayMark.objects.bulk_create(
        [DayMark(site_id=site_id, day=day, marked_at=now) for site_id, day in sorted(wanted)], ignore_conflicts=True
    )


def _clocks(site_id: int, start: datetime, end: datetime) -> Iterator[tuple[str, int, int]]:
    """A clock counts for whoever has its case in hand."""
    return clocks.of_day(site_id, start, end, whose=cases.responsible)


def refresh(site_id: int, day: date) -> None:
    """Work out all facts of a day of a site anew and put them in place of the old ones."""
    start, end = day_bounds(day)
    values: dict[tuple[str, int], Decimal] = {}
    for source in (cases.of_day, _clocks, conversations.of_day, quality.of_day):
        for measure, staff_id, value in source(site_id, start, end):
            values[measure, staff_id] = Decimal(value)
    with transaction.atomic():
        DayFact.objects.filter(site_id=site_id, day=day).delete()
        DayFact.objects.bulk_create(
            DayFact(day=day, site_id=site_id, staff_id=staff_id, measure=measure, value=value)
            for (measure, staff_id), value in values.items()
            if value
        )
        HitFact.objects.filter(site_id=site_id, day=day).delete()
        HitFact.objects.bulk_create(
            HitFact(
                day=day, site_id=site_id, by=one.by, key=one.key, count=one.count, waiting=one.waiting, points=one.points, money=one.money
            )
            for one in quality.sides_of_day(site_id, day)
        )


def refresh_marked(*, now: datetime, limit: int = 200) -> int:
    """Work out marked days; a day marked again meanwhile stays marked."""
    done = 0
    for mark_row in DayMark.objects.filter(marked_at__lte=now).order_by("marked_at")[:limit]:
        with transaction.atomic():
            DayMark.objects.filter(pk=mark_row.pk).delete()
            refresh(mark_row.site_id, mark_row.day)
            outbox.emit(FiguresRenewed(site_id=mark_row.site_id, day=mark_row.day.isoformat()), now=now)
        done += 1
    return done
