"""Text normalisation shared by the word lists and the model (QA2).

`normalise` gives the model one canonical spelling; `fold` also removes separators put between the letters
of a word and remembers where every kept character came from, so a hit can be shown in the original text.
Neither function raises for any `str`, lone surrogates included.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import opencc

_HAN = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00), (0x20000, 0x2A6E0))
_SEPARATORS = frozenset("*.-_~·•・|/\\^`'\"#+=@&$%<>\u2026\u2014\u2013")
_DROPPED = frozenset(("Cf", "Mn", "Me", "So", "Sk", "Zs", "Co", "Cs"))
_BLANK = re.compile(r"\s+")
_RUN = re.compile(r"(.)\1{2,}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Folded:
    """Folded text with, for every character, its index in the original text; `gaps` are places where something was removed."""

    text: str
    origin: list[int]
    gaps: frozenset[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original half-open character span of the folded span `start:end` (which must not be empty)."""
        return self.origin[start], self.origin[end - 1] + 1


@cache
def simplified() -> dict[int, str]:
    """Character table traditional → simplified for `str.translate`, built once from OpenCC's t2s (about 20 ms)."""
    han = [chr(code) for low, high in _HAN for code in range(low, high)]
    plain = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    return {ord(old): new for old, new in zip(han, plain, strict=True) if old != new and len(new) == 1}


def canonical(text: str) -> str:
    """NFKC, traditional → simplified, lower case. The length may change."""
    return unicodedata.normalize("NFKC", text).translate(simplified()).lower()


def normalise(text: str) -> str:
    """The model's spelling: canonical, blanks as one space, a character repeated three times or more kept twice."""
    return _RUN.sub(r"\1\1", _BLANK.sub(" ", canonical(text))).strip()


@lru_cache(maxsize=1 << 16)
def _fold_char(char: str) -> str:
    """What one original character becomes; empty when it is a separator, a mark, an emoji or invisible."""
    if char == "\n":
        return char
    if char in "您妳":
        return "你"
    kept = (c for c in canonical(char) if c not in _SEPARATORS and unicodedata.category(c) not in _DROPPED)
    return "".join(c for c in kept if not c.isspace())


def fold(text: str) -> Folded:
    """Folded text for exact matching: `傻 * 逼` and `腦.殘` become `傻逼` and `脑残`, 您 becomes 你. Linear in the length."""
    out: list[str] = []
    origin: list[int] = []
    gaps: set[int] = set()
    for index, char in enumerate(text):
        folded = _fold_char(char)
        if not folded:
            gaps.add(len(out))
            continue
        for piece in folded:
            out.append(piece)
            origin.append(index)
    return Folded("".join(out), origin, frozenset(gaps))
