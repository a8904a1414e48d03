import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from django.test import Client

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db]


class Inline(HTMLParser):
    """Collects what a strict policy would block, and ids used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [value for name, value in attrs if name == "id" and value]
        if tag == "style" or "style" in given or any(name.startswith("on") for name in given):
            self.bad.append(f"{tag} {given}")
        if tag == "script" and "src" not in given and given.get("type") != "application/json":
            self.bad.append(tag)


@pytest.mark.parametrize(
    "path", ["/sign-in", "/account", "/account/sessions", "/account/password", "/account/second-step", "/style", "/nowhere"]
)
def test_pages_obey_their_own_policy(path: str, signed_in: Callable[[str], Client]) -> None:
    answer = (Client() if path == "/sign-in" else signed_in("admin")).get(path)
    found = Inline()
    found.feed(answer.content.decode())
    assert found.bad == []
    assert len(found.ids) == len(set(found.ids))
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert len(answer.content) < 120_000


def test_theme_is_drawn_by_the_server_so_nothing_flashes(client: Client) -> None:
    assert "data-theme=" not in client.get("/sign-in").content.decode()
    answer = client.post("/theme", {"theme": "dark"}, headers={"Referer": "http://testserver/sign-in"})
    assert answer["Location"] == "/sign-in"
    assert 'data-theme="dark"' in client.get("/sign-in").content.decode()
    client.post("/theme", {"theme": '"><script>'})
    assert 'data-theme="dark"' in client.get("/sign-in").content.decode()


def test_language_choice_stays_with_the_browser(client: Client) -> None:
    assert client.post("/language", {"language": "en", "next": "/sign-in?next=/a"})["Location"] == "/sign-in?next=/a"
    assert '<html lang="en"' in client.get("/sign-in").content.decode()
    client.post("/language", {"language": "xx"})
    assert '<html lang="en"' in client.get("/sign-in").content.decode()


def test_pages_of_people_signed_in_are_not_kept_by_shared_caches(signed_in: Callable[[str], Client]) -> None:
    assert signed_in("agent").get("/account")["Cache-Control"] == "private, no-cache"


def test_the_style_page_is_for_those_who_build(signed_in: Callable[[str], Client]) -> None:
    assert signed_in("agent").get("/style").status_code == 403
    assert "界面样式" not in signed_in("lead").get("/account").content.decode()


def test_style_page_shows_every_state_of_a_clock(signed_in: Callable[[str], Client]) -> None:
    html = signed_in("admin").get("/style").content.decode()
    assert set(re.findall(r'class="clock above" data-state="(\w+)"', html)) == {
        "running",
        "warn",
        "breached",
        "paused",
        "met",
        "late",
        "cancelled",
    }


def test_script_failures_reach_the_log_on_one_line(signed_in: Callable[[str], Client], caplog: pytest.LogCaptureFixture) -> None:
    signed_in("agent").post("/script-failure", {"message": "boom\nforged line", "where": "/x", "stack": "s" * 9000})
    record = next(record for record in caplog.records if record.name == "kefu.console.script")
    assert "\n" not in record.getMessage()
    assert len(record.getMessage()) < 3000


def test_script_failures_hold_nothing_personal_and_have_a_mark_that_stays(
    signed_in: Callable[[str], Client], caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in("agent")
    for _again in range(2):
        client.post(
            "/script-failure", {"message": "no field for 13812345678", "where": "/cases/:id console.js:7", "stack": "at 13812345678"}
        )
    records = [record for record in caplog.records if record.name == "kefu.console.script"]
    assert "13812345678" not in "".join(record.getMessage() for record in records)
    assert {(record.code, record.role) for record in records} == {("script_failed", "agent")}
    assert len({record.mark for record in records}) == 1


def test_a_page_that_fails_again_and_again_does_not_fill_the_log(
    signed_in: Callable[[str], Client], caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in("agent")
    for number in range(40):
        assert client.post("/script-failure", {"message": f"boom {number}"}).status_code == 204
    # A minute may end in the middle.
    assert len([record for record in caplog.records if record.name == "kefu.console.script"]) <= 20


def test_alive_asks_nothing(client: Client, django_assert_num_queries: Callable[..., object]) -> None:
    with django_assert_num_queries(0):  # type: ignore[attr-defined]
        assert client.get("/alive").status_code == 204


@pytest.mark.parametrize("path", ["/account", "/style"])
def test_the_shell_costs_three_queries(
    path: str, signed_in: Callable[[str], Client], django_assert_max_num_queries: Callable[..., object]
) -> None:
    client = signed_in("admin")
    client.get(path)
    # Session, person, session row; the account page reads the person with site and team once more.
    with django_assert_max_num_queries(4 if path == "/account" else 3):  # type: ignore[attr-defined]
        client.get(path)
