"""Who spoke when, who cut in, who waited: interval arithmetic on two lists of spans (QA3, Q7, Q8, Q10). Pure.

Interruption: somebody begins while the other has spoken for 0.5 s or more, the other goes on, both sound at once for 0.3 s or more,
and whoever began speaks for 1 s or more. Shorter ones are back-channels: 嗯, 好的.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from kefu.sound.voice import Span, joined

Side: TypeAlias = Literal["agent", "customer"]
SIDES: tuple[Side, Side] = ("agent", "customer")
PAUSE = 0.7
"""A pause of so many seconds or less stays inside a turn."""
OVERLAP = 0.3
SILENCE = 3.0
HOLD = 8.0
_HAD_SPOKEN, _SPEAKS = 0.5, 1.0


@dataclass(frozen=True, slots=True)
class Turn:
    """One side speaking with short pauses at most."""

    side: Side
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Overlap:
    """Both at once; ``by`` began later. ``interrupts``: it is an interruption by the rule above."""

    by: Side
    start: float
    end: float
    interrupts: bool


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody speaks. ``after`` spoke last, ``before`` speaks next; ``hold``: the agent put the customer on hold, as far as sound tells."""

    start: float
    end: float
    after: Side | None
    before: Side | None
    hold: bool


@dataclass(frozen=True, slots=True)
class Delay:
    """How long ``side`` took to answer, counted from the end of what the other said, at ``at``."""

    side: Side
    at: float
    seconds: float


def other(side: Side) -> Side:
    """The one who listens."""
    return "customer" if side == "agent" else "agent"


def turns(speech: Mapping[Side, Sequence[Span]]) -> list[Turn]:
    """Turns of both sides by their beginning."""
    found = [Turn(side, span.start, span.end) for side in SIDES for span in joined(list(speech.get(side, ())), PAUSE)]
    return sorted(found, key=lambda one: (one.start, one.side))


def overlaps(found: Sequence[Turn]) -> list[Overlap]:
    """Where both speak for ``OVERLAP`` seconds or more."""
    out = []
    by_side = {side: [one for one in found if one.side == side] for side in SIDES}
    theirs = by_side["customer"]
    first = 0
    for mine in by_side["agent"]:
        while first < len(theirs) and theirs[first].end <= mine.start:
            first += 1
        for one in theirs[first:]:
            if one.start >= mine.end:
                break
            start, end = max(mine.start, one.start), min(mine.end, one.end)
            if end - start >= OVERLAP:
                later, earlier = (mine, one) if mine.start > one.start else (one, mine)
                cuts_in = later.start - earlier.start >= _HAD_SPOKEN and later.end - later.start >= _SPEAKS
                out.append(Overlap(later.side, start, end, cuts_in))
    return sorted(out, key=lambda one: one.start)


def silences(found: Sequence[Turn], seconds: float, *, least: float = SILENCE) -> list[Silence]:
    """Where nobody speaks for ``least`` seconds or more, the beginning and the end of the call included."""
    out = []
    last: Turn | None = None
    until = 0.0
    for one in found:
        if one.start - until >= least:
            out.append(_silence(until, one.start, last, one))
        if one.end > until:
            until, last = one.end, one
    if seconds - until >= least:
        out.append(_silence(until, seconds, last, None))
    return out


def _silence(start: float, end: float, last: Turn | None, following: Turn | None) -> Silence:
    hold = end - start >= HOLD and last is not None and following is not None and following.side == "agent"
    return Silence(start, end, last.side if last else None, following.side if following else None, hold)


def delays(found: Sequence[Turn]) -> list[Delay]:
    """Every answer that came after the other had ended; one who cut in answers at once and is not counted."""
    out = []
    until: dict[Side, float] = {}
    last: Turn | None = None
    for one in found:
        heard = until.get(other(one.side))
        if last is not None and last.side != one.side and heard is not None and one.start >= heard:
            out.append(Delay(one.side, one.start, one.start - heard))
        until[one.side] = max(until.get(one.side, 0.0), one.end)
        if last is None or one.end >= last.end:
            last = one
    return out


def longest_alone(found: Sequence[Turn], side: Side, seconds: float) -> float:
    """The longest time ``side`` said nothing (客户单边静音)."""
    until, longest = 0.0, 0.0
    for one in found:
        if one.side == side:
            longest = max(longest, one.start - until)
            until = max(until, one.end)
    return max(longest, seconds - until)
