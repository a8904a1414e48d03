"""Receive, measure, transcribe, hold, remove, listen (CONV4)."""

import io
from datetime import timedelta
from typing import Any

import pytest

from kefu.conftest import Cast, Ground
from kefu.conversations import queries as conversation_queries
from kefu.kernel.errors import NotFound
from kefu.kernel.models import AuditEntry
from kefu.people.errors import MissingPermission
from kefu.recordings import actions, keeping, queries, store, work
from kefu.recordings.errors import AnotherRecording, Held, KeptUntil, StoreFull, WasRemoved
from kefu.recordings.models import Listening, Measurement, Recording
from kefu.recordings.tests.calls import content, draft, file, received
from kefu.sound.errors import SoundRefused

pytestmark = pytest.mark.django_db


def run(now: Any) -> work.Worked:
    return work.run_due(now=now, clock=lambda: now)


def kept_files() -> int:
    return len(list(store.folder().glob("*/*.kv")))


@pytest.fixture(autouse=True)
def _empty_store() -> None:
    for path in store.folder().glob("*/*"):
        path.unlink()


def test_a_recording_makes_its_call_and_is_measured(ground: Ground, cast: Cast, now: Any) -> None:
    staff_no = "1000"
    made = received(cast.manager, ground.station.pk, now, staff_no=staff_no)
    row = made.recording
    assert made.fresh
    assert (row.format, row.rate, row.channels, row.sides) == ("WAV ALAW", 8000, 2, ["agent", "customer"])
    assert row.conversation.external_id == "c1"
    assert row.conversation.line_count == 0
    assert row.state == "stored"
    done = run(now)
    assert (done.measured, done.transcribed, done.failed) == (1, 0, 0)
    row.refresh_from_db()
    assert row.state == "measured"
    full = queries.full(cast.manager, row.pk)
    assert full.sound is not None
    assert [one.side for one in full.sound.turns] == ["agent", "customer", "agent"]
    assert queries.measured_of([row.conversation_id])[row.conversation_id].seconds == pytest.approx(10.0)
    assert run(now).total == 0


def test_bytes_lie_encrypted_and_come_back(ground: Ground, cast: Cast, now: Any) -> None:
    row = received(cast.manager, ground.station.pk, now).recording
    (path,) = store.folder().glob("*/*.kv")
    assert content()[100:400] not in path.read_bytes()
    with queries.sound(row) as plain:
        assert plain.read() == content()


def test_the_same_again_is_there_already(ground: Ground, cast: Cast, now: Any) -> None:
    first = received(cast.manager, ground.station.pk, now)
    again = received(cast.manager, ground.station.pk, now, external_id="another")
    assert not again.fresh
    assert again.recording.pk == first.recording.pk
    assert Recording.objects.count() == 1
    assert kept_files() == 1


def test_another_recording_of_the_call_is_refused(ground: Ground, cast: Cast, now: Any) -> None:
    received(cast.manager, ground.station.pk, now)
    with pytest.raises(AnotherRecording):
        received(cast.manager, ground.station.pk, now, seed=2)
    assert kept_files() == 1


@pytest.mark.parametrize(("data", "code"), [
    (b"", "sound_empty"),
    (b"not a sound at all, whatever its name says" * 20, "sound_unreadable"),
    (content()[:30], "sound_no_samples"),
    (b"#!AMR\n" + b"\x3c" * 100, "sound_amr"),
])  # fmt: skip
def test_what_is_no_sound_is_refused(ground: Ground, cast: Cast, now: Any, data: bytes, code: str, monkeypatch: Any) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SoundRefused) as refused:
        actions.receive(actor=cast.manager, call=draft(ground.station.pk), file=io.BytesIO(data), name="a.wav", now=now)
    assert refused.value.reason == code
    assert Recording.objects.count() == 0
    assert kept_files() == 0


def test_a_file_cut_off_is_kept_and_says_so(ground: Ground, cast: Cast, now: Any) -> None:
    call = draft(ground.station.pk)
    row = actions.receive(actor=cast.manager, call=call, file=io.BytesIO(content()[:90_000]), name="a.wav", now=now).recording
    assert row.cut_off
    run(now)
    row.refresh_from_db()
    assert row.state == "measured"
    assert row.cut_off
    assert row.seconds == pytest.approx(5.6, abs=0.1)


def test_no_room_leaves_nothing(ground: Ground, cast: Cast, now: Any) -> None:
    with pytest.raises(StoreFull):
        actions.receive(actor=cast.manager, call=draft(ground.station.pk), file=file(), name="a.wav", now=now, room=lambda: 50_000)
    assert Recording.objects.count() == 0
    assert conversation_queries.id_of("pbx", "c1") is None
    assert not list(store.folder().glob("*/*"))


