"""The player of a call in a real browser: keys, wave, lines and findings jump to their second, the spoken line is lit (CONV4, QA5)."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from kefu import conftest as whole_house
from kefu.conftest import NOW, PASSWORD, Cast, Ground
from kefu.console.tests import browsing
from kefu.console.tests.browsing import sign_in, watched_tab
from kefu.conversations.actions import set_lines
from kefu.conversations.lines import Line
from kefu.people.models import Staff
from kefu.quality import actions as quality
from kefu.recordings import work
from kefu.recordings.tests.calls import TURNS, received

pytestmark = [*browsing.marks, pytest.mark.usefixtures("handbooks")]
hire = whole_house.hire


@pytest.fixture
def talk(cast: Cast, ground: Ground) -> int:
    """A measured call with words."""
    staff_no = Staff.objects.get(pk=cast.agent.id).staff_no
    row = received(cast.manager, ground.station.pk, NOW, staff_no=staff_no).recording
    said = ("喂，不知道", "我的快件三天没有动了", "你自己去查吧")
    lines = [
        Line(0, "agent" if one.channel == 0 else "customer", text, one.start, one.end, 0.9) for one, text in zip(TURNS, said, strict=True)
    ]
    set_lines(actor=cast.manager, conversation_id=row.conversation_id, lines=lines, now=NOW)
    work.run_due(now=NOW, clock=lambda: NOW)
    quality.inspect(actor=cast.manager, conversation_ids=[row.conversation_id], now=NOW, again=True)
    return int(row.conversation_id)


@pytest.fixture
def tab(chromium: Any, live_server: Any, cast: Cast) -> Iterator[Any]:
    with watched_tab(chromium, live_server) as page:
        sign_in(page, Staff.objects.get(pk=cast.manager.id).username, PASSWORD, "/account")
        yield page


def place(tab: Any) -> float:
    return float(tab.evaluate("document.querySelector('[data-audio]').currentTime"))


def test_play_jump_and_follow(tab: Any, talk: int) -> None:
    tab.goto(f"/conversations/{talk}")
    tab.wait_for_selector("html[data-js]")
    if shots := os.environ.get("KEFU_SHOTS"):
        tab.screenshot(path=f"{shots}/player.png", full_page=True)
    assert not tab.locator("[data-audio]").is_visible()
    tab.click("#line-2 [data-seek]")
    browsing.until(tab, "document.querySelector('[data-audio]').currentTime >= 3.7")
    tab.wait_for_selector("#line-2.is-spoken")
    tab.wait_for_selector("[data-player-toggle][aria-pressed=true]")
    tab.keyboard.press("k")
    tab.wait_for_selector("[data-player-toggle][aria-pressed=false]")
    before = place(tab)
    tab.keyboard.press("l")
    browsing.until(tab, f"document.querySelector('[data-audio]').currentTime > {before} + 3")
    tab.keyboard.press("j")
    browsing.until(tab, f"Math.abs(document.querySelector('[data-audio]').currentTime - {before}) < 1")
    box = tab.locator("[data-wave]").bounding_box()
    tab.click("[data-wave]", position={"x": box["width"] * 0.7, "y": 20})
    browsing.until(tab, "Math.abs(document.querySelector('[data-audio]').currentTime - 7) < 0.3")
    tab.wait_for_selector("#line-3.is-spoken")
    tab.focus("[data-wave]")
    tab.keyboard.press("Home")
    browsing.until(tab, "document.querySelector('[data-audio]').currentTime < 0.2")
    tab.select_option("[data-player-speed]", "1.5")
    assert tab.evaluate("document.querySelector('[data-audio]').playbackRate") == 1.5
    tab.click("#line-3 [data-findings] >> nth=0")
    browsing.until(tab, "Math.abs(document.querySelector('[data-audio]').currentTime - 6.6) < 0.3")


@pytest.mark.parametrize("width", [390, 1024])
def test_it_fits(tab: Any, talk: int, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 800})
    tab.goto(f"/conversations/{talk}")
    tab.wait_for_selector("html[data-js]")
    if shots := os.environ.get("KEFU_SHOTS"):
        tab.screenshot(path=f"{shots}/player-{width}.png", full_page=True)
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
