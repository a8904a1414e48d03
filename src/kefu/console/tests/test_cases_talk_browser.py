"""Writing on a case in a real browser: an agent's morning, drafts that survive, two at once, signed out while typing."""

from datetime import timedelta

import pytest

from kefu.cases import queries, replies
from kefu.conftest import NOW, PASSWORD
from kefu.console.tests import browsing
from kefu.console.tests.browsing import settled, watched_tab
from kefu.console.tests.cases_world import World
from kefu.desk import drafts, phrases
from kefu.kernel import moment

pytestmark = [*browsing.marks, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


@pytest.fixture
def tab(chromium, live_server, world):
    """The agent's tab; any complaint of the browser about script or policy fails the test."""
    world.person("agent")
    with watched_tab(chromium, live_server) as page:
        sign_in(page)
        yield page
        settled(page)


def sign_in(page):
    browsing.sign_in(page, "u-agent", PASSWORD, "/desk")
    page.wait_for_selector("html[data-js]")


def opened(tab, case):
    tab.goto(f"/cases/{case.pk}")
    tab.wait_for_selector("html[data-js]")


def test_an_agents_morning(tab, world):
    """Take the next, say what the script says, take the step, reply with a phrase, send and go on."""
    agent = world.actor("agent")
    first = world.case()
    second = world.case(waybill="", assignee_id=world.person("agent").pk)
    phrases.create(actor=agent, scope="own", values={"title": "请放心", "text": "{客户称呼}，我们在跟进运单{运单号}。"}, now=NOW)
    tab.goto("/desk")
    tab.wait_for_selector("html[data-js]")
    tab.keyboard.press("t")
    tab.wait_for_url(f"**/cases/{first.pk}*")
    tab.wait_for_selector("#step-receive[open] blockquote")
    tab.fill("#receive-caller_name", "王女士")
    tab.fill("#receive-caller_phone", "13812345678")
    tab.check("input[name=receive-caller_role][value=recipient]")
    tab.fill("#receive-statement", "三天没更新")
    tab.fill("#receive-demand", "尽快派送")
    tab.click("#form-receive button[type=submit]")
    tab.wait_for_selector(".timeline >> text=完成“受理投诉”")
    tab.click("label[for=mode-reply]")
    tab.keyboard.type("/qfx")
    tab.wait_for_selector("#pick [aria-selected=true] >> text=请放心")
    tab.keyboard.press("Enter")
    assert tab.input_value("#reply-text") == "王女士，我们在跟进运单50004090806944。"
    tab.click("#reply-form button[value=next]")
    tab.wait_for_url(f"**/cases/{second.pk}*")
    assert queries.detail(agent, first.pk, now=moment.now()).timeline[-1].entry.kind == "reply"


def test_the_form_of_a_step_is_kept_too(tab, world):
    """Half a form, the tab lost: the form is open again with every kind of field as it was; taking the step ends the draft."""
    case = world.case()
    opened(tab, case)
    tab.fill("#receive-caller_name", "王女士")
    tab.check("input[name=receive-caller_role][value=recipient]")
    tab.fill("#receive-statement", "三天没更新")
    tab.wait_for_selector("#form-receive [data-saved]:has-text('草稿已保存')")
    opened(tab, case)
    assert tab.input_value("#receive-caller_name") == "王女士"
    assert tab.is_checked("input[name=receive-caller_role][value=recipient]")
    assert tab.input_value("#receive-statement") == "三天没更新"
    tab.fill("#receive-caller_phone", "13812345678")
    tab.fill("#receive-demand", "尽快派送")
    tab.click("#form-receive button[type=submit]")
    tab.wait_for_selector("#step-receive", state="detached")
    assert drafts.mine(world.actor("agent")) == []


def test_a_draft_outlives_the_tab_and_a_change_of_mode(tab, world):
    case = world.case()
    opened(tab, case)
    tab.click("label[for=mode-reply]")
    tab.fill("#reply-text", "写到一半的回复")
    tab.wait_for_selector("#reply-form [data-saved] >> text=草稿已保存")
    tab.click("label[for=mode-note]")
    tab.fill("#note-text", "另有一条备注")
    tab.wait_for_selector("#note-form [data-saved] >> text=草稿已保存")
    other = tab.context.new_page()
    opened(other, case)
    assert other.input_value("#reply-text") == "写到一半的回复"
    assert other.input_value("#note-text") == "另有一条备注"
    # The other tab is later; the first one is told and takes that text.
    # The line may say "saved" of the text the page came with: what counts is the answer to this one.
    with other.expect_response(lambda answer: answer.url.endswith("/draft") and answer.ok):
        other.fill("#note-text", "第二个标签页的备注")
    tab.fill("#note-text", "第一个标签页又写")
    tab.click("#note-form [data-saved] >> text=用那份")
    assert tab.input_value("#note-text") == "第二个标签页的备注"


def test_two_who_answer_at_once_the_second_is_stopped_and_decides(tab, world):
    case = world.case()
    opened(tab, case)
    tab.click("label[for=mode-reply]")
    tab.fill("#reply-text", "我的答复")
    replies.reply_to_customer(actor=world.actor("second"), case_id=case.pk, text="同事的答复", channel="call", now=NOW)
    tab.press("#reply-text", "Control+Enter")
    tab.wait_for_selector("#stopped >> text=同事的答复")
    assert tab.input_value("#reply-text") == "我的答复"
    tab.click("#reply-form [data-send] >> text=仍然发送")
    tab.wait_for_selector(".timeline >> text=我的答复")
    assert tab.input_value("#reply-text") == ""


def test_signed_out_while_typing_loses_nothing(tab, world):
    case = world.case()
    opened(tab, case)
    cookies = tab.context.cookies()
    tab.context.clear_cookies(name="sessionid")
    assert cookies
    tab.click("label[for=mode-note]")
    tab.fill("#note-text", "很长的备注，不能丢")
    tab.wait_for_selector("#note-form [data-saved] >> text=登录已过期")
    tab.press("#note-text", "Control+Enter")
    tab.wait_for_url("**/sign-in*")
    tab.fill("#username", "u-agent")
    tab.fill("#password", PASSWORD)
    tab.press("#password", "Enter")
    tab.wait_for_url(f"**/cases/{case.pk}*")
    tab.wait_for_selector(".toast-good")
    assert tab.input_value("#note-text") == "很长的备注，不能丢"
