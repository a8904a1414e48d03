"""What the times tell: silence, answers, pace, interruption, long speeches (Q8, Q10, Q11). Without times nothing is known."""

from collections.abc import Sequence
from itertools import pairwise
from typing import ClassVar, Literal, NamedTuple

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from kefu.quality.reading import Reading, Utterance
from kefu.quality.rulebook.operators.base import NO_PLACES, Arguments, Operator, Places, lines_of, one_of_limits, operator, whole_line
from kefu.quality.rulebook.outcome import Evidence, Unknown
from kefu.quality.rulebook.shape import RuleSide

NO_TIMES = Unknown("no_times")


class Pause(NamedTuple):
    """Seconds in which nobody spoke, between two lines."""

    before: Utterance
    after: Utterance
    seconds: float


def pauses(reading: Reading) -> list[Pause] | None:
    """Pauses between neighbouring lines; ``None`` without times. In a call they begin when the line ends, in writing when it is sent."""
    if "pauses" not in reading.memo:
        reading.memo["pauses"] = _pauses(reading)
    found: list[Pause] | None = reading.memo["pauses"]
    return found


def _pauses(reading: Reading) -> list[Pause] | None:
    spoken = reading.dialogue.channel == "call"
    timed = [one for one in lines_of(reading, "both") if one.line.at is not None]
    if not timed or (spoken and all(one.line.end is None for one in timed)):
        return None
    out: list[Pause] = []
    for before, after in pairwise(timed):
        at, end = before.line.at or 0.0, before.line.end
        since = max(at, end) if end is not None else at
        if end is None and spoken:
            continue
        out.append(Pause(before, after, (after.line.at or 0.0) - since))
    return out


class SilenceArguments(Arguments):
    """Longer than ``more_than`` seconds. ``breaks``: who speaks after it (it let the other wait); ``start``: before the first line too."""

    SHORT: ClassVar[str] = "more_than"
    more_than: float = Field(gt=0, le=86400)
    breaks: Literal["agent", "customer", "both"] = "both"
    start: bool = False


@operator("silence", _("静音"), SilenceArguments)
class Silence(Operator[SilenceArguments]):
    """Nobody speaks for so long. The place is the line that ends the silence."""

    sided = False

    def find(self, reading: Reading) -> Places:
        found = pauses(reading)
        if found is None:
            return NO_TIMES
        out = []
        lines = lines_of(reading, "both")
        if self.args.start and lines and (lines[0].line.at or 0) > self.args.more_than:
            out.append(whole_line(lines[0], "rule_silence", seconds=round(lines[0].line.at or 0, 1), limit=self.args.more_than))
        limit, breaks = self.args.more_than, self.args.breaks
        out += [
            whole_line(one.after, "rule_silence", seconds=round(one.seconds, 1), limit=limit)
            for one in found
            if one.seconds > limit and breaks in ("both", one.after.side)
        ]
        return out


class ResponseArguments(Arguments):
    """The side answers the other later than ``more_than`` seconds after the last line it answers. ``first``: only its first answer."""

    SHORT: ClassVar[str] = "more_than"
    more_than: float = Field(gt=0, le=864000)
    first: bool = False


@operator("response", _("响应时间"), ResponseArguments)
class Response(Operator[ResponseArguments]):
    """A slow answer. The place is the answer."""

    def find(self, reading: Reading) -> Places:
        found = pauses(reading)
        if found is None:
            return NO_TIMES
        answers = [one for one in found if one.after.side != one.before.side and self.side in ("both", one.after.side)]
        if self.args.first:
            answers = answers[:1]
        limit = self.args.more_than
        return [
            whole_line(one.after, "rule_response", seconds=round(one.seconds, 1), limit=limit) for one in answers if one.seconds > limit
        ]


class SpeedArguments(Arguments):
    """Characters a minute above ``over`` or below ``under``, in a line or on ``average``; lines of less than ``min_chars`` are left out."""

    SHORT: ClassVar[str] = "over"
    over: float | None = Field(default=None, gt=0)
    under: float | None = Field(default=None, gt=0)
    average: bool = False
    min_chars: int = Field(default=8, ge=1)

    @model_validator(mode="after")
    def _limits(self) -> "SpeedArguments":
        one_of_limits(self, ("over", "under"))
        return self


@operator("speed", _("语速"), SpeedArguments)
class Speed(Operator[SpeedArguments]):
    """Too fast or too slow."""

    def find(self, reading: Reading) -> Places:
        timed = _timed(reading, self.side, self.args.min_chars)
        if not timed:
            return NO_TIMES
        if self.args.average:
            rate = 60 * sum(len(one.text) for one, _s in timed) / sum(seconds for _one, seconds in timed)
            return [self._place(None, rate)] if self._wrong(rate) else NO_PLACES
        rates = [(one, 60 * len(one.text) / seconds) for one, seconds in timed]
        return [self._place(one, rate) for one, rate in rates if self._wrong(rate)]

    def _wrong(self, rate: float) -> bool:
        over, under = self.args.over, self.args.under
        return (over is not None and rate > over) or (under is not None and rate < under)

    def _place(self, one: Utterance | None, rate: float) -> Evidence:
        over = self.args.over
        fast = over is not None and rate > over
        params = {"rate": round(rate), "limit": over if fast else self.args.under}
        return Evidence(one, 0, len(one.text) if one else 0, "rule_fast" if fast else "rule_slow", params)


