"""Files that are not what they should be: a clear code, never a crash (CONV4)."""

import io

import numpy as np
import pytest

from kefu.sound.decoding import opened
from kefu.sound.errors import SoundRefused
from kefu.sound.measured import Measured
from kefu.sound.measuring import measure
from kefu.sound.synthesis import Spoken, call, written

STEREO = ("agent", "customer")
TALK = call([Spoken(0, 1, 4), Spoken(1, 5, 8, pitch=125)], 10.0)


def heard(data: bytes, sides: tuple[str, ...] = STEREO) -> Measured:
    with opened(io.BytesIO(data)) as recording:
        return measure(recording, sides)


@pytest.mark.parametrize(("data", "code"), [
    (b"", "sound_empty"),
    (b"RIFF", "sound_unreadable"),
    (b"RIFF\x24\x00\x00\x00WAVE", "sound_no_samples"),
    (written(TALK)[:44], "sound_no_samples"),
    (b"PK\x03\x04" + b"\0" * 500, "sound_unreadable"),
    (b"\xff\xfb" + b"\x00" * 40, "sound_unreadable"),
    (b'{"not": "a sound"}', "sound_unreadable"),
])  # fmt: skip
def test_refused_with_a_code(data: bytes, code: str) -> None:
    with pytest.raises(SoundRefused) as refused:
        heard(data)
    assert refused.value.reason == code


def test_three_channels_are_refused() -> None:
    with pytest.raises(SoundRefused) as refused:
        heard(written(np.zeros((3, 8000), dtype=np.float32)))
    assert refused.value.reason == "sound_channels"


def test_the_content_decides_not_the_name() -> None:
    assert len(heard(written(TALK, form="OGG")).turns) == 2


@pytest.mark.parametrize("form", [{}, {"form": "FLAC"}, {"form": "MP3"}, {"form": "OGG"}])
def test_broken_off_in_the_middle_keeps_what_is_there(form: dict[str, str]) -> None:
    data = written(TALK, **form)
    found = heard(data[: len(data) * 6 // 10])
    assert found.seconds < 9
    assert found.turns[0].start == pytest.approx(1.0, abs=0.3)
    assert form.get("form") or found.cut_off


@pytest.mark.parametrize("level", [0.0, 1e-5])
def test_silence_is_all_silence(level: float) -> None:
    noise = (level * np.random.default_rng(1).standard_normal((2, 80_000))).astype(np.float32)
    found = heard(written(noise))
    assert not found.turns
    assert found.silence_share() == pytest.approx(1.0)
    assert found.talk_share("agent") is None
    assert found.own_loudness("agent") is None


def test_only_one_side_speaks() -> None:
    found = heard(written(call([Spoken(0, 1, 5), Spoken(0, 7, 9)], 12.0)))
    assert {one.side for one in found.turns} == {"agent"}
    assert found.talk_share("agent") == 1.0
    assert not found.delays
    assert found.alone["customer"] == pytest.approx(12.0)


def test_noise_is_nobody_speaking() -> None:
    chance = np.random.default_rng(5)
    noise = np.stack([0.05 * chance.standard_normal(8000 * 20), 1e-4 * chance.standard_normal(8000 * 20)]).astype(np.float32)
    assert heard(written(noise)).talk("agent") < 1.0


def test_samples_that_are_no_numbers() -> None:
    broken = TALK.copy()
    broken[:, 40_000:40_100] = np.nan
    broken[:, 41_000:41_010] = np.inf
    found = heard(written(broken, subtype="FLOAT"))
    assert len(found.turns) == 2


@pytest.mark.parametrize("seconds", [0.01, 0.05, 0.2, 1.0])
def test_shorter_than_a_frame(seconds: float) -> None:
    found = heard(written(TALK[:, 8000 : 8000 + round(8000 * seconds)]))
    assert found.seconds == pytest.approx(seconds, abs=0.001)
