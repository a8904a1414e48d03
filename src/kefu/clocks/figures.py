"""Counts of one day of a site, for the daily facts."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Q

from kefu.clocks.models import Clock


def of_day(site_id: int, start: datetime, end: datetime) -> Iterator[tuple[str, int, int]]:
    """``(measure, 0, count)`` of clocks whose deadline fell within ``[start, end)``: all of them, and those that were broken.

    A clock that was stopped before its deadline (the case was closed or merged) counts in neither.
    """
    rows = Clock.objects.filter(site_id=site_id, due_at__gte=start, due_at__lt=end)
    broken = Q(breached_at__isnull=False)
    found = rows.aggregate(met=Count("pk", filter=Q(state=Clock.State.MET) & ~broken), broken=Count("pk", filter=broken))
    yield "clocks_met", 0, found["met"]
    yield "clocks_breached", 0, found["broken"]
