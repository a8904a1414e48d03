"""Where somebody speaks: the net says whether it is a voice, energy says where it begins and ends (QA3)."""

from typing import NamedTuple

import numpy as np

from kefu.sound.arrays import Marks, Numbers
from kefu.sound.frames import SECONDS, Track

_FAINTEST = -58.0
_ABOVE_FLOOR, _ABOVE_FLOOR_ALONE = 8.0, 15.0
_NOISIEST = -45.0
_SURE = 0.4
# An island of sound with a larger share of sure frames is a voice as a whole; music and noise stay far below.
_MOSTLY = 0.3
# Frames this near to one the net is sure of belong to the same word.
_NEAR = 10
_LONGEST_GAP, _SHORTEST = 0.3, 0.12


class Span(NamedTuple):
    """Seconds from the start, half-open."""

    start: float
    end: float

    @property
    def length(self) -> float:
        """Seconds."""
        return self.end - self.start


def speech(track: Track) -> list[Span]:
    """Stretches of speech of one channel."""
    if not len(track.energy):
        return []
    asked = bool(np.isfinite(track.voice).any())
    floor = min(float(np.percentile(track.energy, 10)), _NOISIEST)
    loud = track.energy > max(floor + (_ABOVE_FLOOR if asked else _ABOVE_FLOOR_ALONE), _FAINTEST)
    if asked:
        sure = np.nan_to_num(track.voice) > _SURE
        # One frame alone is a click.
        firm = sure & (np.concatenate([sure[1:], [False]]) | np.concatenate([[False], sure[:-1]]))
        near = np.convolve(firm, np.ones(2 * _NEAR + 1), "full")[_NEAR : _NEAR + len(firm)] > 0
        loud &= near | _mostly(loud, firm)
    return _spans(loud)


def _mostly(loud: Marks, firm: Marks) -> Marks:
    """Frames of islands of sound, short pauses closed, that are a voice for the most part: the rest of them is the same voice."""
    closed = _closed(loud)
    number = np.cumsum(np.diff(np.concatenate([[False], closed]).astype(np.int8)) == 1) * closed
    size, sure = np.bincount(number, weights=loud), np.bincount(number, weights=firm & loud)
    share = np.divide(sure, size, out=np.zeros_like(sure), where=size > 0)
    share[0] = 0
    found: Marks = share[number] > _MOSTLY
    return found


def _closed(marked: Marks) -> Marks:
    edges = np.flatnonzero(np.diff(marked.astype(np.int8), prepend=0, append=0))
    out = marked.copy()
    most = round(_LONGEST_GAP / SECONDS)
    for end, start in zip(edges[1:-1:2], edges[2::2], strict=True):
        if start - end <= most:
            out[end:start] = True
    return out


def sounding(track: Track) -> list[Span]:
    """Stretches with any sound at all, voice or music, of one channel."""
    return _spans(track.energy > _FAINTEST) if len(track.energy) else []


def _spans(marked: Marks) -> list[Span]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], marked, [False]]).astype(np.int8)))
    raw = [Span(float(start * SECONDS), float(end * SECONDS)) for start, end in zip(edges[::2], edges[1::2], strict=True)]
    return [span for span in joined(raw, _LONGEST_GAP) if span.length >= _SHORTEST]


def joined(spans: list[Span], gap: float) -> list[Span]:
    """Spans of one side with pauses of up to ``gap`` seconds closed."""
    out: list[Span] = []
    for span in spans:
        if out and span.start - out[-1].end <= gap:
            out[-1] = Span(out[-1].start, max(out[-1].end, span.end))
        else:
            out.append(span)
    return out


def mean_pitch(track: Track, span: Span) -> tuple[float, float] | None:
    """Median pitch and its spread (10th to 90th percentile, Hz) within a span; ``None`` with too little voice."""
    found = track.pitch[round(span.start / SECONDS) : max(round(span.end / SECONDS), round(span.start / SECONDS) + 1)]
    voiced: Numbers = found[np.isfinite(found)]
    if len(voiced) < 6:
        return None
    low, middle, high = np.percentile(voiced, (10, 50, 90))
    return float(middle), float(high - low)