def test_the_quota_counts_what_is_kept(ground: Ground, cast: Cast, now: Any, settings: Any) -> None:
    settings.KEFU_RECORDINGS_MB = 1
    before = store.room_left()
    row = received(cast.manager, ground.station.pk, now).recording
    assert store.room_left() == before - row.size


def test_who_may_hand_in_and_where(ground: Ground, cast: Cast, now: Any) -> None:
    with pytest.raises(MissingPermission):
        received(cast.agent, ground.station.pk, now)
    with pytest.raises(NotFound):
        received(cast.inspector, 10**9, now)
    assert Recording.objects.count() == 0


def test_agents_hear_their_own(ground: Ground, cast: Cast, now: Any) -> None:
    row = received(cast.manager, ground.station.pk, now).recording
    Recording.objects.filter(pk=row.pk).update(staff_id=cast.agent.id)
    assert actions.note_listening(actor=cast.agent, recording_id=row.pk, purpose="inspection", now=now).pk == row.pk
    for nobody in (cast.second_agent, cast.outsider, cast.clerk):
        with pytest.raises(NotFound):
            actions.note_listening(actor=nobody, recording_id=row.pk, purpose="inspection", now=now)
    assert [(one.actor_id, one.purpose) for one in Listening.objects.all()] == [(cast.agent.id, "own")]


def test_every_listening_is_written_down_once(ground: Ground, cast: Cast, now: Any) -> None:
    row = received(cast.manager, ground.station.pk, now).recording
    for _range in range(5):
        actions.note_listening(actor=cast.lead, recording_id=row.pk, purpose="supervision", now=now)
    actions.note_listening(actor=cast.lead, recording_id=row.pk, purpose="supervision", now=now + timedelta(hours=1))
    actions.download(actor=cast.inspector, recording_id=row.pk, reason="客户投诉取证", now=now)
    assert Listening.objects.filter(purpose="supervision").count() == 2
    assert AuditEntry.objects.filter(action="recording.downloaded").get().data["reason"] == "客户投诉取证"
    with pytest.raises(MissingPermission):
        actions.download(actor=cast.lead, recording_id=row.pk, reason="客户投诉取证", now=now)


def test_removal_when_the_time_is_over(ground: Ground, cast: Cast, now: Any) -> None:
    row = received(cast.manager, ground.station.pk, now).recording
    run(now)
    row.refresh_from_db()
    assert row.kept_by.endswith("texts.retention_recordings")
    with pytest.raises(KeptUntil):
        keeping.remove(actor=cast.manager, recording_id=row.pk, now=now)
    later = now + timedelta(days=200)
    assert keeping.clear(actor=cast.system, tied=lambda _ids: (), now=now).removed == 0
    assert keeping.clear(actor=cast.system, tied=lambda ids: ids, now=later) == keeping.Cleared(0, 1, 0)
    row.refresh_from_db()
    assert row.keep_until == row.started_at + timedelta(days=1095)


@pytest.mark.django_db(transaction=True)
def test_held_recordings_stay_until_released(ground: Ground, cast: Cast, now: Any) -> None:
    row = received(cast.manager, ground.station.pk, now).recording
    run(now)
    later = now + timedelta(days=200)
    hold = {"conversation_id": row.conversation_id, "kind": "dispute", "object_id": 7}
    assert actions.hold(actor=cast.agent, reason="质检申诉 7", now=now, **hold)
    assert actions.hold(actor=cast.agent, reason="质检申诉 7", now=now, **hold)
    with pytest.raises(Held, match="质检申诉 7"):
        keeping.remove(actor=cast.manager, recording_id=row.pk, now=later)
    assert keeping.clear(actor=cast.system, tied=lambda _ids: (), now=later) == keeping.Cleared(0, 0, 1)
    assert kept_files() == 1
    actions.release(actor=cast.agent, now=later, **hold)
    assert keeping.clear(actor=cast.system, tied=lambda _ids: (), now=later).removed == 1
    row.refresh_from_db()
    assert (row.state, row.file_name, row.removed_why) == ("removed", "", "time_over")
    assert not Measurement.objects.exists()
    assert kept_files() == 0
    with pytest.raises(WasRemoved):
        received(cast.manager, ground.station.pk, later)


def test_sides_the_other_way_round(ground: Ground, cast: Cast, now: Any) -> None:
    row = received(cast.manager, ground.station.pk, now).recording
    run(now)
    row.refresh_from_db()
    actions.set_sides(actor=cast.inspector, recording_id=row.pk, sides=["customer", "agent"], version=row.version, now=now)
    run(now)
    sound = queries.full(cast.manager, row.pk).sound
    assert sound is not None
    assert [one.side for one in sound.turns] == ["customer", "agent", "customer"]


