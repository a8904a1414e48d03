"""The station's board: what wants somebody stands first; every figure opens its list; each role its own systems."""

import pytest

from kefu.console.tests.cases_world import World
from kefu.console.views.station.board import SYSTEMS, Card, System, is_nothing, tabs, urgent
from kefu.console.views.station.figure import Figure
from kefu.kernel.paging import CappedCount

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls")]

THREE, NONE = CappedCount(3, capped=False), CappedCount(0, capped=False)


def card(name, *figures):
    return Card(System("station-x", name, "", "box"), "/x", figures)


def test_the_bad_stands_first_and_nothing_is_not_urgent():
    cards = [
        card("派件", Figure("待派", 5, "/a"), Figure("快超时", 2, "/b", "warn"), Figure("签收", 9, "/c", "good")),
        card(
            "问题件", Figure("超时", CappedCount(3, capped=False), "/d", "bad"), Figure("没有", CappedCount(0, capped=False), "/e", "bad")
        ),
    ]
    assert [(str(one.system), str(one.figure.value)) for one in urgent(cards)] == [("问题件", "3"), ("派件", "2")]
    assert (is_nothing(0), is_nothing(NONE), is_nothing("1000+")) == (True, True, False)


def test_systems_are_ten_each_with_its_own_page():
    assert len(SYSTEMS) == len({one.route for one in SYSTEMS}) == 10


@pytest.mark.django_db
@pytest.mark.usefixtures("handbooks")
@pytest.mark.parametrize(
    ("role", "status"), [("agent", 200), ("clerk", 200), ("lead", 200), ("manager", 200), ("trainer", 403), ("inspector", 403)]
)
def test_who_starts_the_day_here(ground, role, status):
    world = World(ground)
    answer = world.client(role).get("/station")
    assert answer.status_code == status
    if status == 200:
        page = answer.content.decode()
        assert "总览" in page
        assert page.count('class="board-card"') >= 1
        assert "<style" not in page


@pytest.mark.django_db
def test_the_tabs_lead_back_to_the_board(ground, rf):
    request = rf.get("/station")
    request.actor = World(ground).actor("manager")
    found = tabs(request)
    assert (found[0]["href"], found[0]["current"]) == ("/station", True)
    assert sum(bool(one["current"]) for one in found) == 1
