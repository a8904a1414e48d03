"""What is handed in: conversations to store. Plain values; checked in ``checks``."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from kefu.conversations.lines import Line


@dataclass(frozen=True, slots=True)
class ConversationDraft:
    """A conversation from a source; ``external_id`` is its id there. ``customer_value`` is a contact of ``customer_kind``."""

    source: str
    external_id: str
    channel: str
    site_id: int
    started_at: datetime
    lines: Sequence[Line]
    ended_at: datetime | None = None
    staff_no: str = ""
    customer_value: str = ""
    customer_kind: str = "phone"
    customer_name: str = ""
    waybill: str = ""
    disposition: str = ""
    language: str = "zh"
    recording: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


class Refusal(NamedTuple):
    """A conversation that was not taken: its place in the batch and a code of ``checks.REASONS``."""

    place: int
    reason: str


@dataclass(frozen=True, slots=True)
class StoreResult:
    """Outcome of a bulk write; ``ids`` are those of the new conversations."""

    stored: int
    present: int
    refused: Sequence[Refusal]
    ids: Sequence[int] = ()
