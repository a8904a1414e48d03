"""A real browser for tests: where it is, how it is started, and a tab whose complaints fail the test."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
DIST = Path(__file__).parents[1] / "static" / "dist"
_QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]

marks = [
    pytest.mark.browser,
    pytest.mark.urls("kefu.console.tests.product_urls"),
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not (DIST / "console.js").exists(), reason="front end not built: run python frontend/build.py"),
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """The browser of one file of tests."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=_QUIET)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _listen(page: Any, complaints: list[str]) -> None:
    """Write down what the browser has against a page."""
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda said: complaints.append(said.text) if "Content Security Policy" in said.text else None)


@contextmanager
def watched_tab(chromium: Any, server: Any) -> Iterator[Any]:
    """A tab of 1440 px on the server; any complaint of the browser about script or policy fails the test at its end."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", base_url=server.url)
    page = context.new_page()
    complaints: list[str] = []
    _listen(page, complaints)
    yield page
    context.close()
    assert complaints == [], complaints


@contextmanager
def windows(chromium: Any, server: Any, now: datetime | None = None) -> Iterator[Callable[[], Any]]:
    """Opens windows of their own, each for somebody else; any complaint of the browser about script or policy fails the test at its end.

    ``now`` is what their clocks say.
    """
    pages: list[Any] = []
    complaints: list[str] = []

    def open_one() -> Any:
        context = chromium.new_context(
            viewport={"width": 1440, "height": 900}, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=server.url
        )
        page = context.new_page()
        if now is not None:
            page.clock.set_system_time(now)
        page.set_default_timeout(60_000)
        _listen(page, complaints)
        pages.append(page)
        return page

    yield open_one
    for page in pages:
        settled(page)
        page.context.close()
    assert complaints == []


def settled(page: Any) -> None:
    """Nothing reaches the server any more: its tables are about to be emptied."""
    page.wait_for_load_state("networkidle")
    page.context.route("**/*", lambda route: route.abort())


def sign_in(page: Any, username: str, password: str, to: str) -> None:
    """Sign in and wait for the page asked for."""
    page.goto(f"/sign-in?next={to}")
    page.fill("#username", username)
    page.fill("#password", password)
    page.press("#password", "Enter")
    page.wait_for_url(f"**{to}")


def until(page: Any, condition: str) -> None:
    """Wait until an expression holds. The browser's own waiting evaluates text inside of the page, which the page's policy forbids."""
    page.evaluate(f"() => new Promise((met) => {{ const look = () => (({condition}) ? met() : setTimeout(look, 20)); look(); }})")
