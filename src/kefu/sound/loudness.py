"""Loudness as people hear it: LUFS after ITU-R BS.1770, from the power of every 100 ms (QA3)."""

from functools import cache

import numpy as np

from kefu.sound.arrays import Numbers, Samples

HOP = 0.1
SILENCE = -70.0
"""LUFS below which nothing counts, and what silence is given as."""
# The two filters of the standard, as printed there for 48 kHz.
_SHELF = ((1.53512485958697, -2.69169618940638, 1.19839281085285), (1.0, -1.69065929318241, 0.73248077421585))
_HIGH = ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621))


@cache
def _weights(size: int, rate: int) -> Numbers:
    """Gain of power at every frequency of a transform of ``size`` samples."""
    turn = np.exp(-2j * np.pi * np.fft.rfftfreq(size, 1 / rate) / 48_000)
    gain = np.ones(len(turn))
    for above, below in (_SHELF, _HIGH):
        gain *= np.abs(np.polyval(above[::-1], turn) / np.polyval(below[::-1], turn)) ** 2
    # One-sided spectrum: every line but the first and last stands for two.
    gain[1 : -1 if size % 2 == 0 else None] *= 2
    return np.asarray(gain / size**2)


def powers(samples: Samples, rate: int) -> Numbers:
    """Weighted mean square of every 100 ms of one channel."""
    size = round(rate * HOP)
    count = len(samples) // size
    if not count:
        return np.zeros(0)
    spectrum = np.fft.rfft(samples[: count * size].reshape(count, size), axis=1)
    found: Numbers = (spectrum.real**2 + spectrum.imag**2) @ _weights(size, rate)
    return found


def lufs(power: Numbers) -> float:
    """Gated loudness of a run of hops; ``SILENCE`` when nothing is louder."""
    if not len(power):
        return SILENCE
    blocks = np.convolve(power, np.full(4, 0.25), "valid") if len(power) >= 4 else np.asarray([power.mean()])
    for gate in (SILENCE, None):
        limit = _to_power(SILENCE if gate is not None else _to_lufs(float(blocks.mean())) - 10)
        blocks = blocks[blocks > limit]
        if not len(blocks):
            return SILENCE
    return round(max(SILENCE, _to_lufs(float(blocks.mean()))), 2)


def _to_lufs(power: float) -> float:
    return float(-0.691 + 10 * np.log10(max(power, 1e-12)))


def _to_power(level: float) -> float:
    return float(10 ** ((level + 0.691) / 10))
