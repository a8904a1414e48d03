"""Counts of one day of a site, for the daily facts; each measure can be opened to the rows it counts."""

from collections.abc import Collection, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncDate

from kefu.cases import families, filters
from kefu.cases.filters import CaseFilter
from kefu.cases.models import Case
from kefu.kernel.actor import Actor
from kefu.kernel.moment import midnight

_AT_ONCE = 5000


def _by_assignee(rows: QuerySet[Case], measure: str) -> Iterator[tuple[str, int, int]]:
    for row in rows.order_by().values("assignee_id").annotate(n=Count("pk")):
        yield measure, row["assignee_id"] or 0, row["n"]


def responsible(kind: str, subject_ids: Collection[int]) -> dict[int, int]:
    """Who has these cases in hand, by case; what is no case, or nobody's, is left out."""
    if kind != "case":
        return {}
    found: dict[int, int] = {}
    ids = list(subject_ids)
    for start in range(0, len(ids), _AT_ONCE):
        rows = Case.objects.filter(pk__in=ids[start : start + _AT_ONCE], assignee_id__isnull=False)
        found.update(rows.values_list("pk", "assignee_id"))
    return found


def in_hands(staff: QuerySet[Any]) -> QuerySet[Any]:
    """Ids of the cases these people have in hand, to narrow what is kept about cases."""
    return Case.objects.filter(assignee__in=staff).values("pk")


def of_day(site_id: int, start: datetime, end: datetime) -> Iterator[tuple[str, int, int]]:
    """``(measure, staff id or 0, count)`` of cases opened and closed at the site within ``[start, end)``."""
    opened = Case.objects.filter(site_id=site_id, opened_at__gte=start, opened_at__lt=end)
    yield from _by_assignee(opened, "cases_opened")
    yield from _by_assignee(opened.filter(repeat_count__gt=0), "cases_repeat")
    closed = Case.objects.filter(site_id=site_id, closed_at__gte=start, closed_at__lt=end, status=Case.Status.CLOSED)
    yield from _by_assignee(closed, "cases_closed")


COMPLAINTS_BY = {"": None, "kind": "kind", "site": "site_id", "day": "day"}


def complaints(actor: Actor, *, since: date, until: date, by: str, site_id: int | None, now: datetime) -> dict[str, int]:
    """Complaints opened on the local days by one of ``COMPLAINTS_BY`` ("": all under one key), the rows the list shows; one query."""
    start, end = midnight(since), midnight(until + timedelta(days=1))
    wanted = CaseFilter(view="all", family=families.COMPLAINT, since=start, until=end, site_id=site_id)
    rows = filters.matching(actor, wanted, now).order_by()
    column = COMPLAINTS_BY[by]
    if column is None:
        return {"": rows.count()}
    rows = rows.annotate(day=TruncDate("opened_at")) if by == "day" else rows
    return {str(key): count for key, count in rows.values_list(column).annotate(n=Count("pk"))}


def kind_of_subject() -> Subquery:
    """The kind of the case a row with ``subject_id`` is about, to group what other rooms keep about cases."""
    return Subquery(Case.objects.filter(pk=OuterRef("subject_id")).order_by().values("kind")[:1])
