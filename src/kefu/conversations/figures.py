"""Counts of one day of a site, for the daily facts; each measure can be opened to the rows it counts."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count

from kefu.conversations.models import Conversation


def of_day(site_id: int, start: datetime, end: datetime) -> Iterator[tuple[str, int, int]]:
    """``(measure, staff id or 0, count)`` of conversations that began at the site within ``[start, end)``."""
    rows = Conversation.objects.filter(site_id=site_id, started_at__gte=start, started_at__lt=end)
    for row in rows.order_by().values("staff_id").annotate(n=Count("pk")):
        yield "conversations", row["staff_id"] or 0, row["n"]
