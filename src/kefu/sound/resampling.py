"""Another sampling rate, block by block: windowed-sinc polyphase filter in numpy."""

from math import ceil, gcd

import numpy as np

from kefu.sound.arrays import Places, Samples

_LOBES = 12


class Resampler:
    """Turns blocks of ``source`` Hz into blocks of ``target`` Hz; the blocks together are what one long block would give."""

    def __init__(self, source: int, target: int, channels: int) -> None:
        common = gcd(source, target)
        self.up, self.down = target // common, source // common
        self.same = source == target
        cut = min(1.0, target / source)
        self.half = ceil(_LOBES / cut)
        phases = np.arange(self.up)[:, None] / self.up
        offsets = np.arange(-self.half + 1, self.half + 1)[None, :] - phases
        window = 0.5 + 0.5 * np.cos(np.pi * np.clip(offsets / self.half, -1, 1))
        taps = cut * np.sinc(offsets * cut) * window
        self.taps = (taps / taps.sum(axis=1, keepdims=True)).astype(np.float32)
        self._kept: Samples = np.zeros((channels, self.half - 1), dtype=np.float32)
        # Position of the next output sample, in input samples times ``up``, from the first kept sample.
        self._at = (self.half - 1) * self.up

    def feed(self, block: Samples, *, last: bool = False) -> Samples:
        """The next samples, ``(channels, n)``; ``last`` lets out what is still inside."""
        if self.same:
            return block
        tail = [np.zeros((len(block), self.half), dtype=np.float32)] if last else []
        held: Samples = np.concatenate([self._kept, block, *tail], axis=1)
        ready = (held.shape[1] - self.half) * self.up - self._at
        count = max(0, -(-ready // self.down))
        places = self._at + np.arange(count, dtype=np.int64) * self.down
        first = places // self.up - (self.half - 1)
        out = self._filtered(held, first, places % self.up)
        follows = self._at + count * self.down
        drop = max(0, follows // self.up - (self.half - 1))
        self._kept = held[:, drop:]
        self._at = follows - drop * self.up
        return out

    def _filtered(self, held: Samples, first: Places, phase: Places) -> Samples:
        out: Samples = np.empty((len(held), len(first)), dtype=np.float32)
        steps = np.arange(2 * self.half)
        for start in range(0, len(first), 65536):
            part = slice(start, start + 65536)
            taps = self.taps[phase[part]]
            places = first[part, None] + steps
            for channel, samples in enumerate(held):
                out[channel, part] = np.einsum("ij,ij->i", samples[places], taps)
        return out
