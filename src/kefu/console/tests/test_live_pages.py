"""What pages do with the live stream: they carry its place, answer what is new only, and say who is here."""

from datetime import timedelta

import pytest

from kefu.cases import queries, upkeep
from kefu.conftest import NOW
from kefu.console.tests.cases_world import World
from kefu.kernel import moment

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.urls("kefu.console.tests.product_urls"),
    pytest.mark.usefixtures("handbooks"),
]


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


def test_a_page_carries_the_number_the_server_had_reached_before_it_was_made(world):
    client = world.client("agent")
    assert 'data-live-stream="/live" data-live-since="41"' in client.get("/cases", **{"kefu.live": 41}).content.decode()
    assert "data-live-since" not in client.get("/cases").content.decode()
    world.client("agent")
    assert "data-live-since" not in client.get("/sign-out", **{"kefu.live": 41}).content.decode()


def mark(client, case):
    page = client.get(f"/cases/{case.pk}").content.decode()
    return page.split('data-live-mark="')[1].split('"')[0]


def test_a_page_that_shows_all_there_is_is_not_drawn_again(world):
    case, client = world.case(), world.client("second")
    shown = mark(client, case)
    ask = {"HX-Request": "true", "X-Kefu-Live": shown}
    assert client.get(f"/cases/{case.pk}", headers=ask).status_code == 204
    upkeep.add_note(actor=world.actor("agent"), case_id=case.pk, text="新的备注", now=NOW + timedelta(minutes=2))
    answer = client.get(f"/cases/{case.pk}", headers=ask)
    assert answer.status_code == 200
    assert "新的备注" in answer.content.decode()
    assert client.get(f"/cases/{case.pk}", headers={**ask, "X-Kefu-Live": mark(client, case)}).status_code == 204


@pytest.mark.parametrize("shown", ["-", "", "x.y", "1", "1.", "999.999", "1." + "9" * 40])
def test_a_mark_that_means_nothing_gets_the_page(world, shown):
    case = world.case()
    version, _entry = queries.mark(world.actor("agent"), case.pk)
    answer = world.client("agent").get(f"/cases/{case.pk}", headers={"HX-Request": "true", "X-Kefu-Live": shown})
    assert answer.status_code == (204 if shown == "1." + "9" * 40 and version == 1 else 200)


def test_an_outsider_learns_nothing_by_a_mark_or_by_being_here(world):
    case, client = world.case(), world.client("outsider")
    assert client.get(f"/cases/{case.pk}", headers={"HX-Request": "true", "X-Kefu-Live": "1.1"}).status_code == 404
    assert client.post(f"/cases/{case.pk}/presence").status_code == 404


def test_colleagues_see_each_other_by_name_until_they_leave(world):
    case = world.case()
    agent, second = world.client("agent"), world.client("second")
    assert agent.post(f"/cases/{case.pk}/presence").content.decode().strip() == ""
    line = second.post(f"/cases/{case.pk}/presence", {"typing": "1"}).content.decode()
    assert "agent-姓名" in line
    assert "正在查看" in line
    assert "正在输入" in agent.post(f"/cases/{case.pk}/presence").content.decode()
    assert second.post(f"/cases/{case.pk}/presence", {"gone": "1"}).status_code == 204
    assert agent.post(f"/cases/{case.pk}/presence").content.decode().strip() == ""
