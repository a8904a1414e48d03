"""A conversation as rows to draw: who, when, the text cut at the edges of findings, silence between (QA5). Pure."""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from itertools import pairwise

from kefu.conversations.lines import Line

# Silence that is worth a mark: seconds on the telephone, longer in writing.
GAP = {"call": 8.0, "chat": 60.0, "email": 3600.0, "form": 3600.0}
# A middle longer than this is not compared letter by letter.
_COMPARED = 2000
LONG = 5000
"""Characters of one line that are shown at once; the rest is asked for (somebody pasted a whole log)."""
_JOINER = "\u200d"


@dataclass(frozen=True, slots=True)
class Span:
    """What a finding points at in one line: half-open, ``key`` its id, ``tone`` how it is drawn, ``whole`` when it means the line."""

    key: int
    start: int
    end: int
    tone: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text under the same findings; ``first`` are those that begin here."""

    text: str
    keys: tuple[int, ...] = ()
    first: tuple[int, ...] = ()
    tone: str = ""
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """Silence before a line. ``limit`` in seconds when it broke a rule."""

    seconds: float
    limit: float | None = None


@dataclass(slots=True)
class Row:
    """One line of the conversation."""

    line: Line
    pieces: tuple[Piece, ...]
    at: datetime | None
    offset: float | None
    gap: Gap | None = None
    new_day: bool = False
    keys: tuple[int, ...] = ()
    tone: str = ""
    left: int = 0

    @property
    def number(self) -> int:
        """As people count."""
        return self.line.index + 1


_LOUDEST = ("bad", "warn", "good", "")


@dataclass(frozen=True, slots=True)
class Waits:
    """Answers that came later than the handbook allows: seconds allowed by the index of the answering line."""

    limits: Mapping[int, float] = field(default_factory=dict)


def rows(
    lines: Sequence[Line],
    started: datetime,
    channel: str,
    spans: Mapping[int, Sequence[Span]],
    waits: Waits | None = None,
    whole: int | None = None,
) -> list[Row]:
    """Every line with its marks, in order; of a very long one the beginning, but of the line ``whole``. ``left``: characters not shown."""
    known = waits or Waits()
    out: list[Row] = []
    shown = started
    before: float | None = None
    for line in lines:
        here = spans.get(line.index, ())
        at = None if line.at is None else started + timedelta(seconds=line.at)
        text = line.text if line.index == whole else line.text[:LONG]
        row = Row(line, pieces(text, here), at, line.at, left=len(line.text) - len(text), keys=tuple(span.key for span in here))
        row.tone = next((tone for tone in _LOUDEST if any(span.tone == tone for span in here)), "")
        if line.at is not None and before is not None:
            silence = line.at - before
            limit = known.limits.get(line.index)
            if silence >= GAP.get(channel, 60.0) or (limit is not None and silence > limit):
                row.gap = Gap(silence, limit)
        if line.at is not None:
            before = max(before or 0.0, line.at if line.end is None else line.end)
        if at is not None:
            row.new_day = at.date() != shown.date()
            shown = at
        out.append(row)
    return out


def pieces(text: str, spans: Iterable[Span]) -> tuple[Piece, ...]:
    """The text cut where findings begin and end; no cut goes through what is seen as one character."""
    placed = [_fitted(text, span) for span in spans]
    drawn = [span for span in placed if span.end > span.start]
    if not drawn:
        return (Piece(text),) if text else ()
    edges = sorted({0, len(text), *(edge for span in drawn for edge in (span.start, span.end))})
    out: list[Piece] = []
    begun: set[int] = set()
    for low, high in pairwise(edges):
        over = [span for span in drawn if span.start <= low and high <= span.end]
        keys = tuple(span.key for span in over)
        first = tuple(key for key in keys if key not in begun)
        begun.update(keys)
        tone = next((tone for tone in _LOUDEST if any(span.tone == tone for span in over)), "")
        out.append(Piece(text[low:high], keys, first, tone, bool(over) and all(span.whole for span in over)))
    return tuple(out)


def _fitted(text: str, span: Span) -> Span:
    start, end = max(0, min(span.start, len(text))), max(0, min(span.end, len(text)))
    while 0 < start < len(text) and _belongs(text, start):
        start -= 1
    while start < end < len(text) and _belongs(text, end):
        end += 1
    return Span(span.key, start, end, span.tone, span.whole)


def _belongs(text: str, index: int) -> bool:
    """Whether the character at ``index`` is seen as one with the character before it."""
    char = text[index]
    if char == _JOINER or text[index - 1] == _JOINER or "\U0001f3fb" <= char <= "\U0001f3ff":
        return True
    return unicodedata.category(char) in ("Mn", "Me", "Mc")


class Shift:
    """Leads places of a text to its masked form. A place inside of what was masked goes to the edge of the mask."""

    def __init__(self, original: str, masked: str) -> None:
        self._blocks = _common(original, masked) if original != masked else None
        self._starts = [block[0] for block in self._blocks] if self._blocks else []
        self._length = len(masked)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Half-open span in the masked text; it covers a mask it touches."""
        if self._blocks is None:
            return start, end
        return self._place(start, forward=False), self._place(end, forward=True)

    def _place(self, place: int, *, forward: bool) -> int:
        assert self._blocks is not None
        index = bisect_right(self._starts, place) - 1
        start, masked_start, size = self._blocks[index]
        if place <= start + size:
            return masked_start + place - start
        if forward:
            return self._blocks[index + 1][1] if index + 1 < len(self._blocks) else self._length
        return masked_start + size


def _common(one: str, other: str) -> list[tuple[int, int, int]]:
    """Runs both texts share: start in the first, start in the second, length."""
    limit = min(len(one), len(other))
    head = next((i for i in range(limit) if one[i] != other[i]), limit)
    tail = next((i for i in range(limit - head) if one[-1 - i] != other[-1 - i]), limit - head)
    middle, masked = one[head : len(one) - tail], other[head : len(other) - tail]
    blocks = [(0, 0, head)]
    if len(middle) <= _COMPARED and len(masked) <= _COMPARED:
        found = SequenceMatcher(None, middle, masked, autojunk=False).get_matching_blocks()
        blocks += [(head + block.a, head + block.b, block.size) for block in found if block.size > 2]
    blocks.append((len(one) - tail, len(other) - tail, tail))
    return blocks
