"""How an entry of a room above cases reads in the timeline of a case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from kefu.handbook.schema import Handbook


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the timeline: what happened, its icon and tone (``quiet``, ``accent``, ``good``, ``warn``, ``bad``)."""

    title: str
    icon: str
    tone: str = "quiet"


Says: TypeAlias = Callable[[Mapping[str, Any], Handbook], Said]
