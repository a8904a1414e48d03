"""Customers: searched by POST, masked, one value in the clear for a reason."""

from datetime import timedelta

import pytest

from kefu.conftest import NOW
from kefu.console.tests.cases_world import EVIL, PHONE, World
from kefu.customers import queries
from kefu.kernel import moment
from kefu.kernel.models import AuditEntry

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


@pytest.fixture
def customer(world):
    return world.case(customer_name="欧阳建国").customer_id


@pytest.mark.parametrize(
    ("role", "status"), [("agent", 200), ("lead", 200), ("manager", 200), ("clerk", 403), ("inspector", 403), ("trainer", 403)]
)
def test_who_sees_customers(world, customer, role, status):
    client = world.client(role)
    assert client.get("/customers").status_code == status
    assert client.get(f"/customers/{customer}").status_code == status


def test_everything_is_masked(world, customer):
    for address in ("/customers", f"/customers/{customer}"):
        page = world.client("agent").get(address).content.decode()
        assert "欧阳*" in page
        assert PHONE not in page
        assert "建国" not in page


@pytest.mark.parametrize("query", [PHONE, "138 1234 5678", "5678", "欧阳建国"])
def test_found_by_post(world, customer, query):
    page = world.client("agent").post("/customers", {"q": query}).content.decode()
    assert f'href="/customers/{customer}"' in page
    assert f'href="/customers/{customer}"' not in world.client("outsider").post("/customers", {"q": query}).content.decode()


def test_the_address_takes_no_search(world, customer):
    page = world.client("agent").get("/customers?q=nobody").content.decode()
    assert f'href="/customers/{customer}"' in page


def test_an_outsider_finds_no_address(world, customer):
    client = world.client("outsider")
    assert client.get(f"/customers/{customer}").status_code == 404
    for what in ("unmask", "edit", "contacts", "tier"):
        answer = client.post(f"/customers/{customer}/{what}", {"field": "name", "reason": "核对身份"})
        assert answer.status_code == 404, what


def test_one_value_is_shown_once_for_a_reason(world, customer):
    client = world.client("agent")
    contact = queries.card(world.actor("agent"), customer).contacts[0].id
    address = f"/customers/{customer}/unmask"
    refused = client.post(address, {"field": f"contact:{contact}", "reason": "看"}, headers={"HX-Request": "true"})
    assert refused.status_code == 422
    assert PHONE not in refused.content.decode()
    assert "请写明查看原因" in refused.content.decode()
    shown = client.post(address, {"field": f"contact:{contact}", "reason": "回电核实"}, headers={"HX-Request": "true"})
    assert PHONE in shown.content.decode()
    assert "no-store" in shown["Cache-Control"]
    assert AuditEntry.objects.filter(action="customer.unmasked", subject_id=customer).count() == 1
    assert client.post(address, {"field": "contact:9999", "reason": "回电核实"}).status_code == 404
    assert client.get(address).status_code == 405
    assert "<html" in client.post(address, {"field": "name", "reason": "回电核实"}).content.decode()


def test_changes_are_checked_and_stale_ones_kept(world, customer):
    client = world.client("agent")
    version = queries.card(world.actor("agent"), customer).version
    assert client.post(f"/customers/{customer}/edit", {"name": EVIL, "version": version}).status_code == 302
    assert EVIL not in client.get(f"/customers/{customer}").content.decode()
    stale = client.post(f"/customers/{customer}/edit", {"name": "新名字", "version": version})
    assert stale.status_code == 409
    assert 'value="新名字"' in stale.content.decode()
    bad = client.post(f"/customers/{customer}/contacts", {"kind": "phone", "value": "12", "label": "家里"})
    assert bad.status_code == 422
    assert 'value="家里"' in bad.content.decode()
    assert client.post(f"/customers/{customer}/contacts", {"kind": "phone", "value": "025-86661234", "label": ""}).status_code == 302
    assert client.post(f"/customers/{customer}/contacts", {"kind": "phone", "value": "025-86661234", "label": ""}).status_code in (409, 422)
    assert client.post(f"/customers/{customer}/tier", {"tier": "emperor", "reason": "大客户"}).status_code == 422
    assert client.post(f"/customers/{customer}/tier", {"tier": "vip", "reason": ""}).status_code == 422


def test_the_list_costs_the_same_however_long(world, customer):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = world.client("agent")
    client.get("/customers")
    with CaptureQueriesContext(connection) as few:
        client.get("/customers")
    for index in range(15):
        world.case(customer_phone=f"1390000{index:04d}", waybill="")
    with CaptureQueriesContext(connection) as many:
        client.get("/customers")
    assert len(few) == len(many)
