"""Pages of pick-up orders: list, work on many, one order walked to the end, who holds what (OPS9)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kefu.conftest import NOW
from kefu.console.tests.cases_world import World
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.parcels.drafts import Party
from kefu.station.pickups import push
from kefu.station.pickups.drafts import OrderDraft
from kefu.station.pickups.models import PickupOrder

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


@pytest.fixture
def orders(ground):
    draft = OrderDraft("jd", "JD1", ground.hub.pk, Party("王女士", "13812345678", "杭州市西湖区文三路1号"), NOW, site_id=ground.station.pk)
    return [push.push(actor=Actor.system("tests"), draft=replace(draft, order_no=f"JD{n}"), now=NOW).order_id for n in range(1, 4)]


def test_the_list_masks_and_counts_and_offers_what_may_be_done(world, orders):
    page = world.client("clerk").get("/station/pickups").content.decode()
    assert "JD3" in page
    assert "13812345678" not in page
    assert 'value="accept"' in page
    assert 'value="dispatch"' not in page
    assert 'value="accept"' not in world.client("agent").get("/station/pickups").content.decode()
    assert world.client("outsider").get("/station/pickups").content.decode().count("JD3") == 0


def test_many_are_accepted_at_once_and_refusals_are_told(world, orders):
    client = world.client("clerk")
    sent = {"do": "accept", "row": [str(pk) for pk in orders]}
    assert client.post("/station/pickups/bulk", sent).status_code == 302
    assert set(PickupOrder.objects.values_list("state", flat=True)) == {"accepted"}
    page = client.post("/station/pickups/bulk", sent, follow=True).content.decode()
    assert "3 张没有处理" in page
    assert "已接单" in page


def test_one_order_is_walked_to_its_waybill(world, orders):
    client, lead = world.client("clerk"), world.client("lead")
    address = f"/station/pickups/{orders[0]}"
    number = world.person("clerk").staff_no
    assert client.post(address, {"do": "accept", "version": "1"}).status_code == 302
    refused = client.post(address, {"do": "collect", "waybill": "", "courier": number})
    assert refused.status_code == 422
    assert "请填写运单号" in refused.content.decode()
    assert lead.post(address, {"do": "dispatch", "courier": number}).status_code == 302
    assert client.post(address, {"do": "collect", "waybill": "YT1234567890123", "weight": "-1"}).status_code == 422
    assert client.post(address, {"do": "collect", "waybill": "YT1234567890123", "weight": "1.5", "courier": number}).status_code == 302
    page = client.get(address).content.decode()
    assert "YT1234567890123" in page
    assert "JD1" in page
    assert "13812345678" not in page
    assert client.post(address, {"do": "cancel", "reason": "duplicate"}).status_code == 409


def test_who_may_do_what(world, orders):
    address = f"/station/pickups/{orders[0]}"
    assert world.client("agent").post(address, {"do": "accept"}).status_code == 403
    assert world.client("clerk").post(address, {"do": "dispatch", "courier": "1"}).status_code == 403
    assert world.client("outsider").get(address).status_code == 404
    assert world.client("clerk").post(address, {"do": "nonsense"}).status_code == 404


def test_who_holds_what_and_the_score_card_open_their_lists(world, orders):
    client = world.client("lead")
    client.post(f"/station/pickups/{orders[0]}", {"do": "accept"})
    page = client.get("/station/pickups/holders").content.decode()
    assert "33.3%" in page
    assert "&amp;open=1" in page or "&open=1" in page
    assert "Score" in client.get("/station/pickups/holders", headers={"Accept-Language": "en"}).content.decode() or "评分卡" in page


def test_an_order_becomes_a_case_once(world, orders):
    client = world.client("lead")
    address = f"/station/pickups/{orders[0]}"
    assert client.post(address, {"do": "case"}).status_code == 302
    assert client.post(address, {"do": "case"}).status_code == 302
    assert "打开工单" in client.get(address).content.decode()
