"""One utterance, and how a whole conversation becomes one value and back (ADR 0004)."""

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["agent", "customer", "system"]
SIDES: tuple[Side, ...] = ("agent", "customer", "system")
CODEC = "gb1"
_LETTERS: dict[Side, str] = {"agent": "a", "customer": "c", "system": "s"}
_SIDE_OF: dict[str, Side] = {letter: side for side, letter in _LETTERS.items()}


@dataclass(frozen=True, slots=True)
class Line:
    """What one side said or wrote at once; ``at`` and ``end`` are seconds from the start, ``None`` when nobody noted them.

    ``confidence`` (0..1) is how sure a machine was of the words; ``None`` where no machine wrote them down.
    """

    index: int
    side: Side
    text: str
    at: float | None = None
    end: float | None = None
    confidence: float | None = None


def tidy_text(text: str) -> str:
    """The text as it is kept: exact, but for what cannot be stored (NUL, halves of surrogate pairs)."""
    text = text.replace("\0", "").strip()
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def in_order(lines: Iterable[Line]) -> tuple[Line, ...]:
    """Lines with something in them, numbered from 0; by time when every line has one (equal times keep their order)."""
    kept = [replace(line, text=text) for line in lines if (text := tidy_text(line.text))]
    if all(line.at is not None for line in kept):
        kept.sort(key=lambda line: line.at or 0.0)
    return tuple(replace(line, index=index) for index, line in enumerate(kept))


def plain(lines: Sequence[Line]) -> bytes:
    """The lines in short form. GB 18030 holds all of Unicode and is a third smaller than UTF-8 for Chinese."""
    rows: list[list[str | float | None]] = []
    for line in lines:
        row: list[str | float | None] = [_LETTERS[line.side], line.text]
        times = [line.at, line.end, line.confidence]
        while times and times[-1] is None:
            times.pop()
        rows.append([*row, *times])
    return json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode("gb18030")


def pack(lines: Sequence[Line]) -> bytes:
    """Compressed; what is encrypted and stored."""
    return zlib.compress(plain(lines), 9)


def unpack(codec: str, body: bytes) -> tuple[Line, ...]:
    """The other way; raises ``ValueError`` for a codec this version does not know."""
    if codec != CODEC:
        msg = f"unknown transcript codec {codec!r}"
        raise ValueError(msg)
    rows = json.loads(zlib.decompress(body).decode("gb18030"))
    return tuple(Line(index, _SIDE_OF[row[0]], row[1], *row[2:]) for index, row in enumerate(rows))
