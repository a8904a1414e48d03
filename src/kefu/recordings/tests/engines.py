"""Engines that always hear the same, crash, or never end; run in the process of an engine, as those of an operator are."""

import os
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from kefu.sound.arrays import Samples
from kefu.sound.engines.port import Heard, Hints


class Exact:
    """Says how long every stretch was and how many words it was told to expect."""

    label = "exact 1"

    def __init__(self, options: Mapping[str, Any]) -> None:
        pass

    def transcribe(self, samples: Samples, hints: Hints) -> Sequence[Heard]:
        seconds = len(samples) / 16_000
        return [Heard(0.2, seconds - 0.2, f"这是{round(seconds)}秒", 0.9), Heard(seconds - 0.2, seconds, "嗯", 0.2)] if hints.words else []


class Crashing(Exact):
    """Takes its process along."""

    def transcribe(self, samples: Samples, hints: Hints) -> Sequence[Heard]:
        os._exit(3)


class Endless(Exact):
    """Never answers."""

    def transcribe(self, samples: Samples, hints: Hints) -> Sequence[Heard]:
        threading.Event().wait()
        return []


class Refusing(Exact):
    """Fails politely."""

    def transcribe(self, samples: Samples, hints: Hints) -> Sequence[Heard]:
        raise RuntimeError("no")
