"""The shapes of transcripts that speech services give, told by their content (documents of their makers; no code of theirs). Pure.

| shape | sign | times |
|---|---|---|
| sentences | ``Sentences`` with ``BeginTime``, ``ChannelId`` (Aliyun, transcription and analysis) | ms |
| sentence list | ``ResultDetail``/``SentenceList`` with ``StartMs``, ``SpeakerId`` or ``ChannelId`` (Tencent) | ms |
| lattice | ``lattice`` of ``json_1best`` with ``st.bg``, ``rt.ws.cw.w`` (iFlytek) | ms |
| segments | ``segments`` with ``start``, ``end`` (whisper) | s |
| lines | ``lines`` with ``side``, ``at`` (ours) | s |
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import exp, isfinite
from typing import Any


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence: which channel or speaker (as the file counts), seconds, text, 0..1, and what else the maker measured."""

    speaker: str
    start: float | None
    end: float | None
    text: str
    confidence: float | None = None
    extra: Mapping[str, float] = field(default_factory=dict)


class Unreadable(ValueError):
    """``reason`` is a key of ``taking.REASONS``."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def read(plain: Any) -> tuple[str, list[Sentence]]:
    """Name of the shape and its sentences in the file's order. Raises ``Unreadable``."""
    for name, find, make in _SHAPES:
        rows = find(plain)
        if rows:
            try:
                return name, [one for row in rows if (one := make(row)) is not None]
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                raise Unreadable("field") from error
    raise Unreadable("shape")


def _walk(plain: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """Every object of the file, outer ones first; strings that hold JSON are opened."""
    if depth > 8:
        return
    if isinstance(plain, str) and plain[:1] in "{[":
        try:
            plain = json.loads(plain)
        except ValueError:
            return
    if isinstance(plain, Mapping):
        yield plain
        for one in plain.values():
            yield from _walk(one, depth + 1)
    elif isinstance(plain, list) and plain and isinstance(plain[0], Mapping | list | str):
        for one in plain[:20_000] if isinstance(plain[0], Mapping) and depth < 3 else plain[:1]:
            yield from _walk(one, depth + 1)


def _named(*names: str, needs: Sequence[str]) -> Callable[[Any], list[Any]]:
    """Looks for a list under one of the names whose first entry has one of the fields."""

    def find(plain: Any) -> list[Any]:
        for found in _walk(plain):
            for name in names:
                rows = found.get(name)
                if isinstance(rows, list) and rows and isinstance(rows[0], Mapping) and any(need in rows[0] for need in needs):
                    return rows
        return []

    return find


def _first(row: Mapping[str, Any], *names: str) -> Any:
    return next((row[name] for name in names if row.get(name) is not None), None)


def _number(value: Any, scale: float = 1.0) -> float | None:
    if value is None or isinstance(value, bool):
        return None
    found = float(value) * scale
    return found if isfinite(found) else None


def _share(value: Any) -> float | None:
    """A confidence; some give percent."""
    found = _number(value)
    if found is None:
        return None
    return min(1.0, max(0.0, found / 100 if found > 1 else found))


def _speaker(row: Mapping[str, Any], *names: str) -> str:
    found = _first(row, *names)
    return "" if found is None else str(found).strip().lower()


def _aliyun(row: Mapping[str, Any]) -> Sentence | None:
    extra = {name: number for name, keys in _EXTRA.items() if (number := _number(_first(row, *keys))) is not None}
    return Sentence(
        speaker=_speaker(row, "role", "Role", "identity", "channel_id", "ChannelId", "channelId", "speaker_id", "SpeakerId"),
        start=_number(_first(row, "begin_time", "BeginTime", "beginTime", "begin"), 0.001),
        end=_number(_first(row, "end_time", "EndTime", "endTime", "end"), 0.001),
        text=str(_first(row, "text", "Text", "words") or ""),
        confidence=_share(_first(row, "confidence", "Confidence")),
        extra=extra,
    )


_EXTRA = {
    "speech_rate": ("speech_rate", "SpeechRate", "speechRate"),
    "emotion_value": ("emotion_value", "EmotionValue", "emotionValue"),
    "silence_duration": ("silence_duration", "SilenceDuration", "silenceDuration"),
}


def _tencent(row: Mapping[str, Any]) -> Sentence | None:
    return Sentence(
        speaker=_speaker(row, "ChannelId", "SpeakerId", "SpeakerRole"),
        start=_number(_first(row, "StartMs", "StartTime"), 0.001),
        end=_number(_first(row, "EndMs", "EndTime"), 0.001),
        text=str(_first(row, "FinalSentence", "Text") or ""),
        confidence=_share(_first(row, "Confidence", "ConfidenceScore")),
        extra={"speech_rate": rate} if (rate := _number(row.get("SpeechSpeed"))) is not None else {},
    )


def _iflytek(row: Mapping[str, Any]) -> Sentence | None:
    best = row.get("json_1best")
    plain = json.loads(best) if isinstance(best, str) else best or row
    spoken = plain.get("st", plain)
    words = [word["cw"][0] for part in spoken["rt"] for word in part["ws"] if word.get("cw")]
    sure = [share for word in words if (share := _share(word.get("wc"))) is not None and share > 0]
    return Sentence(
        speaker=_speaker(spoken, "rl", "spk"),
        start=_number(spoken.get("bg"), 0.001),
        end=_number(spoken.get("ed"), 0.001),
        text="".join(str(word.get("w", "")) for word in words if word.get("wp") != "g"),
        confidence=sum(sure) / len(sure) if sure else None,
    )


def _whisper(row: Mapping[str, Any]) -> Sentence | None:
    logs = _number(row.get("avg_logprob"))
    silent = _number(row.get("no_speech_prob")) or 0.0
    return Sentence(
        speaker=_speaker(row, "speaker", "channel"),
        start=_number(row.get("start")),
        end=_number(row.get("end")),
        text=str(row.get("text") or ""),
        confidence=_share(row.get("confidence")) if logs is None else min(1.0, exp(logs)) * (1 - silent),
    )


def _ours(row: Mapping[str, Any]) -> Sentence | None:
    return Sentence(_speaker(row, "side"), _number(row.get("at")), _number(row.get("end")), str(row["text"]), _share(row.get("confidence")))


_SHAPES: tuple[tuple[str, Callable[[Any], list[Any]], Callable[[Any], Sentence | None]], ...] = (
    ("lattice", _named("lattice", "lattice2", needs=("json_1best", "st")), _iflytek),
    ("sentence_list", _named("ResultDetail", "SentenceList", "SentenceDetail", needs=("StartMs", "FinalSentence")), _tencent),
    (
        "sentences",
        _named("Sentences", "sentences", "SentenceResult", "dialogue", "phrases", needs=("BeginTime", "begin_time", "beginTime", "begin")),
        _aliyun,
    ),
    ("segments", _named("segments", needs=("start",)), _whisper),
    ("lines", _named("lines", needs=("side",)), _ours),
)
