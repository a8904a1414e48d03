"""What a case's facts decide: its record, its clocks, repeated complaints (QA4)."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Any

from django.utils.translation import gettext_lazy as _
from pydantic import BeforeValidator, Field

from kefu.handbook.schema import Handbook, parse_duration
from kefu.quality.detectors.base import Detector, Found, NotApplicable, Outcome, Params, Trouble, detector, found_of
from kefu.quality.dialogue import Dialogue, Line
from kefu.quality.insult import lexicon as insult_lexicon
from kefu.quality.reading import Reading, Vocabulary

Span = Annotated[timedelta, BeforeValidator(parse_duration)]


def record_dialogue(facts: Mapping[str, Any]) -> Dialogue:
    """A case as the detectors read it: its records are lines of the agent."""
    return Dialogue(
        "form", [Line(index, "agent", str(text)) for index, text in enumerate(facts.get("case.record_texts") or ())], facts=facts
    )


class CaseRecordParams(Params):
    """Fewer than ``min_chars`` characters recorded, a record later than ``max_delay`` after the contact, or an insult in it is a breach."""

    min_chars: int = Field(default=10, ge=0)
    insults: str | None = None
    max_delay: Span | None = None


@detector("case_record", CaseRecordParams)
class CaseRecord(Detector[CaseRecordParams]):
    """信息记录: complete, in time, without insults."""

    subject = "case"

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.insults = vocabulary.lexicon(self.params.insults, "agent") if self.params.insults else ""

    def inspect(self, reading: Reading) -> Outcome:
        facts = reading.dialogue.facts
        chars = facts.get("case.record_chars")
        if chars is None:
            return NotApplicable("no_facts")
        out: list[Found] = []
        if facts.get("case.record_due", True) and int(chars) < self.params.min_chars:
            out.append(
                Found("record_missing" if not chars else "record_too_short", params={"chars": chars, "wanted": self.params.min_chars})
            )
        delay = facts.get("case.record_delay_seconds")
        if self.params.max_delay is not None and delay is not None and float(delay) > self.params.max_delay.total_seconds():
            params = {"seconds": round(float(delay)), "limit": round(self.params.max_delay.total_seconds())}
            out.append(Found("record_late", confidence=0.97, params=params))
        out.extend(self._insulting(reading))
        return out

    def _insulting(self, reading: Reading) -> list[Found]:
        out = [found_of(mark, "record_insult", "auto", 0.97) for mark in (reading.marks(self.insults) if self.insults else [])]
        if out:
            return out
        for one in reading.agent:
            for hit in insult_lexicon.find(one.line.text[:20_000]):
                sure = hit.severity == "severe"
                params = {"term": hit.term, "original_span": (hit.start, hit.end)}
                out.append(Found("record_insult", one, 0, len(one.text), "auto" if sure else "review", 0.9 if sure else 0.6, params))
        return out


class CaseClockParams(Params):
    """``clock``: key of a clock of the handbook. ``repeat_complaint: true`` also counts a complaint that came again."""

    clock: str
    repeat_complaint: bool = False


@detector("case_clock", CaseClockParams)
class CaseClock(Detector[CaseClockParams]):
    """响应率, 解决率: the clock was met in time."""

    subject = "case"

    def inspect(self, reading: Reading) -> Outcome:
        facts = reading.dialogue.facts
        state = facts.get(f"case.clock.{self.params.clock}")
        out: list[Found] = []
        if state in ("breached", "late"):
            params = {"clock": self.params.clock, **_late(facts, self.params.clock)}
            out.append(Found("clock_breached", confidence=1.0, params=params))
        if self.params.repeat_complaint:
            out.extend(repeated(facts, 1))
        if out:
            return out
        if state in ("running", "warned", "paused"):
            return NotApplicable("clock_running")
        return () if state == "met" else NotApplicable("no_clock")

    @classmethod
    def troubles(cls, params: CaseClockParams, handbook: Handbook) -> Sequence[Trouble]:
        if params.clock not in handbook.clocks:
            return [Trouble("clock", "unknown_clock", _("手册中没有时限 %(key)s，请填写 clocks 里的编号。"), {"key": params.clock})]
        return ()


def _late(facts: Mapping[str, Any], clock: str) -> dict[str, Any]:
    seconds = facts.get(f"case.clock.{clock}.late_seconds")
    return {} if seconds is None else {"late_seconds": round(float(seconds))}


def repeated(facts: Mapping[str, Any], least: int) -> list[Found]:
    """A hit when the complaint came again at least so many times."""
    count = facts.get("case.repeat_count")
    if count is None or int(count) < least:
        return []
    return [Found("repeat_complaint", confidence=0.95, params={"count": int(count), "limit": least})]


class RepeatParams(Params):
    """A complaint that came again ``min_count`` times or more."""

    min_count: int = Field(default=1, ge=1)


@detector("repeat_complaint", RepeatParams)
class RepeatComplaint(Detector[RepeatParams]):
    """The customer had to complain about the same again."""

    subject = "case"

    def inspect(self, reading: Reading) -> Outcome:
        if reading.dialogue.facts.get("case.repeat_count") is None:
            return NotApplicable("no_facts")
        return repeated(reading.dialogue.facts, self.params.min_count)
