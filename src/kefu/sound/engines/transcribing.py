"""A whole recording to lines: each channel cut at its silences into stretches an engine takes, both put together by time (QA3)."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from kefu.sound.arrays import Samples
from kefu.sound.decoding import Recording
from kefu.sound.engines.port import RATE, Heard, Hints
from kefu.sound.measured import Measured
from kefu.sound.voice import Span, joined

# Stretches of speech this near are heard together, for their context; none is longer than the window a Whisper model hears at once: longer
# ones lose sentences at the seams. benchmarks/transcription.py: 0.06 of the characters wrong so, 0.16 with whole channels.
_NEAR, _LONGEST = 3.0, 28.0
_MARGIN = 0.2


class Listener(Protocol):
    """``engines.outside.Outside``, or anything that answers alike."""

    def transcribe(self, samples: Samples, hints: Hints, *, seconds: float) -> Sequence[Heard]: ...


@dataclass(frozen=True, slots=True)
class Said:
    """A line: who, seconds from the start of the call, text, confidence."""

    side: str
    start: float
    end: float
    text: str
    confidence: float


def stretches(speech: Sequence[Span]) -> list[Span]:
    """What to hear at once: speech with short silences, cut where somebody paused before it gets too long."""
    out: list[Span] = []
    for span in joined(list(speech), 0.0):
        if out and span.start - out[-1].end <= _NEAR and span.end - out[-1].start <= _LONGEST:
            out[-1] = Span(out[-1].start, span.end)
        else:
            out.append(span)
    return [part for span in out for part in _parts(span)]


def _parts(span: Span) -> list[Span]:
    """Somebody who never pauses is cut by the clock."""
    count = int(span.length // _LONGEST) + 1
    size = span.length / count
    return [Span(span.start + place * size, span.start + (place + 1) * size) for place in range(count)]


def transcribe(
    recording: Recording, sides: Sequence[str], measured: Measured, listener: Listener, hints: Hints, *, progress: Callable[[float], None]
) -> list[Said]:
    """Every line in the order of its beginning. One block of the file is in memory at a time, and the stretch being heard."""
    wanted = {channel: stretches(measured.speech.get(side, ())) for channel, side in enumerate(sides)}
    total = sum(span.length for spans in wanted.values() for span in spans) or 1.0
    out: list[Said] = []
    done = 0.0
    for channel, spans in wanted.items():
        for span, samples in _cuts(recording, channel, spans):
            first = max(0.0, span.start - _MARGIN)
            for one in listener.transcribe(samples, hints, seconds=span.length):
                start = min(max(first + one.start, 0.0), measured.seconds)
                out.append(Said(sides[channel], start, min(max(first + one.end, start), measured.seconds), one.text, one.confidence))
            done += span.length
            progress(min(1.0, done / total))
    return sorted(out, key=lambda one: (one.start, one.side))


def _cuts(recording: Recording, channel: int, spans: Sequence[Span]) -> Iterator[tuple[Span, Samples]]:
    """Goes through the file once and gives each span with its samples."""
    held: list[Samples] = []
    start = count = 0  # the sample the held blocks begin at, and how many there are
    waiting = deque(spans)
    for block in recording.blocks(RATE, RATE * 10):
        if not waiting:
            return
        held.append(block[min(channel, len(block) - 1)])
        count += block.shape[1]
        while waiting and start + count >= round((waiting[0].end + _MARGIN) * RATE):
            span = waiting.popleft()
            yield span, _cut(np.concatenate(held), start, span)
        before = round(max(0.0, waiting[0].start - _MARGIN) * RATE) if waiting else 0
        while held and start + len(held[0]) <= before:
            start += len(held[0])
            count -= len(held.pop(0))
    if held:
        for span in waiting:
            yield span, _cut(np.concatenate(held), start, span)


def _cut(samples: Samples, start: int, span: Span) -> Samples:
    first = round(max(0.0, span.start - _MARGIN) * RATE) - start
    return samples[max(0, first) : round((span.end + _MARGIN) * RATE) - start]
