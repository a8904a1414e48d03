"""Calls made by a machine, with known turns, pauses, loudness and pitch: for the demo, tests and benchmarks (QA3).

Voiced-like: a pulse train at a gliding pitch through three moving formants, in syllables. Nobody's voice, no words.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import soundfile

from kefu.sound.arrays import Samples

_FORMANTS = ((730, 1090, 2440), (270, 2290, 3010), (300, 870, 2240), (530, 1840, 2480), (570, 840, 2410), (440, 1020, 2240))


@dataclass(frozen=True, slots=True)
class Spoken:
    """One stretch of speech: channel, seconds, level in dBFS (RMS of the syllables), pitch in Hz, syllables a second."""

    channel: int
    start: float
    end: float
    level: float = -23.0
    pitch: float = 200.0
    syllables: float = 4.5


def voice(seconds: float, rate: int, *, level: float = -23.0, pitch: float = 200.0, syllables: float = 4.5, seed: int = 0) -> Samples:
    """Syllables without words; its RMS is ``level`` dBFS."""
    chance = np.random.default_rng(seed)
    count = round(seconds * rate)
    time = np.arange(count) / rate
    within = (time * syllables) % 1
    number = np.floor(time * syllables).astype(int)
    # Tones: every syllable rises or falls through the speaker's pitch.
    slopes = chance.permutation(np.resize([-0.22, -0.1, 0.1, 0.22], int(seconds * syllables) + 2))
    glide = pitch * (1 + slopes[number] * (within - 0.5) + 0.01 * chance.standard_normal(len(slopes))[number])
    phase = 2 * np.pi * np.cumsum(glide) / rate
    vowels = np.asarray(_FORMANTS)[chance.integers(0, len(_FORMANTS), int(seconds * syllables) + 3)]
    middles = np.stack([np.interp(time * syllables, np.arange(len(vowels)), vowels[:, k]) for k in range(3)], axis=1)
    out = np.zeros(count)
    for harmonic in range(1, int(min(3400, rate / 2 - 100) // pitch) + 1):
        frequency = glide * harmonic
        weight = sum((1.0 / (1 + ((frequency - middles[:, k]) / (60 + 40 * k)) ** 2)) * (0.5**k) for k in range(3))
        out += (weight + 0.02) * np.sin(phase * harmonic + 0.3 * harmonic) / harmonic**0.8
    stress = 10 ** (chance.uniform(-3, 1, len(slopes)) / 20)
    out *= np.clip(np.minimum(within / 0.2, (1 - within) / 0.25), 0.04, 1) * stress[number]
    hiss = np.diff(chance.standard_normal(count + 1))
    out += 0.12 * float(np.std(out)) * hiss * np.clip(1 - within / 0.22, 0, 1) if count else 0
    loud = float(np.sqrt(np.mean(out**2))) if count else 1.0
    return np.asarray(out * (10 ** (level / 20) / (loud or 1.0)), dtype=np.float32)


def call(
    spoken: Sequence[Spoken], seconds: float, *, rate: int = 8000, channels: int = 2, noise: float | None = -70.0, seed: int = 7
) -> Samples:
    """Samples of a call, ``(channels, n)``, with noise of ``noise`` dBFS on every channel."""
    chance = np.random.default_rng(seed)
    count = round(seconds * rate)
    out = np.zeros((channels, count), dtype=np.float32)
    if noise is not None:
        out += (10 ** (noise / 20) * chance.standard_normal((channels, count))).astype(np.float32)
    for number, one in enumerate(spoken):
        made = voice(one.end - one.start, rate, level=one.level, pitch=one.pitch, syllables=one.syllables, seed=seed * 1000 + number)
        first = round(one.start * rate)
        made = made[: max(0, count - first)]
        out[one.channel, first : first + len(made)] += made
    return np.clip(out, -1, 1)


def written(samples: Samples, *, rate: int = 8000, form: str = "WAV", subtype: str | None = None) -> bytes:
    """The samples as a file; ``subtype`` as soundfile names it (``ALAW``, ``ULAW``, ``PCM_16``)."""
    out = io.BytesIO()
    options: dict[str, Any] = {"format": form} | ({"subtype": subtype} if subtype else {})
    soundfile.write(out, samples.T, rate, **options)
    return out.getvalue()


def exchange(seconds: float, *, seed: int = 3) -> Iterator[Spoken]:
    """Agent and customer in turn for so long: for benchmarks and long calls."""
    chance = np.random.default_rng(seed)
    at, channel = 1.0, 0
    while at < seconds - 1:
        end = min(seconds, at + float(chance.uniform(2, 8)))
        yield Spoken(channel, at, end, level=-24 + float(chance.uniform(-2, 2)), pitch=(210.0, 125.0)[channel])
        at, channel = end + float(chance.uniform(0.3, 1.2)), 1 - channel
