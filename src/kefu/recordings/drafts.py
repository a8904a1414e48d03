"""What is told of a recorded call when its recording is handed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class CallDraft:
    """The call. With ``conversation_id`` it is one that is here; else ``(source, external_id)`` names it, and it is made when unknown.

    ``sides``: who is on which channel, ``agent`` and ``customer`` in their order; empty: the agent is first.
    """

    site_id: int | None = None
    conversation_id: int | None = None
    source: str = ""
    external_id: str = ""
    started_at: datetime | None = None
    staff_no: str = ""
    customer_phone: str = ""
    waybill: str = ""
    sides: Sequence[str] = ()
