"""The list of cases: views, filters, partial answers, who sees it, and what it costs."""

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


def html(answer) -> str:
    return answer.content.decode()


@pytest.mark.parametrize(
    ("role", "status"), [("agent", 200), ("lead", 200), ("clerk", 200), ("inspector", 200), ("manager", 200), ("trainer", 403)]
)
def test_who_opens_the_list(world, role, status):
    assert world.client(role).get("/cases").status_code == status


def test_a_row_names_the_clock_and_masks_the_phone(world):
    case = world.case()
    page = html(world.client("agent").get("/cases"))
    assert case.number in page
    assert "2 小时回电" in page
    assert 'data-due="' in page
    assert PHONE not in page
    assert WAYBILL in page
    assert "王*" in page


def test_an_outsider_sees_nothing(world):
    case = world.case()
    for address in ("/cases", "/cases?view=all", f"/cases?view=all&q={case.number}", f"/cases?view=all&waybill={WAYBILL}"):
        assert f'href="/cases/{case.pk}"' not in html(world.client("outsider").get(address))


def test_views_divide_the_cases(world):
    mine = world.case(assignee_id=world.person("agent").pk)
    free = world.case(waybill="")
    client = world.client("agent")
    shown = {view: html(client.get(f"/cases?view={view}")) for view in ("mine", "unassigned", "closed", "all")}
    assert mine.number in shown["mine"]
    assert free.number not in shown["mine"]
    assert free.number in shown["unassigned"]
    assert mine.number not in shown["closed"]
    assert mine.number in shown["all"]
    assert free.number in shown["all"]


def test_filters_become_chips_and_stand_in_the_address(world):
    delay, damage = world.case(), world.case(kind="damage", waybill="")
    page = html(world.client("agent").get("/cases?kind=damage&view=all"))
    assert damage.number in page
    assert delay.number not in page
    assert '<li class="chip">' in page
    assert 'href="/cases?view=all"' in page


@pytest.mark.parametrize(
    "query",
    [
        "view=nonsense",
        "sort=assignee__password",
        "site=abc",
        "assignee=1;drop",
        "since=yesterday",
        "until=9999-12-31",
        "status=x",
        "kind=%00",
        "q=%00%00",
    ],
)
def test_unknown_filters_are_left_out(world, query):
    case = world.case()
    answer = world.client("agent").get(f"/cases?{query}")
    assert answer.status_code == 200
    assert case.number in html(answer)


def test_a_forged_cursor_is_refused_in_words(world):
    answer = world.client("agent").get("/cases?cursor=abc")
    assert answer.status_code == 422
    assert "第一页" in html(answer)


def test_htmx_gets_the_list_only(world):
    world.case()
    answer = world.client("agent").get("/cases", headers={"HX-Request": "true"})
    assert "<html" not in html(answer)
    assert 'class="table' in html(answer)
    assert answer["Vary"].count("HX-Request") == 1


def test_words_of_customers_are_escaped(world):
    world.case(description=f"{EVIL} 箱子破了", title=EVIL, customer_name=EVIL)
    for address in ("/cases", f"/cases?q={EVIL}", "/desk"):
        assert EVIL not in html(world.client("agent").get(address))


def test_pages_follow_each_other_without_loss(world, monkeypatch):
    numbers = [world.case(waybill="").number for _ in range(55)]
    client = world.client("agent")
    first = html(client.get("/cases"))
    following = first.split('rel="next"')[1].split('href="')[1].split('"')[0].replace("&amp;", "&")
    second = html(client.get(f"/cases{following}"))
    assert all((number in first) != (number in second) for number in numbers)


def test_the_list_costs_the_same_however_long(world, django_assert_max_num_queries):
    world.case()
    client = world.client("lead")
    client.get("/cases")
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get("/cases")
    for index in range(20):
        world.case(waybill="", customer_phone=f"1390000{index:04d}", assignee_id=world.person("agent").pk)
    with CaptureQueriesContext(connection) as many:
        client.get("/cases")
    assert len(many) == len(few)
    assert len(few) <= 22
