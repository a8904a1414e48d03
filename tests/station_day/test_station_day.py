"""A day at 南市分部: worked through the API and through files it leaves the same tables, every difference explained (OPS1–OPS10)."""

from collections.abc import Callable

import pytest
from tests.station_day.by_api import ApiPlayer
from tests.station_day.by_files import FilePlayer
from tests.station_day.conftest import Town, play
from tests.station_day.day import CLOSED
from tests.station_day.expected import EXPECTED

from kefu.api.tests.conftest import Caller, Story

pytestmark = pytest.mark.django_db


@pytest.fixture
def callers(town: Town, signed_in: Callable[..., Caller], by_token: Callable[..., Caller]) -> dict[str, Caller]:
    """Everybody of the day as a caller of the API; the platform comes with a token."""
    return {**{who: signed_in(actor) for who, actor in town.people.items()}, "platform": by_token()}


@pytest.mark.parametrize("player", [ApiPlayer, FilePlayer])
def test_the_day_leaves_the_same_tables(player: type[ApiPlayer], town: Town, clock: Story, callers: dict[str, Caller]) -> None:
    found = play(player(callers, town.staff, town.sites), town, clock, CLOSED)
    for name, table in EXPECTED.items():
        assert found[name] == table, name
    assert found.keys() == EXPECTED.keys()
