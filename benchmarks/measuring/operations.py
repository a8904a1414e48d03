"""What is asked of the product, as requests and as the calls behind them, whose bare SQL is the limit."""

import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from measuring.load import Request, Source
from measuring.words import COMMON, RARE, SECOND

_WORDS = (COMMON, "破损", "外包装")
_MIDDLE = ("茶叶", "生鲜件", "签收底单", "面单不符", "多收到付款")


@dataclass(frozen=True)
class Operation:
    """One row of the table. ``call`` does the same in this process, for the number of queries and their bare SQL."""

    name: str
    source: Source
    call: Callable[[], object] | None = None
    writes: bool = False
    peer: str = ""
    limit_ms: float = 25.0
    busy_limit_ms: float = 100.0


@dataclass(frozen=True)
class Callers:
    """Who asks: the keys of an integration of one site and of one of all sites, and signed-in people."""

    site_id: int
    site_key: str
    all_key: str
    agents: list[str]
    manager: str
    agent_id: int
    manager_id: int


def callers() -> Callers:
    """Keys and sessions made by the product's own actions."""
    from kefu.kernel.actor import Actor
    from kefu.people import access, actions
    from kefu.people.models import Site, Staff

    system, now = Actor.system("benchmark"), datetime.now(UTC)
    sites = list(Site.objects.filter(kind="station").order_by("pk"))
    manager, agents = Staff.objects.get(role="manager"), list(Staff.objects.filter(role="agent").order_by("pk"))
    ours = [one for one in agents if one.site_id == sites[0].pk]
    wanted = sorted(access.actor_for(ours[0]).permissions)
    _row, site_key = actions.create_token(actor=system, name="bench-site", permissions=wanted, now=now, site_ids=[sites[0].pk])
    _row, all_key = actions.create_token(
        actor=system,
        name="bench-all",
        permissions=sorted(access.actor_for(manager).permissions),
        now=now,
        site_ids=sorted(Site.objects.values_list("pk", flat=True)),
    )
    return Callers(
        site_id=sites[0].pk,
        site_key=site_key,
        all_key=all_key,
        agents=[session_of(one, now) for one in agents[::10]],
        manager=session_of(manager, now),
        agent_id=ours[0].pk,
        manager_id=manager.pk,
    )


