"""Parcels: many numbers at once, the trace with its judgement, who asked."""

from datetime import timedelta

import pytest

from kefu.conftest import NOW
from kefu.console.tests.cases_world import EVIL, PHONE, WAYBILL, World
from kefu.console.views.parcels import numbers_of
from kefu.kernel import moment

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


@pytest.mark.parametrize("role", ["agent", "lead", "clerk", "inspector", "trainer", "manager"])
def test_everybody_tracks_parcels_of_the_site(world, role):
    world.parcel()
    client = world.client(role)
    assert WAYBILL in client.get("/parcels").content.decode()
    page = client.get(f"/parcels/{WAYBILL}").content.decode()
    for words in ("派件中", "收件", "南市分部", "应在", "王*"):
        assert words in page
    assert PHONE not in page
    assert "中山路 18 号" not in page


def test_an_outsider_finds_nothing(world):
    world.parcel()
    client = world.client("outsider")
    assert WAYBILL not in client.get("/parcels").content.decode()
    assert client.get(f"/parcels/{WAYBILL}").status_code == 404
    page = client.get(f"/parcels?q={WAYBILL},777777777777").content.decode()
    assert "2 个单号没有登记" in page
    assert f"/parcels/{WAYBILL}" not in page
    assert WAYBILL not in client.post("/parcels", {"phone": PHONE}).content.decode().split('id="list"')[1]


def test_one_number_goes_straight_to_its_trace(world):
    world.parcel()
    assert world.client("clerk").get(f"/parcels?q= {WAYBILL[:4]}-{WAYBILL[4:]}")["Location"] == f"/parcels/{WAYBILL}"


def test_numbers_are_read_from_any_text():
    assert numbers_of("５０００4090806944，yt8840013729104\n\n50004090806944;\0") == ["50004090806944", "YT8840013729104"]
    assert len(numbers_of(" ".join(str(10**11 + index) for index in range(80)))) == 50


@pytest.mark.parametrize("text", [EVIL, "%00", "'; drop table", "../../etc"])
def test_bad_numbers_are_said_and_escaped(world, text):
    answer = world.client("agent").get("/parcels", {"q": f"{text} x"})
    assert answer.status_code == 200
    assert EVIL not in answer.content.decode()


def test_a_phone_is_searched_for_by_post(world):
    world.parcel()
    page = world.client("agent").post("/parcels", {"phone": "138 1234 5678"}).content.decode()
    assert WAYBILL in page
    assert PHONE not in page


def test_who_asked_is_for_managers(world):
    world.parcel()
    world.client("agent").get(f"/parcels/{WAYBILL}")
    assert "谁查过" not in world.client("agent").get(f"/parcels/{WAYBILL}").content.decode()
    page = world.client("manager").get(f"/parcels/{WAYBILL}").content.decode()
    assert "谁查过" in page
    assert "agent-姓名" in page


def test_filters_take_known_states_only(world):
    world.parcel()
    client = world.client("agent")
    assert WAYBILL in client.get("/parcels?state=nonsense").content.decode()
    assert WAYBILL not in client.get("/parcels?state=signed").content.decode()
    assert WAYBILL not in client.get("/parcels?sent=1").content.decode()
