"""The ground the day is played on: served areas, a rate card, the people of three sites, and a clock the test moves."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pytest
from tests.station_day.day import DAY, at
from tests.station_day.tables import Tables, read

from kefu.api import moment as api_moment
from kefu.api.tests.conftest import Story, by_token, signed_in
from kefu.conftest import Cast, Ground
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.people.access import actor_for
from kefu.people.models import Staff
from kefu.reactions import run as reactions
from kefu.station.areas import actions as areas
from kefu.station.areas.drafts import AreaDraft
from kefu.station.fees import cards
from kefu.station.fees.cards import NewCard
from kefu.station.monitors import upkeep as monitors

__all__ = ["by_token", "signed_in"]
BANDS = [{"from_kg": "0", "base": "1.2", "over_kg": "3", "per_kg": "0.3", "step": "0.5"}]
ITEMS = [
    {"charge": "receipt", "rule": "each", "amount": "1.5", "when": "receipt"},
    {"charge": "scanning", "rule": "each", "amount": "0.05"},
]


@dataclass(frozen=True)
class Town:
    """People by who they are in the day, their 工号, sites by code."""

    people: Mapping[str, Actor]
    staff: Mapping[str, str]
    sites: Mapping[str, int]

    def lead(self) -> Actor:
        """Who looks at the tables at the end."""
        return self.people["lead"]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """What time it is, for pages, API and files alike."""
    told = Story(at("06:00"))
    monkeypatch.setattr(moment, "now", told)
    with api_moment.told_by(told):
        yield told


@pytest.fixture
def town(handbooks: None, cast: Cast, ground: Ground, hire: Callable[..., Any], clock: Story) -> Town:
    """南市分部 and 城北网点 below 南京分拨, with their areas, one rate card for both."""
    people = {"clerk": cast.clerk, "lead": cast.lead, "manager": cast.manager, "north": cast.outsider}
    people |= {
        "courier": actor_for(hire("clerk", name="赵强")),
        "north_clerk": actor_for(hire("clerk", ground.other_station, name="钱会计")),
    }
    sites = {one.code: one.pk for one in (ground.hub, ground.station, ground.other_station)}
    staff = {who: Staff.objects.get(pk=actor.id).staff_no for who, actor in people.items()}
    for code, region in (("NS01", "江苏省/南京市/雨花台区"), ("CB01", "江苏省/南京市/栖霞区")):
        draft = AreaDraft(region=region, kind="home", valid_from=date(2026, 1, 1), published_on=date(2025, 12, 1))
        areas.add_area(actor=cast.manager, site_id=sites[code], draft=draft, now=clock.now)
    card = NewCard(sites["NJHUB"], "南京片区派费", date(2026, 1, 1), "测试", BANDS, ITEMS)
    cards.add_card(actor=cast.manager, new=card, now=clock.now)
    return Town(people, staff, sites)


def work(now: datetime) -> None:
    """What the worker does behind the pages."""
    reactions.run_all(now=now)


def play(player: Any, town: Town, clock: Story, end: datetime) -> Tables:
    """The whole day; the tables it left."""
    for act in DAY:
        clock.now = at(act.clock)
        if clock.now.hour >= 21:
            monitors.look_through(now=clock.now)
        player.play(act.who, act.verb, act.data, clock.now)
        work(clock.now)
    clock.now = end
    return read(town.lead(), end)
