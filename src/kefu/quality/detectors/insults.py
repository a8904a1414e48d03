"""Insults and sarcasm: lists decide, sound-alikes and a model only ask for review (QA2, Q12)."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Literal

from pydantic import Field

from kefu.handbook.schema import Word
from kefu.quality.context import between_quotes, covered, reported, tells_of_others
from kefu.quality.detectors.base import Detector, Found, NotApplicable, Outcome, Params, detector, found_of
from kefu.quality.detectors.ranking import line_score, scores
from kefu.quality.detectors.sounding import may_sound
from kefu.quality.insult import homophones, lexicon
from kefu.quality.insult.deducting import deducts
from kefu.quality.reading import Reading, Utterance, Vocabulary


class InsultParams(Params):
    """``lexicon``: words of the handbook. ``homophones``: what spellings by sound are.

    ``model_review_at``: score from which the model asks for review; without it the model is not asked.
    """

    lexicon: str | None = None
    homophones: Literal["review", "off"] = "review"
    model_review_at: float | None = Field(default=None, gt=0, le=1)


@detector("insult", InsultParams)
class Insult(Detector[InsultParams]):
    """The handbook's words are breaches, and severe words of the product's list in a line the model finds offensive too.

    Severe words alone, mild ones, quoted ones, sound-alikes and what only the model finds are for review.
    """

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.group = vocabulary.lexicon(self.params.lexicon, "agent", forbids=True) if self.params.lexicon else ""

        terms = [Word(term=entry.written) for entry in lexicon.load_lexicon().entries]
        self.listed = vocabulary.words("insult.lexicon", terms, "agent", "insult.lexicon")

    def inspect(self, reading: Reading) -> Outcome:
        if not reading.agent:
            return NotApplicable("no_agent")
        out: dict[tuple[int, int], Found] = {}
        for mark in reading.marks(self.group) if self.group else []:
            if covered(mark.utterance.text, mark.start, mark.end, _harmless(mark.term.plain)):
                continue
            out[mark.utterance.turn, mark.start] = found_of(mark, "insult", "auto", 0.97)
        known = {mark.utterance.turn for mark in reading.raw.get(self.listed, ())}
        score = cache(line_score)  # once a line, however many words are in it
        for one in reading.agent:
            if one.turn in known or '"' in one.text:
                for hit in lexicon.find(one.text):
                    self._add(out, one, hit.start, hit.end, self._listed(one, hit, score))
        if self.params.homophones == "review":
            for one in reading.agent:
                for sound in homophones.find(one.text) if may_sound(one.text) else ():
                    self._add(
                        out, one, sound.start, sound.end, ("insult_by_sound", "review", 0.55, {"term": sound.term, "kind": sound.kind})
                    )
        if self.params.model_review_at is not None:
            self._model(out, reading.agent)
        return [out[key] for key in sorted(out)][:20]

    @staticmethod
    def _listed(
        one: Utterance, hit: lexicon.Hit, score: Callable[[str], float]
    ) -> tuple[str, Literal["auto", "review"], float, dict[str, object]]:
        quoted = reported(one.text, hit.start) or between_quotes(one.text, hit.start, hit.end)
        params: dict[str, object] = {"term": hit.term, "kind": hit.kind, "source": "insult.lexicon"}
        if quoted:
            return "insult_quoted", "review", 0.4, params
        if hit.severity == "severe":
            return ("insult", "auto", 0.95, params) if deducts(one.text, hit, score) else ("insult", "review", 0.7, params)
        return "insult_mild", "review", 0.65, params

    @staticmethod
    def _add(
        out: dict[tuple[int, int], Found],
        one: Utterance,
        low: int,
        high: int,
        what: tuple[str, Literal["auto", "review"], float, dict[str, object]],
    ) -> None:
        if any(f.utterance is one and f.start < high and low < f.end for f in out.values()):
            return
        code, mode, confidence, params = what
        out[one.turn, low] = Found(code, one, low, high, mode, confidence, params)

    def _model(self, out: dict[tuple[int, int], Found], agent: Sequence[Utterance]) -> None:
        limit = self.params.model_review_at or 1.0
        hit_turns = {turn for turn, _ in out}
        rest = [one for one in agent if one.turn not in hit_turns and len(one.text) > 3 and not tells_of_others(one.text)]
        for one, value in zip(rest, scores([one.text for one in rest], limit), strict=True):
            if value >= limit:
                params = {"score": round(value, 3), "limit": limit}
                out[one.turn, 0] = Found("insult_model", one, 0, len(one.text), "review", round(0.5 * value, 2), params)


@cache
def _harmless(term: str) -> tuple[str, ...]:
    """Longer words in which the product's own list knows this term to be harmless."""
    return tuple(word for entry in lexicon.load_lexicon().entries if entry.term == term for word in entry.not_in)
