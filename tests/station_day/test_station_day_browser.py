"""The day in a real browser: clerk, courier, lead, manager and the other site's people, each in a window of their own."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.station_day.by_console import ConsolePlayer
from tests.station_day.conftest import Town, play
from tests.station_day.day import CLOSED
from tests.station_day.expected import EXPECTED

from kefu.api.tests.conftest import Caller, Story
from kefu.console.tests.browsing import CHROMIUM, DIST, chromium, windows
from kefu.people.models import Staff

__all__ = ["chromium"]
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not (DIST / "console.js").exists(), reason="front end not built: run python frontend/build.py"),
]


@pytest.fixture
def window(chromium: Any, live_server: Any) -> Iterator[Callable[[], Any]]:
    """Opens a window for somebody."""
    with windows(chromium, live_server) as open_one:
        yield open_one


def test_the_day_in_the_console(town: Town, clock: Story, window: Callable[[], Any], by_token: Callable[..., Caller]) -> None:
    usernames = {who: Staff.objects.get(pk=actor.id).username for who, actor in town.people.items()}
    folder = os.environ.get("KEFU_STATION_DAY_PICTURES")
    player = ConsolePlayer(window, usernames, town.staff, town.sites, by_token(), Path(folder) if folder else None)
    found = play(player, town, clock, CLOSED)
    for name, table in EXPECTED.items():
        assert found[name] == table, name
