"""What happened to a case, as this room needs to hear it: plain values handed down by whoever knows cases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Moment:
    """An entry of a case of which the customer may have to be told.

    ``handbook`` is the version the case follows (``best@3``); ``step`` is ``procedure.step`` or empty; ``events`` what clocks heard;
    ``values`` fill in the text beside the customer's name and the site's.
    """

    case_id: int
    entry_id: int
    site_id: int
    customer_id: int
    handbook: str
    kind: str
    step: str
    events: tuple[str, ...]
    at: datetime
    values: Mapping[str, str] = field(default_factory=dict)
