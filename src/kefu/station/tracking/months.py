"""Months of the carriers' counting, which are Chinese ones."""

from datetime import datetime

from django.utils import timezone


def month_start(now: datetime) -> datetime:
    """The first moment of the month."""
    return timezone.localtime(now, timezone.get_default_timezone()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
