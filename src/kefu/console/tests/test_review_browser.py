"""Scoring without a mouse, in a real browser (QA6)."""

from collections.abc import Iterator
from typing import Any

import pytest

from kefu import conftest as whole_house
from kefu.conftest import PASSWORD, Cast
from kefu.console.tests import browsing
from kefu.console.tests import test_conversations as talks
from kefu.console.tests.browsing import sign_in, watched_tab
from kefu.people.models import Staff
from kefu.review.models import Task

pytestmark = [*browsing.marks, pytest.mark.usefixtures("handbooks")]

hire, store = whole_house.hire, talks.store


@pytest.fixture
def tab(chromium: Any, live_server: Any, cast: Cast) -> Iterator[Any]:
    with watched_tab(chromium, live_server) as page:
        sign_in(page, Staff.objects.get(pk=cast.inspector.id).username, PASSWORD, "/account")
        yield page


def test_a_conversation_is_scored_by_keys_alone(tab: Any, store: Any) -> None:
    (pk,) = store(talks.BAD)
    tab.goto(f"/conversations/{pk}")
    tab.click(f"form[action='/conversations/{pk}/review'] button")
    tab.wait_for_selector("html[data-js] [data-review-sheet]")
    items = tab.locator("[data-review-item]")
    tab.keyboard.press("n")
    assert tab.locator(".hit-note.is-current").count() == 1
    for place in range(items.count()):
        tab.keyboard.press("j")
        assert "is-current" in str(items.nth(place).get_attribute("class"))
        said = items.nth(place).locator(".badge").first.text_content()
        if items.nth(place).locator("input:checked").count() == 0 or place == 0:
            tab.keyboard.press("1")
            assert items.nth(place).locator("input[value=breached]").is_checked()
            tab.keyboard.press("r")
            tab.keyboard.type(f"第{place}项 {said}")
            tab.keyboard.press("Escape")
    tab.keyboard.press("k")
    assert "is-current" in str(items.nth(items.count() - 2).get_attribute("class"))
    browsing.until(tab, "document.querySelector('[data-review-saved]').textContent !== ''")
    assert Task.objects.get().draft
    tab.keyboard.press("Control+Enter")
    tab.wait_for_url("**/review?free=1")
    done = Task.objects.get()
    assert (done.state, done.judged_items) == ("done", items.count() or done.judged_items)
    assert done.seconds is not None
