"""A conversation as the inspector takes it: who said what, in which order, on which channel (QA2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kefu.conversations.lines import Line, Side
from kefu.handbook.schema import Channel
from kefu.quality.hearing import Sounding

__all__ = ["Dialogue", "Line", "Side"]


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A whole conversation. ``facts`` may say what the text does not:

    ``conversation.ended_by`` (``agent``, ``customer``, ``system``), ``conversation.transferred_in``, ``conversation.transferred_out``.
    """

    channel: Channel
    lines: Sequence[Line]
    site_name: str = ""
    staff_no: str = ""
    staff_name: str = ""
    company: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    # As the recording sounded; ``None``: there is none, or it is not measured yet.
    sound: Sounding | None = None
