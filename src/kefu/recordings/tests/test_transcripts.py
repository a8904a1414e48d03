"""Transcripts made elsewhere (QA3)."""
# ruff: noqa: E501 (files as their makers write them)

import json
from typing import Any

import pytest

from kefu.conftest import Cast, Ground
from kefu.conversations import queries as conversation_queries
from kefu.conversations.errors import HasLines
from kefu.kernel.errors import NotFound
from kefu.recordings import transcripts, work
from kefu.recordings.errors import TranscriptRefused
from kefu.recordings.models import Recording
from kefu.recordings.tests.calls import received
from kefu.recordings.transcripts.shapes import Unreadable, read
from kefu.recordings.transcripts.taking import lines_of

ALIYUN = {
    "TaskId": "t", "StatusText": "SUCCESS",
    "Result": {"Sentences": [
        {"EndTime": 3000, "SilenceDuration": 0, "BeginTime": 500, "Text": "您好，请问有什么可以帮您？", "ChannelId": 0, "SpeechRate": 220, "EmotionValue": 6.1},
        {"EndTime": 6000, "SilenceDuration": 1, "BeginTime": 3800, "Text": "我的件到哪了？", "ChannelId": 1, "SpeechRate": 190, "EmotionValue": 5.0},
    ]},
}  # fmt: skip
ANALYSIS = {"recording": {"dialogue": [
    {"role": "客服", "begin": 500, "end": 3000, "words": "您好，请问有什么可以帮您？", "emotionValue": 6, "speechRate": 220, "silenceDuration": 0},
    {"role": "客户", "begin": 3800, "end": 6000, "words": "我的件到哪了？"},
]}}  # fmt: skip
TENCENT = {"Response": {"Data": {"StatusStr": "success", "ResultDetail": [
    {"FinalSentence": "您好，请问有什么可以帮您？", "StartMs": 500, "EndMs": 3000, "SpeechSpeed": 4.1, "SpeakerId": 0},
    {"FinalSentence": "我的件到哪了？", "StartMs": 3800, "EndMs": 6000, "SpeechSpeed": 3.2, "SpeakerId": 1},
]}}}  # fmt: skip


def _lattice(begin: int, end: int, words: list[str], role: str) -> dict[str, str]:
    spoken = [{"cw": [{"w": word, "wp": "n", "wc": "0.9"}]} for word in words]
    return {"json_1best": json.dumps({"st": {"bg": str(begin), "ed": str(end), "rl": role, "rt": [{"ws": spoken}]}})}


IFLYTEK = {"content": {"orderResult": json.dumps({"lattice": [
    _lattice(500, 3000, ["您好，", "请问", "有什么可以帮您？"], "1"), _lattice(3800, 6000, ["我的件", "到哪了？"], "2"),
]})}}  # fmt: skip
WHISPER = {"text": "…", "segments": [
    {"id": 0, "start": 0.5, "end": 3.0, "text": "您好，请问有什么可以帮您？", "avg_logprob": -0.1, "no_speech_prob": 0.02, "speaker": "SPEAKER_0"},
    {"id": 1, "start": 3.8, "end": 6.0, "text": "我的件到哪了？", "avg_logprob": -1.6, "no_speech_prob": 0.3, "speaker": "SPEAKER_1"},
]}  # fmt: skip
OURS = {
    "lines": [
        {"side": "agent", "text": "您好，请问有什么可以帮您？", "at": 0.5, "end": 3.0},
        {"side": "customer", "text": "我的件到哪了？", "at": 3.8, "end": 6.0},
    ]
}
STEREO = ("agent", "customer")


@pytest.mark.parametrize(("shape", "plain"), [
    ("sentences", ALIYUN), ("sentences", ANALYSIS), ("sentence_list", TENCENT), ("lattice", IFLYTEK), ("segments", WHISPER), ("lines", OURS),
])  # fmt: skip
def test_every_shape_gives_the_same_lines(shape: str, plain: Any) -> None:
    name, sentences = read(plain)
    lines, notes = lines_of(sentences, STEREO)
    assert name == shape
    assert not notes
    assert [(one.side, one.at, one.end, one.text) for one in lines] == [
        ("agent", 0.5, 3.0, "您好，请问有什么可以帮您？"),
        ("customer", 3.8, 6.0, "我的件到哪了？"),
    ]


