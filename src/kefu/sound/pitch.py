"""Pitch of the voice (F0): normalised autocorrelation of short windows (QA3)."""

import numpy as np

from kefu.sound.arrays import Numbers, Samples

LOWEST, HIGHEST = 70.0, 420.0
# A lower second peak this good is the fundamental; the higher one a multiple of its period.
_AS_GOOD = 0.88
_VOICED = 0.5


def pitches(windows: Samples, rate: int) -> Numbers:
    """Pitch in Hz of every window ``(n, size)``; NaN where there is none."""
    count, size = windows.shape
    found = np.full(count, np.nan)
    if not count:
        return found
    shaped = windows - windows.mean(axis=1, keepdims=True)
    taper = np.hanning(size).astype(np.float32)
    width = 1 << (2 * size - 1).bit_length()
    own = np.fft.irfft(np.abs(np.fft.rfft(shaped * taper, width, axis=1)) ** 2, axis=1)[:, :size]
    ideal = np.fft.irfft(np.abs(np.fft.rfft(taper, width)) ** 2)[:size]
    low, high = int(rate / HIGHEST), min(int(rate / LOWEST) + 2, size - 2)
    energy = own[:, 0]
    heard = energy > 1e-9
    score = own[:, : high + 1] / np.where(heard, energy, 1)[:, None] / (ideal[: high + 1] / ideal[0])
    span = score[:, low:high]
    best = span.max(axis=1)
    peak = (span >= score[:, low - 1 : high - 1]) & (span >= score[:, low + 1 : high + 1]) & (span >= _AS_GOOD * best[:, None])
    lag = peak.argmax(axis=1) + low
    sure = heard & (best > _VOICED) & peak.any(axis=1)
    rows = np.flatnonzero(sure)
    left, here, right = (score[rows, lag[rows] + step] for step in (-1, 0, 1))
    bend = left - 2 * here + right
    shift = np.where(np.abs(bend) > 1e-9, 0.5 * (left - right) / np.where(bend == 0, 1, bend), 0)
    found[rows] = rate / (lag[rows] + np.clip(shift, -0.5, 0.5))
    return found


def semitones(pitch: float, against: float) -> float:
    """How far one pitch lies above another, in semitones."""
    return float(12 * np.log2(pitch / against))
