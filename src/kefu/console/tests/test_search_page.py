"""One search over everything within reach."""

from datetime import timedelta

import pytest

from kefu.conftest import NOW
from kefu.console.tests.cases_world import EVIL, PHONE, WAYBILL, World
from kefu.kernel import moment

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


def found(world, role, text):
    return world.client(role).get("/search", {"q": text}).content.decode().split('id="found"')[1]


def test_numbers_find_case_parcel_and_customer(world):
    world.parcel()
    case = world.case()
    assert f"/cases/{case.pk}" in found(world, "agent", case.number)
    by_waybill = found(world, "agent", WAYBILL)
    assert f"/cases/{case.pk}" in by_waybill
    assert f"/parcels/{WAYBILL}" in by_waybill
    by_phone = found(world, "agent", PHONE)
    assert f"/customers/{case.customer_id}" in by_phone
    assert f"/parcels/{WAYBILL}" in found(world, "agent", WAYBILL[-6:])


@pytest.mark.parametrize("text", [WAYBILL, PHONE, "王女士", "更新"])
def test_an_outsider_finds_nothing(world, text):
    world.parcel()
    case = world.case()
    page = found(world, "outsider", text)
    assert f"/cases/{case.pk}" not in page
    assert f"/customers/{case.customer_id}" not in page
    assert f"/parcels/{WAYBILL}" not in page


def test_customers_are_not_for_every_post(world):
    case = world.case()
    for role in ("clerk", "inspector", "trainer"):
        assert f"/customers/{case.customer_id}" not in found(world, role, PHONE)


@pytest.mark.parametrize("text", ["", "  ", EVIL, "%", "'\"", "\0", "长" * 500, "AND OR NOT", "(((", "*"])
def test_any_text_is_answered(world, text):
    answer = world.client("agent").get("/search", {"q": text})
    assert answer.status_code == 200
    assert EVIL not in answer.content.decode()
