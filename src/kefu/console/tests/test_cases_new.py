"""Opening a case: prefilled, refused in words, warned of duplicates, opened once."""

from datetime import timedelta

import pytest

from kefu.cases import queries
from kefu.cases.filters import CaseFilter
from kefu.conftest import NOW
from kefu.console.tests.cases_world import EVIL, PHONE, WAYBILL, World
from kefu.kernel import moment

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


def form(world, **more):
    site = str(world.ground.station.pk)
    return {"site": site, "kind": "delay", "channel": "call", "description": "三天没更新", "ticket": "t1", "take_it": "1", **more}


@pytest.fixture
def count(world):
    def counted() -> int:
        return len(queries.page(world.actor("agent"), CaseFilter(view="all"), now=NOW).rows)

    return counted


@pytest.mark.parametrize(("role", "status"), [("agent", 200), ("clerk", 200), ("lead", 200), ("inspector", 403), ("trainer", 403)])
def test_who_opens_cases(world, role, status):
    assert world.client(role).get("/cases/new").status_code == status


def test_the_form_is_prefilled_from_the_address(world):
    page = world.client("agent").get(f"/cases/new?waybill={WAYBILL}&phone=025-86661234").content.decode()
    assert f'value="{WAYBILL}"' in page
    assert 'value="025-86661234"' in page
    assert '<option value="delay">投诉延误</option>' in page


def test_a_case_is_opened_and_taken(world, count):
    answer = world.client("agent").post("/cases/new", form(world, waybill=f" {WAYBILL} ", customer_name="王女士", customer_phone=PHONE))
    assert answer.status_code == 302
    found = queries.page(world.actor("agent"), CaseFilter(view="mine"), now=NOW).rows
    assert [one.waybill for one in found] == [WAYBILL]
    assert answer["Location"] == f"/cases/{found[0].pk}"


def test_sent_twice_it_opens_one_case_and_altered_another(world, count):
    client = world.client("agent")
    first = client.post("/cases/new", form(world))["Location"]
    assert client.post("/cases/new", form(world))["Location"] == first
    assert count() == 1
    assert client.post("/cases/new", form(world, description="另一件事"))["Location"] != first
    assert count() == 2


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"description": "  "}, "请写明客户反映的情况"),
        ({"channel": "telepathy"}, "请选择来源渠道"),
        ({"kind": "nonsense"}, "请选择该站点手册中有流程的类型"),
        ({"customer_phone": "12"}, "请填写有效的电话号码"),
        ({"description": "长" * 20001}, "过长"),
    ],
)
def test_what_is_wrong_stands_at_its_field_and_nothing_typed_is_lost(world, count, change, words):
    answer = world.client("agent").post("/cases/new", form(world, customer_name="王女士", **change))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert words in page
    assert 'value="王女士"' in page
    assert count() == 0


def test_a_duplicate_is_shown_and_may_be_meant(world, count):
    old = world.case()
    client = world.client("agent")
    answer = client.post("/cases/new", form(world, waybill=WAYBILL))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert old.number in page
    assert 'name="even_if_duplicate"' in page
    assert count() == 1
    assert client.post("/cases/new", form(world, waybill=WAYBILL, even_if_duplicate="1")).status_code == 302
    assert count() == 2


def test_cases_on_the_waybill_are_shown_while_typing(world):
    old = world.case()
    address = f"/cases/new/same?waybill={WAYBILL}"
    part = world.client("agent").get(address, headers={"HX-Request": "true"}).content.decode()
    assert old.number in part
    assert "<form" not in part
    assert old.number not in world.client("outsider").get(address).content.decode()


def test_a_site_or_conversation_out_of_reach_is_not_found(world, count):
    client = world.client("outsider")
    assert client.post("/cases/new", form(world)).status_code == 404
    assert world.client("agent").post("/cases/new", form(world, conversation="999")).status_code == 404
    assert count() == 0


def test_without_script_the_site_can_be_changed(world):
    answer = world.client("manager").post("/cases/new", form(world, refresh="1", description=EVIL))
    assert answer.status_code == 200
    assert EVIL not in answer.content.decode()