def session_of(staff: Any, now: datetime) -> str:
    """A signed-in browser, without its password."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    from kefu.people import sign_in

    store = SessionStore()
    store[SESSION_KEY] = str(staff.pk)
    store[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    store[HASH_SESSION_KEY] = staff.get_session_auth_hash()
    store.create()
    sign_in.start_session(staff=staff, session_key=store.session_key, ip="127.0.0.1", user_agent="benchmark", now=now)
    return str(store.session_key)


def operations(who: Callers, cases: int) -> list[Operation]:
    """All of them."""
    return [*_lists(who), *_searches(who, cases), *_pages(who, cases), *_figures(who), *_console(who, cases)]


def _get(path: str, key: str) -> Request:
    return Request(path, {"Authorization": f"Bearer {key}"})


def _post(path: str, key: str, body: dict[str, Any]) -> Request:
    return Request(path, {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}, "POST", json.dumps(body).encode())


def _browser(path: str, session: str) -> Request:
    return Request(path, {"Cookie": f"sessionid={session}"})


def _quoted(text: str) -> str:
    from urllib.parse import quote

    return quote(text)


def _actor(who: Callers, *, everywhere: bool) -> Any:
    from kefu.people import access, queries

    staff = queries.staff_for_session(who.manager_id if everywhere else who.agent_id)
    assert staff is not None
    return access.actor_for(staff)


def _page(who: Callers, *, everywhere: bool, **wanted: Any) -> Callable[[], object]:
    actor = _actor(who, everywhere=everywhere)

    def call() -> object:
        from kefu.cases import queries

        return queries.page(actor, queries.CaseFilter(**wanted), now=datetime.now(UTC))

    return call


def _lists(who: Callers) -> list[Operation]:
    kinds = ("damage", "delay", "loss")
    month = (datetime.now(UTC) - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def filtered(number: int) -> Request:
        return _get(f"/api/v1/cases?view=all&kind={kinds[number % 3]}&status=waiting_customer", who.site_key)

    def filtered_everywhere(number: int) -> Request:
        return _get(f"/api/v1/cases?view=open&kind={kinds[number % 3]}&level=normal&since={month}", who.all_key)

    return [
        Operation(
            "list, an agent's site, open by deadline",
            lambda number: _browser("/api/v1/cases", who.agents[number % len(who.agents)]),
            _page(who, everywhere=False),
            peer="list",
        ),
        Operation(
            "list, all sites, open by deadline", lambda _: _get("/api/v1/cases", who.all_key), _page(who, everywhere=True), peer="list"
        ),
        Operation(
            "list, all sites, newest of all", lambda _: _get("/api/v1/cases?view=all", who.all_key), _page(who, everywhere=True, view="all")
        ),
        Operation(
            "list, all sites, broken clocks",
            lambda _: _get("/api/v1/cases?view=breached", who.all_key),
            _page(who, everywhere=True, view="breached"),
        ),
        Operation(
            "filtered list, one site: kind, status",
            filtered,
            _page(who, everywhere=False, view="all", kind="damage", status="waiting_customer"),
        ),
        Operation(
            "filtered list, all sites: kind, level, month",
            filtered_everywhere,
            _page(who, everywhere=True, kind="damage", level="normal", since=datetime.now(UTC) - timedelta(days=30)),
        ),
        Operation("counts of the views, all sites", lambda _: _get("/api/v1/cases/counts", who.all_key), _counts(who)),
    ]


def _counts(who: Callers) -> Callable[[], object]:
    actor = _actor(who, everywhere=True)

    def call() -> object:
        from kefu.cases import queries

        return queries.counts(actor, now=datetime.now(UTC))

    return call


def _searches(who: Callers, cases: int) -> list[Operation]:
    def search(text: str | tuple[str, ...], key: str) -> Source:
        words = (text,) if isinstance(text, str) else text
        return lambda number: _get(f"/api/v1/cases?view=all&q={_quoted(words[number % len(words)])}", key)

    def waybill(number: int) -> Request:
        return _get(f"/api/v1/cases?view=all&q=YT77{random.Random(number).randrange(1, cases):011d}", who.all_key)

    return [
        Operation(
            "search, word in 10 %, all sites",
            search(_WORDS, who.all_key),
            _page(who, everywhere=True, view="all", text=COMMON),
            peer="search",
        ),
        Operation(
            "search, word in 10 %, one site",
            search(_WORDS, who.site_key),
            _page(who, everywhere=False, view="all", text=COMMON),
            peer="search",
        ),
        Operation("search, word in 3 %, all sites", search(_MIDDLE, who.all_key), _page(who, everywhere=True, view="all", text=_MIDDLE[0])),
        Operation("search, rare word, all sites", search(RARE, who.all_key), _page(who, everywhere=True, view="all", text=RARE)),
        Operation(
            "search, two words, all sites",
            search(f"{COMMON} {SECOND}", who.all_key),
            _page(who, everywhere=True, view="all", text=f"{COMMON} {SECOND}"),
        ),
        Operation(
            "search, common and rare word",
            search(f"{COMMON} {RARE}", who.all_key),
            _page(who, everywhere=True, view="all", text=f"{COMMON} {RARE}"),
        ),
        Operation("search, one waybill", waybill, _page(who, everywhere=True, view="all", text=f"YT77{cases // 2:011d}"), peer="waybill"),
        Operation(
            "search, tail of a waybill",
            lambda number: _get(f"/api/v1/cases?view=all&q={random.Random(number).randrange(1, cases) % 1_000_000:06d}", who.all_key),
            _page(who, everywhere=True, view="all", text=f"{cases // 3 % 1_000_000:06d}"),
        ),
    ]


def _pages(who: Callers, cases: int) -> list[Operation]:
    def any_case(number: int) -> int:
        return random.Random(number).randrange(1, cases)

    def opened(number: int) -> Request:
        body = {
            "site": who.site_id, "kind": "damage", "channel": "call", "title": f"客户反映{COMMON}",
            "waybill": f"NW{time.time_ns()}{number % 100:02d}",
            "description": "收件人来电称外箱变形，内件碎裂，希望三日内答复。", "customer_name": "张先生", "customer_phone": f"139{number % 100_000_000:08d}",
        }  # fmt: skip
        return _post("/api/v1/cases", who.all_key, body)

    return [
        Operation("case page", lambda number: _get(f"/api/v1/cases/{any_case(number)}", who.all_key), _detail(who, cases), peer="page"),
        Operation(
            "save of a note",
            lambda number: _post(
                f"/api/v1/cases/{any_case(number)}/notes", who.all_key, {"text": "已联系派件员核实，网点负责人答复下午派送。"}
            ),
            _note(who, cases),
            writes=True,
            peer="note",
        ),
        Operation("open a case", opened, _new(who), writes=True, peer="create"),
    ]


def _detail(who: Callers, cases: int) -> Callable[[], object]:
    actor = _actor(who, everywhere=True)

    def call() -> object:
        from kefu.cases import queries

        return queries.detail(actor, cases // 2, now=datetime.now(UTC))

    return call


def _note(who: Callers, cases: int) -> Callable[[], object]:
    actor = _actor(who, everywhere=True)

    def call() -> object:
        from kefu.cases import upkeep

        return upkeep.add_note(actor=actor, case_id=cases // 2, text="已联系派件员核实。", now=datetime.now(UTC))

    return call


def _new(who: Callers) -> Callable[[], object]:
    actor = _actor(who, everywhere=True)

    def call() -> object:
        from kefu.cases import actions

        request = actions.CaseRequest(
            site_id=who.site_id,
            kind="damage",
            channel="call",
            description="外箱变形，内件碎裂。",
            waybill=f"NW{time.time_ns()}",
            customer_name="张先生",
            customer_phone="13900000001",
        )
        return actions.open_case(actor=actor, request=request, now=datetime.now(UTC))

    return call


_ANSWERS = {"text": "客户要求尽快处理", "long_text": "外箱变形，内件碎裂。", "waybill": "50004090806944", "phone": "13900000001"}


def _step(who: Callers) -> Callable[[], object]:
    """The first step of a case just opened, its form filled in."""
    from kefu.cases import actions

    # Steps name the posts that take them: an agent, not a manager.
    actor, case = _actor(who, everywhere=False), _new(who)()
    assert isinstance(case, actions.Case)
    step = actions.book_of(case).procedures[case.procedure].steps[0]
    answers = {one.id: one.choices[0].id if one.choices else _ANSWERS.get(one.type, "1") for one in step.fields}
    return lambda: actions.take_step(actor=actor, case_id=case.pk, step=step.id, answers=answers, now=datetime.now(UTC))


def writes(who: Callers, cases: int) -> list[tuple[str, Callable[[], Callable[[], object]]]]:
    """Actions whose writes are counted; each is made ready first."""
    return [
        ("save of a note", lambda: _note(who, cases)),
        ("open a case with a new customer's phone", lambda: _new(who)),
        ("first step of a case", lambda: _step(who)),
    ]


def _figures(who: Callers) -> list[Operation]:
    actor = _actor(who, everywhere=True)

    def figures(days: int) -> Callable[[], object]:
        def call() -> object:
            from kefu.performance import queries

            today = datetime.now(UTC).date()
            return queries.figures(actor, since=today - timedelta(days=days - 1), until=today)

        return call

    def source(days: int) -> Source:
        today = datetime.now(UTC).date()
        since = today - timedelta(days=days - 1)
        return lambda _: _get(f"/api/v1/figures?since={since}&until={today}", who.all_key)

    return [
        Operation("figures of a day, all sites", source(1), figures(1), peer="dashboard", limit_ms=300, busy_limit_ms=300),
        Operation("figures of a month, all sites", source(30), figures(30), peer="report", limit_ms=300, busy_limit_ms=300),
    ]


def _console(who: Callers, cases: int) -> list[Operation]:
    """The same in the browser; pages that are not there are left out of the table."""

    def agent(path: str) -> Source:
        return lambda number: _browser(path, who.agents[number % len(who.agents)])

    return [
        Operation("console: list of an agent", agent("/cases")),
        Operation("console: list of a manager", lambda _: _browser("/cases", who.manager)),
        Operation("console: case page", lambda number: _browser(f"/cases/{random.Random(number).randrange(1, cases)}", who.manager)),
        Operation("console: search, word in 10 %", lambda _: _browser(f"/search?q={_quoted(COMMON)}", who.manager)),
        Operation("console: figures of a day", lambda _: _browser("/day", who.manager), limit_ms=300, busy_limit_ms=300, peer="dashboard"),
    ]
