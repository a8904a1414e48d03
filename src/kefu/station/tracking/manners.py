"""How often a carrier may be asked, and what to do when it fails. Pure: clock and chance come in (V3, V4)."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random


@dataclass(frozen=True, slots=True)
class Bucket:
    """Tokens left at a moment; one is a request."""

    tokens: float
    at: datetime


def draw(bucket: Bucket, *, now: datetime, per_minute: int, burst: int) -> tuple[Bucket, timedelta]:
    """Take one token. A wait above zero means that none was there, and nothing was taken.

    A clock that went back refills nothing.
    """
    gained = max((now - bucket.at).total_seconds(), 0.0) * per_minute / 60
    tokens = min(bucket.tokens + gained, float(burst))
    at = max(now, bucket.at)
    if tokens >= 1:
        return Bucket(tokens - 1, at), timedelta(0)
    return Bucket(tokens, at), timedelta(seconds=(1 - tokens) * 60 / per_minute)


def pause(attempt: int, chance: Random, *, first: timedelta = timedelta(seconds=20), most: timedelta = timedelta(minutes=30)) -> timedelta:
    """Wait before try number ``attempt`` + 1: doubled each time up to ``most``, half of it by chance, so that callers part."""
    whole: timedelta = min(first * 2 ** min(max(attempt - 1, 0), 20), most)
    return whole / 2 + whole / 2 * chance.random()


@dataclass(frozen=True, slots=True)
class Breaker:
    """Failures in a row, and until when nobody calls. ``trips`` counts how often it opened without a success in between."""

    failures: int = 0
    open_until: datetime | None = None
    trips: int = 0

    def blocks(self, now: datetime) -> bool:
        """Whether callers are to wait. Once the time is over, the next call is a probe."""
        return self.open_until is not None and now < self.open_until

    @property
    def probing(self) -> bool:
        """Whether the next call is a probe: it alone decides, and only one may be under way."""
        return self.open_until is not None


def succeeded(_breaker: Breaker) -> Breaker:
    """An answer came: closed."""
    return Breaker()


def failed(breaker: Breaker, *, now: datetime, chance: Random, limit: int = 5, first: timedelta = timedelta(minutes=1)) -> Breaker:
    """No answer came: opens after ``limit`` failures in a row, and at once when the probe failed, each time for longer."""
    failures = breaker.failures + 1
    if failures < limit and not breaker.probing:
        return replace(breaker, failures=failures)
    trips = breaker.trips + 1
    return Breaker(failures, now + pause(trips, chance, first=first), trips)


def probe(breaker: Breaker, *, now: datetime, answer_by: timedelta) -> Breaker:
    """Let one call through: the others wait until it must have been answered."""
    return replace(breaker, open_until=now + answer_by)


def earliest(last: datetime | None, least: timedelta, now: datetime) -> datetime:
    """When a number may be asked about again after ``last`` (V3)."""
    return now if last is None else max(now, last + least)


def may_subscribe(this_month: int, most: int | None) -> bool:
    """Whether one more subscription of a number fits into the month (V4)."""
    return most is None or this_month < most
