"""When everything was said: the pace of speech on the telephone, of typing in a chat."""

import random

from kefu.conversations.lines import Line
from kefu.demo.dialogue.talk import Talk, Utter

_CHARS_A_SECOND = 4.2


def lines_of(talk: Talk, dice: random.Random) -> tuple[list[Line], dict[int, Utter]]:
    """The lines with their times, and the utterance behind each."""
    timed = _call(talk, dice) if talk.scene.channel == "call" else _chat(talk, dice)
    lines = [Line(index, utter.side, utter.text, at, end) for index, (utter, at, end) in enumerate(timed)]
    return lines, {line.index: utter for line, (utter, _at, _end) in zip(lines, timed, strict=True)}


def _call(talk: Talk, dice: random.Random) -> list[tuple[Utter, float, float | None]]:
    moment, out = dice.uniform(1.0, 3.5), []
    for utter in talk.said:
        start = moment + utter.pause - utter.overlap
        length = max(0.6, len(utter.text) / _CHARS_A_SECOND * dice.uniform(0.88, 1.15))
        out.append((utter, round(start, 1), round(start + length, 1)))
        moment = start + length + dice.uniform(0.2, 1.4)
        if utter.overlap:
            moment = max(moment, start + length)
    return _forward(out)


def _forward(rows: list[tuple[Utter, float, float]]) -> list[tuple[Utter, float, float | None]]:
    """Nobody begins before the one who spoke before has begun."""
    out: list[tuple[Utter, float, float | None]] = []
    last, before = 0.0, 0.0
    for utter, at, end in rows:
        begin = max(at, last + 0.1)
        if utter.overlap:
            begin = max(last + 0.1, round(before - utter.overlap, 1))
        out.append((utter, round(begin, 1), round(max(end, begin + 0.4), 1)))
        last, before = begin, max(end, begin + 0.4)
    return out


def _chat(talk: Talk, dice: random.Random) -> list[tuple[Utter, float, float | None]]:
    moment, waiting = 0.0, False
    out: list[tuple[Utter, float, float | None]] = []
    for index, utter in enumerate(talk.said):
        if index:
            moment += utter.pause if utter.pause and utter.part != "hold_thanks" else _gap(talk, utter, dice, waiting=waiting)
        waiting = utter.side == "customer" or (waiting and utter.side == "system")
        out.append((utter, round(moment, 1), None))
    return out


def _gap(talk: Talk, utter: Utter, dice: random.Random, *, waiting: bool) -> float:
    if utter.side == "system":
        return dice.uniform(0.3, 0.8)
    if utter.side == "customer":
        return dice.uniform(4, 40) if not waiting else dice.uniform(2, 6)
    if utter.part == "opening":
        return dice.uniform(1.5, 3.4) if talk.scene.desk == "north" else dice.uniform(3, 40)
    return dice.uniform(4, 32)