def test_confidence_of_a_whisper_segment() -> None:
    lines, _notes = lines_of(read(WHISPER)[1], STEREO)
    assert lines[0].confidence == pytest.approx(0.887, abs=0.01)
    assert lines[1].confidence == pytest.approx(0.141, abs=0.01)


def test_channels_are_those_of_the_recording() -> None:
    lines, _notes = lines_of(read(ALIYUN)[1], ("customer", "agent"))
    assert [one.side for one in lines] == ["customer", "agent"]


def test_times_that_run_backwards_are_put_right_and_said() -> None:
    rows = [
        {"ChannelId": 0, "BeginTime": 5000, "EndTime": 4000, "Text": "甲"},
        {"ChannelId": 1, "BeginTime": -200, "EndTime": 900, "Text": "乙"},
        {"ChannelId": 0, "BeginTime": 2000, "EndTime": 3000, "Text": "丙"},
    ]
    lines, notes = lines_of(read({"Sentences": rows})[1], STEREO)
    assert [(one.text, one.at, one.end) for one in lines] == [("乙", 0.0, 0.9), ("丙", 2.0, 3.0), ("甲", 5.0, 5.0)]
    assert len(notes) == 3


def test_one_side_over_itself_is_said() -> None:
    rows = [
        {"ChannelId": 0, "BeginTime": 0, "EndTime": 20_000, "Text": "甲"},
        {"ChannelId": 0, "BeginTime": 1000, "EndTime": 19_000, "Text": "乙"},
    ]
    assert "18" in lines_of(read({"Sentences": rows})[1], STEREO)[1][0]


def test_nobody_says_who_is_who() -> None:
    rows = [{"speaker": "s7", "start": 0, "end": 1, "text": "甲"}, {"speaker": "s9", "start": 1, "end": 2, "text": "乙"}]
    lines, notes = lines_of(read({"segments": rows})[1], ())
    assert [one.side for one in lines] == ["agent", "customer"]
    assert len(notes) == 1


@pytest.mark.parametrize("plain", [{}, {"a": 1}, [], {"segments": []}, "text", {"Sentences": [{"x": 1}]}])
def test_what_is_no_transcript(plain: Any) -> None:
    with pytest.raises(Unreadable):
        read(plain)


@pytest.mark.django_db
class TestTaking:
    """Words of a recorded call."""

    def test_words_come_and_the_call_is_judged_by_them(self, ground: Ground, cast: Cast, now: Any) -> None:
        row = received(cast.manager, ground.station.pk, now).recording
        work.run_due(now=now, clock=lambda: now)
        done = transcripts.take(actor=cast.inspector, conversation_id=row.conversation_id, content=json.dumps(ALIYUN).encode(), now=now)
        assert (done.lines, done.shape, done.notes) == (2, "sentences", ())
        row.refresh_from_db()
        assert (row.state, row.words_from) == (Recording.State.DONE, "import")
        assert conversation_queries.detail(cast.manager, row.conversation_id).lines[1].text == "我的件到哪了？"
        with pytest.raises(HasLines):
            transcripts.take(actor=cast.inspector, conversation_id=row.conversation_id, content=json.dumps(OURS).encode(), now=now)

    @pytest.mark.parametrize(
        "content", [b"", b"  ", b"\xff\xfe", b"{", b"[1, 2]", b'{"segments": [{"start": "x", "text": "a"}]}', b"[" * 100_000]
    )
    def test_bad_files_change_nothing(self, ground: Ground, cast: Cast, now: Any, content: bytes) -> None:
        row = received(cast.manager, ground.station.pk, now).recording
        with pytest.raises(TranscriptRefused):
            transcripts.take(actor=cast.inspector, conversation_id=row.conversation_id, content=content, now=now)
        row.refresh_from_db()
        assert row.words_from == ""
        assert row.conversation.line_count == 0

    def test_out_of_reach_is_unknown(self, ground: Ground, cast: Cast, now: Any) -> None:
        row = received(cast.manager, ground.station.pk, now).recording
        with pytest.raises(NotFound):
            transcripts.take(actor=cast.inspector, conversation_id=row.conversation_id + 99, content=b"{}", now=now)
