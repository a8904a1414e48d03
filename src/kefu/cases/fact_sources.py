"""Facts of a case that rooms above cases know (a claim, an arbitration): each room says which names it answers.

Cases may not import upward, so the room registers itself when its application is ready.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from kefu.handbook.schema import Handbook


@dataclass(frozen=True, slots=True)
class AskedCase:
    """The case the facts are asked of. ``case_id`` is 0 while it is being opened."""

    case_id: int
    site_id: int
    waybill: str
    order_no: str
    book: Handbook
    now: datetime


FactSource: TypeAlias = Callable[[AskedCase], Mapping[str, Any]]

_SOURCES: dict[str, FactSource] = {}


def register(prefix: str, source: FactSource) -> None:
    """Let ``source`` answer all facts whose names begin with ``prefix`` ("claim."). The names stand in ``handbook.schema.facts``."""
    _SOURCES[prefix] = source


def told_of(case: AskedCase, asked: Collection[str] | None) -> dict[str, Any]:
    """What the rooms above know of the case; with ``asked`` only rooms that answer one of these names are gone to."""
    facts: dict[str, Any] = {}
    for prefix, source in _SOURCES.items():
        if asked is None or any(name.startswith(prefix) for name in asked):
            facts.update(source(case))
    return facts
