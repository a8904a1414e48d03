"""The browser without its script: signing in, a note, a step of the procedure, search, menus — all of it plain forms and links."""

from datetime import timedelta
from typing import Any

import pytest

from kefu.cases import queries
from kefu.conftest import NOW, PASSWORD
from kefu.console.tests import browsing
from kefu.console.tests.cases_world import RECEIVE, World
from kefu.kernel import moment

pytestmark = browsing.marks


@pytest.fixture
def world(handbooks: None, ground: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


@pytest.fixture
def plain(chromium: Any, live_server: Any) -> Any:
    context = chromium.new_context(
        java_script_enabled=False, locale="zh-CN", base_url=live_server.url, viewport={"width": 1440, "height": 900}
    )
    yield context.new_page()
    context.close()


def test_a_case_is_worked_on_without_script(plain: Any, world: World) -> None:
    case = world.case()
    plain.goto(f"/sign-in?next=/cases/{case.pk}")
    plain.fill("#username", "u-agent")
    plain.fill("#password", PASSWORD)
    plain.click("form.fields button")
    plain.wait_for_url(f"**/cases/{case.pk}")
    plain.fill("#note-text", "没有脚本也能写备注")
    plain.click("#note-form [data-send]")
    plain.wait_for_load_state()
    assert "没有脚本也能写备注" in plain.text_content("#timeline")
    step = plain.locator("details.step").first
    if step.get_attribute("open") is None:
        step.locator("summary").click()
    form = step.locator("form")
    before = case.step
    for name, value in RECEIVE.items():
        field = form.locator(f'[name="{name}"]').first
        if field.count() == 0:
            continue
        if field.evaluate("field => field.tagName") == "SELECT":
            field.select_option(value)
        elif field.get_attribute("type") == "radio":
            form.locator(f'[name="{name}"][value="{value}"]').check()
        else:
            field.fill(value)
    form.locator("button[type=submit]").last.click()
    plain.wait_for_load_state()
    detail = queries.detail(world.actor("agent"), case.pk, now=moment.now())
    assert detail.case.version > case.version, plain.locator(".field-error").all_text_contents()
    assert detail.case.step != before


def test_menus_search_and_help_open_without_script(plain: Any, world: World) -> None:
    world.person("agent")
    plain.goto("/sign-in?next=/search?q=延误")
    plain.fill("#username", "u-agent")
    plain.fill("#password", PASSWORD)
    plain.click("form.fields button")
    plain.wait_for_selector("#found")
    assert not plain.is_visible("[data-opens-palette]")
    plain.fill("#search", "回电")
    plain.press("#search", "Enter")
    plain.wait_for_selector("#found-clauses")
    plain.click('a[aria-label="本页帮助"]')
    plain.wait_for_url("**/help/*")
    plain.click('summary[title="我的账号"]')
    plain.click("text=退出登录")
    plain.wait_for_url("**/sign-in")


def test_the_setup_of_an_empty_product_needs_no_script(plain: Any, handbooks: None) -> None:
    from kefu.people import founding

    founding.code_path().unlink(missing_ok=True)
    plain.goto("/sign-in")
    plain.click('a[href="/setup"]')
    given = {"code": founding.invitation(), "site_name": "总部", "site_code": "HQ", "name": "陈总", "staff_no": "1", "username": "chen"}
    for name, value in {**given, "password": PASSWORD, "again": PASSWORD}.items():
        plain.fill(f"#{name}", value)
    plain.select_option("#handbook", "best")
    plain.click("form.fields button")
    plain.wait_for_url("**/getting-started")
    assert plain.locator(".setup-step").count() == 7
