"""What was found in one recording, as plain numbers, and its short form as JSON (QA3)."""

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from kefu.sound.turns import Delay, Overlap, Side, Silence
from kefu.sound.voice import Span

VERSION = 1
_SHORTEST_TURN = 1.0


@dataclass(frozen=True, slots=True)
class TurnSound:
    """A turn with its loudness (LUFS), median pitch and its spread (Hz), and seconds of voice in it. ``None``: too little to tell."""

    side: Side
    start: float
    end: float
    voiced: float
    loudness: float | None
    pitch: float | None
    pitch_spread: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """All of one recording; times in seconds. ``speakers`` false: one channel for both, whatever depends on the speaker is off.

    ``peaks`` are 0–255 per channel in ``sides`` order, evenly over the length; ``speech`` is per side (``both`` for mono).
    """

    seconds: float
    speakers: bool
    method: str
    speech: Mapping[str, Sequence[Span]]
    peaks: Mapping[str, Sequence[int]]
    turns: Sequence[TurnSound] = ()
    overlaps: Sequence[Overlap] = ()
    silences: Sequence[Silence] = ()
    delays: Sequence[Delay] = ()
    loudness: Mapping[str, float] = field(default_factory=dict)
    alone: Mapping[str, float] = field(default_factory=dict)
    cut_off: bool = False

    def talk(self, side: str) -> float:
        """Seconds of speech of a side."""
        return sum(span.length for span in self.speech.get(side, ()))

    def talk_share(self, side: str) -> float | None:
        """Share of all speech, 0..1; ``None`` when nobody spoke."""
        total = sum(self.talk(one) for one in self.speech)
        return self.talk(side) / total if total else None

    def silence_share(self) -> float:
        """Share of the call in silences of the least length or more."""
        return sum(one.end - one.start for one in self.silences) / self.seconds if self.seconds else 0.0

    def own_loudness(self, side: str) -> float | None:
        """Median loudness of the longer turns of a side, against which swings are judged."""
        return self._own([one.loudness for one in self._long(side)])

    def own_pitch(self, side: str) -> float | None:
        """Median pitch of the longer turns of a side."""
        return self._own([one.pitch for one in self._long(side)])

    def _long(self, side: str) -> list[TurnSound]:
        return [one for one in self.turns if one.side == side and one.end - one.start >= _SHORTEST_TURN]

    @staticmethod
    def _own(values: Sequence[float | None]) -> float | None:
        known = [value for value in values if value is not None]
        return median(known) if known else None


def pack(found: Measured) -> bytes:
    """Compressed JSON; times to the hundredth of a second."""
    plain = {"v": VERSION} | asdict(found)
    return zlib.compress(json.dumps(_rounded(plain), separators=(",", ":")).encode(), 6)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 2)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list | tuple) else value


def unpack(body: bytes) -> Measured:
    """The other way; raises ``ValueError`` for what another version wrote."""
    plain = json.loads(zlib.decompress(body))
    if plain.pop("v", None) != VERSION:
        msg = "measured by another version"
        raise ValueError(msg)
    made = {"turns": TurnSound, "overlaps": Overlap, "silences": Silence, "delays": Delay}
    for name, kind in made.items():
        plain[name] = tuple(kind(**one) for one in plain[name])
    plain["speech"] = {side: tuple(Span(*one) for one in spans) for side, spans in plain["speech"].items()}
    return Measured(**plain)
