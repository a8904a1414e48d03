"""The fixed cast and ground of all tests (CONTRIBUTING: Tests).

Hub 南京分拨 with two stations 南市分部 (``best``) and 城北网点 (``zto``), and a shop 臻选旗舰店 (``shop``). The cast works at 南市分部;
``outsider`` is an agent of 城北网点, who must see nothing of it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker

from kefu.handbook.queries import forget_books, keys
from kefu.kernel import audit
from kefu.kernel.actor import Actor
from kefu.kernel.tests.emptying import empty_only_what_holds_rows
from kefu.kernel.tests.own_databases import OwnDatabases
from kefu.people import access, actions

# How long an example takes tells of the machine and its neighbours; what is too slow is for the benchmarks to say.
settings.register_profile("kefu", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("kefu")

PASSWORD = "correct-horse-battery"  # one for all: tests are not about it
# Sunday 2026-11-22 10:00 in China.
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Ground:
    """Sites and teams."""

    hub: Any
    station: Any
    other_station: Any
    shop: Any
    team: Any


@dataclass(frozen=True)
class Cast:
    """One actor per role at the station, an agent elsewhere, a customer, and the product itself."""

    agent: Actor
    second_agent: Actor
    lead: Actor
    inspector: Actor
    trainer: Actor
    clerk: Actor
    manager: Actor
    admin: Actor
    outsider: Actor
    customer: Actor
    system: Actor

    def staff(self) -> list[tuple[str, Actor]]:
        """All signed-in people by part."""
        return [(field.name, actor) for field in fields(self) if (actor := getattr(self, field.name)).kind == "staff"]


@pytest.fixture
def now() -> datetime:
    """The moment tests happen at."""
    return NOW


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    cache.clear()
    forget_books()
    # Heads of chains that other tests took back with their transaction.
    audit.heads_file().unlink(missing_ok=True)
    yield
    cache.clear()
    forget_books()


def _install_handbooks() -> None:
    from kefu.handbook.actions import install_builtin

    install_builtin(actor=Actor.system("tests"), now=datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """The test database holds the built-in handbooks from the start: reading them takes a second."""
    with django_db_blocker.unblock():
        empty_only_what_holds_rows()
        _install_handbooks()


@pytest.fixture(scope="session")
def own_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnDatabases]:
    """Databases for processes of their own; what they need of the network is asked for by ``socket_enabled``."""
    made = OwnDatabases(tmp_path_factory.mktemp("databases"))
    yield made
    made.drop_all()


@pytest.fixture
def handbooks(db: None) -> None:
    """The built-in handbooks, in force since long before the tests' day (again, after a test that emptied the tables)."""
    _install_handbooks()


@pytest.fixture
def ground(db: None) -> Ground:
    """Sites and teams of the tests, and their handbooks (again, after a test that emptied the tables)."""
    if not keys():
        _install_handbooks()
    system = Actor.system("tests")
    hub = actions.create_site(actor=system, code="NJHUB", name="南京分拨", kind="hub", handbook="best", now=NOW, city="南京")
    station = actions.create_site(
        actor=system, code="NS01", name="南市分部", kind="station", handbook="best", parent=hub, now=NOW, city="南京"
    )
    other = actions.create_site(
        actor=system, code="CB01", name="城北网点", kind="station", handbook="zto", parent=hub, now=NOW, city="南京"
    )
    shop = actions.create_site(actor=system, code="SHOP1", name="臻选旗舰店", kind="shop", handbook="shop", now=NOW, city="杭州")
    team = actions.create_team(actor=system, site=station, name="一组", now=NOW)
    return Ground(hub, station, other, shop, team)


@pytest.fixture
def hire(ground: Ground) -> Callable[..., Any]:
    """Takes somebody on: ``hire("agent", site=…)``."""
    count = 0

    def make(role: str, site: Any = None, name: str = "", team: Any = None) -> Any:
        nonlocal count
        count += 1
        new = actions.NewStaff(
            username=f"{role}{count}",
            staff_no=f"{1000 + count}",
            name=name or f"{role}{count}",
            role=role,
            site=site or ground.station,
            password=PASSWORD,
            team=team,
        )
        return actions.create_staff(actor=Actor.system("tests"), new=new, now=NOW)

    return make


@pytest.fixture
def cast(ground: Ground, hire: Callable[..., Any]) -> Cast:
    """The actors of the tests."""

    def actor(role: str, site: Any = None, name: str = "") -> Actor:
        return access.actor_for(hire(role, site, name, ground.team if site is None and role in ("agent", "lead") else None), ip="127.0.0.1")

    return Cast(
        agent=actor("agent", name="李晓"),
        second_agent=actor("agent", name="周敏"),
        lead=actor("lead", name="王芳"),
        inspector=actor("inspector", ground.hub, name="陈静"),
        trainer=actor("trainer", name="赵磊"),
        clerk=actor("clerk", name="孙师傅"),
        manager=actor("manager", ground.hub, name="刘经理"),
        admin=actor("admin", ground.hub, name="管理员"),
        outsider=actor("agent", ground.other_station, name="外站客服"),
        customer=Actor(kind="customer", id=1, name="客户", permissions=frozenset(), sites=frozenset(), role="customer"),
        system=Actor.system("tests"),
    )
