"""The one place that reads the clock on the wall. Interfaces take the time here and hand it down; rules never read it."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)


def day_bounds(day: date) -> tuple[datetime, datetime]:
    """When a local day begins and when the next one does: for ``>=`` and ``<``."""
    return midnight(day), midnight(day + timedelta(days=1))


def midnight(day: date) -> datetime:
    """When a local day begins."""
    return timezone.make_aware(datetime.combine(day, time.min))


def on_days(column: str, first: date | None, last: date | None) -> dict[str, datetime]:
    """What a query is to be filtered by for moments from the first local day to the last, both included; ``None`` leaves an end open."""
    span = {}
    if first is not None:
        span[f"{column}__gte"] = midnight(first)
    if last is not None:
        span[f"{column}__lt"] = midnight(last + timedelta(days=1))
    return span
