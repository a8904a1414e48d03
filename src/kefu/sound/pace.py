"""Characters a minute from what was said and how long a voice sounded (Q11). Pure."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from kefu.sound.voice import Span

# A Hanzi is a syllable, so is a spoken digit; a Latin word counts as one.
_SYLLABLE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]|[0-9０-９]|[A-Za-zÀ-ɏ]+")


def syllables(text: str) -> int:
    """Hanzi, digits and Latin words."""
    return len(_SYLLABLE.findall(text))


def voiced_seconds(speech: Sequence[Span], start: float, end: float) -> float:
    """Seconds of speech between two moments; ``speech`` is in order and does not overlap itself."""
    first = max(0, bisect_right(speech, (start, start)) - 1)
    total = 0.0
    for span in speech[first:]:
        if span.start >= end:
            break
        total += max(0.0, min(span.end, end) - max(span.start, start))
    return total


def per_minute(text: str, seconds: float) -> float | None:
    """字/分钟; ``None`` for less than a second."""
    return syllables(text) * 60 / seconds if seconds >= 1.0 else None
