"""Shirking, blunt wording, impatience, warmth (Q13)."""

import re

from pydantic import Field

from kefu.quality.detectors.base import (
    Detector,
    Found,
    NotApplicable,
    Outcome,
    agent_groups,
    confidence_of,
    cue_group,
    detector,
    found_of,
)
from kefu.quality.detectors.turns import Interruption, InterruptionParams
from kefu.quality.detectors.words import OptionalLexicon
from kefu.quality.reading import Mark, Reading, Utterance, Vocabulary


def judged(reading: Reading, code: str, certain: list[str], likely: list[str], *, sure: float = 0.0) -> list[Found]:
    """Words that deduct, and words that ask for review where none of the first stands."""
    out: dict[tuple[int, int], Found] = {}
    for group in certain:
        for mark in reading.marks(group):
            out[mark.utterance.turn, mark.start] = found_of(mark, code, "auto", sure or confidence_of(mark))
    for group in likely:
        for mark in reading.marks(group):
            if (mark.utterance.turn, mark.start) not in out and not reading.forbidden(mark):
                out.setdefault((mark.utterance.turn, mark.start), found_of(mark, code, "review", 0.6))
    return [out[key] for key in sorted(out)][:20]


@detector("shirking", OptionalLexicon)
class Shirking(Detector[OptionalLexicon]):
    """The customer is sent away or blame is put elsewhere. With an offer to help in the same breath (我帮您联系) it is for review."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.certain, self.likely = agent_groups(vocabulary, self.params.lexicon, "shirking")
        self.likely = [*self.likely, cue_group(vocabulary, "shirking_weak")]
        self.help = cue_group(vocabulary, "help_offer")

    def inspect(self, reading: Reading) -> Outcome:
        if not reading.agent:
            return NotApplicable("no_agent")
        helped = reading.turns(self.help)
        out: list[Found] = []
        for found in judged(reading, "shirking", self.certain, self.likely):
            one = found.utterance
            offered = one is not None and (one.turn in helped or _next_agent(reading, one) in helped)
            if not offered:
                out.append(found)
            elif found.mode == "auto":
                params = {**found.params, "help_offered": True}
                out.append(Found(found.code, one, found.start, found.end, "review", 0.5, params))
        return out


def _next_agent(reading: Reading, utterance: Utterance) -> int:
    """Turn of the agent's line directly behind, -1 when somebody else speaks there."""
    place = utterance.turn + 1
    if place < len(reading.utterances) and reading.utterances[place].side == "agent":
        return place
    return -1


@detector("blunt", OptionalLexicon)
class Blunt(Detector[OptionalLexicon]):
    """Hard or cold wording."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.certain, likely = agent_groups(vocabulary, self.params.lexicon, "blunt")
        self.likely = [*likely, cue_group(vocabulary, "blunt_weak")]

    def inspect(self, reading: Reading) -> Outcome:
        return judged(reading, "blunt", self.certain, self.likely) if reading.agent else NotApplicable("no_agent")


class ImpatienceParams(OptionalLexicon):
    """``interruption: true`` also looks for interruptions, by overlapping times or by what the customer says about it."""

    interruption: bool = False


@detector("impatience", ImpatienceParams)
class Impatience(Detector[ImpatienceParams]):
    """Hurried or annoyed words, and interruptions."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.certain, likely = agent_groups(vocabulary, self.params.lexicon, "impatience")
        self.likely = [*likely, cue_group(vocabulary, "impatience_weak")]
        self.interruption = Interruption(InterruptionParams(), vocabulary) if self.params.interruption else None

    def inspect(self, reading: Reading) -> Outcome:
        if not reading.agent:
            return NotApplicable("no_agent")
        out = judged(reading, "impatience", self.certain, self.likely)
        if self.interruption is not None:
            cut_in = self.interruption.inspect(reading)
            out.extend(() if isinstance(cut_in, NotApplicable) else cut_in)
        return out


class WarmthParams(OptionalLexicon):
    """Fewer than ``min_hits`` warm words, or ``max_cold`` or more one-word replies (哦。嗯。自己看), asks for review."""

    min_hits: int = Field(default=1, ge=1)
    min_agent_lines: int = Field(default=3, ge=1)
    max_cold: int = Field(default=3, ge=1)


_YOU = re.compile("您")


@detector("warmth", WarmthParams)
class Warmth(Detector[WarmthParams]):
    """Signs of warmth and of coldness in the wording; always for review, for a voice can say the same words both ways."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        lexicon = self.params.lexicon
        self.warm = [vocabulary.lexicon(lexicon, "agent")] if lexicon else [cue_group(vocabulary, "warm")]
        self.cold = cue_group(vocabulary, "cold")

    def inspect(self, reading: Reading) -> Outcome:
        if not reading.agent:
            return NotApplicable("no_agent")
        if len(reading.agent) < self.params.min_agent_lines:
            return NotApplicable("too_short")
        cold = [mark for mark in reading.marks(self.cold) if _whole_line(mark)]
        if len(cold) >= self.params.max_cold:
            params = {"count": len(cold), "agent_lines": len(reading.agent)}
            return [Found("cold_replies", m.utterance, m.start, m.end, "review", 0.6, params) for m in cold[:5]]
        warm = sum(len(reading.marks(group)) for group in self.warm)
        polite_you = any(_YOU.search(one.line.text) for one in reading.agent)
        if warm < self.params.min_hits and not polite_you:
            return [Found("no_warmth", mode="review", confidence=0.55, params={"found": warm, "wanted": self.params.min_hits})]
        return ()


def _whole_line(mark: Mark) -> bool:
    return len(mark.utterance.text) <= len(mark.term.plain) + 3
