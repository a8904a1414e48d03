"""Words that must not be said: lexicons of the handbook, filler sounds, dialect, promises (Q12–Q14)."""

from typing import Literal

from pydantic import Field

from kefu.quality.detectors.base import (
    Detector,
    Found,
    NotApplicable,
    Outcome,
    Params,
    agent_groups,
    confidence_of,
    detector,
    found_of,
)
from kefu.quality.reading import Reading, Vocabulary


class FillersParams(Params):
    """``lexicon``: filler sounds. More than ``max_per_100_chars`` in 100 spoken characters, and at least ``min_count``, is too many."""

    lexicon: str
    max_per_100_chars: float = Field(default=2.0, ge=0)
    min_count: int = Field(default=2, ge=1)


@detector("fillers", FillersParams)
class Fillers(Detector[FillersParams]):
    """Filler sounds on the telephone. Chats are written and full of particles: they are not judged."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.group = vocabulary.lexicon(self.params.lexicon, "agent")

    def inspect(self, reading: Reading) -> Outcome:
        if reading.dialogue.channel != "call":
            return NotApplicable("channel")
        if not reading.agent:
            return NotApplicable("no_agent")
        marks = reading.marks(self.group)
        chars = sum(len(one.text) for one in reading.agent)
        limit = self.params.max_per_100_chars
        rate = 100 * len(marks) / max(chars, 1)
        if len(marks) < self.params.min_count or rate <= limit:
            return ()
        params = {"rate": round(rate, 1), "limit": limit, "count": len(marks)}
        confidence = 0.9 if rate > 2 * limit else 0.75
        return [
            Found("filler", mark.utterance, mark.start, mark.end, "auto", confidence, {"term": mark.term.word.term, **params})
            for mark in marks[:10]
        ]


class LexiconParams(Params):
    """``lexicons``: keys of lexicons of which no word may occur. ``side`` replaces the lexicons' own; ``mode: review`` never deducts.

    ``fillers``: a lexicon of filler sounds, judged by their rate on calls.
    """

    lexicons: tuple[str, ...] = Field(min_length=1)
    side: Literal["agent", "customer", "both"] | None = None
    mode: Literal["auto", "review"] = "auto"
    fillers: str | None = None
    max_per_100_chars: float = Field(default=2.0, ge=0)


@detector("lexicon", LexiconParams)
class LexiconWords(Detector[LexiconParams]):
    """A word of a lexicon, in its position and context; fillers by their rate."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.groups = [vocabulary.lexicon(key, self.params.side, forbids=self.params.side != "customer") for key in self.params.lexicons]
        fillers = self.params.fillers
        self.fillers = (
            Fillers(FillersParams(lexicon=fillers, max_per_100_chars=self.params.max_per_100_chars), vocabulary) if fillers else None
        )

    def inspect(self, reading: Reading) -> Outcome:
        if not reading.agent and self.params.side != "customer":
            return NotApplicable("no_agent")
        marks = [mark for group in self.groups for mark in reading.marks(group)]
        out = [found_of(mark, "word", self.params.mode, confidence_of(mark)) for mark in marks]
        if self.fillers is not None:
            fillers = self.fillers.inspect(reading)
            out.extend(() if isinstance(fillers, NotApplicable) else fillers)
        return out


class OptionalLexicon(Params):
    """``lexicon``: words of the handbook. The words that ship then only ask for review."""

    lexicon: str | None = None


@detector("dialect", OptionalLexicon)
class Dialect(Detector[OptionalLexicon]):
    """Words of a dialect: a hint for review, never a deduction by itself, for accents cannot be read from text."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        certain, likely = agent_groups(vocabulary, self.params.lexicon, "dialect")
        self.groups = [*certain, *likely]

    def inspect(self, reading: Reading) -> Outcome:
        if not reading.agent:
            return NotApplicable("no_agent")
        marks = [mark for group in self.groups for mark in reading.marks(group)]
        seen = {(mark.utterance.turn, mark.start): mark for mark in reversed(marks)}
        confidence = min(0.4 + 0.1 * len(seen), 0.8)
        return [found_of(mark, "dialect", "review", confidence) for mark in reversed(seen.values())][:10]


@detector("promise", OptionalLexicon)
class Promise(Detector[OptionalLexicon]):
    """Money promised, or absolute words: always for review (Q4)."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        certain, likely = agent_groups(vocabulary, self.params.lexicon, "promise")
        self.groups = [*certain, *likely]

    def inspect(self, reading: Reading) -> Outcome:
        if not reading.agent:
            return NotApplicable("no_agent")
        marks = [mark for group in self.groups for mark in reading.marks(group)]
        seen = {(mark.utterance.turn, mark.start): mark for mark in reversed(marks)}
        return [found_of(mark, "promise", "review", 0.6) for mark in reversed(seen.values())][:10]
