"""The script in a real browser: what no test of the server can see."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from kefu.console.tests import browsing
from kefu.console.tests.conftest import PASSWORD
from kefu.people import sign_in

pytestmark = browsing.marks


@pytest.fixture
def tab(chromium: Any, live_server: Any, hire: Callable[[str], Any]) -> Iterator[Any]:
    """A tab signed in as the administrator on the style page; any complaint of the browser fails the test."""
    hire("admin")
    with browsing.watched_tab(chromium, live_server) as page:
        browsing.sign_in(page, "user-admin", PASSWORD, "/style")
        page.wait_for_selector("html[data-js]")
        yield page


def test_theme_changes_without_a_reload_and_stays(tab: Any) -> None:
    tab.evaluate("window.same = true")
    tab.click('summary[aria-label="外观"]')
    with tab.expect_response("**/theme"):
        tab.click('.topbar button[value="dark"]')
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"
    assert tab.evaluate("window.same") is True
    tab.reload()
    assert tab.evaluate("document.documentElement.dataset.theme") == "dark"


def test_a_clock_ticks_and_says_when_it_is_over(tab: Any) -> None:
    tab.evaluate("""() => {
        const clock = document.querySelector('.clock[data-state="running"]');
        clock.id = "tested";
        clock.dataset.warn = new Date(Date.now() - 1000).toISOString();
    }""")
    tab.wait_for_selector('#tested[data-state="warn"]')
    assert "即将超时" in tab.text_content("#tested")
    tab.evaluate("document.querySelector('#tested').dataset.due = new Date(Date.now() - 61000).toISOString()")
    tab.wait_for_selector('#tested[data-state="breached"]')
    assert "已超时" in tab.text_content("#tested")
    assert "超 1 分" in tab.text_content("#tested")


def test_keys_are_off_while_typing(tab: Any) -> None:
    tab.keyboard.press("n")
    tab.wait_for_selector("#sample-modal[open]")
    tab.keyboard.press("Escape")
    tab.wait_for_selector("#sample-modal:not([open])", state="attached")
    tab.fill("#text", "")
    tab.type("#text", "n?")
    assert tab.input_value("#text") == "n?"
    assert tab.locator("dialog[open]").count() == 0
    tab.locator("#text").blur()
    tab.keyboard.press("?")
    tab.wait_for_selector("#key-sheet[open]")


def test_dialog_gives_the_focus_back(tab: Any) -> None:
    opener = tab.locator("#buttons [data-opens=sample-drawer]")
    opener.focus()
    tab.keyboard.press("Enter")
    tab.wait_for_selector("#sample-drawer[open]")
    tab.keyboard.press("Escape")
    assert opener.evaluate("element => element === document.activeElement")


def test_copying_a_waybill_works_without_a_secure_context(tab: Any) -> None:
    tab.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    tab.locator(".waybill .copy").first.click()
    tab.wait_for_selector(".waybill .copy[data-copied]")
    assert "773025146889012" in tab.text_content("#announce")


def _part(tab: Any, path: str) -> None:
    """Ask for a part by htmx, as a button on the page would."""
    tab.evaluate("path => htmx.ajax('GET', path, {target: '#empty', swap: 'innerHTML'})", path)


def test_a_refusal_becomes_a_toast_and_changes_nothing(tab: Any) -> None:
    before = tab.inner_html("#empty")
    _part(tab, "/fail/stale")
    tab.wait_for_selector("#toasts .toast-warn")
    assert "刚被其他人修改过" in tab.text_content("#toasts")
    assert tab.inner_html("#empty") == before


def test_text_typed_before_the_session_ended_comes_back(tab: Any) -> None:
    tab.fill("#text", "客户说明天上午在家")
    tab.context.clear_cookies(name="sessionid")
    _part(tab, "/account")
    tab.wait_for_url("**/sign-in?next=%2Fstyle")
    tab.fill("#username", "user-admin")
    tab.fill("#password", PASSWORD)
    tab.press("#password", "Enter")
    tab.wait_for_url("**/style")
    tab.wait_for_selector("#toasts .toast-good")
    assert tab.input_value("#text") == "客户说明天上午在家"
    assert tab.evaluate("sessionStorage.getItem('kefu:typed')") is None


def test_a_lost_connection_is_said_and_its_return_noticed(tab: Any) -> None:
    tab.context.set_offline(True)
    tab.wait_for_selector("#connection:not([hidden])")
    tab.context.set_offline(False)
    tab.wait_for_selector("#connection", state="hidden")


def test_a_second_click_sends_nothing(tab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    real = sign_in.change_password

    def counted(**given: Any) -> None:
        calls.append(1)
        real(**given)

    monkeypatch.setattr(sign_in, "change_password", counted)
    tab.goto("/account/password")
    tab.fill("#old", "wrong")
    tab.fill("#new", "Another-Long-9")
    tab.fill("#again", "Another-Long-9")
    tab.evaluate("""() => {
        const form = document.querySelector('form[action="/account/password"]');
        form.requestSubmit(); form.requestSubmit(); form.requestSubmit();
    }""")
    tab.wait_for_selector(".notice-bad, .field-error")
    assert len(calls) == 1


def test_a_session_that_ends_by_a_form_does_not_throw_the_answer_of_the_form_away(tab: Any) -> None:
    streams: list[Any] = []
    tab.route("**/live?*", lambda route: streams.append(route))  # noqa: PLW0108 (a builtin cannot be handed over)
    # The console alone has no stream: the page is told of one before its script begins.
    tab.add_init_script("document.addEventListener('readystatechange', () => { document.documentElement.dataset.liveStream = '/live'; })")
    tab.add_init_script("""EventSource.prototype.close = new Proxy(EventSource.prototype.close, {
        apply(close, source) { window.closedStreams = (window.closedStreams ?? 0) + 1; return close.call(source); } })""")
    with tab.expect_request("**/live?*"):
        tab.goto("/account/password")
    tab.fill("#old", "wrong")
    # On its way and not answered yet. Held at the navigation itself, the browser would rest until the answer comes.
    tab.evaluate("document.querySelector('form[action=\"/account/password\"]').dataset.sent = ''")
    streams[0].fulfill(content_type="text/event-stream", body="event: signed-out\ndata: {}\n\n")
    browsing.until(tab, "window.closedStreams")
    assert (tab.input_value("#old"), tab.evaluate("sessionStorage.getItem('kefu:left')")) == ("wrong", None)


def test_a_failure_of_the_script_is_reported_without_what_stands_on_the_page(tab: Any) -> None:
    with tab.expect_request("**/script-failure") as sent:
        tab.evaluate("""() => { window.dispatchEvent(new ErrorEvent('error', {
            message: '王小丽 13812345678 a@b.cn: no such "long quoted text here"', error: new Error('x'),
            filename: location.origin + '/static/dist/console.js?v=1', lineno: 7,
        })); }""")
    body = sent.value.post_data
    assert "console.js:7" in body
    for personal in ("王小丽", "13812345678", "a@b.cn", "quoted text"):
        assert personal not in body
    tab.wait_for_selector("#toasts .toast-warn")
    assert "已经记录下来" in tab.text_content("#toasts")


def test_the_chart_is_drawn(tab: Any) -> None:
    tab.wait_for_selector(".chart canvas")


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_nothing_is_wider_than_the_screen(tab: Any, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 844})
    for path in ("/style", "/account", "/account/sessions", "/account/second-step"):
        tab.goto(path)
        assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth"), path


def test_pages_work_without_script(chromium: Any, live_server: Any, hire: Callable[[str], Any]) -> None:
    hire("agent")
    context = chromium.new_context(java_script_enabled=False, locale="zh-CN", base_url=live_server.url)
    page = context.new_page()
    page.goto("/sign-in?next=/account/sessions")
    page.click('button[value="dark"]')
    assert page.get_attribute("html", "data-theme") == "dark"
    page.goto("/sign-in?next=/account/sessions")
    page.fill("#username", "user-agent")
    page.fill("#password", PASSWORD)
    page.click("form.fields button")
    page.wait_for_url("**/account/sessions")
    page.click('summary[title="我的账号"]')
    page.click("text=退出登录")
    page.wait_for_url("**/sign-in")
    context.close()
