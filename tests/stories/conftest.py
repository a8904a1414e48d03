"""Four desks, one per handbook, each with people for every post a step may be taken by."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from kefu.api.tests.conftest import Caller, by_token, signed_in, story
from kefu.conftest import NOW, Cast, Ground
from kefu.handbook import queries as handbooks
from kefu.handbook.posts import may_act_as
from kefu.handbook.schema import Handbook, Step
from kefu.kernel.actor import Actor
from kefu.people import access, actions

__all__ = ["by_token", "signed_in", "story"]
ROLES = ("agent", "lead", "manager", "clerk")


@dataclass(frozen=True)
class Desk:
    """A site with its handbook; ``callers`` by role."""

    site: int
    book: Handbook
    callers: dict[str, Caller]

    def who(self, step: Step) -> str:
        """The lowest role the step is for."""
        return next(role for role in ROLES if may_act_as(self.book, step.who, role))


@pytest.fixture
def desk(ground: Ground, cast: Cast, hire: Callable[..., Any], signed_in: Callable[[Actor], Caller]) -> Callable[[str], Desk]:
    """The desk that works by a handbook; sign-ins are made when a step needs them."""

    def at(key: str) -> Desk:
        sites = {"best": ground.station, "zto": ground.other_station, "shop": ground.shop}
        site = sites.get(key) or actions.create_site(
            actor=Actor.system("tests"), code="CC01", name="客服中心", kind="shop", handbook=key, now=NOW, city="上海"
        )
        callers = {role: signed_in(access.actor_for(hire(role, site), ip="127.0.0.1")) for role in ROLES}
        return Desk(site.pk, handbooks.book_at(key, NOW), callers)

    return at
