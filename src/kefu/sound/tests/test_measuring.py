"""Features of calls with known turns: stated error bounds (QA3)."""

import io

import numpy as np
import pytest

from kefu.sound.arrays import Samples
from kefu.sound.decoding import opened
from kefu.sound.measured import Measured, pack, unpack
from kefu.sound.measuring import measure
from kefu.sound.pace import per_minute, syllables, voiced_seconds
from kefu.sound.resampling import Resampler
from kefu.sound.synthesis import Spoken, call, written
from kefu.sound.turns import OVERLAP

BORDER = 0.3  # seconds
A, C = 0, 1
SIDES = ("agent", "customer")

CALL = [
    Spoken(A, 1.0, 5.0, level=-24, pitch=210),
    Spoken(C, 6.2, 10.0, level=-27, pitch=125),
    Spoken(A, 10.8, 14.0, level=-24, pitch=210),
    Spoken(C, 14.5, 22.0, level=-27, pitch=125),
    Spoken(A, 20.0, 25.0, level=-18, pitch=280),  # cuts in for two seconds, louder and higher
    Spoken(A, 26.4, 28.0, level=-24, pitch=210),
    Spoken(A, 43.0, 46.0, level=-32, pitch=180),  # after a hold of 15 s
    Spoken(C, 52.0, 55.0, level=-27, pitch=125),  # after a wait of 6 s
]


def measured(samples: Samples, *, rate: int = 8000, method: str = "net", sides: tuple[str, ...] = SIDES, **form: str) -> Measured:
    with opened(io.BytesIO(written(samples, rate=rate, **form))) as recording:
        return measure(recording, sides, method=method)


@pytest.fixture(scope="module", params=["net", "energy"])
def found(request: pytest.FixtureRequest) -> Measured:
    return measured(call(CALL, 58.0), method=request.param)


def test_turns_begin_and_end_where_they_were_planted(found: Measured) -> None:
    planted = [("agent" if one.channel == A else "customer", one.start, one.end) for one in CALL]
    got = [(one.side, one.start, one.end) for one in found.turns]
    assert [side for side, *_ in got] == [side for side, *_ in sorted(planted, key=lambda one: one[1])]
    for (_side, start, end), (_, at, until) in zip(sorted(planted, key=lambda one: one[1]), got, strict=True):
        assert abs(start - at) <= BORDER
        assert abs(end - until) <= BORDER


def test_who_cut_in_and_for_how_long(found: Measured) -> None:
    (one,) = found.overlaps
    assert one.by == "agent"
    assert one.interrupts
    assert abs(one.start - 20.0) <= BORDER
    assert abs(one.end - 22.0) <= BORDER


def test_hold_and_silence(found: Measured) -> None:
    hold, wait = [one for one in found.silences if one.start > 20]
    assert hold.hold
    assert (hold.after, hold.before) == ("agent", "agent")
    assert abs(hold.start - 28.0) <= BORDER
    assert abs(hold.end - 43.0) <= BORDER
    assert not wait.hold
    assert wait.before == "customer"
    assert abs(wait.end - wait.start - 6.0) <= 2 * BORDER


def test_delays_are_counted_from_the_others_end(found: Measured) -> None:
    agents = [(one.at, one.seconds) for one in found.delays if one.side == "agent"]
    assert len(agents) == 1  # the one who cut in did not wait
    assert abs(agents[0][0] - 10.8) <= BORDER
    assert abs(agents[0][1] - 0.8) <= BORDER


def test_loudness_follows_the_planted_gain(found: Measured) -> None:
    own = found.own_loudness("agent")
    by_start = {round(one.start): one for one in found.turns if one.side == "agent"}
    assert own is not None
    assert by_start[20].loudness - by_start[1].loudness == pytest.approx(6.0, abs=1.0)
    assert by_start[43].loudness - by_start[1].loudness == pytest.approx(-8.0, abs=1.0)


def test_pitch_is_that_of_the_speaker(found: Measured) -> None:
    agents = [(one, 210) for one in found.turns if one.side == "agent" and round(one.start) in (1, 11, 26)]
    assert len(agents) == 3
    for one, true in agents:
        assert one.pitch == pytest.approx(true, rel=0.03)
    assert found.own_pitch("customer") == pytest.approx(125, rel=0.03)
    assert next(one.pitch for one in found.turns if round(one.start) == 20) == pytest.approx(280, rel=0.03)


