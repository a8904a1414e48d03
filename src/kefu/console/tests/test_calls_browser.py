"""One call in a real browser, by keyboard: from the number to the case and the record, nothing lost by a reload (CONV1)."""

import os
import shutil
from datetime import timedelta

import pytest

from kefu.cases.models import Case
from kefu.conftest import NOW, PASSWORD
from kefu.console.tests.cases_world import PHONE, WAYBILL, World
from kefu.console.tests.test_browser import CHROMIUM, DIST, QUIET
from kefu.conversations.models import Reception
from kefu.kernel import moment

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.urls("kefu.console.tests.product_urls"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("handbooks"),
    pytest.mark.skipif(CHROMIUM is None or shutil.which(CHROMIUM) is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not (DIST / "console.js").exists(), reason="front end not built: run python frontend/build.py"),
]


@pytest.fixture(scope="module")
def chromium():
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def tab(chromium, live_server, ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    world = World(ground)
    world.parcel()
    world.person("agent")
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", base_url=live_server.url)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if "Content Security Policy" in message.text else None)
    page.goto("/sign-in?next=/calls")
    page.fill("#username", "u-agent")
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/calls")
    yield page
    context.close()
    assert complaints == []


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
