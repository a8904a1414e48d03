"""What was measured of a call's recording as plain numbers per line and side, for every detector and rule (QA3). Pure.

Swings are against the same speaker's own median in the same call, never absolute: a loud voice is no fault.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from kefu.conversations.lines import Line
from kefu.sound.measured import Measured, TurnSound
from kefu.sound.pace import per_minute, syllables, voiced_seconds
from kefu.sound.pitch import semitones

SIDES = ("agent", "customer")
# Lines too short to say how fast somebody speaks.
_LEAST_SYLLABLES, _LEAST_SECONDS = 8, 1.5
# A line and a turn are the same when they share this much of the shorter one.
_SAME = 0.5
_CALM, _LU_A_LEVEL = 5.0, 2.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A line (or a turn without words, ``line`` ``None``) and how it sounded: LU and semitones above the speaker's own median,

    characters a minute and their ratio to the speaker's own. ``None``: too little to tell. ``at``: second of the call.
    """

    at: float
    end: float
    line: int | None = None
    loudness_swing: float | None = None
    pitch_swing: float | None = None
    rate: float | None = None
    rate_ratio: float | None = None


@dataclass(frozen=True, slots=True)
class CutIn:
    """The agent began while the customer spoke and went on."""

    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Sounding:
    """A call as it sounded. ``speakers`` false: one channel for both; per-side numbers are missing then."""

    seconds: float
    speakers: bool
    stretches: Mapping[str, Sequence[Stretch]] = field(default_factory=dict)
    cut_ins: Sequence[CutIn] = ()
    rates: Mapping[str, float] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)

    def facts(self) -> dict[str, Any]:
        """For rules: ``sound.agent.loudness``, ``sound.agent.energy.lines`` and so on."""
        out: dict[str, Any] = {f"sound.{name}": value for name, value in self.numbers.items()}
        for side, found in self.stretches.items():
            levels = {one.line: _level(one.loudness_swing) for one in found if one.line is not None and one.loudness_swing is not None}
            if levels:
                out[f"sound.{side}.energy.lines"] = levels
        return out


def _level(swing: float) -> float:
    """1 (soft) to 9 (loud); 5 is the speaker's own."""
    return round(min(9.0, max(1.0, _CALM + swing / _LU_A_LEVEL)), 1)


def heard(found: Measured, lines: Sequence[Line]) -> Sounding:
    """Numbers for a call and its lines (which may be none)."""
    silence = {"silence_share": round(found.silence_share(), 4), "seconds": found.seconds}
    if not found.speakers:
        return Sounding(found.seconds, speakers=False, numbers=silence)
    stretches = {side: _stretches(found, side, lines) for side in SIDES}
    rates = {side: rate for side in SIDES if (rate := _rate(found, side, lines)) is not None}
    numbers: dict[str, float] = dict(silence)
    for side in SIDES:
        numbers |= {f"{side}.{name}": value for name, value in _side(found, side, stretches[side], rates.get(side)).items()}
    numbers |= _holds(found)
    cut_ins = [CutIn(one.start, one.end - one.start) for one in found.overlaps if one.interrupts and one.by == "agent"]
    return Sounding(found.seconds, True, stretches, _without_nods(cut_ins, lines), rates, numbers)


def _stretches(found: Measured, side: str, lines: Sequence[Line]) -> list[Stretch]:
    turns = [one for one in found.turns if one.side == side]
    loud, high = found.own_loudness(side), found.own_pitch(side)
    timed = [line for line in lines if line.side == side and line.at is not None and line.end is not None and line.end > line.at]
    rates = {line.index: rate for line in timed if (rate := _line_rate(found, side, line)) is not None}
    own = median(rates.values()) if rates else None
    out = []
    for line in timed:
        turn = _turn_of(line, turns)
        rate = rates.get(line.index)
        ratio = rate / own if rate and own and len(rates) > 2 else None
        out.append(Stretch(line.at or 0.0, line.end or 0.0, line.index, *_swings(turn, loud, high), rate, ratio))
    if not timed:
        out = [Stretch(turn.start, turn.end, None, *_swings(turn, loud, high)) for turn in turns]
    return out


