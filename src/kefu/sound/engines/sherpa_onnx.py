"""sherpa-onnx with a model folder of the operator's (optional package): SenseVoice or Paraformer.

Its interface is known, its accuracy was not measured here: no weights could be had. It gives no confidence of its own, so
``confidence`` is the cautious ``_UNKNOWN``: nothing it hears is held against anybody without a person.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from kefu.sound.arrays import Samples
from kefu.sound.engines.port import RATE, EngineMissing, Heard, Hints
from kefu.sound.engines.script import simplified

_UNKNOWN = 0.5
# The offline models take half a minute well; longer stretches are cut at the quietest place of their last third.
_MOST = 25 * RATE


class SherpaOnnx:
    """``model``: folder with model.int8.onnx (or model.onnx) and tokens.txt; ``family``: sense_voice or paraformer; ``threads``."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        folder = Path(str(options.get("model") or ""))
        model = next((folder / name for name in ("model.int8.onnx", "model.onnx") if (folder / name).is_file()), None)
        if not options.get("model") or model is None or not (folder / "tokens.txt").is_file():
            raise EngineMissing(why=str(folder))
        import sherpa_onnx

        shared = {"tokens": str(folder / "tokens.txt"), "num_threads": int(options.get("threads") or 2)}
        family = str(options.get("family") or "sense_voice")
        if family == "paraformer":
            self._recognizer = sherpa_onnx.OfflineRecognizer.from_paraformer(paraformer=str(model), **shared)
        else:
            self._recognizer = sherpa_onnx.OfflineRecognizer.from_sense_voice(model=str(model), language="zh", use_itn=True, **shared)
        self.label = f"sherpa-onnx {version('sherpa-onnx')} {folder.name}"[:60]

    def transcribe(self, samples: Samples, hints: Hints) -> Sequence[Heard]:  # noqa: ARG002 (these models take no words)
        """Stretch by stretch."""
        out = []
        start = 0
        while start < len(samples):
            part = samples[start : start + _cut(samples[start : start + _MOST])]
            stream = self._recognizer.create_stream()
            stream.accept_waveform(RATE, part)
            self._recognizer.decode_stream(stream)
            if text := simplified(stream.result.text.strip()):
                out.append(Heard(start / RATE, (start + len(part)) / RATE, text, _UNKNOWN))
            start += len(part)
        return out


def _cut(samples: Samples) -> int:
    """Where to cut a stretch that goes on: the quietest tenth of a second of its last third."""
    if len(samples) < _MOST:
        return len(samples)
    size, first = RATE // 10, 2 * len(samples) // 3
    hops = samples[first : first + (len(samples) - first) // size * size].reshape(-1, size)
    return int(first + (int(np.argmin((hops**2).mean(axis=1))) + 0.5) * size)
