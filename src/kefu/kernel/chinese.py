"""Chinese text in one spelling, and search tokens that find two-character words on both databases (KB2, QA2, PLAT1).

`normalise` keeps the way back: every character of its result knows where it came from, so that a match found in the
normal text can be shown in the original. `bigrams` and `search_phrases` are two halves of one agreement: what the first
writes into an index, the second asks for.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Final

import opencc

HAN: Final = "\u3005\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""The Han characters, for a regular expression's class."""

MAX_TOKEN: Final = 64
MAX_WORDS: Final = 16
MAX_PHRASE: Final = 64
"""Longest token, most words of a query, most tokens of one phrase; what is beyond is left out, so more is found, not less."""

_NOT_HAN: Final = (range(0x3400), range(0xA000, 0xAC00), range(0xF900, 0x20000), range(0x2F800, 0x2FA20), range(0xE0000, 0xE01F0))
_HAN_RANGES: Final = (range(0x2E80, 0x2FE0), range(0x3400, 0xA000), range(0xF900, 0xFB00), range(0x20000, 0x323B0))
_VARIATION: Final = frozenset((*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)))
_SEPARATED: Final = re.compile(r"(?<=[^\W\d_])[ \t*.\-_~·•‧・\u0300-\u036f\u20d0-\u20ff]++(?=[^\W\d_])")
_RUN: Final = re.compile(rf"[{HAN}]+|[0-9a-z]+")
_TRAILING_DIGITS: Final = re.compile(r"[0-9]{4,}$", re.ASCII)
_TOKEN: Final = re.compile(rf"[{HAN}0-9a-z]+")


