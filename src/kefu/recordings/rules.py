"""Pure decisions about recordings: sides of channels, purposes, retries, times of keeping."""

from collections.abc import Sequence
from datetime import datetime, timedelta

MOST_TRIES = 3
_FIRST_PAUSE = timedelta(minutes=5)
STEREO = ("agent", "customer")
MONO = ("both",)
PURPOSES = ("own", "inspection", "supervision", "training")


def sides_of(channels: int, told: Sequence[str] = ()) -> list[str] | None:
    """Who is on which channel: as told, else the agent first; ``None`` when what was told cannot be."""
    if channels == 1:
        return list(MONO) if not told or list(told) == list(MONO) else None
    if not told:
        return list(STEREO)
    return list(told) if sorted(told) == sorted(STEREO) else None


def pause_after(tries: int) -> timedelta:
    """How long an engine that failed is left alone."""
    return _FIRST_PAUSE * (1 << max(0, tries - 1))


def kept_until(started_at: datetime, days: float) -> datetime | None:
    """Until when a recording is kept; ``None`` for ever (no or nonsensical days)."""
    return started_at + timedelta(days=days) if 0 < days <= 36_500 else None
