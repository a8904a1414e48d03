"""The walk from hit to hit, and the draft editor, in a real browser."""

from collections.abc import Iterator
from typing import Any

import pytest

from kefu import conftest as whole_house
from kefu.conftest import PASSWORD, Cast
from kefu.console.tests import browsing
from kefu.console.tests import test_conversations as talks
from kefu.console.tests.browsing import sign_in, watched_tab
from kefu.people.models import Staff

pytestmark = [*browsing.marks, pytest.mark.usefixtures("handbooks")]

hire, store = whole_house.hire, talks.store


@pytest.fixture
def tab(chromium: Any, live_server: Any, cast: Cast) -> Iterator[Any]:
    with watched_tab(chromium, live_server) as page:
        sign_in(page, Staff.objects.get(pk=cast.manager.id).username, PASSWORD, "/account")
        yield page


def current(tab: Any) -> str:
    return str(tab.text_content(".hit-note.is-current .hit-no"))


def test_keys_walk_from_hit_to_hit_and_marks_lead_to_their_notes(tab: Any, store: Any) -> None:
    (pk,) = store(talks.BAD)
    tab.goto(f"/conversations/{pk}")
    tab.wait_for_selector("html[data-js]")
    notes = tab.locator("[data-hit]").count()
    assert notes > 3
    for wanted in ("1", "2", "3"):
        tab.keyboard.press("n")
        assert current(tab) == wanted
    tab.keyboard.press("p")
    assert current(tab) == "2"
    for _ in range(notes):
        tab.keyboard.press("n")
    assert current(tab) == "2"
    tab.click(".hit >> nth=0")
    note = tab.get_attribute(".hit-note.is-current", "data-hit")
    assert note in str(tab.get_attribute(".hit >> nth=0", "data-findings")).split()
    assert tab.url.endswith(f"#finding-{note}")
    tab.click(".item-hit >> nth=0")
    assert tab.locator(".hit-note.is-current").count() == 1
    tab.goto(f"/conversations/{pk}#finding-{note}")
    tab.reload()
    tab.wait_for_selector(f"#finding-{note}.is-current")


def test_problems_of_a_draft_lead_to_their_line(tab: Any) -> None:
    tab.goto("/handbooks/drafts/new")
    tab.wait_for_selector(".code-lines")
    tab.fill("#draft-text", "handbook: tiny\ntitle: 小手册\neffective_from: 2026-01-01\nnonsense: 1\n" + "\n" * 200)
    tab.wait_for_selector(".problem")
    assert tab.locator(".code-lines").count() == 1
    assert str(tab.text_content(".code-lines")).startswith("1\n2\n3")
    tab.click(".problem[data-goto-line='4']")
    start, end = tab.evaluate("(() => { const a = document.querySelector('#draft-text'); return [a.selectionStart, a.selectionEnd]; })()")
    assert "nonsense: 1".endswith(tab.input_value("#draft-text")[start:end])
    assert tab.evaluate("window.scrollY") < 600


def test_a_reference_after_the_hash_opens_the_clause(tab: Any) -> None:
    tab.goto("/handbooks/best@1#clocks.call_back")
    tab.wait_for_url("**/handbooks/best@1/clauses/clocks.call_back")


def test_a_clause_is_read_on_hover_and_on_focus_and_put_away_by_escape(tab: Any, store: Any) -> None:
    (pk,) = store(talks.BAD)
    tab.goto(f"/conversations/{pk}")
    tab.wait_for_selector("html[data-js]")
    peek = tab.locator("[data-peek]").first
    card, link = peek.locator("[role=tooltip]"), peek.locator("a")
    assert not card.is_visible()
    link.hover()
    assert card.is_visible()
    assert link.get_attribute("aria-describedby") == card.get_attribute("id")
    card.hover()
    assert card.is_visible()
    tab.keyboard.press("Escape")
    assert not card.is_visible()
    tab.mouse.move(0, 0)
    link.focus()
    assert card.is_visible()
    link.evaluate("one => one.blur()")
    assert not card.is_visible()


def test_bars_of_the_card_and_its_line_for_the_team_are_drawn(tab: Any, store: Any, cast: Cast) -> None:
    """Two axes on one chart: the script took them for one and failed."""
    store(talks.BAD)
    tab.goto(f"/scorecards/{cast.agent.id}?since=2026-11-01&until=2026-11-30")
    tab.wait_for_selector("[data-chart] canvas")
    tab.goto("/day?since=2026-11-20&until=2026-11-22")
