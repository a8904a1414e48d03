"""The shop's work over the API: steps in their order, refusals with the codes of the console, twice is once (SHOP2–SHOP6)."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from kefu.api.tests import shop_world
from kefu.api.tests.conftest import Caller, Story
from kefu.api.tests.shop_world import Shop
from kefu.conftest import Cast, Ground

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(by_token: Callable[..., Caller], cast: Cast, ground: Ground, handbooks: None, story: Story) -> Shop:
    return shop_world.build(by_token(), cast, ground.shop.pk)


@pytest.fixture
def lead(signed_in: Callable[..., Caller], cast: Cast) -> Caller:
    return signed_in(cast.admin)


def test_money_moves_last_and_each_refusal_says_what_comes_first(shop: Shop, lead: Caller) -> None:
    sale = f"/shop/sales/{shop.sale}"

    def refused() -> str:
        return str(lead.refused(409, "POST", f"{sale}/pay", {})["code"])

    assert refused() == "shop.not_agreed"
    work = lead.ok("POST", f"{sale}/agreement", {"agreed": "refund", "note": "不想要了"})
    assert (work["sales"][0]["agreed"], work["sales"][0]["hindered"]) == ("refund", "no_void")
    assert refused() == "shop.no_void"
    work = lead.ok("POST", f"/shop/orders/{work['id']}/void-notice")
    assert work["void_notice"]["text"] == f"{work['number']} 臻选旗舰店 作废"
    assert lead.refused(409, "POST", f"/shop/orders/{work['id']}/void-notice")["code"] == "shop.void_stands"
    lead.ok("POST", f"/shop/void-notices/{work['void_notice']['id']}/answer", {"confirmed": True})
    paid = lead.ok("POST", f"{sale}/pay", {})
    assert paid["sales"][0]["state"] == "paid"
    assert refused() == "shop.sale_ended"


def test_what_was_sent_is_stopped_or_came_back_before_it_is_paid(shop: Shop, lead: Caller) -> None:
    sent, back = f"/shop/sales/{shop.sent_sale}", f"/shop/sales/{shop.return_sale}"
    assert lead.refused(409, "POST", f"{sent}/goods-back", {"condition": "完好", "liable": "buyer"})["code"] == "shop.not_agreed"
    lead.ok("POST", f"{sent}/agreement", {"agreed": "refund", "note": "退"})
    assert lead.refused(409, "POST", f"{sent}/pay", {})["code"] == "shop.not_stopped"
    assert lead.refused(409, "POST", f"{back}/pay", {})["code"] == "shop.goods_not_back"
    assert set(lead.refused(422, "POST", f"{back}/goods-back", {"condition": "", "liable": "nobody"})["fields"]) == {"condition", "liable"}
    lead.ok("POST", f"{back}/goods-back", {"condition": "完好", "liable": "buyer"})
    assert lead.ok("POST", f"{back}/pay", {})["sales"][0]["state"] == "paid"


def test_a_reminder_is_made_by_a_person_once_a_day_and_by_day(
    shop: Shop, lead: Caller, by_token: Callable[..., Caller], story: Story
) -> None:
    address, said = f"/shop/orders/{shop.unpaid}/reminders", {"text": "还没付款哦"}
    assert by_token().refused(403, "POST", address, said)["code"] == "person_only"
    first = lead.ok("POST", address, said, **{"Idempotency-Key": "remind-1"})
    again = lead.call("POST", address, said, **{"Idempotency-Key": "remind-1"})
    assert (again.status_code, again.headers["Idempotent-Replay"], json.loads(again.content)) == (200, "true", first)
    assert lead.refused(409, "POST", address, said)["code"] == "shop.reminded_today"
    story.after(hours=13)
    assert lead.refused(409, "POST", address, said)["code"] == "shop.at_night"
    assert lead.refused(422, "POST", f"/shop/reminders/{shop.reminder}/reply", {"reply": "maybe"})["fields"].keys() == {"reply"}


def test_parcels_in_trouble_go_through_the_carrier(shop: Shop, lead: Caller) -> None:
    old, asked = f"/shop/troubles/{shop.old_trouble}", f"/shop/troubles/{shop.asked_trouble}"
    for step in ("message", "result"):
        assert lead.refused(409, "POST", f"{old}/{step}", {"text": "您好"})["code"] == "shop.ask_first"
    told = lead.ok("POST", f"{asked}/result", {"text": "还在核实", "final": False})["troubles"][0]
    assert (told["state"], told["message"]) == ("asked", "还在核实")
    assert lead.refused(409, "POST", f"{asked}/result", {"text": "明天到", "version": 0})["code"] == "stale"
    lead.ok("POST", f"{asked}/result", {"text": "明天到", "version": told["version"]})
    assert lead.refused(409, "POST", f"{asked}/carrier", {"contact": "小李"})["code"] == "shop.trouble_ended"


def test_causes_are_written_down_once(
    shop: Shop, cast: Cast, lead: Caller, hire: Callable[..., Any], ground: Ground, signed_in: Any
) -> None:
    from kefu.people.access import actor_for

    agent = signed_in(actor_for(hire("agent", ground.shop)))
    unsent, enquiry = f"/shop/unsent/{shop.unsent}/cause", f"/shop/enquiries/{shop.enquiry}/cause"
    assert agent.ok("POST", unsent, {"cause": "stock", "party": "system"})["unsent"]["party"] == "system"
    assert agent.refused(409, "POST", unsent, {"cause": "carrier", "party": "carrier"})["code"] == "shop.explained"
    assert lead.ok("POST", unsent, {"cause": "carrier", "party": "carrier"})["unsent"]["cause"] == "carrier"
    assert agent.refused(422, "POST", enquiry, {"cause": "other"})["fields"].keys() == {"note"}
    assert agent.ok("POST", enquiry, {"cause": "price", "version": 0})["cause"] == "price"
    assert agent.refused(409, "POST", enquiry, {"cause": "trust", "version": 0})["code"] == "stale"


def test_other_sites_find_nothing_and_who_may_only_look_writes_nothing(
    shop: Shop, cast: Cast, signed_in: Callable[..., Caller], by_token: Callable[..., Caller]
) -> None:
    reader = by_token(["order.view"])
    assert reader.ok("GET", f"/shop/orders/{shop.unpaid}")["buyer"].count("*") > 0
    for name, (method, path, body) in shop_world.requests(shop).items():
        assert signed_in(cast.agent).refused(404, method, path, body)["code"] == "not_found", name
        if method == "POST":
            assert reader.refused(403, method, path, body)["code"] == "missing_permission", name
