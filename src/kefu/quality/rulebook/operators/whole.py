"""What is told of a conversation as a whole: how long, how much of it silence, who talks how much (Q10)."""

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from django.utils.translation import gettext_lazy as _
from pydantic import Field, model_validator

from kefu.quality.reading import Reading
from kefu.quality.rulebook.operators.base import NO_PLACES, Arguments, Operator, Places, lines_of, one_of_limits, operator
from kefu.quality.rulebook.operators.timing import NO_TIMES, pauses
from kefu.quality.rulebook.outcome import Evidence

LIMITS = ("more_than", "less_than")


class LimitArguments(Arguments):
    """``more_than`` or ``less_than`` (or both: outside both)."""

    SHORT: ClassVar[str] = "more_than"
    more_than: float | None = Field(default=None, ge=0)
    less_than: float | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _limits(self) -> "LimitArguments":
        one_of_limits(self, LIMITS)
        return self

    def met(self, value: float) -> bool:
        """Whether the value is on the far side of a limit."""
        return (self.more_than is not None and value > self.more_than) or (self.less_than is not None and value < self.less_than)

    @property
    def limit(self) -> float | None:
        """The limit to tell."""
        return self.more_than if self.more_than is not None else self.less_than


def one_place(code: str, **params: Any) -> list[Evidence]:
    """A finding about the whole conversation."""
    return [Evidence(None, 0, 0, code, params)]


def span(reading: Reading) -> float | None:
    """Seconds from the first line to the end of the last; ``None`` without times."""
    known = reading.dialogue.facts.get("conversation.duration")
    ends = [one.line.end if one.line.end is not None else one.line.at for one in reading.utterances]
    told = [end for end in ends if end is not None]
    if told:
        return max(told)
    return float(known) if isinstance(known, int | float) else None


@operator("duration", _("会话时长"), LimitArguments, scope="whole")
class Duration(Operator[LimitArguments]):
    """Seconds of the whole conversation."""

    sided = False

    def find(self, reading: Reading) -> Places:
        seconds = span(reading)
        if seconds is None:
            return NO_TIMES
        return one_place("rule_duration", seconds=round(seconds, 1), limit=self.args.limit) if self.args.met(seconds) else NO_PLACES


@operator("lines", _("说了几句"), LimitArguments, scope="whole")
class Lines(Operator[LimitArguments]):
    """How many lines a side says."""

    def find(self, reading: Reading) -> Places:
        count = len(lines_of(reading, self.side))
        return one_place("rule_lines", count=count, limit=self.args.limit) if self.args.met(count) else NO_PLACES


class ShareArguments(LimitArguments):
    """Share of all characters, 0..1."""

    more_than: float | None = Field(default=None, ge=0, le=1)
    less_than: float | None = Field(default=None, ge=0, le=1)


@operator("talk_share", _("说话占比"), ShareArguments, scope="whole")
class TalkShare(Operator[ShareArguments]):
    """How much of what is said this side says."""

    def find(self, reading: Reading) -> Places:
        said = sum(len(one.text) for one in lines_of(reading, self.side))
        everything = sum(len(one.text) for one in lines_of(reading, "both"))
        if not everything:
            return NO_PLACES
        share = said / everything
        params = {"percent": round(100 * share), "limit": round(100 * (self.args.limit or 0))}
        return one_place("rule_talk_share", **params) if self.args.met(share) else NO_PLACES


class SilencesArguments(LimitArguments):
    """``measure``: share of the conversation, total, longest or average seconds, or count, of silences of ``at_least`` seconds."""

    measure: Literal["share", "total", "longest", "average", "count"] = "share"
    at_least: float = Field(default=3, gt=0)


@operator("silences", _("静音指标"), SilencesArguments, scope="whole")
class Silences(Operator[SilencesArguments]):
    """Silences taken together."""

    sided = False

    def find(self, reading: Reading) -> Places:
        found, whole = pauses(reading), span(reading)
        if found is None or not whole:
            return NO_TIMES
        long = [one.seconds for one in found if one.seconds >= self.args.at_least]
        total = sum(long)
        values: Mapping[str, float] = {
            "share": total / whole,
            "total": total,
            "longest": max(long, default=0.0),
            "average": total / len(long) if long else 0.0,
            "count": len(long),
        }
        value = values[self.args.measure]
        if not self.args.met(value):
            return NO_PLACES
        return one_place("rule_silences", measure=self.args.measure, value=round(value, 2), limit=self.args.limit)


class EndedArguments(Arguments):
    """Who says the last line."""

    SHORT: ClassVar[str] = "by"
    by: Literal["agent", "customer"]


@operator("last_word", _("最后一句"), EndedArguments, scope="whole")
class LastWord(Operator[EndedArguments]):
    """Whose line is the last."""

    sided = False

    def find(self, reading: Reading) -> Places:
        lines = lines_of(reading, "both")
        if not lines or lines[-1].side != self.args.by:
            return NO_PLACES
        return [Evidence(lines[-1], 0, len(lines[-1].text), "rule_last_word", {})]
