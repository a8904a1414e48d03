"""One call in a real browser, by keyboard: from the number to the case and the record, nothing lost by a reload (CONV1)."""

from datetime import timedelta

import pytest

from kefu.cases.models import Case
from kefu.conftest import NOW, PASSWORD
from kefu.console.tests import browsing
from kefu.console.tests.browsing import sign_in, watched_tab
from kefu.console.tests.cases_world import PHONE, WAYBILL, World
from kefu.conversations.models import Reception
from kefu.kernel import moment

pytestmark = [*browsing.marks, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def tab(chromium, live_server, ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    world = World(ground)
    world.parcel()
    world.person("agent")
    with watched_tab(chromium, live_server) as page:
        sign_in(page, "u-agent", PASSWORD, "/calls")
        yield page


def test_from_the_number_to_the_case_by_keyboard(tab):
    tab.fill("#typed", f"{PHONE} {WAYBILL}")
    tab.press("#typed", "Enter")
    tab.wait_for_selector(".call-words")
    assert "百世汇通南市分部工号" in tab.inner_text(".call-words")
    tab.locator("h1").click()
    tab.keyboard.press("s")
    tab.wait_for_selector(".call-moments .now:has-text('问称呼')")
    tab.fill("#caller_name", "王女士")
    tab.press("#caller_name", "Tab")
    tab.wait_for_selector("h1:has-text('王')")
    tab.locator("h1").click()
    tab.keyboard.press("3")
    tab.wait_for_selector(".call-way[aria-pressed=true]:has-text('破损')")
    with tab.expect_response("**/keep"):
        tab.fill("#remark", "外箱压坏，少一件")
    tab.reload()
    assert tab.input_value("#remark") == "外箱压坏，少一件"
    tab.locator("h1").click()
    tab.keyboard.press("o")
    tab.wait_for_selector(".notice-good:has-text('已归入工单')")
    tab.keyboard.press("e")
    tab.wait_for_selector(".call-record .clock")
    tab.keyboard.press("Control+Enter")
    tab.wait_for_selector("#disposition-error")
    with tab.expect_response("**/keep"):
        tab.get_by_label("已受理投诉").locator("visible=true").check(force=True)
    tab.keyboard.press("Control+Enter")
    case = Case.objects.get()
    tab.wait_for_url(f"**/cases/{case.pk}")
    row = Reception.objects.get()
    assert (row.state, row.disposition, row.about_id) == ("ended", "damage.complaint", case.pk)
    assert (case.kind, case.waybill, case.description) == ("damage", WAYBILL, "外箱压坏，少一件")
