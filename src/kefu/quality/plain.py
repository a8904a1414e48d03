"""The spelling that words and patterns are matched in, with the way back to the original characters (QA2, QA5).

Full-width to half-width, traditional to simplified, lower case, 您 as 你; blanks, emoji, invisible marks and the separators people put
between characters (``不 知*道``) are taken out. Most lines need no more than one ``str.translate``: the slow way is for the others.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

import opencc

MAX_CHARS = 20_000
"""Characters of one line that are read; a longer line is cut (and said to be)."""

ENDS = frozenset(',?!;:、。\n()[]【】《》<>“”‘’「」『』"')
"""Punctuation that ends a clause, in the plain spelling."""
SENTENCE_ENDS = frozenset("?!。;\n")

_HAN = ((0x3400, 0x4DC0), (0x4E00, 0xA000), (0xF900, 0xFB00))
_DROPPED_CHARS = frozenset("*.-_~·•・|/\\^`'#+=@&$…—–￥¥")
_DROPPED_KINDS = frozenset(("Cf", "Cc", "Mn", "Me", "So", "Sk", "Zs", "Zl", "Zp", "Co", "Cs", "Cn"))
# A line of only these characters keeps its length: one translate is enough.
_EVEN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fffA-Za-z0-9０-９Ａ-Ｚａ-ｚ，。？！；：、（）《》【】“”‘’「」『』,?!;:()\[\]\"%％]*")


@dataclass(frozen=True, slots=True)
class Plain:
    """Plain text of one line; ``origin`` has the original index of every character, ``None`` when nothing moved."""

    text: str
    origin: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original half-open span of a plain one; an empty span stays empty."""
        if self.origin is None or not self.text:
            return start, end
        if end <= start:
            place = self.origin[min(start, len(self.origin) - 1)]
            return place, place
        return self.origin[start], self.origin[end - 1] + 1

    def gap(self, index: int) -> bool:
        """Whether something was taken out just before the character at ``index``, or there is no such character."""
        if self.origin is None:
            return False
        if index <= 0 or index >= len(self.origin):
            return True
        return self.origin[index] - self.origin[index - 1] > 1


@cache
def _simplified() -> dict[int, str]:
    han = [chr(code) for low, high in _HAN for code in range(low, high)]
    plain = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    return {ord(old): new for old, new in zip(han, plain, strict=True) if old != new and len(new) == 1}


@cache
def _table() -> dict[int, str]:
    """Every even character that changes, to what it becomes."""
    table = dict(_simplified())
    for code in (*range(0x21, 0x7F), *range(0xFF01, 0xFF5F)):
        table[code] = unicodedata.normalize("NFKC", chr(code)).lower()
    table[ord("您")] = table[ord("妳")] = "你"
    return {code: new for code, new in table.items() if chr(code) != new}


@lru_cache(maxsize=1 << 15)
def _character(char: str) -> str:
    """What one original character becomes; empty when it is taken out."""
    if char in "您妳":
        return "你"
    if char == "\n":
        return char
    canonical = unicodedata.normalize("NFKC", char).translate(_simplified()).lower()
    return "".join(c for c in canonical if c not in _DROPPED_CHARS and unicodedata.category(c) not in _DROPPED_KINDS)


def plain(text: str) -> Plain:
    """The plain spelling of one line. Linear in its length; never raises for a ``str``."""
    if len(text) > MAX_CHARS:
        text = text[:MAX_CHARS]
    if _EVEN.fullmatch(text):
        return Plain(text.translate(_table()), None)
    pieces: list[str] = []
    origin: list[int] = []
    for index, char in enumerate(text):
        piece = _character(char)
        if piece:
            pieces.append(piece)
            origin.extend([index] * len(piece))
    return Plain("".join(pieces), tuple(origin))


def plain_term(text: str) -> str:
    """A word of a lexicon in the plain spelling, without its own punctuation at the ends."""
    return plain(text).text.strip("".join(ENDS))


_META = frozenset("?()[]{}.+*|^$\\")


def plain_pattern(pattern: str) -> str:
    """A user's RE2 pattern in the plain spelling: its Chinese characters and full-width marks as they stand in plain text."""
    out: list[str] = []
    for char in pattern:
        if char.isascii():
            out.append(char)
            continue
        piece = _character(char) or char
        out.append(f"\\{piece}" if piece in _META else piece)
    return "".join(out)


def clause_bounds(line: Plain, start: int, end: int, reach: int = 60) -> tuple[int, int]:
    """The clause around a span: from the mark (or gap) before it to the one behind it, looking ``reach`` characters each way."""
    text = line.text
    low = start
    while low > 0 and start - low < reach and text[low - 1] not in ENDS and not (line.origin and line.gap(low)):
        low -= 1
    high = end
    while high < len(text) and high - end < reach and text[high] not in ENDS and not (line.origin and line.gap(high)):
        high += 1
    return low, high


def sentence_before(text: str, start: int, reach: int = 40) -> str:
    """What stands in the same sentence before ``start``, at most ``reach`` characters."""
    low = max(0, start - reach)
    window = text[low:start]
    for index in range(len(window) - 1, -1, -1):
        if window[index] in SENTENCE_ENDS:
            return window[index + 1 :]
    return window


def sentence_after(text: str, end: int, reach: int = 40) -> str:
    """What stands in the same sentence behind ``end``, with its closing mark, at most ``reach`` characters."""
    window = text[end : end + reach]
    for index, char in enumerate(window):
        if char in SENTENCE_ENDS:
            return window[: index + 1]
    return window
