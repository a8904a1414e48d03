"""How well recordings are heard (QA3): characters wrong in a hundred, and how far the borders of holds and overlaps lie from the truth.

``--calls``: a folder of stereo recordings (agent left), each ``name.wav`` with ``name.json``: {"turns": [{"side", "text", "start", "end"}],
"holds": [[start, end]]}. ``--model``: folder of a faster-whisper model. Without a model only the borders are measured.
``benchmarks/measuring/spoken.py`` speaks such calls with a voice of its own environment.
"""

import argparse
import json
import re
import time
import unicodedata
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from measuring.table import show

LEAST_HOLD, LEAST_OVERLAP = 5.0, 0.3
WORDS = (
    "百世快递",
    "南市分部",
    "工号",
    "一零八六",
    "很高兴为您服务",
    "请问",
    "可以帮您",
    "运单号",
    "派件员",
    "分拨中心",
    "感谢您的来电",
    "再见",
    "外包装",
    "赔偿",
)
_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")


def main() -> None:
    """Hear every call and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=Path, required=True)
    parser.add_argument("--model", type=Path)
    wanted = parser.parse_args()
    engine = _engine(wanted.model)
    rows, wrong, letters = [], 0, 0
    for path in sorted(wanted.calls.glob("*.wav")):
        truth = json.loads(path.with_suffix(".json").read_text())
        borders = _borders(path, truth)
        row = [path.stem, f"{max(borders['hold'], default=0):.2f}", f"{max(borders['overlap'], default=0):.2f}"]
        if engine is not None:
            errors, count, share = _heard(engine, path, truth)
            wrong, letters = wrong + errors, letters + count
            row += [str(count), f"{errors / count:.3f}", f"{share:.2f}"]
        rows.append(tuple(row))
    heads = ["call", "hold off by s", "overlap off by s"] + (["characters", "wrong", "CPU s per call s"] if engine else [])
    show("Recordings heard", tuple(heads), rows)
    if letters:
        print(f"all calls: {wrong} of {letters} characters wrong, {wrong / letters:.3f} (wanted 0.10)")


def _engine(model: Path | None) -> Any:
    if model is None:
        return None
    from kefu.sound.engines.port import make

    return make("faster-whisper", {"model": str(model), "threads": 2})


def _borders(path: Path, truth: dict[str, Any]) -> dict[str, list[float]]:
    """Seconds between each true border and the nearest found one."""
    from kefu.sound.decoding import opened
    from kefu.sound.measuring import measure

    with path.open("rb") as file, opened(file) as recording:
        found = measure(recording, ("agent", "customer"))
    quiet = [(one.start, one.end) for one in found.silences if one.end - one.start >= LEAST_HOLD]
    both = [(one.start, one.end) for one in found.overlaps]
    holds = [_silence_around(truth["turns"], hold) for hold in truth["holds"]]
    return {"hold": _off(holds, quiet), "overlap": _off(_overlaps(truth["turns"]), both)}


def _silence_around(turns: Sequence[dict[str, Any]], hold: Sequence[float]) -> tuple[float, float]:
    """From the last word before the hold to the first after it."""
    ends = [one["end"] for one in turns if one["end"] <= hold[0] + 0.01]
    return max(ends), min(one["start"] for one in turns if one["start"] >= hold[1] - 0.01)


def _overlaps(turns: Sequence[dict[str, Any]]) -> list[tuple[float, float]]:
    pairs = [(a, b) for a in turns for b in turns if a["side"] != b["side"] and a["start"] <= b["start"] < a["end"]]
    both = [(b["start"], min(a["end"], b["end"])) for a, b in pairs]
    return [one for one in both if one[1] - one[0] >= LEAST_OVERLAP]


def _off(true: Sequence[tuple[float, float]], found: Sequence[tuple[float, float]]) -> list[float]:
    far = (99.0, 99.0)
    return [
        abs(mine - theirs)
        for one in true
        for mine, theirs in zip(one, min(found, key=lambda two: abs(two[0] - one[0]), default=far), strict=True)
    ]


def _heard(engine: Any, path: Path, truth: dict[str, Any]) -> tuple[int, int, float]:
    """Characters wrong, characters said, processor seconds per second of the call; as the product hears a recording."""
    from kefu.sound.decoding import opened
    from kefu.sound.engines.port import Hints
    from kefu.sound.engines.transcribing import transcribe
    from kefu.sound.measuring import measure

    sides = ("agent", "customer")
    began = time.process_time()
    with path.open("rb") as file, opened(file) as recording:
        measured = measure(recording, sides)
    with path.open("rb") as file, opened(file) as recording:
        lines = transcribe(recording, sides, measured, _Direct(engine), Hints(WORDS), progress=lambda _share: None)
    spent = time.process_time() - began
    wrong = count = 0
    for side in sides:
        said = plain("".join(turn["text"] for turn in truth["turns"] if turn["side"] == side[0]))
        wrong += distance(plain("".join(line.text for line in lines if line.side == side)), said)
        count += len(said)
    return wrong, count, spent / measured.seconds


class _Direct:
    """The engine in this process, without the product's guard around it."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    def transcribe(self, samples: Any, hints: Any, *, seconds: float) -> Any:
        """As ``Listener``; ``seconds`` is for those who set a limit."""
        del seconds
        return self._engine.transcribe(samples, hints)


def plain(text: str) -> str:
    """Characters that are said: no punctuation, digits as they are spoken."""
    return re.sub(r"[^\w]|_", "", unicodedata.normalize("NFKC", text)).translate(_DIGITS)


def distance(one: str, other: str) -> int:
    """Characters to add, drop or change."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


if __name__ == "__main__":
    main()
