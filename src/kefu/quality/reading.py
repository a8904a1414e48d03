"""One pass over a conversation: plain text, every word of the scorecard found at once, every user pattern tried at once (QA2).

``Vocabulary`` collects what the detectors of a card want to know; ``Vocabulary.build`` turns it into one Aho-Corasick automaton and one
RE2 set. ``Reader.read`` runs them over the joined conversation and hands each detector its marks.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, TypeAlias, TypeVar

import re2
from ahocorasick_rs import AhoCorasick

from kefu.handbook.schema import Handbook, Word
from kefu.quality.context import stands
from kefu.quality.cues import longer_words
from kefu.quality.dialogue import Dialogue, Line, Side
from kefu.quality.plain import Plain, plain, plain_pattern, plain_term

C = TypeVar("C")
Sides: TypeAlias = Literal["agent", "customer", "both", "agent_or_system"]
_SIDES: dict[str, frozenset[str]] = {
    "agent": frozenset({"agent"}),
    "customer": frozenset({"customer"}),
    "both": frozenset({"agent", "customer"}),
    "agent_or_system": frozenset({"agent", "system"}),
}
MAX_LINES = 5_000
"""Lines of one conversation that are read; the rest is cut (and said to be)."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """A line with its plain text; ``base`` is its place in the joined text, ``turn`` its place among the lines that were read."""

    line: Line
    side: Side
    plain: Plain
    base: int
    turn: int

    @property
    def text(self) -> str:
        """Plain text."""
        return self.plain.text


class Term(NamedTuple):
    """A word as it is looked for: the plain spelling, the handbook's word, its ``not_in`` words in plain spelling, where it comes from.

    ``latin``: it begins or ends with a Latin letter or a digit, so its borders must be looked at.
    """

    plain: str
    word: Word
    not_in: tuple[str, ...]
    source: str
    latin: bool


class Mark(NamedTuple):
    """A term found in an utterance, half-open in its plain text."""

    utterance: Utterance
    start: int
    end: int
    term: Term


@dataclass(frozen=True, slots=True)
class PatternMark:
    """A user pattern found in an utterance, half-open in its plain text."""

    utterance: Utterance
    start: int
    end: int


@dataclass(slots=True)
class _Group:
    sides: frozenset[str]
    terms: list[Term] = field(default_factory=list)


def term_of(word: Word, source: str) -> Term:
    """A handbook word ready to be looked for."""
    spelt = plain_term(word.term)
    longer = (*word.not_in, *longer_words(word.term))
    not_in = tuple(dict.fromkeys(filter(None, map(plain_term, longer))))
    return Term(spelt, word, not_in, source, any(char.isascii() and char.isalnum() for char in (spelt[:1], spelt[-1:])))


class Vocabulary:
    """Words and patterns that the detectors of one card ask for. A group is a name under which marks are handed out."""

    def __init__(self, handbook: Handbook) -> None:
        self.handbook = handbook
        self._groups: dict[str, _Group] = {}
        self._patterns: list[str] = []
        self._forbidding: set[str] = set()
        self._collections: dict[type, Any] = {}

    def words(self, name: str, words: Iterable[Word], sides: Sides, source: str = "") -> str:
        """Register words under a name (again is fine) and return the name."""
        if name not in self._groups:
            terms = [term_of(word, source or name) for word in words]
            self._groups[name] = _Group(_SIDES[sides], [term for term in terms if term.plain])
        return name

    def lexicon(self, key: str, sides: Sides | None = None, *, forbids: bool = False) -> str:
        """Register a lexicon of the handbook; its own side counts unless ``sides`` is given. ``KeyError`` when there is none.

        ``forbids``: its words must not be said, so no other list needs to look at them.
        """
        lexicon = self.handbook.lexicons[key]
        side = sides or lexicon.side
        words = [word.model_copy(update={"channels": lexicon.channels_of(word)}) for word in lexicon.words]
        name = self.words(f"lexicons.{key}:{side}", words, side, f"lexicons.{key}")
        if forbids:
            self._forbidding.add(name)
        return name

    def collection(self, made: type[C]) -> C:
        """The one collection of a kind that all detectors of the card fill: phrases, sounds. It is looked for in one go."""
        found: C = self._collections.setdefault(made, made())
        return found

    def pattern(self, pattern: str) -> int:
        """Register a user pattern and return its number."""
        spelt = f"(?m:{plain_pattern(pattern)})"
        if spelt not in self._patterns:
            self._patterns.append(spelt)
        return self._patterns.index(spelt)

    def build(self) -> "Reader":
        """The compiled reader."""
        return Reader(self._groups, self._patterns, frozenset(self._forbidding))


class Reader:
    """Compiled words and patterns of a card; reads any number of conversations, also from several threads."""

    def __init__(self, groups: Mapping[str, _Group], patterns: list[str], forbidding: frozenset[str]) -> None:
        owners: dict[str, list[tuple[str, frozenset[str], Term]]] = {}
        for name, group in groups.items():
            for term in group.terms:
                owners.setdefault(term.plain, []).append((name, group.sides, term))
        self._owners = [tuple(found) for found in owners.values()]
        self._automaton = AhoCorasick(list(owners)) if owners else None
        self.terms = list(owners)
        self.forbidding = forbidding
        self.patterns = [re2.compile(pattern) for pattern in patterns]
        self._set = _pattern_set(patterns)

    def read(self, dialogue: Dialogue) -> "Reading":
        """Run everything once over the conversation."""
        utterances: list[Utterance] = []
        base = 0
        cut = len(dialogue.lines) > MAX_LINES
        for turn, line in enumerate(dialogue.lines[:MAX_LINES]):
            text = plain(line.text)
            utterances.append(Utterance(line, line.side, text, base, turn))
            base += len(text.text) + 1
        joined = "\n".join([utterance.plain.text for utterance in utterances])
        return Reading(dialogue, utterances, joined, self._find(joined, utterances), self._matching(joined), self, cut)

    def _find(self, joined: str, utterances: list[Utterance]) -> dict[str, list[Mark]]:
        found: dict[str, list[Mark]] = {}
        if self._automaton is None or not joined:
            return found
        bases = [utterance.base for utterance in utterances]
        owners = self._owners
        for number, start, end in self._automaton.find_matches_as_indexes(joined, overlapping=True):
            utterance = utterances[bisect_right(bases, start) - 1]
            base = utterance.base
            for name, sides, term in owners[number]:
                if utterance.side in sides:
                    mark = Mark(utterance, start - base, end - base, term)
                    if name in found:
                        found[name].append(mark)
                    else:
                        found[name] = [mark]
        return found

    def _matching(self, joined: str) -> frozenset[int]:
        if self._set is None:
            return frozenset()
        return frozenset(self._set.Match(joined.encode("utf-8", "replace")) or ())


def _pattern_set(patterns: list[str]) -> Any:
    if not patterns:
        return None
    options = re2.Options()
    options.never_capture = True
    options.max_mem = 64 << 20
    found = re2.Set.SearchSet(options)
    for pattern in patterns:
        found.Add(pattern)
    found.Compile()
    return found


@dataclass(slots=True)
class Reading:
    """What one pass found. Detectors read it and never search the text for words themselves."""

    dialogue: Dialogue
    utterances: list[Utterance]
    joined: str
    raw: dict[str, list[Mark]]
    matching: frozenset[int]
    reader: Reader
    cut: bool
    _standing: dict[str, list[Mark]] = field(default_factory=dict)
    _sides: dict[str, list[Utterance]] = field(default_factory=dict)
    _forbidden: set[tuple[int, int]] | None = None
    # What was worked out once for all detectors of the card.
    memo: dict[Any, Any] = field(default_factory=dict)

    def side(self, side: Side) -> list[Utterance]:
        """Utterances of one side that have any text."""
        if side not in self._sides:
            self._sides[side] = [utterance for utterance in self.utterances if utterance.side == side and utterance.plain.text]
        return self._sides[side]

    @property
    def agent(self) -> list[Utterance]:
        """What the agent said."""
        return self.side("agent")

    @property
    def customer(self) -> list[Utterance]:
        """What the customer said."""
        return self.side("customer")

    def marks(self, group: str) -> list[Mark]:
        """Words of a group that stand in their context, in reading order; of overlapping ones the longest."""
        if group not in self._standing:
            raw = self.raw.get(group)
            if not raw:
                self._standing[group] = []
            else:
                channel = self.dialogue.channel
                kept = [mark for mark in raw if stands(mark.utterance.plain, mark.start, mark.end, mark.term, channel)]
                self._standing[group] = longest(kept)
        return self._standing[group]

    def forbidden(self, mark: Mark) -> bool:
        """Whether a word that the handbook forbids stands there, for whichever item."""
        if self._forbidden is None:
            found = (one for name in self.reader.forbidding for one in self.marks(name))
            self._forbidden = {(one.utterance.turn, place) for one in found for place in range(one.start, one.end)}
        turn = mark.utterance.turn
        return any((turn, place) in self._forbidden for place in range(mark.start, mark.end))

    def turns(self, group: str) -> frozenset[int]:
        """Turns in which a word of the group stands."""
        return frozenset(mark.utterance.turn for mark in self.marks(group))

    def pattern(self, number: int, among: Iterable[Utterance]) -> PatternMark | None:
        """The first utterance among these in which the pattern matches."""
        if number not in self.matching:
            return None
        compiled = self.reader.patterns[number]
        for utterance in among:
            if found := compiled.search(utterance.plain.text.encode("utf-8", "replace").decode("utf-8")):
                return PatternMark(utterance, found.start(), found.end())
        return None


def longest(marks: list[Mark]) -> list[Mark]:
    """Marks that do not overlap: leftmost first, the longest of those that share a place."""
    if len(marks) < 2:
        return marks
    out: list[Mark] = []
    for mark in sorted(marks, key=lambda m: (m.utterance.turn, m.start, -m.end)):
        last = out[-1] if out else None
        if last is not None and last.utterance is mark.utterance and mark.start < last.end:
            if mark.end - mark.start > last.end - last.start:
                out[-1] = mark
            continue
        out.append(mark)
    return out
