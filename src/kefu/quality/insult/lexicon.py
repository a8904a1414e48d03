"""The curated word list: exact, explainable hits that a handbook may deduct for automatically (QA2).

Matching: fold the text (`normal.fold`), find all terms at once (Aho-Corasick), then drop hits that are covered by a harmless
longer word (`not_in`), that break a Latin word (`usb`) or that are no whole clause where the term asks for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, cast, get_args

from ahocorasick_rs import AhoCorasick
from ruamel.yaml import YAML

from kefu.quality.insult.normal import Folded, fold

Kind = Literal["insult", "sarcasm", "threat", "profanity"]
Severity = Literal["severe", "mild"]
_CLAUSE_ENDS = frozenset("\n,.!?;:、。()[]{}\u3010\u3011\u300a\u300b\u201c\u201d\u2018\u2019\u300c\u300d")
_FIELDS = frozenset(("term", "kind", "severity", "not_in", "where", "sounds"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of `lexicon.yaml`; `term` and `not_in` are kept folded, `written` as a person wrote it."""

    written: str
    term: str
    kind: Kind
    severity: Severity
    not_in: tuple[str, ...]
    clause: bool
    sounds: bool


@dataclass(frozen=True, slots=True)
class Hit:
    """A found term with its half-open character span in the original text."""

    term: str
    kind: Kind
    start: int
    end: int
    severity: Severity


class LexiconError(ValueError):
    """An entry of the word list is malformed; the message names the entry."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Entries with their automaton."""

    entries: tuple[Entry, ...]
    automaton: AhoCorasick

    def find(self, text: str) -> list[Hit]:
        """Hits in reading order; of overlapping hits the longest stays. Linear in the length of `text`; never raises for a `str`."""
        folded = fold(text)
        found = self.automaton.find_matches_as_indexes(folded.text, overlapping=True)
        kept = [(start, end, self.entries[i]) for i, start, end in found if stands(folded, start, end, self.entries[i])]
        return [_hit(folded, *match) for match in longest(kept)]


def _hit(folded: Folded, start: int, end: int, entry: Entry) -> Hit:
    first, last = folded.span(start, end)
    return Hit(entry.written, entry.kind, first, last, entry.severity)


def _latin(char: str) -> bool:
    return char.isascii() and char.isalnum()


def _latin_boundary(text: str, start: int, end: int) -> bool:
    if start and _latin(text[start]) and _latin(text[start - 1]):
        return False
    return not (end < len(text) and _latin(text[end - 1]) and _latin(text[end]))


def _is_clause(folded: Folded, start: int, end: int) -> bool:
    text = folded.text
    before = start == 0 or text[start - 1] in _CLAUSE_ENDS or start in folded.gaps
    return before and (end == len(text) or text[end] in _CLAUSE_ENDS or end in folded.gaps)


def covered(text: str, start: int, end: int, words: tuple[str, ...]) -> bool:
    """Whether one of `words` lies over the span `start:end` of the folded text."""
    for word in words:
        low = max(0, end - len(word))
        if text.find(word, low, start + len(word)) >= 0:
            return True
    return False


def stands(folded: Folded, start: int, end: int, entry: Entry) -> bool:
    """Whether a raw automaton match is a hit."""
    if not _latin_boundary(folded.text, start, end):
        return False
    if entry.clause and not _is_clause(folded, start, end):
        return False
    return not covered(folded.text, start, end, entry.not_in)


def longest(matches: list[tuple[int, int, Entry]]) -> list[tuple[int, int, Entry]]:
    """Non-overlapping matches: leftmost first, of those with one start the longest, contained ones dropped."""
    out: list[tuple[int, int, Entry]] = []
    for match in sorted(matches, key=lambda m: (m[0], -m[1])):
        if out and match[0] < out[-1][1]:
            if match[1] - match[0] > out[-1][1] - out[-1][0]:
                out[-1] = match
            continue
        out.append(match)
    return out


def _entry(row: Mapping[str, object]) -> Entry:
    unknown = set(row) - _FIELDS
    term, kind, severity = str(row.get("term", "")), row.get("kind"), row.get("severity")
    folded = fold(term).text
    not_in = row.get("not_in", [])
    if unknown or not folded or kind not in get_args(Kind) or severity not in get_args(Severity) or not isinstance(not_in, list):
        raise LexiconError(f"lexicon entry {dict(row)!r} is malformed")
    if row.get("where", "clause") != "clause":
        raise LexiconError(f"lexicon entry {term!r}: where must be 'clause'")
    words = tuple(fold(str(word)).text for word in not_in)
    if folded in words or "" in words:
        raise LexiconError(f"lexicon entry {term!r}: a not_in word folds to the term itself or to nothing")
    return Entry(term, folded, cast(Kind, kind), cast(Severity, severity), words, "where" in row, bool(row.get("sounds", False)))


def parse(source: str) -> Lexicon:
    """Lexicon from YAML text. Raises LexiconError for a malformed or doubled entry."""
    rows: object = YAML(typ="safe").load(source)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise LexiconError("the lexicon must be a list of entries")
    entries = tuple(_entry(row) for row in rows)
    seen: set[tuple[str, bool]] = set()
    for entry in entries:
        if (entry.term, entry.clause) in seen:
            raise LexiconError(f"lexicon entry {entry.written!r} is doubled")
        seen.add((entry.term, entry.clause))
    return Lexicon(entries, AhoCorasick([entry.term for entry in entries]))


@cache
def load_lexicon() -> Lexicon:
    """The shipped word list, read once per process."""
    return parse(resources.files(__package__).joinpath("lexicon.yaml").read_text(encoding="utf-8"))


def find(text: str) -> list[Hit]:
    """Hits of the shipped word list in `text`."""
    return load_lexicon().find(text)
