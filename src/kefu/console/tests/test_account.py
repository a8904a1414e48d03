import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from django.test import Client

from kefu.console.browsers import browser_name
from kefu.console.tests.conftest import PASSWORD

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db]


def sign_in(client: Client, role: str = "agent", password: str = PASSWORD, **more: str) -> Any:
    return client.post("/sign-in", {"username": f"user-{role}", "password": password, **more})


def test_signing_in_leads_to_the_wanted_page_of_this_host_only(hire: Callable[[str], Any]) -> None:
    hire("agent")
    assert sign_in(Client(), next="/account/sessions")["Location"] == "/account/sessions"
    assert sign_in(Client(), next="https://evil.example/")["Location"] == "/"


def test_a_wrong_password_keeps_the_name_and_says_nothing_more(hire: Callable[[str], Any], client: Client) -> None:
    hire("agent")
    wrong, unknown = sign_in(client, password="no"), sign_in(client, role="nobody")
    assert (wrong.status_code, unknown.status_code) == (401, 401)
    assert 'value="user-agent"' in wrong.content.decode()
    assert "用户名或密码不正确" in wrong.content.decode()
    assert client.get("/account").status_code == 302


def test_too_many_wrong_tries_shut_the_door_for_the_right_password_too(hire: Callable[[str], Any], client: Client) -> None:
    hire("agent")
    for _ in range(5):
        sign_in(client, password="no")
    answer = sign_in(client)
    assert answer.status_code == 429
    assert "15 分钟" in answer.content.decode()


def test_ending_a_session_shuts_that_browser_out(signed_in: Callable[[str], Client]) -> None:
    first, second = signed_in("agent"), Client()
    sign_in(second)
    number = re.search(r"/account/sessions/(\d+)/end", first.get("/account/sessions").content.decode())
    assert number is not None
    assert first.post(number.group()).status_code == 302
    assert second.get("/account").status_code == 302
    assert first.get("/account").status_code == 200
    assert first.post(number.group()).status_code == 404


def test_signing_out_ends_the_session(signed_in: Callable[[str], Client]) -> None:
    client = signed_in("agent")
    answer = client.post("/sign-out")
    assert (answer["Location"], answer["Clear-Site-Data"]) == ("/sign-in", '"cache"')
    assert client.get("/account").status_code == 302


def test_second_step(signed_in: Callable[[str], Client]) -> None:
    client = signed_in("agent")
    page = client.get("/account/second-step").content.decode()
    secret = re.search(r'class="mono">([A-Z2-7 ]+)<', page).group(1).replace(" ", "")  # type: ignore[union-attr]
    assert client.post("/account/second-step", {"code": "000000"}).status_code == 401
    totp = pyotp.TOTP(secret)
    assert client.post("/account/second-step", {"code": totp.now()}).status_code == 302
    assert "已开启" in client.get("/account").content.decode()

    other = Client()
    answer = sign_in(other, next="/account")
    assert answer["Location"] == "/sign-in/code?next=%2Faccount"
    assert other.get("/account").status_code == 302
    assert other.post("/sign-in/code", {"code": "000000"}).status_code == 401
    assert other.post("/sign-in/code", {"code": totp.now()}).status_code == 401
    later = totp.at(__import__("time").time() + 30)
    assert other.post("/sign-in/code", {"code": later, "next": "/account"})["Location"] == "/account"
    assert other.get("/account").status_code == 200


def test_the_code_page_needs_a_password_first(client: Client) -> None:
    assert client.get("/sign-in/code")["Location"] == "/sign-in"
    assert client.post("/sign-in/code", {"code": "123456"})["Location"] == "/sign-in"


def test_changing_the_password(signed_in: Callable[[str], Client]) -> None:
    client, other = signed_in("agent"), Client()
    sign_in(other)
    fresh = "Another-Long-9"
    for old, new, again in (("wrong", fresh, fresh), (PASSWORD, fresh, "different"), (PASSWORD, "short", "short")):
        assert client.post("/account/password", {"old": old, "new": new, "again": again}).status_code == 422
    assert client.post("/account/password", {"old": PASSWORD, "new": fresh, "again": fresh}).status_code == 302
    assert "密码已修改" in client.get("/account").content.decode()
    assert other.get("/account").status_code == 302
    assert sign_in(Client()).status_code == 401
    assert sign_in(Client(), password=fresh).status_code == 302


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/120.0 Safari/537.36 Edg/120.0", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605 MicroMessenger/8.0", "微信 · iPhone"),
        ("Mozilla/5.0 (Linux; Android 13) AppleWebKit/537.36 Chrome/110 Mobile Safari/537.36", "Chrome · Android"),
        ("curl/8", ""),
    ],
)
def test_browsers_are_recognised(text: str, name: str) -> None:
    assert browser_name(text) == name
