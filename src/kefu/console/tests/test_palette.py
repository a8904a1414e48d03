"""The command palette: what it offers to whom, what it finds, and how it is worked by keys alone."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from kefu.cases import queries
from kefu.conftest import NOW, PASSWORD
from kefu.console.pinyin import sounds
from kefu.console.tests import browsing
from kefu.console.tests.browsing import watched_tab
from kefu.console.tests.cases_world import PHONE, WAYBILL, World
from kefu.kernel import moment
from kefu.reactions import run as reactions

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def world(ground: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    return World(ground)


def commands(world: World, role: str, **asked: Any) -> str:
    answer = world.client(role).get("/palette", asked)
    assert answer["Cache-Control"] == "no-store"
    return answer.content.decode()


def hits(world: World, role: str, text: str) -> str:
    answer = world.client(role).post("/palette", {"q": text})
    assert len(answer.content) < 30_000
    return answer.content.decode()


@pytest.mark.parametrize(("words", "wanted"), [("工单", "gd gongdan"), ("新建工单", "xjgd xinjiangongdan"), ("Switch to English", "")])
def test_words_can_be_typed_by_their_sounds(words: str, wanted: str) -> None:
    assert sounds(words) == wanted


def test_everybody_is_offered_what_they_may_open(world: World) -> None:
    agent, admin = commands(world, "agent"), commands(world, "admin")
    assert 'data-href="/cases"' in agent
    assert 'data-href="/cases/new"' in agent
    assert 'data-href="/phrases"' in agent
    assert 'data-href="/people"' not in agent
    assert 'data-href="/audit"' not in agent
    assert 'data-href="/audit"' in admin
    assert 'data-href="/people/new"' in admin


def test_labels_of_the_page_come_back_with_their_sounds(world: World) -> None:
    page = commands(world, "agent", label=["领取", "催单", "长" * 200])
    assert '"领取":"lq lingqu"' in page
    assert "长长" not in page


def test_what_was_open_is_named_under_the_rights_of_now(world: World) -> None:
    world.parcel()
    case = world.case()
    paths = [f"/cases/{case.pk}", f"/parcels/{WAYBILL}", f"/customers/{case.customer_id}", "/cases/99999999", "/cases/new", "/../etc"]
    own = commands(world, "agent", recent=paths)
    assert f'data-href="/cases/{case.pk}"' in own
    assert own.index(f'data-href="/cases/{case.pk}"') < own.index(f'data-href="/parcels/{WAYBILL}"')
    assert PHONE not in own
    outside = commands(world, "outsider", recent=paths)
    assert f'data-href="/cases/{case.pk}"' not in outside
    assert f'data-href="/customers/{case.customer_id}"' not in outside


def test_it_finds_cases_parcels_customers_people_and_clauses(world: World) -> None:
    world.parcel()
    case = world.case()
    reactions.run_all(now=moment.now())
    manager = world.person("manager")
    assert f'data-href="/cases/{case.pk}"' in hits(world, "agent", "更新")
    assert f'data-href="/parcels/{WAYBILL}"' in hits(world, "agent", WAYBILL)
    assert f'data-href="/customers/{case.customer_id}"' in hits(world, "agent", PHONE)
    assert f'data-href="/people/{manager.pk}"' in hits(world, "lead", "manager-姓名")
    assert 'data-href="/handbooks/best@1/clauses/' in hits(world, "agent", "回电")


def test_an_outsider_finds_nothing(world: World) -> None:
    world.parcel()
    case = world.case()
    reactions.run_all(now=moment.now())
    for text in ("更新", WAYBILL, PHONE):
        page = hits(world, "outsider", text)
        assert f"/cases/{case.pk}" not in page
        assert WAYBILL not in page
    assert "/people/" not in hits(world, "agent", "姓名")


@pytest.mark.parametrize("text", ["", " ", "\0", "%", '<script>alert("x")</script>', "长" * 500])
def test_any_text_is_answered(world: World, text: str) -> None:
    assert "<script>" not in hits(world, "agent", text)


# ── In a browser ────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def tab(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Any]:
    """A tab of the agent on a case of theirs; any complaint of the browser fails the test."""
    live_server = request.getfixturevalue("live_server")
    world: World = request.getfixturevalue("world")
    case = world.case()
    reactions.run_all(now=moment.now())
    with watched_tab(chromium, live_server) as page:
        browsing.sign_in(page, "u-agent", PASSWORD, f"/cases/{case.pk}")
        page.wait_for_selector("html[data-js] #case")
        yield page


def _mark(*marks: pytest.MarkDecorator) -> Any:
    def apply(function: Any) -> Any:
        for mark in marks:
            function = mark(function)
        return function

    return apply


def chosen(tab: Any) -> str:
    return str(tab.locator('#palette [aria-selected="true"]').text_content())


@_mark(*browsing.marks)
def test_keys_alone_go_to_a_page_by_initials(tab: Any) -> None:
    tab.keyboard.press("Control+k")
    tab.wait_for_selector('#palette[open] [role="option"]')
    tab.keyboard.type("kj")
    assert "快件" in chosen(tab)
    assert tab.get_attribute("#palette input", "aria-activedescendant") == tab.get_attribute('#palette [aria-selected="true"]', "id")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/parcels")
    tab.keyboard.press("Control+k")
    tab.wait_for_selector('#palette [data-group="recent"] [role="option"]')
    assert re.fullmatch(r"/cases/\d+", str(tab.get_attribute('#palette [data-group="recent"] [role="option"]', "data-href")))


@_mark(*browsing.marks)
def test_the_pages_own_actions_are_offered_and_pressed(tab: Any) -> None:
    tab.keyboard.press("Control+k")
    tab.wait_for_selector('#palette [data-group="page"] [role="option"]')
    tab.keyboard.type("cd")
    assert "催单" in chosen(tab)
    tab.keyboard.press("Enter")
    tab.wait_for_selector("dialog#urge[open]")


@_mark(*browsing.marks)
def test_the_next_case_is_taken_from_anywhere(tab: Any, world: World) -> None:
    world.case("lead", description="另一件待领取的工单")
    tab.goto("/parcels")
    tab.keyboard.press("Control+k")
    tab.wait_for_selector('#palette [data-posts="/desk/next"]')
    tab.keyboard.type("lqxyj")
    tab.keyboard.press("Enter")
    tab.wait_for_url(re.compile(r"/cases/\d+$"))
    taken = queries.detail(world.actor("agent"), int(tab.url.rpartition("/")[2]), now=moment.now()).case
    assert taken.assignee_id == world.person("agent").pk


@_mark(*browsing.marks)
def test_one_request_for_each_pause_and_escape_gives_the_focus_back(tab: Any) -> None:
    asked: list[str] = []
    tab.on(
        "request", lambda request: asked.append(request.post_data or "") if request.url.endswith("/palette") and request.post_data else None
    )
    tab.focus("#search")
    tab.keyboard.press("Control+k")
    tab.wait_for_selector('#palette[open] [role="option"]')
    # Four letters within the pause, however slow the machine is.
    tab.evaluate("""() => { const field = document.querySelector("#palette input");
        for (const words of ["没", "没有", "没有更", "没有更新"]) {
            field.value = words;
            field.dispatchEvent(new Event("input", {bubbles: true}));
        } }""")
    tab.wait_for_selector('#palette [data-group="hits"] [data-href^="/cases/"]')
    assert len(asked) == 1
    tab.keyboard.press("Escape")
    tab.wait_for_selector("#palette", state="hidden")
    assert tab.evaluate("document.activeElement.id") == "search"


@_mark(*browsing.marks)
def test_keys_other_products_taught(tab: Any) -> None:
    """Next case of the list, the number copied, a note by another letter, letters that do nothing while typing."""
    here = tab.url
    tab.goto("/cases?view=open")
    tab.click("a.row-link")
    tab.wait_for_selector("#case")
    tab.keyboard.press("Alt+j")
    assert tab.url.split("?")[0] == here.split("?")[0]
    tab.evaluate("Object.defineProperty(navigator, 'clipboard', {value: undefined})")
    tab.keyboard.press(".")
    tab.wait_for_selector("#toasts .toast-good")
    assert "K0000" in tab.text_content("#toasts")
    tab.keyboard.press("x")
    tab.wait_for_selector("#note-text:focus")
    tab.keyboard.type("txu.")
    assert tab.input_value("#note-text") == "txu."
    assert tab.locator("dialog[open]").count() == 0
    tab.keyboard.press("Control+/")
    tab.wait_for_selector("#key-sheet[open]")