def _timed(reading: Reading, side: RuleSide, min_chars: int) -> list[tuple[Utterance, float]]:
    """Lines of a side that are long enough, with their seconds; worked out once for all rules that ask the same."""
    key = ("timed", side, min_chars)
    found: list[tuple[Utterance, float]] | None = reading.memo.get(key)
    if found is None:
        found = reading.memo[key] = [
            (one, one.line.end - one.line.at)
            for one in lines_of(reading, side)
            if one.line.at is not None and one.line.end is not None and one.line.end > one.line.at and len(one.text) >= min_chars
        ]
    return found


class InterruptsArguments(Arguments):
    """The side begins ``more_than`` seconds before the other has ended, with a line of ``min_chars`` or more (嗯, 好 are none)."""

    SHORT: ClassVar[str] = "more_than"
    more_than: float = Field(default=0.8, ge=0)
    min_chars: int = Field(default=3, ge=1)


@operator("interrupts", _("抢话"), InterruptsArguments)
class Interrupts(Operator[InterruptsArguments]):
    """Both speak at once, and this side began later."""

    def find(self, reading: Reading) -> Places:
        lines = lines_of(reading, "both")
        if reading.dialogue.channel != "call" or all(one.line.end is None for one in lines):
            return NO_TIMES
        out: list[Evidence] = []
        speaking: dict[str, tuple[float, float]] = {}  # of each side, its latest line: when it began and ended
        for one in lines:
            at, end = one.line.at, one.line.end
            if at is None:
                continue
            began, until = speaking.get("customer" if one.side == "agent" else "agent", (0.0, 0.0))
            overlap = until - at
            if (
                began <= at
                and self.args.more_than < overlap < 120
                and len(one.text) >= self.args.min_chars
                and self.side in ("both", one.side)
            ):
                out.append(whole_line(one, "rule_interrupts", seconds=round(overlap, 1), limit=self.args.more_than))
            if end is not None:
                speaking[one.side] = (at, end)
        return out


class SpeechArguments(Arguments):
    """One side speaks longer than ``more_than`` seconds (or more than ``chars`` characters) without the other."""

    more_than: float | None = Field(default=None, gt=0)
    chars: int | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _limits(self) -> "SpeechArguments":
        one_of_limits(self, ("more_than", "chars"))
        return self


@operator("speech", _("长时间独白"), SpeechArguments)
class Speech(Operator[SpeechArguments]):
    """A long speech: neighbouring lines of one side. The place is its first line."""

    def find(self, reading: Reading) -> Places:
        out: list[Evidence] = []
        timed = False
        for run in _runs(lines_of(reading, "both")):
            first, last = run[0], run[-1]
            if self.side not in ("both", first.side):
                continue
            chars = sum(len(one.text) for one in run)
            end = last.line.end if last.line.end is not None else last.line.at
            seconds = end - first.line.at if end is not None and first.line.at is not None else None
            timed = timed or seconds is not None
            long = self.args.more_than is not None and seconds is not None and seconds > self.args.more_than
            if long or (self.args.chars is not None and chars > self.args.chars):
                out.append(whole_line(first, "rule_speech", seconds=round(seconds or 0, 1), chars=chars))
        return NO_TIMES if not timed and self.args.chars is None else out


def _runs(lines: Sequence[Utterance]) -> list[list[Utterance]]:
    out: list[list[Utterance]] = []
    for one in lines:
        if out and out[-1][0].side == one.side:
            out[-1].append(one)
        else:
            out.append([one])
    return out


class HoldArguments(Arguments):
    """After asking to wait (``asked``) the other side hears nothing for ``more_than`` seconds (Q17)."""

    SHORT: ClassVar[str] = "more_than"
    more_than: float = Field(default=60, gt=0)
    asked: tuple[str, ...] = ("稍等", "等一下", "等一等", "请等", "等我", "查一下", "核实一下")


@operator("hold", _("让客户等待"), HoldArguments)
class Hold(Operator[HoldArguments]):
    """The side asks to wait and comes back too late. The place is the asking."""

    def find(self, reading: Reading) -> Places:
        found = pauses(reading)
        if found is None:
            return NO_TIMES
        limit = self.args.more_than
        return [
            whole_line(one.before, "rule_hold", seconds=round(one.seconds, 1), limit=limit)
            for one in found
            if one.seconds > limit and self.side in ("both", one.before.side) and any(word in one.before.text for word in self.args.asked)
        ]
