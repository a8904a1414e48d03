"""What stands against the next scan of a parcel in rooms above: an open problem whose type allows only some scans (O15).

Parcels may not import upward, so the room registers itself when its application is ready; who judges a scan finds its word in ``Known``.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Bar:
    """An open matter of a waybill. Only scans of ``allowed`` ought to follow; ``title`` says what it is, ``clause`` who decided so."""

    allowed: frozenset[str]
    title: str
    title_en: str
    clause: str


BarSource: TypeAlias = Callable[[Collection[str]], Mapping[str, Sequence[Bar]]]

_SOURCES: dict[str, BarSource] = {}


def register(room: str, source: BarSource) -> None:
    """Let a room say what stands against waybills. ``source`` takes clean numbers and needs the same few statements for any count."""
    _SOURCES[room] = source


def standing_against(waybills: Collection[str]) -> dict[str, list[Bar]]:
    """What all rooms say, by waybill; those nothing stands against are left out."""
    found: dict[str, list[Bar]] = {}
    for source in _SOURCES.values():
        for waybill, bars in source(waybills).items():
            found.setdefault(waybill, []).extend(bars)
    return found