@dataclass(frozen=True, slots=True)
class Normal:
    """Normal text; `offsets[i]` is the index in the original of the character that character `i` came from."""

    text: str
    offsets: Sequence[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The half-open span of the original that the normal characters `start:end` (not none) came from."""
        return self.offsets[start], self.offsets[end - 1] + 1


@dataclass(frozen=True, slots=True)
class _Tables:
    """How characters change: `one` by code point up to U+FFFF, `rest` the others (astral, or not one to one)."""

    one: list[int]
    rest: dict[str, str]
    changed: re.Pattern[str]
    uneven: re.Pattern[str]


def normalise(text: str, *, squeeze: bool = False) -> Normal:
    """NFKC character by character, traditional → simplified, lower case, invisible and direction marks removed.

    `squeeze` also drops blanks, the separators ``* . - _ ~ ·`` and combining marks between Han characters and letters
    (傻 * 逼 → 傻逼), which is for word lists, not for reading. Linear; text that is normal already costs one scan.
    """
    normal = _normal(text)
    return _squeezed(normal) if squeeze else normal


def _normal(text: str) -> Normal:
    tables = _tables()
    if tables.changed.search(text) is None:
        return Normal(text, range(len(text)))
    parts: list[str] = []
    offsets: list[int] = []
    end = 0
    for match in tables.uneven.finditer(text):
        new = tables.rest.get(match[0])
        if new is None:
            continue
        at = match.start()
        if at > end:
            parts.append(text[end:at].translate(tables.one))
            offsets += range(end, at)
        parts.append(new)
        offsets += [at] * len(new)
        end = at + 1
    if not end:
        return Normal(text.translate(tables.one), range(len(text)))
    offsets += range(end, len(text))
    return Normal("".join((*parts, text[end:].translate(tables.one))), offsets)


def _squeezed(normal: Normal) -> Normal:
    parts: list[str] = []
    offsets: list[int] = []
    end = 0
    for match in _SEPARATED.finditer(normal.text):
        parts.append(normal.text[end : match.start()])
        offsets += normal.offsets[end : match.start()]
        end = match.end()
    if not parts:
        return normal
    offsets += normal.offsets[end:]
    return Normal("".join((*parts, normal.text[end:])), offsets)


@cache
def _tables() -> _Tables:
    """Built once per process (about 0.2 s)."""
    simple = _simplified()
    changes: dict[int, str] = {}
    for char in (*simple, *(chr(code) for part in _NOT_HAN for code in part)):
        new = _once(char, simple)
        if new != char:
            while (again := "".join(_once(c, simple) for c in new)) != new:
                new = again
            changes[ord(char)] = new
    one = list(range(0x10000))
    for code, new in changes.items():
        if code < 0x10000 and len(new) == 1:
            one[code] = ord(new)
    rest = {chr(code): new for code, new in changes.items() if code >= 0x10000 or len(new) != 1}
    return _Tables(one, rest, _class_of(changes), _class_of(ord(char) for char in rest))


def _once(char: str, simple: dict[str, str]) -> str:
    if unicodedata.category(char) == "Cf" or ord(char) in _VARIATION:
        return ""
    folded = unicodedata.normalize("NFKC", char)
    return "".join(simple.get(c, c) for c in folded).lower()


def _simplified() -> dict[str, str]:
    """OpenCC's t2s for single characters."""
    han = [chr(code) for part in _HAN_RANGES for code in part]
    plain = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    return {old: new for old, new in zip(han, plain, strict=True) if old != new}


def _class_of(codes: Iterable[int]) -> re.Pattern[str]:
    """A class of these characters up to U+FFFF and, to keep it quick, of everything beyond."""
    ranges: list[list[int]] = []
    for code in sorted(code for code in codes if code < 0x10000):
        if ranges and ranges[-1][1] == code - 1:
            ranges[-1][1] = code
        else:
            ranges.append([code, code])
    listed = "".join(f"\\u{low:04x}-\\u{high:04x}" for low, high in ranges)
    return re.compile(rf"[{listed}\U00010000-\U0010ffff]")


def bigrams(text: str) -> list[str]:
    """The search tokens of a text: only Han, a-z and 0-9, at most `MAX_TOKEN` characters each.

    First what is found by itself: `t4x6944` and `t6x806944` (last four and six digits of a number or code of at least
    that many) and the last character of every Han run, each once. Then the text in order: Han runs as character pairs
    (a run of one as itself), runs of letters and digits whole. 运单SF0000791900 gives … 运单, sf0000791900.
    """
    alone: dict[str, None] = {}
    stream: list[str] = []
    for run in _RUN.findall(normalise(text).text):
        if run[0] < "\x80":
            stream.append(run[:MAX_TOKEN])
            alone |= dict.fromkeys(_tails(run))
        else:
            stream += _pairs(run)
            alone[run[-1]] = None
    return [*alone, *stream]


def search_phrases(query: str) -> list[list[str]]:
    """What a query asks for: every word (between blanks) is one phrase of adjacent tokens, and all must be found.

    A single Han character becomes a prefix (`递*`); a number of exactly four or six digits means the tail of a number.
    Traditional and full-width spelling is folded, emoji and punctuation are dropped; nothing left gives no phrases.
    """
    words = normalise(query).text.split()[:MAX_WORDS]
    return [phrase[:MAX_PHRASE] for word in words if (phrase := _phrase(_RUN.findall(word)))]


def _phrase(runs: list[str]) -> list[str]:
    if len(runs) == 1 and len(runs[0]) in (4, 6) and runs[0].isdecimal():
        return [f"t{len(runs[0])}x{runs[0]}"]
    phrase: list[str] = []
    for index, run in enumerate(runs):
        if run[0] < "\x80":
            phrase.append(run[:MAX_TOKEN])
        elif len(run) > 1:
            phrase += _pairs(run)
        elif index == len(runs) - 1:
            phrase.append(run + "*")  # in the text the character may begin a longer run ...
        elif index:
            phrase.append(run)  # ... between two codes it stands alone, and in front of one it may end a longer run: left out
    return phrase


def _pairs(run: str) -> list[str]:
    return [run] if len(run) == 1 else [first + second for first, second in pairwise(run)]


def _tails(run: str) -> list[str]:
    match = _TRAILING_DIGITS.search(run, max(0, len(run) - 6))
    if match is None:
        return []
    return [f"t{count}x{run[-count:]}" for count in (4, 6) if len(match[0]) >= count]


def fts5_query(phrases: Sequence[Sequence[str]]) -> str:
    """An SQLite FTS5 query that needs all phrases; no phrases give a query that finds nothing.

    Raises `ValueError` for a token that is none of ours, so nothing a user types can become syntax.
    """
    return " AND ".join(_fts5_phrase(phrase) for phrase in _checked(phrases)) or '""'


def _fts5_phrase(phrase: Sequence[str]) -> str:
    text = " ".join(phrase)
    return f'"{text[:-1]}"*' if text.endswith("*") else f'"{text}"'


def tsquery(phrases: Sequence[Sequence[str]]) -> str:
    """The same for PostgreSQL (`::tsquery` or `to_tsquery('simple', …)`), adjacency as `<->`; no phrases give an empty query."""
    return " & ".join(f"({' <-> '.join(_lexeme(token) for token in phrase)})" for phrase in _checked(phrases))


def _lexeme(token: str) -> str:
    return f"'{token[:-1]}':*" if token.endswith("*") else f"'{token}'"


def _checked(phrases: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """The phrases that are not empty, every token checked; only the last token of a phrase may be a prefix."""
    for phrase in phrases:
        for index, token in enumerate(phrase):
            bare = token.removesuffix("*") if index == len(phrase) - 1 else token
            if _TOKEN.fullmatch(bare) is None:
                raise ValueError("not a search token")
    return [phrase for phrase in phrases if phrase]