def _swings(turn: TurnSound | None, loud: float | None, high: float | None) -> tuple[float | None, float | None]:
    if turn is None or turn.end - turn.start < 1.0:
        return None, None
    louder = turn.loudness - loud if turn.loudness is not None and loud is not None else None
    higher = semitones(turn.pitch, high) if turn.pitch and high else None
    return louder, higher


def _turn_of(line: Line, turns: Sequence[TurnSound]) -> TurnSound | None:
    """The turn in which the line was said."""
    start, end = line.at or 0.0, line.end or 0.0
    shared = [(min(end, turn.end) - max(start, turn.start), turn) for turn in turns if turn.start < end and turn.end > start]
    if not shared:
        return None
    most, turn = max(shared, key=lambda pair: pair[0])
    return turn if most >= _SAME * min(end - start, turn.end - turn.start) else None


def _line_rate(found: Measured, side: str, line: Line) -> float | None:
    voiced = voiced_seconds(found.speech[side], line.at or 0.0, line.end or 0.0)
    return per_minute(line.text, voiced) if syllables(line.text) >= _LEAST_SYLLABLES and voiced >= _LEAST_SECONDS else None


def _rate(found: Measured, side: str, lines: Sequence[Line]) -> float | None:
    """Characters a minute of voice over the whole call; lines without times, or that nobody voiced, are left out."""
    count, seconds = 0, 0.0
    for line in lines:
        if line.side == side and line.at is not None and line.end is not None:
            voiced = voiced_seconds(found.speech[side], line.at, line.end)
            if voiced >= 0.5:
                count += syllables(line.text)
                seconds += voiced
    return count * 60 / seconds if seconds >= 10 else None


def _side(found: Measured, side: str, stretches: Sequence[Stretch], rate: float | None) -> dict[str, float]:
    waits = [one.seconds for one in found.delays if one.side == side]
    overlap = sum(one.end - one.start for one in found.overlaps if one.by == side)
    values: dict[str, float | None] = {
        "talk_share": found.talk_share(side),
        "silence_share": found.silence_share(),
        "longest_silence": found.alone.get(side),
        "overlap_share": overlap / found.seconds if found.seconds else None,
        "interruptions": float(sum(one.interrupts and one.by == side for one in found.overlaps)),
        "delay": sum(waits) / len(waits) if waits else None,
        "loudness": found.own_loudness(side),
        "loudness_swing": _widest(one.loudness_swing for one in stretches),
        "pitch": found.own_pitch(side),
        "pitch_swing": _widest(one.pitch_swing for one in stretches),
        "speed": rate,
        "speed_swing": _widest(one.rate_ratio - 1 if one.rate_ratio is not None else None for one in stretches),
    }
    return {name: round(value, 4) for name, value in values.items() if value is not None}


def _widest(values: Any) -> float | None:
    known = [abs(value) for value in values if value is not None]
    return max(known) if known else None


def _holds(found: Measured) -> dict[str, float]:
    holds = [one.end - one.start for one in found.silences if one.hold]
    return {"holds": float(len(holds)), "hold_seconds": round(sum(holds), 2), "longest_hold": round(max(holds, default=0.0), 2)}


def _without_nods(cut_ins: Sequence[CutIn], lines: Sequence[Line]) -> list[CutIn]:
    """Without those in which the agent only said 嗯, 好的: by the words, where there are any."""
    kept = []
    for one in cut_ins:
        said = [line for line in lines if line.side == "agent" and line.at is not None and abs(line.at - one.at) <= 0.5]
        if not said or any(syllables(line.text) > 3 for line in said):
            kept.append(one)
    return kept
