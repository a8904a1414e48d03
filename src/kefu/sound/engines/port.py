"""What an engine is to us: samples of one speaker in, stretches of text with times and confidence out."""

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import KefuError, Message
from kefu.sound.arrays import Samples

RATE = 16_000


@dataclass(frozen=True, slots=True)
class Heard:
    """A stretch of text, in seconds from the start of the samples; ``confidence`` 0..1."""

    start: float
    end: float
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Hints:
    """What helps an engine: words that are likely, in the order of their weight."""

    words: Sequence[str] = ()


class Engine(Protocol):
    """An engine, made once per process with its options. ``label`` names it with its version."""

    @property
    def label(self) -> str: ...

    def transcribe(self, samples: Samples, hints: Hints) -> Sequence[Heard]:
        """The words of one speaker at 16 kHz."""


class EngineMissing(KefuError):
    """The package or the model is not there."""

    code = "engine_missing"
    message: Message = _("转写引擎没有安装或模型文件夹不存在：%(why)s")


class EngineBroken(KefuError):
    """It crashed (``engine_crashed``), took too long (``engine_timeout``) or failed (``engine_failed``)."""

    code = "engine_failed"
    status = 500
    message: Message = _("转写引擎没有完成：%(why)s")


ADAPTERS: Mapping[str, str] = {
    "faster-whisper": "kefu.sound.engines.faster_whisper:FasterWhisper",
    "sherpa-onnx": "kefu.sound.engines.sherpa_onnx:SherpaOnnx",
}


def make(name: str, options: Mapping[str, Any]) -> Engine:
    """An engine by its name, or by ``module:Class`` for one of the operator's own; raises ``EngineMissing``."""
    module, _colon, kind = ADAPTERS.get(name, name).partition(":")
    try:
        found: Engine = getattr(importlib.import_module(module), kind)(options)
    except (ImportError, AttributeError, ValueError, OSError) as error:
        raise EngineMissing(why=str(error)[:200]) from error
    return found
