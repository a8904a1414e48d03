"""What order and time tell: interruption, misunderstanding, pace (Q8)."""

from pydantic import Field

from kefu.quality.detectors.answers import is_question
from kefu.quality.detectors.base import Detector, Found, NotApplicable, Outcome, Params, cue_group, detector
from kefu.quality.detectors.heard import cut_in, voice
from kefu.quality.detectors.similarity import alike, bigrams_of
from kefu.quality.reading import Reading, Utterance, Vocabulary


class InterruptionParams(Params):
    """An agent who begins more than ``min_overlap_seconds`` before the customer has ended interrupts; ``min_count`` times is a breach."""

    min_overlap_seconds: float = Field(default=0.8, gt=0)
    min_count: int = Field(default=2, ge=1)


@detector("interruption", InterruptionParams)
class Interruption(Detector[InterruptionParams]):
    """Overlap by the times of a call; and, on any channel, the customer saying 听我说完 (for review)."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.said = cue_group(vocabulary, "let_me_finish")

    def inspect(self, reading: Reading) -> Outcome:
        said = [
            Found("customer_says_interrupted", mark.utterance, mark.start, mark.end, "review", 0.7, {"cue": mark.term.word.term})
            for mark in reading.marks(self.said)
            if reading.agent and mark.utterance.turn > reading.agent[0].turn
        ]
        sound = reading.dialogue.sound
        if sound is not None and sound.speakers:
            return [*said, *cut_in(reading, sound.cut_ins, self.params.min_overlap_seconds, self.params.min_count)]
        if reading.dialogue.channel != "call" or not any(one.line.end is not None for one in reading.customer):
            return said or NotApplicable("no_times")
        overlaps = self._overlaps(reading)
        enough = len(overlaps) >= self.params.min_count
        out = [
            Found("interrupted", one, 0, len(one.text), "auto" if enough else "review", 0.8 if enough else 0.5, {"seconds": round(s, 1)})
            for one, s in overlaps[:10]
        ]
        return [*said, *out]

    def _overlaps(self, reading: Reading) -> list[tuple[Utterance, float]]:
        out = []
        for one in reading.agent:
            if one.turn == 0 or one.line.at is None or len(one.text) < 3:
                continue
            before = reading.utterances[one.turn - 1]
            if before.side != "customer" or before.line.end is None or before.line.at is None:
                continue
            overlap = before.line.end - one.line.at
            if before.line.at <= one.line.at and self.params.min_overlap_seconds < overlap < 60:
                out.append((one, overlap))
        return out


class MisunderstandingParams(Params):
    """``customer_cues``: lexicon of what customers say who are not understood.

    Questions of ``min_chars`` or more that are at least ``similarity`` alike count as asked again.
    """

    customer_cues: str | None = None
    similarity: float = Field(default=0.6, gt=0, le=1)
    min_chars: int = Field(default=6, ge=3)


@detector("misunderstanding", MisunderstandingParams)
class Misunderstanding(Detector[MisunderstandingParams]):
    """The customer says so, or asks the same again after an answer. Always for review."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.groups = [cue_group(vocabulary, "not_understood")]
        if self.params.customer_cues:
            self.groups.insert(0, vocabulary.lexicon(self.params.customer_cues, "customer"))

    def inspect(self, reading: Reading) -> Outcome:
        if not reading.customer or not reading.agent:
            return NotApplicable("one_sided")
        first_agent = reading.agent[0].turn
        out: dict[int, Found] = {}
        for group in self.groups:
            for mark in reading.marks(group):
                if mark.utterance.turn > first_agent:
                    params = {"cue": mark.term.word.term}
                    found = Found("customer_not_understood", mark.utterance, mark.start, mark.end, "review", 0.7, params)
                    out.setdefault(mark.utterance.turn, found)
        for again, before in self._repeated(reading):
            params_again = {"first_line": before.line.index}
            out.setdefault(again.turn, Found("asked_again", again, 0, len(again.text), "review", 0.6, params_again))
        return [out[key] for key in sorted(out)][:10]

    def _repeated(self, reading: Reading) -> list[tuple[Utterance, Utterance]]:
        """Customer lines that repeat one of the last ten of theirs, with an answer between. A line sent twice in a row is no repetition."""
        out = []
        seen: list[tuple[Utterance, frozenset[str]]] = []
        answered = {one.turn for one in reading.agent}
        for one in reading.customer:
            text = one.text[:200]
            if len(text) < self.params.min_chars or not is_question(text):
                continue
            pairs = bigrams_of(text)
            for before, earlier in reversed(seen[-10:]):
                between = range(before.turn + 1, one.turn)
                if alike(pairs, earlier, self.params.similarity) and any(turn in answered for turn in between):
                    out.append((one, before))
                    break
            seen.append((one, pairs))
        return out


class SpeechRateParams(Params):
    """Characters a minute between ``min_per_minute`` and ``max_per_minute``; lines of less than ``min_chars`` are left out (Q11)."""

    min_per_minute: int = Field(default=120, ge=1)
    max_per_minute: int = Field(default=320, ge=1)
    min_chars: int = Field(default=8, ge=1)


@detector("speech_rate", SpeechRateParams)
class SpeechRate(Detector[SpeechRateParams]):
    """The agent's voice over a whole call: pace, and with a recording its swings in pace, loudness and pitch (QA3). Always for review."""

    def inspect(self, reading: Reading) -> Outcome:
        if reading.dialogue.channel != "call":
            return NotApplicable("channel")
        if reading.dialogue.sound is not None:
            return voice(reading, reading.dialogue.sound, self.params.min_per_minute, self.params.max_per_minute)
        chars, seconds = 0, 0.0
        for one in reading.agent:
            at, end = one.line.at, one.line.end
            if at is not None and end is not None and end > at and len(one.text) >= self.params.min_chars:
                chars += len(one.text)
                seconds += end - at
        if seconds < 10:
            return NotApplicable("no_times")
        rate = chars * 60 / seconds
        if self.params.min_per_minute <= rate <= self.params.max_per_minute:
            return ()
        code = "too_fast" if rate > self.params.max_per_minute else "too_slow"
        limit = self.params.max_per_minute if code == "too_fast" else self.params.min_per_minute
        return [Found(code, mode="review", confidence=0.6, params={"rate": round(rate), "limit": limit})]
