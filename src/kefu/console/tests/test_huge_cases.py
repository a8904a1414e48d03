"""Cases and talks of a size nobody plans for: the page answers, its first load stays small, and it costs no more queries."""

import gzip
import random
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.cases import upkeep
from kefu.cases.models import Entry
from kefu.clocks.models import Clock
from kefu.conftest import NOW
from kefu.console.tests.cases_world import World
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.lines import Line
from kefu.kernel import moment
from kefu.kernel.actor import Actor

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
FIRST_LOAD, PART = 300_000, 30_000
"""Bytes on the wire, compressed."""


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


def prose(count):
    """Text that does not repeat itself, so that compression cannot flatter."""
    dice = random.Random(7)
    return "".join(chr(dice.randrange(0x4E00, 0x9FA5)) for _ in range(count))


def page(client, address, **headers):
    """Text, bytes on the wire and statements of a page that was asked for before."""
    client.get(address, headers=headers)
    with CaptureQueriesContext(connection) as asked:
        response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode(), len(gzip.compress(response.content, 6)), len(asked)


def lengthen(case, count):
    """Notes that came in over the months."""
    first = Entry.objects.filter(case=case).order_by("pk").last()
    rows = [
        Entry(case=case, kind=Entry.Kind.NOTE, at=NOW + timedelta(seconds=number), actor_kind=first.actor_kind, actor_id=first.actor_id,
              actor_name=first.actor_name, text=f"第 {number} 条：{prose(40)}")
        for number in range(count)
    ]  # fmt: skip
    Entry.objects.bulk_create(rows, batch_size=500)


def test_five_thousand_entries_are_shown_by_and_by(world):
    client, small, huge = world.client("lead"), world.case(), world.case(waybill="50004090800001")
    lengthen(small, 60)
    lengthen(huge, 5_000)
    _text, _size, few = page(client, f"/cases/{small.pk}")
    text, size, many = page(client, f"/cases/{huge.pk}")
    assert many == few
    assert size < FIRST_LOAD
    assert "第 4999 条" in text
    assert text.count(" 条：") <= 60
    older = re.search(rf"/cases/{huge.pk}/timeline\?before=\d+", text)
    assert older, "the way to earlier entries"
    part, size, _count = page(client, older[0], **{"HX-Request": "true"})
    assert size < PART
    assert " 条：" in part
    assert "第 4999 条" not in part


def test_two_hundred_open_clocks_cost_what_one_does(world):
    client, case = world.client("lead"), world.case()
    _text, _size, few = page(client, f"/cases/{case.pk}")
    clock = Clock.objects.filter(subject_kind="case", subject_id=case.pk, state="running").first()
    before = Clock.objects.filter(subject_kind="case", subject_id=case.pk).count()
    rows = list(Clock.objects.filter(pk=clock.pk).values())
    Clock.objects.bulk_create(Clock(**{**rows[0], "id": None, "key": f"{clock.key}-{number}"}) for number in range(200 - before))
    text, size, many = page(client, f"/cases/{case.pk}")
    assert many == few
    assert size < FIRST_LOAD
    assert text.count('class="clock') >= 1


def test_a_note_of_ten_thousand_characters_is_kept_whole_and_shown(world):
    client, case, long = world.client("agent"), world.case(), prose(10_000)
    upkeep.add_note(actor=world.actor("agent"), case_id=case.pk, text=long, now=NOW)
    text, size, _count = page(client, f"/cases/{case.pk}")
    assert long in text
    assert size < FIRST_LOAD


def test_a_message_of_a_million_characters_does_not_fill_the_page(world, ground):
    long = prose(1_000_000)
    lines = [Line(0, "customer", "您好"), Line(1, "agent", long), Line(2, "customer", "看到了吗")]
    agent = world.person("agent")
    draft = ConversationDraft("test", "huge", "chat", ground.station.pk, NOW, lines, staff_no=agent.staff_no)
    found = conversations.store(actor=Actor.system("tests"), drafts=[draft], now=NOW).ids
    text, size, _count = page(world.client("lead"), f"/conversations/{found[0]}")
    assert size < FIRST_LOAD
    assert "看到了吗" in text
    assert long[:4_000] in text
    assert long[6_000:7_000] not in text
    assert long[900_000:] in world.client("lead").get(f"/conversations/{found[0]}?line=2").content.decode()
