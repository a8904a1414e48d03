"""A few calls of the demo with their recordings: nobody's voice, made by a machine from the talk's own times (CONV4, QA3).

Who speaks when is taken from the lines, so wave and words belong together; one agent grows loud, one cuts in, one call is mono.
"""

import io
from dataclasses import replace
from datetime import datetime

from kefu.conversations import queries as conversations
from kefu.conversations.lines import Line
from kefu.kernel.actor import Actor
from kefu.recordings import actions, work
from kefu.recordings.drafts import CallDraft
from kefu.sound.synthesis import Spoken, call, written

_ACTOR = Actor.system("录音系统")
_SHORTEST, _LONGEST, _CALLS = 30.0, 75.0, 4
_LOOKED_AT = 400


def make(end: datetime) -> int:
    """Recordings of the newest short calls of the stations; how many. Their analysis is done at once."""
    made = 0
    for pk, lines in _calls():
        spoken = _turns(lines, made)
        seconds = max(one.end for one in spoken) + 1.5
        samples = call(spoken, seconds, seed=made + 11)
        samples = samples.mean(axis=0, keepdims=True) if made == _CALLS - 1 else samples
        file = io.BytesIO(written(samples, subtype="ALAW"))
        actions.receive(actor=_ACTOR, call=CallDraft(conversation_id=pk), file=file, name=f"demo-{made + 1}.wav", now=end)
        made += 1
    work.run_due(now=end, clock=lambda: end)
    return made


def _calls() -> list[tuple[int, tuple[Line, ...]]]:
    """The newest calls of the right length whose lines have times."""
    newest = conversations.page(_ACTOR, conversations.Filters(channel="call"), size=_LOOKED_AT).rows
    said = conversations.transcripts([row.pk for row in newest])
    out: list[tuple[int, tuple[Line, ...]]] = []
    # First those whose card has an item for the voice.
    for row in sorted(newest, key=lambda one: one.site.handbook != "best"):
        lines = tuple(line for line in said.get(row.pk, ()) if line.at is not None and line.end is not None and line.end > line.at)
        if len(lines) >= 5 and _SHORTEST <= (lines[-1].end or 0.0) <= _LONGEST and row.staff_id is not None:
            out.append((row.pk, lines))
        if len(out) == _CALLS:
            break
    return out


def _turns(lines: tuple[Line, ...], number: int) -> list[Spoken]:
    """The lines as turns; what is worth hearing is put into one of the agent's."""
    spoken = [
        Spoken(0, line.at or 0, line.end or 0, level=-24, pitch=210) if line.side == "agent"
        else Spoken(1, line.at or 0, line.end or 0, level=-27, pitch=130)
        for line in lines if line.side in ("agent", "customer")
    ]  # fmt: skip
    mine = [place for place, one in enumerate(spoken) if one.channel == 0 and place > 0 and one.end - one.start > 1.5]
    if mine and number == 0:
        spoken[mine[-1]] = replace(spoken[mine[-1]], level=-13, pitch=300)
    if mine and number == 1:
        one = spoken[mine[0]]
        spoken[mine[0]] = replace(one, start=max(0.0, one.start - 2.0))
    return spoken
