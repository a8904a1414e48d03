"""The one place that reads the clock on the wall. Interfaces take the time here and hand it down; rules never read it."""

from datetime import UTC, datetime


def now() -> datetime:
    """The moment, in UTC."""
    return datetime.now(UTC)
