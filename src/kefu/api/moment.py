"""What time it is for an operation: read here once per request and handed down, never read by the actions themselves."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import TypeAlias

from kefu.kernel import moment

Source: TypeAlias = Callable[[], datetime]
_source: ContextVar[Source] = ContextVar("kefu_api_moment", default=moment.now)


def now() -> datetime:
    """The present moment, aware."""
    return _source.get()()


@contextmanager
def told_by(source: Source) -> Iterator[None]:
    """Take the time from ``source`` inside the block; for stories told in tests and for replays."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)
