"""What a reaction is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from kefu.kernel.models import OutboxEvent


@dataclass(frozen=True, slots=True)
class Reaction:
    """What is done when events of some types happened. ``handle`` must be idempotent and takes the events in order."""

    name: str
    types: tuple[str, ...]
    handle: Callable[[Sequence[OutboxEvent], datetime], None]
    batch: int = 200
