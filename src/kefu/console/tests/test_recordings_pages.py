"""Pages of recordings: hand in, hear by ranges, words from elsewhere, who may not (CONV4)."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kefu.conftest import NOW, hire  # noqa: F401 (of whom the cast is made, not the sign-in tests' own)
from kefu.console.tests.cases_world import World
from kefu.kernel import moment
from kefu.people.models import Staff
from kefu.recordings import work
from kefu.recordings.models import Listening, Recording
from kefu.recordings.tests.calls import content, received

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
PARTS = ("agent", "second_agent", "lead", "manager", "outsider", "inspector", "clerk")


@pytest.fixture
def world(ground, cast, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW)
    people = {role: Staff.objects.get(pk=getattr(cast, role).id) for role in PARTS}
    return World(ground, people)


@pytest.fixture
def row(ground, cast):
    """A call of the agent, measured."""
    staff_no = Staff.objects.get(pk=cast.agent.id).staff_no
    made = received(cast.manager, ground.station.pk, NOW, staff_no=staff_no).recording
    work.run_due(now=NOW, clock=lambda: NOW)
    made.refresh_from_db()
    return made


def at(name, **arguments):
    return reverse(f"console:{name}", kwargs=arguments)


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_upload_to_player(world, ground):
    client = world.client("manager")
    page = client.get(at("recordings")).content.decode()
    assert "上传录音" in page
    file = SimpleUploadedFile("a.wav", content())
    sent = {"file": file, "site": str(ground.station.pk), "started_at": "2026-11-21T11:00", "external_id": "c9", "left": "customer"}
    assert client.post(at("recording-upload"), sent, follow=True).status_code == 200
    row = Recording.objects.get()
    assert row.sides == ["customer", "agent"]
    work.run_due(now=NOW, clock=lambda: NOW)
    assert str(row) in client.get(at("recordings")).content.decode()
    page = client.get(at("conversation", conversation_id=row.conversation_id)).content.decode()
    assert page.count('<path class="wave-') == 2
    assert "<audio" in page
    assert at("recording-sound", recording_id=row.pk) in page
    assert "客服说话占比" in page
    assert "style=" not in page.split('id="player"')[1].split("</section>")[0]


@pytest.mark.parametrize(("sent", "said"), [
    ({}, "请选择录音文件"),
    ({"file": b"no sound"}, "不是可识别的录音文件"),
    ({"file": b""}, "文件"),
])  # fmt: skip
def test_a_bad_upload_is_said_and_keeps_nothing(world, ground, sent, said):
    given = {name: SimpleUploadedFile("a.wav", data) for name, data in sent.items()}
    given |= {"site": str(ground.station.pk), "started_at": "2026-11-21T11:00"}
    assert said in world.client("manager").post(at("recording-upload"), given, follow=True).content.decode()
    assert not Recording.objects.exists()


@pytest.mark.parametrize(("asked", "status", "start", "end"), [
    ("", 200, 0, None), ("bytes=0-", 206, 0, None), ("bytes=100-199", 206, 100, 200), ("bytes=-50", 206, -50, None),
    ("bytes=70000-9999999", 206, 70000, None),
])  # fmt: skip
def test_ranges_in_the_clear(world, row, asked, status, start, end):
    headers = {"Range": asked} if asked else {}
    answer = world.client("agent").get(at("recording-sound", recording_id=row.pk), headers=headers)
    assert answer.status_code == status
    assert body(answer) == content()[start:end]
    assert answer["Accept-Ranges"] == "bytes"
    assert answer["Content-Type"] == "audio/wav"
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("asked", ["bytes=9999999-", "bytes=5-2", "bytes=-0", "bytes=a-b", "items=0-1"])
def test_ranges_that_cannot_be(world, row, asked):
    assert world.client("agent").get(at("recording-sound", recording_id=row.pk), headers={"Range": asked}).status_code == 416


def test_who_hears_it_and_who_does_not(world, row, cast):
    address = at("recording-sound", recording_id=row.pk)
    for part, status in (("agent", 200), ("lead", 200), ("inspector", 200), ("second_agent", 404), ("outsider", 404), ("clerk", 403)):
        assert world.client(part).get(address).status_code == status, part
    heard = {(one.actor_id, one.purpose) for one in Listening.objects.all()}
    assert heard == {(cast.agent.id, "own"), (cast.lead.id, "supervision"), (cast.inspector.id, "inspection")}
    assert "质检" in world.client("lead").get(at("conversation", conversation_id=row.conversation_id)).content.decode()


def test_taking_it_along_needs_a_reason(world, row):
    address = at("recording-download", recording_id=row.pk)
    assert world.client("lead").post(address, {"reason": "客户投诉取证"}).status_code == 403
    client = world.client("inspector")
    assert "至少 4 个字" in client.post(address, {"reason": "x"}, follow=True).content.decode()
    answer = client.post(address, {"reason": "客户投诉取证"})
    assert body(answer) == content()
    assert answer["Content-Disposition"].startswith("attachment")


def test_words_sides_retry_removal(world, row):
    client = world.client("manager")
    here = at("conversation", conversation_id=row.conversation_id)
    assert "没有配置转写引擎" in client.get(here).content.decode()
    words = {"segments": [{"speaker": "0", "start": 0.5, "end": 3.0, "text": "您好请讲", "avg_logprob": -2.0}]}
    file = SimpleUploadedFile("a.json", json.dumps(words).encode())
    assert client.post(at("conversation-words", conversation_id=row.conversation_id), {"file": file}).status_code == 302
    page = client.get(here).content.decode()
    assert "您好请讲" in page
    assert 'data-at="0.5"' in page
    assert "把握" in page
    assert client.post(at("recording-sides", recording_id=row.pk), {"version": 99}).status_code == 302
    row.refresh_from_db()
    assert row.sides == ["agent", "customer"]
    assert client.post(at("recording-sides", recording_id=row.pk), {"version": row.version}).status_code == 302
    row.refresh_from_db()
    assert row.sides == ["customer", "agent"]
    refused = client.post(at("recording-remove", recording_id=row.pk), follow=True).content.decode()
    assert "retention_recordings" in refused
    row.refresh_from_db()
    assert row.removed_at is None


def test_the_list_asks_as_often_for_many(world, ground, cast, django_assert_max_num_queries):
    client = world.client("manager")
    for number in range(8):
        received(cast.manager, ground.station.pk, NOW, seed=number, external_id=f"c{number}")
    client.get(at("recordings"))
    with django_assert_max_num_queries(16):
        assert client.get(at("recordings")).content.decode().count("L00") >= 8
