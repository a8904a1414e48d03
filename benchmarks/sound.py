"""How fast a recording is measured, beside the bare pass of the voice net over both channels: times real time on one core (QA3).

Goal: 150 or more for an 8 kHz stereo call. Run: ``python benchmarks/sound.py``.
"""

import io
import os
import resource
import sys
import time
from collections.abc import Callable

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from kefu.sound.decoding import opened
from kefu.sound.frames import BLOCK, FRAME, RATE, voice_net
from kefu.sound.measuring import measure
from kefu.sound.synthesis import call, exchange, written

SECONDS = 600
GOAL = 150


def cost(work: Callable[[], object], tries: int = 3) -> float:
    """The least CPU seconds of a few tries: neighbours on the machine only ever add."""
    best = float("inf")
    for _try in range(tries):
        before = time.process_time()
        work()
        best = min(best, time.process_time() - before)
    return best


def bare(data: bytes) -> None:
    """Every frame of both channels through the net, and nothing else."""
    with opened(io.BytesIO(data)) as recording:
        nets = [voice_net(), voice_net()]
        for block in recording.blocks(RATE, BLOCK):
            for channel, samples in enumerate(block):
                net = nets[channel]
                assert net is not None
                frames = np.ascontiguousarray(samples[: len(samples) // FRAME * FRAME]).reshape(-1, FRAME)
                for frame in frames:
                    net.process(memoryview(frame))


def decode(data: bytes) -> None:
    """Reading alone."""
    with opened(io.BytesIO(data)) as recording:
        for _block in recording.blocks(RATE, BLOCK):
            pass


def whole(data: bytes, method: str = "net") -> None:
    """Everything."""
    with opened(io.BytesIO(data)) as recording:
        measure(recording, ("agent", "customer"), method=method)  # type: ignore[arg-type]


def main() -> int:
    """Print the table; 1 when the goal is missed."""
    data = written(call(list(exchange(SECONDS)), SECONDS), subtype="ALAW")
    rows = (
        ("bare pass of the voice net, both channels", cost(lambda: bare(data))),
        ("everything: turns, overlaps, loudness, pitch, wave", took := cost(lambda: whole(data))),
        ("the same without the net (energy alone)", cost(lambda: whole(data, "energy"))),
        ("reading the file alone", cost(lambda: decode(data))),
    )
    print(f"{SECONDS} s, 8 kHz stereo A-law, CPU seconds on one core")
    for name, seconds in rows:
        print(f"  {name:<52} {seconds:7.2f} s   {SECONDS / seconds:6.0f} x real time")
    wide = written(call(list(exchange(120)), 120, rate=48_000), rate=48_000)
    print(f"  {'48 kHz PCM, everything':<52} {(other := cost(lambda: whole(wide), 1)):7.2f} s   {120 / other:6.0f} x real time")
    print(f"largest memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
    print(f"goal {GOAL} x: {'met' if SECONDS / took >= GOAL else 'MISSED'}")
    return 0 if SECONDS / took >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
