"""What is heard, where it was measured: loudness, pitch, energy, emotion (QA3). Without sound: not applicable, with the reason.

Read from plain numbers among the facts: ``sound.agent.loudness`` for the whole conversation, ``sound.agent.loudness.lines`` (line → number)
for single lines; the same for ``customer``.
"""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from django.utils.translation import gettext_lazy as _

from kefu.quality.reading import Reading
from kefu.quality.rulebook.operators.base import NO_PLACES, Operator, Places, lines_of, operator, whole_line
from kefu.quality.rulebook.operators.whole import LimitArguments, one_place
from kefu.quality.rulebook.outcome import Evidence, Unknown

Measure: TypeAlias = Literal["loudness", "loudness_swing", "pitch", "pitch_swing", "speed_swing", "silence_share", "overlap_share"]


class HeardArguments(LimitArguments):
    """``measure``: loudness (LUFS) or its swing (dB), pitch (Hz) or its swing (semitones), swing of pace, share of silence or overlap."""

    more_than: float | None = None
    less_than: float | None = None
    measure: Measure = "loudness"


def _sides(side: str) -> tuple[str, ...]:
    return ("agent", "customer") if side == "both" else (side,)


@operator("heard", _("听到的指标"), HeardArguments, scope="whole")
class Heard(Operator[HeardArguments]):
    """A measure of the sound of one side, over the whole conversation."""

    def find(self, reading: Reading) -> Places:
        facts = reading.dialogue.facts
        told = [facts.get(f"sound.{side}.{self.args.measure}") for side in _sides(self.side)]
        values = [float(value) for value in told if value is not None and _number(value)]
        if not values:
            return Unknown("no_sound")
        met = [value for value in values if self.args.met(value)]
        return one_place("rule_heard", measure=self.args.measure, value=round(met[0], 2), limit=self.args.limit) if met else NO_PLACES


class LevelArguments(LimitArguments):
    """Level of a line from 1 (calm, soft) to 9 (agitated, loud); the usual limit is 3 above the side's own average (Q8)."""


class _Level(Operator[LevelArguments]):
    measured = ""
    code = ""

    def find(self, reading: Reading) -> Places:
        out: list[Evidence] = []
        known = False
        for side in _sides(self.side):
            levels = reading.dialogue.facts.get(f"sound.{side}.{self.measured}.lines")
            if not isinstance(levels, Mapping):
                continue
            known = True
            for one in lines_of(reading, "agent" if side == "agent" else "customer"):
                level = levels.get(one.line.index, levels.get(str(one.line.index)))
                if _number(level) and self.args.met(float(level)):
                    out.append(whole_line(one, self.code, level=round(float(level), 1), limit=self.args.limit))
        return sorted(out, key=lambda one: one.place) if known else Unknown("no_sound")


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


@operator("energy", _("音量等级"), LevelArguments)
class Energy(_Level):
    """A line spoken louder (or softer) than a level."""

    measured = "energy"
    code = "rule_energy"


@operator("emotion", _("情绪等级"), LevelArguments)
class Emotion(_Level):
    """A line spoken with more agitation than a level. A hint: by itself it only asks for review."""

    measured = "emotion"
    code = "rule_emotion"
    sure = False
