"""Insults spelt by sound (傻比, 煞笔, 闹惨, 智帐) (QA2). Hits are for human review only, never for a deduction.

A window counts when its syllables (pinyin without tone, zh and z kept apart) equal those of a lexicon entry marked `sounds`
and the window begins and ends on token boundaries, so 站点知|站长 and 上海沙|比较 do not hit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import rjieba
from ahocorasick_rs import AhoCorasick
from pypinyin import Style, lazy_pinyin

from kefu.quality.insult.lexicon import Entry, Kind, covered, load_lexicon, longest
from kefu.quality.insult.normal import Folded, fold

_AROUND = 40
_PRIVATE = 0xE000
NO_SYLLABLE = "\uf8ff"
"""Code of a character no entry has the syllable of."""


@dataclass(frozen=True, slots=True)
class SoundHit:
    """`written` was found at the original half-open span and sounds like `term`."""

    term: str
    written: str
    kind: Kind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sounds:
    """Entries that are also found by sound, an automaton over the codes of their syllables, and those codes."""

    entries: tuple[Entry, ...]
    automaton: AhoCorasick
    codes: dict[str, str]


@lru_cache(maxsize=1 << 15)
def syllable(char: str) -> str:
    """Commonest reading of a Han character without tone; any other character stands for itself."""
    return lazy_pinyin(char, style=Style.NORMAL)[0] if char >= "\u3400" else char


@cache
def sounds() -> Sounds:
    """What is looked for by sound; built once."""
    entries = tuple(entry for entry in load_lexicon().entries if entry.sounds)
    names = sorted({syllable(char) for entry in entries for char in entry.term})
    codes = {name: chr(_PRIVATE + i) for i, name in enumerate(names)}
    patterns = ["".join(codes[syllable(char)] for char in entry.term) for entry in entries]
    return Sounds(entries, AhoCorasick(patterns), codes)


def _token_edges(text: str, start: int, end: int) -> bool:
    """Whether `start` and `end` are token boundaries of the text around them."""
    low = max(0, start - _AROUND)
    edges, position = {low}, low
    for token in rjieba.cut(text[low : end + _AROUND]):
        position += len(token)
        edges.add(position)
    return start in edges and end in edges


def _matches(folded: Folded) -> list[tuple[int, int, Entry]]:
    known = sounds()
    coded = "".join(known.codes.get(syllable(char), NO_SYLLABLE) for char in folded.text)
    kept: list[tuple[int, int, Entry]] = []
    for index, start, end in known.automaton.find_matches_as_indexes(coded, overlapping=True):
        entry = known.entries[index]
        if folded.text[start:end] == entry.term or covered(folded.text, start, end, entry.not_in):
            continue
        if _token_edges(folded.text, start, end):
            kept.append((start, end, entry))
    return longest(kept)


def find(text: str) -> list[SoundHit]:
    """Sound-alikes in reading order, without what the lexicon itself finds there. Linear in the length; never raises for a `str`."""
    folded = fold(text)
    matches = _matches(folded)
    if not matches:
        return []
    exact = [(hit.start, hit.end) for hit in load_lexicon().find(text)]
    out: list[SoundHit] = []
    for start, end, entry in matches:
        low, high = folded.span(start, end)
        if not any(low < stop and first < high for first, stop in exact):
            out.append(SoundHit(entry.written, text[low:high], entry.kind, low, high))
    return out
