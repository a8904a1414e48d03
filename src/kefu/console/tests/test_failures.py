import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client

from kefu.console import failures
from kefu.people import sign_in

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db]
EXPECTED = [
    ("not-found", 404, "not_found"),
    ("denied", 403, "denied"),
    ("stale", 409, "stale"),
    ("conflict", 409, "conflict"),
    ("invalid", 422, "invalid"),
    ("too-many", 429, "too_many"),
    ("database", 503, "database_away"),
    ("unknown", 500, "failed"),
]


@pytest.fixture
def browser() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(("kind", "status", "code"), EXPECTED)
def test_each_failure_as_page_toast_and_json(kind: str, status: int, code: str, browser: Client) -> None:
    page = browser.get(f"/fail/{kind}")
    html = page.content.decode()
    assert page.status_code == status
    assert html.startswith("<!doctype html>")
    assert f"{status} · {code}" in html
    assert "secret detail" not in html

    toast = browser.get(f"/fail/{kind}", headers={"HX-Request": "true"})
    words = toast.content.decode()
    assert (toast.status_code, toast["HX-Reswap"], toast["X-Kefu-Error"]) == (status, "none", code)
    assert words.strip().startswith('<div hx-swap-oob="beforeend:#toasts"><div class="toast')
    assert "<html" not in words

    body = browser.get(f"/fail/{kind}", headers={"Accept": "application/json"})
    assert body.status_code == status
    assert body.json()["code"] == code
    assert body.json()["message"]
    for answer in (page, toast, body):
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_field_errors_and_waiting_times_reach_programs(browser: Client) -> None:
    assert browser.get("/fail/invalid", headers={"Accept": "application/json"}).json()["fields"] == {"phone": "请填写电话。"}
    assert browser.get("/fail/too-many")["Retry-After"] == "30"
    away = browser.get("/fail/database")
    assert away["Retry-After"] == "10"
    assert '<meta http-equiv="refresh" content="10">' in away.content.decode()


def test_the_number_of_an_unknown_failure_is_in_the_log(browser: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "kefu.console"):
        number = browser.get("/fail/unknown", headers={"Accept": "application/json"}).json()["number"]
    record = next(record for record in caplog.records if number in record.getMessage())
    assert record.exc_info is not None
    assert "secret detail" in str(record.exc_info[1])


def test_a_database_that_is_away_when_the_actor_is_read(signed_in: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in("agent")

    def away(**_: Any) -> bool:
        raise OperationalError("could not connect to server")

    with monkeypatch.context() as patch:
        patch.setattr(sign_in, "touch_session", away)
        answer = client.get("/account")
    assert answer.status_code == 503
    assert "暂时无法连接数据库" in answer.content.decode()
    assert answer["Content-Security-Policy"]
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (OperationalError("connection to server at 10.0.0.1 failed"), True),
        (InterfaceError("connection already closed"), True),
        (OperationalError("database is locked"), True),
        (OperationalError("no such table: x"), False),
        (ValueError("x"), False),
    ],
)
def test_what_counts_as_the_database_being_away(error: Exception, away: bool) -> None:
    assert failures.database_is_away(error) is away


def test_unknown_address_keeps_the_navigation_for_people_signed_in(signed_in: Callable[[str], Client], browser: Client) -> None:
    inside, outside = signed_in("agent").get("/nowhere"), browser.get("/nowhere")
    assert (inside.status_code, outside.status_code) == (404, 404)
    assert 'class="rail"' in inside.content.decode()
    assert 'class="rail"' not in outside.content.decode()


def test_an_expired_form_says_what_to_do() -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post("/sign-in", {"username": "a", "password": "b"})
    assert answer.status_code == 403
    assert "页面已过期" in answer.content.decode()


def test_when_the_failure_page_fails_words_are_left(browser: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("template")

    monkeypatch.setattr(failures.rendering, "render", broken)
    answer = browser.get("/fail/unknown")
    assert (answer.status_code, answer["Content-Type"]) == (500, "text/plain; charset=utf-8")
    assert answer.content.decode().startswith("出错了")
