"""The desk: what is next for whom, notices, tasks, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.cases import attention, replies, tasks, upkeep
from kefu.conftest import NOW
from kefu.console.tests.cases_world import World
from kefu.desk import handover
from kefu.kernel import moment
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft
from kefu.station.problems import actions as problems
from kefu.station.problems.drafts import ProblemDraft

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


def page(world, role):
    return world.client(role).get("/desk").content.decode()


@pytest.mark.parametrize("role", ["agent", "lead", "clerk", "inspector", "trainer", "manager", "admin", "outsider"])
def test_everybody_has_a_desk_and_starts_there(world, role):
    client = world.client(role)
    assert 'id="desk"' in client.get("/").content.decode()
    assert client.get("/desk").status_code == 200


def test_my_cases_by_deadline_and_those_nobody_has(world):
    mine = world.case(assignee_id=world.person("agent").pk)
    free = world.case(waybill="")
    desk = page(world, "agent")
    assert desk.index(mine.number) < desk.index("待领取</h2>") < desk.index(free.number)
    assert mine.number not in page(world, "outsider")


def test_each_post_sees_what_it_works_with(world):
    world.case()
    assert 'id="desk-waybill"' in page(world, "clerk")
    assert 'id="desk-waybill"' not in page(world, "agent")
    assert 'id="mine"' not in page(world, "inspector")
    assert 'id="waiting"' not in page(world, "trainer")


def test_notices_are_ones_own_and_put_away(world):
    case = world.case()
    upkeep.assign(actor=world.actor("lead"), case_id=case.pk, staff_id=world.person("agent").pk, now=NOW)
    assert "交给了您" in page(world, "agent")
    assert "交给了您" not in page(world, "second")
    answer = world.client("agent").post("/desk/notices/seen", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "没有新提醒" in answer.content.decode()
    assert "交给了您" not in page(world, "agent")
    assert world.client("agent").post("/desk/notices/seen")["Location"] == "/desk"


def test_one_key_takes_the_next_due_case_and_opens_it(world):
    first, second = world.case(waybill=""), world.case(waybill="")
    client = world.client("agent")
    assert client.post("/desk/next")["Location"] == f"/cases/{first.pk}"
    assert world.client("second").post("/desk/next")["Location"] == f"/cases/{second.pk}"
    first.refresh_from_db()
    assert first.assignee_id == world.person("agent").pk
    assert "没有待领取的工单" in client.post("/desk/next", headers={"HX-Request": "true"}).headers["HX-Trigger"].encode().decode(
        "unicode_escape"
    )
    assert client.post("/desk/next")["Location"] == "/desk"


def test_what_the_customer_said_stands_out_until_it_is_seen(world):
    case = world.case(assignee_id=world.person("agent").pk)
    assert 'id="said"' not in page(world, "agent")
    row = replies.customer_said(actor=world.actor("lead"), case_id=case.pk, text="还没到", channel="call", now=NOW)
    desk = page(world, "agent")
    assert desk.index('id="said"') < desk.index(case.number)
    assert "客户有新消息" in desk
    attention.see(actor=world.actor("agent"), case_id=case.pk, entry_id=row.pk, now=NOW)
    assert 'id="said"' not in page(world, "agent")


def test_what_waits_for_the_customer_is_not_mine_to_do(world):
    case = world.case(assignee_id=world.person("agent").pk)
    assert case.number in page(world, "agent")
    replies.reply_to_customer(actor=world.actor("agent"), case_id=case.pk, text="请拍照", channel="sms", now=NOW, awaiting=True)
    assert case.number not in page(world, "agent")


def test_hand_over_is_left_and_read(world):
    client = world.client("agent")
    assert client.post("/desk/handover", {"text": "<b>15点回电</b> 13812345678"})["Location"] == "/desk"
    desk = page(world, "second")
    assert "&lt;b&gt;15点回电" in desk
    assert "13812345678" not in desk
    note = handover.notes(world.actor("second"), now=moment.now())[0]
    assert world.client("outsider").post(f"/desk/handover/{note.id}/read").status_code == 404
    world.client("second").post(f"/desk/handover/{note.id}/read")
    assert "15点回电" not in page(world, "second")
    assert client.post("/desk/handover", {"text": " "}, headers={"HX-Request": "true"}).status_code == 200
    assert len(handover.notes(world.actor("agent"), now=moment.now())) == 1


def report(world, waybill):
    """A problem of 南市分部 for 城北网点, where the parcel was taken in."""
    taken = ParcelDraft(waybill, world.ground.station.pk, origin_site_id=world.ground.other_station.pk)
    parcels.register_parcel(actor=world.actor("lead"), draft=taken, now=NOW)
    draft = ProblemDraft(waybill, "PR211", receiver_site_id=world.ground.other_station.pk, description="联系不上")
    return problems.report(actor=world.actor("agent"), draft=draft, now=NOW)


def test_problems_of_other_sites_wait_for_the_own_one_until_they_are_answered(world):
    row = report(world, "50004090806944")
    there = page(world, "outsider")
    assert 'id="problems"' in there
    assert "1 条未读" in there
    assert f"/station/problems/{row.pk}" in there
    assert 'data-live="cases problems"' in there
    assert 'id="problems"' not in page(world, "agent")
    assert 'id="problems"' not in page(world, "inspector")
    world.client("outsider").get(f"/station/problems/{row.pk}")
    assert "条未读" not in page(world, "outsider")
    problems.reply(actor=world.actor("outsider"), problem_id=row.pk, text="已改地址，请再派", now=NOW)
    assert 'id="problems"' not in page(world, "outsider")
    assert "1 条未读" in page(world, "agent")
    world.client("agent").get(f"/station/problems/{row.pk}")
    assert 'id="problems"' not in page(world, "agent")


def test_problems_with_unread_lines_stand_first_and_the_list_holds_what_is_counted(world):
    old, new = report(world, "50004090806944"), report(world, "50004090806945")
    problems.mark_read(actor=world.actor("outsider"), problem_id=new.pk, now=NOW)
    there = page(world, "outsider")
    assert there.index(old.waybill) < there.index(new.waybill)
    listed = world.client("outsider").get("/station/problems?waiting=1").content.decode()
    assert listed.index(old.waybill) < listed.index(new.waybill)
    assert new.waybill not in world.client("agent").get("/station/problems?waiting=1").content.decode()


def test_the_desk_costs_the_same_however_much_there_is(world):
    world.case(assignee_id=world.person("agent").pk)
    world.case(waybill="")
    client = world.client("agent")
    client.get("/desk")
    with CaptureQueriesContext(connection) as few:
        client.get("/desk")
    for number in range(12):
        case = world.case(assignee_id=world.person("agent").pk)
        world.case(waybill="")
        upkeep.assign(actor=world.actor("lead"), case_id=case.pk, staff_id=world.person("second").pk, now=NOW)
        upkeep.assign(actor=world.actor("lead"), case_id=case.pk, staff_id=world.person("agent").pk, now=NOW)
        report(world, f"5000409080{number:04d}")
        tasks.ask(actor=world.actor("agent"), case_id=case.pk, site_id=case.site_id, title="拍照", due_at=NOW + timedelta(hours=1), now=NOW)
    with CaptureQueriesContext(connection) as many:
        client.get("/desk")
    assert len(many) == len(few)
    assert len(few) <= 24
