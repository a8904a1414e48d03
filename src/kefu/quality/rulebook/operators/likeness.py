"""What only resembles: a sentence like an example, words spelt by sound, the same said again (Q8)."""

import re
from collections import defaultdict
from operator import add, attrgetter
from typing import Any, ClassVar

from ahocorasick_rs import AhoCorasick
from django.utils.translation import gettext_lazy as _
from pydantic import Field

from kefu.quality.detectors.similarity import bigrams_of
from kefu.quality.insult.homophones import syllable
from kefu.quality.plain import plain_term
from kefu.quality.reading import Reading, Utterance, Vocabulary
from kefu.quality.rulebook.operators.base import NO_PLACES, Arguments, Operator, Places, lines_of, operator
from kefu.quality.rulebook.outcome import Evidence
from kefu.quality.rulebook.tokens import on_borders

_CLAUSES = re.compile(r"[^,?!;:、。\n()]+")
_READ = 400
_PLACE = attrgetter("place")


class Phrasebook:
    """Example sentences of all rules of a card: looked for together, by the pairs of characters a clause shares with them."""

    def __init__(self) -> None:
        self.phrases: dict[str, int] = {}
        self.pairs: list[frozenset[str]] = []
        self._index: dict[str, list[int]] = defaultdict(list)

    def add(self, phrase: str) -> int:
        """The number of a phrase."""
        spelt = plain_term(phrase)
        if spelt not in self.phrases:
            number = self.phrases[spelt] = len(self.pairs)
            self.pairs.append(bigrams_of(spelt))
            for pair in self.pairs[number]:
                self._index[pair].append(number)
        return self.phrases[spelt]

    def scan(self, reading: Reading) -> dict[int, list[tuple[Utterance, int, int, float]]]:
        """For each phrase the clauses (and whole lines) that share at least a third with it: utterance, span, likeness 0..1."""
        found: dict[int, list[tuple[Utterance, int, int, float]]] | None = reading.memo.get(self)
        if found is None:
            found = reading.memo[self] = defaultdict(list)
            for one in reading.utterances:
                if one.side != "system":
                    self._line(one, found)
        return found

    def _line(self, one: Utterance, found: dict[int, list[tuple[Utterance, int, int, float]]]) -> None:
        text = one.text[:_READ]
        if self._index.keys().isdisjoint(map(add, text, text[1:])):
            return
        spans = [match.span() for match in _CLAUSES.finditer(text)]
        if len(spans) > 1:
            spans.append((0, len(text)))
        best: dict[int, tuple[float, int, int]] = {}
        for start, end in spans:
            pairs = bigrams_of(text[start:end])
            shared: dict[int, int] = defaultdict(int)
            for pair in pairs & self._index.keys():
                for number in self._index[pair]:
                    shared[number] += 1
            for number, count in shared.items():
                score = 2 * count / (len(pairs) + len(self.pairs[number]))
                if score > best.get(number, (1 / 3, 0, 0))[0]:
                    best[number] = (score, start, end)
        for number, (score, start, end) in best.items():
            found[number].append((one, start, end, score))


class SimilarArguments(Arguments):
    """``to``: example sentences; ``score``: how alike, 0..1, by shared pairs of characters."""

    SHORT: ClassVar[str] = "to"
    to: tuple[str, ...] = Field(min_length=1)
    score: float = Field(default=0.6, ge=0.4, le=1)


@operator("similar", _("相似句"), SimilarArguments)
class Similar(Operator[SimilarArguments]):
    """A clause or line like one of the examples."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.book = vocabulary.collection(Phrasebook)
        self.numbers = [(self.book.add(phrase), phrase) for phrase in self.args.to]

    def find(self, reading: Reading) -> Places:
        found = self.book.scan(reading)
        out: dict[int, Evidence] = {}
        for number, phrase in self.numbers:
            for one, start, end, score in found.get(number, ()):
                if score >= self.args.score and self.side in ("both", one.side):
                    params: dict[str, Any] = {"phrase": phrase[:60], "percent": round(100 * score)}
                    known = out.get(one.turn)
                    if known is None or known.params["percent"] < params["percent"]:
                        out[one.turn] = Evidence(one, start, end, "rule_similar", params)
        return [out[turn] for turn in sorted(out)] if out else NO_PLACES

    @classmethod
    def told(cls, args: SimilarArguments) -> str:
        return args.to[0][:80]


class Soundbook:
    """Words of all rules of a card that are looked for by sound, as one automaton over syllables."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.codes: dict[str, str] = {}
        self._coded = _Coded(self.codes)
        self._automaton: Any = None

    def add(self, word: str) -> int:
        """The number of a word."""
        spelt = plain_term(word)
        if spelt not in self.words:
            self.words.append(spelt)
            for char in spelt:
                self.codes.setdefault(syllable(char), chr(0xE000 + len(self.codes)))
            self._automaton = None
            self._coded.clear()
        return self.words.index(spelt)

    def scan(self, reading: Reading) -> dict[int, list[tuple[Utterance, int, int]]]:
        """For each word where it stands between borders of words: utterance and half-open span."""
        found: dict[int, list[tuple[Utterance, int, int]]] | None = reading.memo.get(self)
        if found is None:
            found = reading.memo[self] = defaultdict(list)
            if self._automaton is None:
                self._automaton = AhoCorasick(["".join(self.codes[syllable(char)] for char in word) for word in self.words])
            coded = reading.joined.translate(self._coded)
            for number, start, end in self._automaton.find_matches_as_indexes(coded, overlapping=True):
                one = _at(reading, start)
                if one is not None and one.side != "system" and on_borders(one.text, start - one.base, end - one.base):
                    found[number].append((one, start - one.base, end - one.base))
        return found


