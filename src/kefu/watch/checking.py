"""One text against the rules of a handbook version, compiled once: words, insults, promises; nothing is stored (QA9)."""

from dataclasses import dataclass
from functools import lru_cache

from kefu.handbook import queries as handbooks
from kefu.handbook.reader.words import english
from kefu.handbook.schema import Channel, Handbook
from kefu.kernel.masking import mask_text
from kefu.kernel.wording import listed
from kefu.quality import wording
from kefu.quality.cues import cues
from kefu.quality.dialogue import Dialogue, Line
from kefu.quality.inspector import Inspector, card_for
from kefu.quality.insult import lexicon
from kefu.quality.reading import Vocabulary
from kefu.quality.results import Hit, ItemResult
from kefu.watch import rules, terms
from kefu.watch.vocabulary import AlarmKind, Measure

# Mechanisms that judge a single sentence; the others need the whole talk.
LIVE = frozenset({"lexicon", "insult", "promise", "shirking", "blunt", "impatience"})
_INSULT = frozenset({"insult"})
# Habits of speech are no words to stop somebody for while they type.
_QUIET = frozenset({"filler", "interrupted", "customer_says_interrupted"})
LONGEST = 5000
_ANGRY = "watch.angry"


@dataclass(frozen=True, slots=True)
class Warned:
    """One hit in the text, half-open in it: which item, what was seen, the better phrase, and what follows."""

    item: str
    title: str
    clause: str
    said: str
    better: str
    start: int
    end: int
    matched: str
    measure: Measure


@dataclass(frozen=True, slots=True)
class Checked:
    """All hits, the strictest measure, and the clause that sets it."""

    warnings: tuple[Warned, ...]
    measure: Measure
    clause: str

    @property
    def items(self) -> tuple[str, ...]:
        """Keys of the items that were broken."""
        return tuple(dict.fromkeys(one.item for one in self.warnings))

    @property
    def words(self) -> str:
        """The words themselves, for a refusal."""
        return listed(f"“{one.matched}”" for one in self.warnings if one.measure == self.measure)


@dataclass(frozen=True, slots=True)
class Heard:
    """Why a line alarms: the kind, the words, the clause."""

    kind: AlarmKind
    matched: str
    clause: str


class Checker:
    """The single-sentence items of a handbook's card, compiled. Keeps no text and may be shared by threads."""

    def __init__(self, book: Handbook, channel: Channel, *, note: bool) -> None:
        key = card_for(book, channel)
        self.book = book
        self.terms = terms.check_terms(book)
        self.channel = channel
        self._inspector = Inspector(book, key) if key is not None else None
        if self._inspector is not None:
            kinds = _INSULT if note else LIVE
            self._inspector.lines = [one for one in self._inspector.lines if one.detector is not None and one.detector.kind in kinds]

    def check(self, text: str) -> Checked:
        """The hits of what an agent is about to say."""
        if self._inspector is None or not self.terms.clause or not text.strip():
            return Checked((), Measure.OFF, self.terms.clause)
        dialogue = Dialogue(self.channel, [Line(0, "agent", text[:LONGEST])])
        found = []
        for item, hit in self._inspector.inspect(dialogue).hits:
            if hit.code in _QUIET or hit.line is None:
                continue
            measure = rules.measure_for(item.item, hit.mode, self.terms.items, self.terms.usual)
            if measure != Measure.OFF:
                found.append(self._warned(item, hit, measure))
        return Checked(tuple(found), rules.strictest(one.measure for one in found), self.terms.clause)

    def _warned(self, item: ItemResult, hit: Hit, measure: Measure) -> Warned:
        of_card = self._inspector.card.item(item.item) if self._inspector else None
        title = (of_card.title_en if english() and of_card.title_en else of_card.title) if of_card else item.item
        said, better = wording.explain(hit.code, hit.params), wording.better(hit.params)
        ref = str(self.book.ref(item.clause))
        return Warned(item.item, title, ref, said, better, hit.start, hit.end, hit.text[:80], measure)


class Listener:
    """Hears anger and abuse in what a customer says, and insults in what an agent says."""

    def __init__(self, book: Handbook) -> None:
        self.terms = terms.alarm_terms(book)
        vocabulary = Vocabulary(book)
        vocabulary.words(_ANGRY, cues("complaint").words, "customer", "cues.complaint")
        self._reader = vocabulary.build()

    def hear(self, side: str, text: str) -> Heard | None:
        """What a line alarms for, the worst first; nothing without a clause."""
        if not self.terms.clause:
            return None
        kind = AlarmKind.AGENT_INSULT if side == "agent" else AlarmKind.CUSTOMER_INSULT
        for hit in lexicon.find(text[:LONGEST]):
            if hit.severity == "severe":
                return Heard(kind, mask_text(hit.term)[:80], self.terms.clause)
        if side != "customer":
            return None
        reading = self._reader.read(Dialogue("call", [Line(0, "customer", text[:LONGEST])]))
        words = list(dict.fromkeys(mark.term.word.term for mark in reading.marks(_ANGRY)))
        if len(words) < self.terms.angry_words:
            return None
        return Heard(AlarmKind.CUSTOMER_ANGRY, mask_text(" ".join(words))[:80], self.terms.clause)


@lru_cache(maxsize=64)
def _checker(key: str, version: int, channel: Channel, note: bool) -> Checker:
    return Checker(handbooks.book(f"{key}@{version}"), channel, note=note)


@lru_cache(maxsize=16)
def _listener(key: str, version: int) -> Listener:
    return Listener(handbooks.book(f"{key}@{version}"))


def checker_of(book: Handbook, channel: str, *, note: bool = False) -> Checker:
    """The checker of a handbook version; a version in force never changes, so it is made once per process."""
    return _checker(book.handbook, book.version, "call" if channel == "call" else "chat", note)


def listener_of(book: Handbook) -> Listener:
    """The listener of a handbook version."""
    return _listener(book.handbook, book.version)
