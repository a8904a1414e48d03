"""The list kit and the board in a real browser: filters refresh the list alone, views and columns stay, nothing is wider than a phone."""

from datetime import timedelta

import pytest

from kefu.conftest import NOW, PASSWORD
from kefu.console.tests import browsing
from kefu.console.tests.browsing import settled, sign_in, watched_tab
from kefu.console.tests.cases_world import WAYBILL, World
from kefu.desk.models import SavedView
from kefu.kernel import moment

pytestmark = [*browsing.marks, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    found = World(ground)
    found.parcel()
    return found


@pytest.fixture
def tab(chromium, live_server, world):
    world.person("lead")
    with watched_tab(chromium, live_server) as page:
        sign_in(page, "u-lead", PASSWORD, "/parcels")
        page.wait_for_selector("html[data-js]")
        yield page
        settled(page)


def test_a_filter_refreshes_the_list_and_is_kept_as_a_view(tab):
    tab.evaluate("document.querySelector('#numbers').dataset.before = '1'")
    tab.select_option("select[name=state]", "out_for_delivery")
    tab.wait_for_selector(".chip")
    assert "state=out_for_delivery" in tab.url
    assert tab.get_attribute("#numbers", "data-before") == "1"
    assert tab.is_visible(f"text={WAYBILL}")
    tab.click("summary:has-text('视图')")
    tab.fill("#view-name", "派件中的")
    tab.click(".view-save button")
    tab.wait_for_selector(".toast-good")
    tab.click("summary:has-text('派件中的')")
    tab.click(".view-line .icon-button")
    tab.wait_for_selector("#confirm[open]")
    tab.click("#confirm [value=yes]")
    tab.wait_for_selector(".toast-good:has-text('视图已删除')")
    assert not SavedView.objects.exists()


def test_columns_are_chosen_and_the_chip_takes_its_condition_away(tab):
    tab.goto("/parcels?state=signed")
    assert tab.is_visible("text=没有符合条件的记录")
    tab.click(".chip a")
    tab.wait_for_selector("#list-parcels")
    tab.click("summary:has-text('列')")
    tab.uncheck("input[name=cols][value=carrier]")
    tab.click(".filter-panel button:has-text('应用')")
    tab.wait_for_url("**cols=**")
    assert "承运公司" not in tab.inner_text("#list-parcels thead")


@pytest.mark.parametrize("path", ["/parcels", "/customers", "/station", "/imports/tables"])
def test_nothing_is_wider_than_a_phone(tab, path):
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.goto(path)
    assert not tab.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1")
