"""Sums of one day of a site, for the daily facts; each measure can be opened to the rows it counts."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.utils import timezone

from kefu.quality.models import Finding, Inspection, SubjectKind


def of_day(site_id: int, start: datetime, end: datetime) -> Iterator[tuple[str, int, Decimal]]:  # noqa: ARG001 (a local day is one date)
    """``(measure, staff id or 0, value)`` of the conversations inspected for the local day that begins at ``start``."""
    day = timezone.localtime(start).date()
    cards = Inspection.objects.filter(site_id=site_id, day=day, current=True, subject_kind=SubjectKind.CONVERSATION)
    for row in cards.order_by().values("staff_id").annotate(n=Count("pk"), points=Sum("points"), money=Sum("money"), score=Sum("score")):
        staff = row["staff_id"] or 0
        yield "inspected", staff, Decimal(row["n"])
        yield "points", staff, row["points"]
        yield "money", staff, row["money"]
        yield "score", staff, row["score"]
    found = Finding.objects.filter(site_id=site_id, day=day, current=True).exclude(state=Finding.State.DISMISSED)
    # What a person confirmed or saw is a breach like an automatic one; what waits for a person is counted apart.
    review = Q(mode=Finding.Mode.REVIEW) & ~Q(state=Finding.State.CONFIRMED)
    auto = ~review
    for group in found.order_by().values("staff_id").annotate(auto=Count("pk", filter=auto), review=Count("pk", filter=review)):
        yield "findings", group["staff_id"] or 0, Decimal(group["auto"])
        yield "reviews", group["staff_id"] or 0, Decimal(group["review"])