def test_shares_and_peaks(found: Measured) -> None:
    said = {side: sum(one.end - one.start for one in CALL if one.channel == channel) for channel, side in enumerate(SIDES)}
    assert found.talk_share("agent") == pytest.approx(said["agent"] / sum(said.values()), abs=0.04)
    assert found.alone["agent"] == pytest.approx(15.0, abs=2 * BORDER)
    assert len(found.peaks["agent"]) == 580
    assert max(found.peaks["agent"][210:240]) > max(found.peaks["agent"][30:40]) > 20
    assert max(found.peaks["agent"][300:420]) < 15


def test_pace_is_characters_over_voice() -> None:
    found = measured(call([Spoken(A, 1, 11), Spoken(A, 13, 18)], 20))
    text = "您" * 45 + "好" * 22  # 67 syllables in 15 s of voice
    rate = per_minute(text, voiced_seconds(found.speech["agent"], 0, 20))
    assert rate == pytest.approx(67 * 60 / 15, rel=0.05)


def test_syllables_are_hanzi_digits_and_words() -> None:
    assert syllables("单号是1086，OK吗？") == 3 + 4 + 1 + 1


def test_bs1770_reference_tone() -> None:
    """A 997 Hz sine at −20 dBFS peak is −23.05 LUFS on one channel by the standard."""
    from kefu.sound.loudness import lufs, powers

    for rate in (8000, 48_000):
        time = np.arange(rate * 10) / rate
        tone = (0.1 * np.sin(2 * np.pi * 997 * time)).astype(np.float32)
        assert lufs(powers(tone, rate)) == pytest.approx(-23.05, abs=0.1)


def test_short_overlap_is_a_back_channel() -> None:
    found = measured(call([Spoken(C, 1, 8, pitch=125), Spoken(A, 4, 4.6)], 10))
    assert [one.interrupts for one in found.overlaps] == [False]
    assert found.overlaps[0].end - found.overlaps[0].start >= OVERLAP


def test_music_on_the_line_is_no_speech() -> None:
    time = np.arange(8000 * 20) / 8000
    samples = call([Spoken(A, 1, 5), Spoken(A, 27, 30)], 32)
    music = sum(0.03 * np.sin(2 * np.pi * one * time) for one in (262, 330, 392)).astype(np.float32)
    samples[A, 8000 * 6 : 8000 * 26] += music
    found = measured(samples)
    assert any(one.hold for one in found.silences)
    assert found.talk("agent") == pytest.approx(7.0, abs=1.0)


def test_mono_says_that_speakers_are_not_known() -> None:
    found = measured(call(CALL, 58.0).mean(axis=0, keepdims=True), sides=("both",))
    assert not found.speakers
    assert not found.turns
    assert not found.overlaps
    assert all(one.after is None and not one.hold for one in found.silences)
    assert found.silences


def test_short_form_keeps_everything(found: Measured) -> None:
    again = unpack(pack(found))
    assert again.turns[3].start == pytest.approx(found.turns[3].start, abs=0.01)
    assert again.overlaps[0].by == "agent"
    assert again.speech["agent"][0].end == pytest.approx(found.speech["agent"][0].end, abs=0.01)
    assert again.talk_share("agent") == pytest.approx(found.talk_share("agent"), abs=0.001)


@pytest.mark.parametrize("form", [
    {"subtype": "ALAW"}, {"subtype": "ULAW"}, {"form": "FLAC"}, {"form": "OGG"}, {"form": "MP3"}, {"subtype": "FLOAT"},
])  # fmt: skip
def test_every_format_gives_the_same_turns(form: dict[str, str]) -> None:
    found = measured(call(CALL, 58.0), **form)
    assert len(found.turns) == len(CALL)
    assert [one.by for one in found.overlaps if one.interrupts] == ["agent"]


@pytest.mark.parametrize("rate", [11_025, 16_000, 44_100, 48_000])
def test_every_rate_gives_the_same_turns(rate: int) -> None:
    samples = Resampler(8000, rate, 2).feed(call(CALL[:4], 23.0), last=True)
    found = measured(samples, rate=rate)
    for one, planted in zip(found.turns, CALL, strict=False):
        assert abs(one.start - planted.start) <= BORDER
        assert abs(one.end - planted.end) <= BORDER
    assert found.seconds == pytest.approx(23.0, abs=0.01)
