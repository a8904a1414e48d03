"""faster-whisper with a model folder of the operator's (optional package): int8, temperature 0, hotwords."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from math import exp
from pathlib import Path
from typing import Any

from kefu.sound.arrays import Samples
from kefu.sound.engines.port import EngineMissing, Heard, Hints
from kefu.sound.engines.script import simplified

# Makes it write simplified characters with punctuation; words to watch for go into the hotwords, never here.
_PROMPT = "以下是普通话的句子。请加上标点。"
_MOST_WORDS = 60
# A number read out digit by digit sends it into a loop; nobody says the same eight tokens twice in a breath.
_LOOP = 8


class FasterWhisper:
    """``model``: folder with model.bin; ``threads``."""

    def __init__(self, options: Mapping[str, Any]) -> None:
        folder = Path(str(options.get("model") or ""))
        if not options.get("model") or not (folder / "model.bin").is_file():
            raise EngineMissing(why=str(folder))
        from faster_whisper import WhisperModel

        threads = int(options.get("threads") or 2)
        self._model = WhisperModel(str(folder), device="cpu", compute_type="int8", cpu_threads=threads, local_files_only=True)
        self.label = f"faster-whisper {version('faster-whisper')} {folder.name}"[:60]

    def transcribe(self, samples: Samples, hints: Hints) -> Sequence[Heard]:
        """A whole stretch at once: short clips would be padded to 30 s each."""
        found, _info = self._model.transcribe(
            samples,
            language="zh",
            beam_size=5,
            temperature=0,
            initial_prompt=_PROMPT,
            hotwords=" ".join(hints.words[:_MOST_WORDS]) or None,
            condition_on_previous_text=False,
            vad_filter=False,
            no_repeat_ngram_size=_LOOP,
        )
        return [
            Heard(one.start, one.end, simplified(one.text.strip()), min(1.0, exp(one.avg_logprob)) * (1 - one.no_speech_prob))
            for one in found
            if one.text.strip()
        ]
