"""The desk: what is next for whom, notices, tasks, and what it costs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.cases import tasks, upkeep
from kefu.conftest import NOW
from kefu.console.tests.cases_world import World
from kefu.kernel import moment

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
    assert client.get("/")["Location"] == "/desk"
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


def test_the_desk_costs_the_same_however_much_there_is(world):
    world.case(assignee_id=world.person("agent").pk)
    world.case(waybill="")
    client = world.client("agent")
    client.get("/desk")
    with CaptureQueriesContext(connection) as few:
        client.get("/desk")
    for _ in range(12):
        case = world.case(assignee_id=world.person("agent").pk)
        world.case(waybill="")
        upkeep.assign(actor=world.actor("lead"), case_id=case.pk, staff_id=world.person("second").pk, now=NOW)
        upkeep.assign(actor=world.actor("lead"), case_id=case.pk, staff_id=world.person("agent").pk, now=NOW)
        tasks.ask(actor=world.actor("agent"), case_id=case.pk, site_id=case.site_id, title="拍照", due_at=NOW + timedelta(hours=1), now=NOW)
    with CaptureQueriesContext(connection) as many:
        client.get("/desk")
    assert len(many) == len(few)
    assert len(few) <= 18
