"""The case page in a real browser: typed text outlives swaps, dialogs come back with their errors, files drop in, keys walk."""

from datetime import timedelta

import pytest

from kefu.cases import upkeep
from kefu.conftest import NOW, PASSWORD
from kefu.console.tests import browsing
from kefu.console.tests.browsing import settled, sign_in, watched_tab
from kefu.console.tests.cases_world import World
from kefu.kernel import moment

pytestmark = [*browsing.marks, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


@pytest.fixture
def tab(chromium, live_server, world):
    """The lead's tab; any complaint of the browser about script or policy fails the test."""
    world.person("lead")
    with watched_tab(chromium, live_server) as page:
        sign_in(page, "u-lead", PASSWORD, "/cases")
        yield page
        settled(page)


def opened(tab, case):
    tab.goto(f"/cases/{case.pk}")
    tab.wait_for_selector("html[data-js]")


def test_a_note_is_saved_and_what_stands_half_typed_elsewhere_stays(tab, world):
    opened(tab, world.case())
    tab.fill("#receive-statement", "写到一半")
    tab.check("input[name=receive-caller_role][value=sender]")
    tab.fill("#note-text", "第一条备注")
    tab.press("#note-text", "Control+Enter")
    tab.wait_for_selector(".timeline >> text=第一条备注")
    tab.wait_for_selector(".toast-good")
    assert tab.input_value("#receive-statement") == "写到一半"
    assert tab.is_checked("input[name=receive-caller_role][value=sender]")
    assert tab.input_value("#note-text") == ""


def test_a_dialog_comes_back_with_its_error_and_closes_when_done(tab, world):
    opened(tab, world.case())
    tab.keyboard.press("e")
    tab.wait_for_selector("#escalate[open]")
    tab.select_option("#escalate-level", "escalated")
    tab.fill("#escalate-reason", "短")
    tab.click("#escalate-form button")
    tab.wait_for_selector("#escalate[open] .field-error")
    assert tab.input_value("#escalate-reason") == "短"
    tab.fill("#escalate-reason", "客户要求经理处理")
    tab.click("#escalate-form button")
    tab.wait_for_selector("#escalate:not([open])", state="attached")
    tab.wait_for_selector(".case-marks >> text=已升级")
    # The page is not left inert behind a dialog that is gone.
    tab.fill("#note-text", "可以继续写")


def test_a_stale_step_keeps_what_was_typed_and_says_what_changed(tab, world):
    case = world.case()
    opened(tab, case)
    tab.fill("#receive-caller_name", "王女士")
    tab.fill("#receive-caller_phone", "13812345678")
    tab.check("input[name=receive-caller_role][value=recipient]")
    tab.fill("#receive-statement", "三天没更新")
    tab.fill("#receive-demand", "尽快派送")
    upkeep.urge(actor=world.actor("second"), case_id=case.pk, text="再催", now=NOW + timedelta(minutes=9))
    tab.click("#form-receive button[type=submit]")
    tab.wait_for_selector("#changed >> text=客户催单")
    assert tab.input_value("#receive-statement") == "三天没更新"
    tab.click("#form-receive button[type=submit]")
    tab.wait_for_selector(".timeline >> text=完成“受理投诉”")


def test_files_go_up_as_soon_as_they_are_chosen(tab, world):
    opened(tab, world.case())
    tab.set_input_files("#files-input", {"name": "证据.txt", "mimeType": "text/plain", "buffer": b"x"})
    tab.wait_for_selector(".files >> text=证据.txt")
    assert tab.evaluate("document.querySelector('#step-receive').open") is True


def test_the_list_is_walked_and_filtered_in_place(tab, world):
    world.case(waybill="")
    second = world.case(kind="damage", waybill="")
    tab.goto("/cases")
    tab.wait_for_selector("html[data-js]")
    tab.evaluate("window.same = true")
    tab.select_option("select[name=kind]", "damage")
    tab.wait_for_selector(".chip")
    assert tab.evaluate("window.same") is True
    assert tab.url.endswith("/cases?kind=damage")
    tab.go_back()
    tab.wait_for_url("**/cases")
    tab.wait_for_selector("html[data-js]")
    tab.select_option("select[name=kind]", "damage")
    tab.wait_for_selector(".chip")
    tab.keyboard.press("j")
    tab.keyboard.press("Enter")
    tab.wait_for_url(f"**/cases/{second.pk}")