class _Coded(dict[int, str]):
    """Character to the code of its syllable, worked out when a character is first met."""

    def __init__(self, codes: dict[str, str]) -> None:
        super().__init__()
        self._codes = codes

    def __missing__(self, char: int) -> str:
        found = self[char] = self._codes.get(syllable(chr(char)), chr(char))
        return found


class SoundsArguments(Arguments):
    """``like``: words of at least two characters, found in any spelling with the same syllables (no tones)."""

    SHORT: ClassVar[str] = "like"
    like: tuple[str, ...] = Field(min_length=1)


@operator("sounds", _("读音"), SoundsArguments)
class Sounds(Operator[SoundsArguments]):
    """A word by its sound, between the borders of words. A hint: by itself it only asks for review."""

    sure = False

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.book = vocabulary.collection(Soundbook)
        self.numbers = [(self.book.add(word), word) for word in self.args.like if len(plain_term(word)) > 1]

    def find(self, reading: Reading) -> Places:
        found = self.book.scan(reading)
        out: list[Evidence] = []
        for number, word in self.numbers:
            for one, start, end in found.get(number, ()):
                if self.side in ("both", one.side):
                    out.append(Evidence(one, start, end, "rule_sounds", {"term": word}))
        return sorted(out, key=_PLACE) if len(out) > 1 else out

    @classmethod
    def told(cls, args: SoundsArguments) -> str:
        return " / ".join(args.like)[:80]


def _at(reading: Reading, place: int) -> Utterance | None:
    low, high = 0, len(reading.utterances)
    while low < high:
        middle = (low + high) // 2
        if reading.utterances[middle].base <= place:
            low = middle + 1
        else:
            high = middle
    return reading.utterances[low - 1] if low else None


class RepeatsArguments(Arguments):
    """The same line again (``alike`` 0..1; 1 is the very same), at least ``times`` in all, of at least ``min_chars``.

    A line is compared with the last thirty of its side.
    """

    times: int = Field(default=2, ge=2, le=20)
    alike: float = Field(default=0.8, ge=0.5, le=1)
    min_chars: int = Field(default=6, ge=2)


_BACK = 30


@operator("repeats", _("重复"), RepeatsArguments)
class Repeats(Operator[RepeatsArguments]):
    """A line that says what was said before."""

    def find(self, reading: Reading) -> Places:
        lines = [(one, _pairs(reading, one)) for one in lines_of(reading, self.side) if len(one.text) >= self.args.min_chars]
        out: list[Evidence] = []
        counts: list[tuple[int, int]] = []  # of each line: how often it was said up to here, and where first
        for index, (one, pairs) in enumerate(lines):
            said, first = 1, one.line.index
            for back in range(index - 1, max(-1, index - 1 - _BACK), -1):
                other = lines[back][1]
                if 2 * len(pairs & other) >= self.args.alike * (len(pairs) + len(other)):
                    said, first = counts[back][0] + 1, counts[back][1]
                    break
            counts.append((said, first))
            if said >= self.args.times:
                out.append(Evidence(one, 0, len(one.text), "rule_repeats", {"times": said, "first_line": first}))
        return out


def _pairs(reading: Reading, one: Utterance) -> frozenset[str]:
    known: dict[int, frozenset[str]] = reading.memo.setdefault("pairs", {})
    if one.turn not in known:
        known[one.turn] = bigrams_of(one.text[:_READ])
    return known[one.turn]
