"""What the recording of a call tells of the agent's voice and of cutting in: findings with their second (QA3, QA5).

Sound alone never deducts: an excited voice may be a warm one. Cutting in may, when it happens as often as the card says.
"""

from collections.abc import Sequence
from typing import Any

from kefu.quality.detectors.base import Found, NotApplicable, Outcome
from kefu.quality.hearing import CutIn, Sounding, Stretch
from kefu.quality.reading import Reading, Utterance

LOUDNESS_SWING = 6.0
"""LU above or below the agent's own median that are worth hearing."""
PITCH_SWING = 5.0
"""Semitones."""
RATE_SWING = 0.45
"""Share of the agent's own pace."""
_MOST = 10
_LONGEST = 60.0


def cut_in(reading: Reading, found: Sequence[CutIn], least: float, count: int) -> list[Found]:
    """Interruptions by the agent of ``least`` seconds or more; with ``count`` of them they may deduct."""
    kept = [one for one in found if least <= one.seconds < _LONGEST]
    mode = "auto" if len(kept) >= count else "review"
    confidence = 0.85 if mode == "auto" else 0.5
    return [_found("interrupted", reading, one.at, mode, confidence, seconds=round(one.seconds, 1)) for one in kept[:_MOST]]


def voice(reading: Reading, sound: Sounding, slowest: float, fastest: float) -> Outcome:
    """Pace over the call by voiced seconds, and stretches in which pace, loudness or pitch leave the agent's own."""
    if not sound.speakers:
        return NotApplicable("mono")
    stretches = list(sound.stretches.get("agent", ()))
    if not stretches:
        return NotApplicable("no_agent")
    out: list[Found] = []
    rate = sound.rates.get("agent")
    if rate is not None and not slowest <= rate <= fastest:
        code, limit = ("too_fast", fastest) if rate > fastest else ("too_slow", slowest)
        out.append(Found(code, mode="review", confidence=0.8, params={"rate": round(rate), "limit": limit}))
    for one in stretches:
        out += _swings(reading, one)
    return out[:_MOST]


def _swings(reading: Reading, one: Stretch) -> list[Found]:
    out = []
    if one.loudness_swing is not None and abs(one.loudness_swing) > LOUDNESS_SWING:
        code = "louder" if one.loudness_swing > 0 else "softer"
        out.append(_found(code, reading, one.at, "review", 0.7, one.line, swing=round(abs(one.loudness_swing), 1), limit=LOUDNESS_SWING))
    if one.pitch_swing is not None and abs(one.pitch_swing) > PITCH_SWING:
        code = "higher" if one.pitch_swing > 0 else "lower"
        out.append(_found(code, reading, one.at, "review", 0.6, one.line, swing=round(abs(one.pitch_swing), 1), limit=PITCH_SWING))
    if one.rate_ratio is not None and one.rate is not None and abs(one.rate_ratio - 1) > RATE_SWING:
        code = "hurried" if one.rate_ratio > 1 else "dragged"
        out.append(
            _found(code, reading, one.at, "review", 0.6, one.line, rate=round(one.rate), percent=round(abs(one.rate_ratio - 1) * 100))
        )
    return out


def _found(code: str, reading: Reading, at: float, mode: Any, confidence: float, line: int | None = None, **params: Any) -> Found:
    spoken = _line_at(reading, at) if line is None else next((one for one in reading.agent if one.line.index == line), None)
    end = len(spoken.text) if spoken is not None else 0
    return Found(code, spoken, 0, end, mode, confidence, dict(params, at=round(at, 2)))


def _line_at(reading: Reading, at: float) -> Utterance | None:
    """The agent's line that was being said."""
    for one in reading.agent:
        start, end = one.line.at, one.line.end
        if start is not None and end is not None and start - 0.5 <= at < end:
            return one
    return None