class TestWorker:
    """Stages, leases, engines."""

    def test_killed_in_the_middle_another_goes_on(self, ground: Ground, cast: Cast, now: Any) -> None:
        row = received(cast.manager, ground.station.pk, now).recording
        Recording.objects.filter(pk=row.pk).update(lease="dead", leased_until=now + work.LEASE, progress=40)
        assert run(now).total == 0
        later = now + work.LEASE + timedelta(seconds=1)
        assert run(later).measured == 1

    def test_who_lost_the_lease_keeps_nothing(self, ground: Ground, cast: Cast, now: Any) -> None:
        row = received(cast.manager, ground.station.pk, now).recording
        moments = [now, now + timedelta(minutes=1)]

        def clock() -> Any:
            if len(moments) == 1:  # the other worker comes while this one measures
                Recording.objects.filter(pk=row.pk).update(lease="other", leased_until=now + timedelta(hours=1))
            return moments.pop(0) if len(moments) > 1 else moments[0]

        assert work.run_due(now=now, clock=clock).total == 0
        row.refresh_from_db()
        assert (row.state, row.lease) == ("stored", "other")
        assert not Measurement.objects.exists()

    def test_an_engine_writes_down_what_was_said(self, ground: Ground, cast: Cast, now: Any, settings: Any) -> None:
        settings.KEFU_SPEECH_ENGINE = "kefu.recordings.tests.engines:Exact"
        row = received(cast.manager, ground.station.pk, now).recording
        done = run(now)
        assert (done.measured, done.transcribed, done.failed) == (1, 1, 0)
        row.refresh_from_db()
        assert (row.state, row.engine, row.words_from) == ("done", "exact 1", "engine")
        lines = conversation_queries.detail(cast.manager, row.conversation_id).lines
        assert [(one.side, one.text) for one in lines if one.text != "嗯"][:2] == [("agent", "这是3秒"), ("customer", "这是3秒")]
        assert lines[0].at == pytest.approx(0.5, abs=0.3)
        assert lines[0].confidence == 0.9
        assert any(one.confidence == 0.2 for one in lines)

    @pytest.mark.parametrize(("engine", "code"), [
        ("kefu.recordings.tests.engines:Crashing", "engine_crashed"),
        ("kefu.recordings.tests.engines:Refusing", "engine_failed"),
        ("kefu.recordings.tests.engines:Endless", "engine_timeout"),
        ("kefu.recordings.tests.nothing:There", "engine_missing"),
        ("faster-whisper", "engine_missing"),
    ])  # fmt: skip
    def test_a_broken_engine_is_tried_again_and_then_said(
        self, ground: Ground, cast: Cast, now: Any, settings: Any, engine: str, code: str
    ) -> None:
        settings.KEFU_SPEECH_ENGINE = engine
        settings.KEFU_SPEECH_LEAST_SECONDS, settings.KEFU_SPEECH_PATIENCE = 0.2, 0.01
        row = received(cast.manager, ground.station.pk, now).recording
        assert run(now).measured == 1
        assert run(now + timedelta(minutes=1)).total == 0  # left alone for five minutes
        assert run(now + timedelta(minutes=6)).total == 0
        assert run(now + timedelta(minutes=30)).failed == 1
        row.refresh_from_db()
        assert (row.state, row.failure) == ("failed", code)
        assert queries.full(cast.manager, row.pk).sound is not None
        settings.KEFU_SPEECH_ENGINE = "kefu.recordings.tests.engines:Exact"
        settings.KEFU_SPEECH_LEAST_SECONDS = 60
        actions.retry(actor=cast.manager, recording_id=row.pk, now=now)
        assert run(now + timedelta(minutes=31)).transcribed == 1

    def test_words_that_are_there_are_not_looked_for(self, ground: Ground, cast: Cast, now: Any, settings: Any) -> None:
        from kefu.conversations.actions import set_lines
        from kefu.conversations.lines import Line

        settings.KEFU_SPEECH_ENGINE = "kefu.recordings.tests.engines:Crashing"
        row = received(cast.manager, ground.station.pk, now).recording
        set_lines(actor=cast.manager, conversation_id=row.conversation_id, lines=[Line(0, "agent", "您好", 0.5, 3.0)], now=now)
        assert run(now).measured == 1
        row.refresh_from_db()
        assert (row.state, row.words_from) == ("done", "import")

    def test_a_file_gone_is_said(self, ground: Ground, cast: Cast, now: Any) -> None:
        row = received(cast.manager, ground.station.pk, now).recording
        store.drop(row.site_id, row.sha256)
        assert run(now).failed == 1
        row.refresh_from_db()
        assert row.failure == "recording_gone"
