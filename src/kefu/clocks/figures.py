"""Counts of one day of a site, for the daily facts; each can be opened to the clocks it counts."""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from typing import Literal, TypeAlias

from django.db.models import F, Q, QuerySet

from kefu.clocks.models import Clock

Outcome: TypeAlias = Literal["met", "breached"]
# A running clock is broken when a sweep has been past its deadline: then its alarm, if it has another, is set for later.
# A clock that was stopped before its deadline (the case was closed or merged) is in neither.
_OUTCOMES: Mapping[Outcome, Q] = {
    "met": Q(state=Clock.State.MET, breached_at__isnull=True),
    "breached": Q(breached_at__isnull=False) | Q(state=Clock.State.RUNNING) & (Q(alarm__at=None) | Q(alarm__at__gt=F("due_at"))),
}
Whose: TypeAlias = Callable[[str, Collection[int]], Mapping[int, int]]


def decided(rows: QuerySet[Clock], outcome: str, *, start: datetime, end: datetime) -> QuerySet[Clock]:
    """Clocks whose deadline fell within ``[start, end)`` and that were ``met`` or ``breached`` (anything else: either)."""
    wanted = [condition for name, condition in _OUTCOMES.items() if outcome in (name, "")]
    condition = wanted[0] if len(wanted) == 1 else _OUTCOMES["met"] | _OUTCOMES["breached"]
    return rows.filter(condition, due_at__gte=start, due_at__lt=end)


def of_day(site_id: int, start: datetime, end: datetime, *, whose: Whose) -> Iterator[tuple[str, int, int]]:
    """``(measure, staff id or 0, count)`` of clocks decided in the day; ``whose`` says who has the subjects of a kind in hand."""
    rows = Clock.objects.filter(site_id=site_id)
    for outcome in _OUTCOMES:
        found = list(decided(rows, outcome, start=start, end=end).values_list("subject_kind", "subject_id"))
        counted: Counter[int] = Counter()
        for kind in {kind for kind, _id in found}:
            ids = [subject_id for one, subject_id in found if one == kind]
            people = whose(kind, set(ids))
            counted.update(people.get(subject_id, 0) for subject_id in ids)
        for staff_id, count in counted.items():
            yield f"clocks_{outcome}", staff_id, count
