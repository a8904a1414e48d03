"""Every page × every role, generated from the register of pages; a page nobody listed fails (SEC2)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kefu.batches import actions as batches
from kefu.batches.actions import BatchRequest
from kefu.cases import actions as cases
from kefu.cases import files, joining, queries, tasks
from kefu.cases.actions import CaseRequest
from kefu.clocks import queries as clocks
from kefu.console import routes, urls
from kefu.conversations import actions as conversations
from kefu.conversations import receptions
from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.lines import Line
from kefu.conversations.receptions import Incoming
from kefu.customers import actions as customers
from kefu.desk import handover, macros, phrases, views
from kefu.desk.macros import NewMacro
from kefu.desk.views import NewView
from kefu.exports import actions as exports
from kefu.exports.actions import ExportRequest
from kefu.handbook import queries as handbooks
from kefu.kernel.actor import Actor
from kefu.kernel.moment import now as moment
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft
from kefu.people import actions as people
from kefu.people import queries as people_queries
from kefu.people import sign_in
from kefu.quality import actions as quality
from kefu.quality import queries as quality_queries
from kefu.reactions import run as reactions

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
WAYBILL = "50004090806944"
assert urls.urlpatterns


@dataclass(frozen=True)
class World:
    """Things at the station, one of each kind a page may name."""

    case: int
    other_case: int
    task: int
    attachment: int
    clock: int
    customer: int
    conversation: int
    staff: int
    site: int
    token: int
    session: int
    version: int
    reception: int
    batch: int
    export: int
    view: int
    phrase: int
    macro: int
    note: int
    finding: int


@pytest.fixture
def world(cast: Any, ground: Any) -> World:
    """One thing of each kind, all at the station, made through the actions."""
    now = moment()
    system, agent = cast.system, cast.agent
    parcels.register_parcel(actor=system, draft=ParcelDraft(waybill=WAYBILL, site_id=ground.station.pk), now=now)
    customer = customers.find_or_create(actor=system, site_id=ground.station.pk, name="王女士", phone="13812345678", now=now)
    lines = (Line(0, "customer", "我的快递怎么还没到", 0.0, 2.0), Line(1, "agent", "喂，不知道", 4.0, 6.0))
    draft = ConversationDraft(
        source="t",
        external_id="c1",
        channel="call",
        site_id=ground.station.pk,
        started_at=now - timedelta(minutes=5),
        lines=lines,
        staff_no=_number(agent),
    )
    conversations.store(actor=system, drafts=[draft], now=now)
    quality.inspect_pending(actor=system, now=now)
    wanted = CaseRequest(ground.station.pk, "delay", "call", "延误", waybill=WAYBILL, customer_id=customer.pk)
    case = cases.open_case(actor=agent, request=wanted, now=now)
    other = cases.open_case(actor=agent, request=CaseRequest(ground.station.pk, "delay", "chat", "另一件"), now=now)
    task = tasks.ask(actor=agent, case_id=case.pk, site_id=ground.station.pk, title="核实", due_at=now + timedelta(hours=1), now=now)
    file = files.attach(actor=agent, case_id=case.pk, name="a.txt", content=b"x", content_type="text/plain", now=now)
    joining.link(actor=agent, case_id=case.pk, to_id=other.pk, kind="related", now=now)
    token, _secret = people.create_token(actor=cast.admin, name="erp", permissions=["case.view"], now=now)
    session = sign_in.start_session(staff=people_queries.staff_for_session(agent.id), session_key="other", ip="", user_agent="", now=now)
    reactions.run_all(now=now)
    clock = clocks.of_subject("case", case.pk, now=now)[0].id
    found = queries.of_waybill(agent, WAYBILL)[0]
    conversation = next(iter(_conversation_ids(system)))
    reception = receptions.start(actor=agent, incoming=Incoming(typed="13812345678", external_id="matrix"), now=now)
    note = BatchRequest("note", {"text": "统一说明"}, [case.pk])
    batch = batches.start(actor=agent, request=note, now=now)
    export = exports.queue(actor=agent, request=ExportRequest("batch", "csv", {"batch": str(batch.pk)}, "work"), now=now)
    view = views.create(actor=agent, scope="own", view=NewView("我的", {"kind": "delay"}), now=now)
    phrase = phrases.create(actor=agent, scope="own", values={"title": "稍等", "text": "请您稍等。"}, now=now)
    macro = macros.create(actor=agent, scope="own", macro=NewMacro("关注", [{"do": "follow"}]), now=now)
    left = handover.leave(actor=agent, text="王女士下午要回电", now=now)
    finding = quality_queries.findings_page(system).rows[0]
    version = handbooks.versions(system, "best", now=now)[0].id
    return World(
        found.pk,
        other.pk,
        task.pk,
        file.pk,
        clock,
        customer.pk,
        conversation,
        agent.id,
        ground.station.pk,
        token.pk,
        session.pk,
        version,
        reception.pk,
        batch.pk,
        export.pk,
        view.pk,
        phrase.pk,
        macro.pk,
        left.pk,
        finding.pk,
    )


def _number(actor: Actor) -> str:
    return str(people_queries.me(actor).staff_no)


def _conversation_ids(system: Actor) -> list[int]:
    from kefu.conversations import queries as reads

    return [row.pk for row in reads.page(system).rows]


# What stands for each converter of an address. A route with another one must be listed here, or the test says so.
VALUES: dict[str, Callable[[World], object]] = {
    "case_id": lambda w: w.case,
    "task_id": lambda w: w.task,
    "attachment_id": lambda w: w.attachment,
    "file_id": lambda w: w.attachment,
    "clock_id": lambda w: w.clock,
    "customer_id": lambda w: w.customer,
    "conversation_id": lambda w: w.conversation,
    "staff_id": lambda w: w.staff,
    "site_id": lambda w: w.site,
    "token_id": lambda w: w.token,
    "session_id": lambda w: w.session,
    "waybill": lambda w: WAYBILL,
    "key": lambda w: "best",
    "number": lambda w: 1,
    "clause_id": lambda w: "clocks.call_back",
    "version_id": lambda w: w.version,
    "reception_id": lambda w: w.reception,
    "batch_id": lambda w: w.batch,
    "export_id": lambda w: w.export,
    "view_id": lambda w: w.view,
    "phrase_id": lambda w: w.phrase,
    "macro_id": lambda w: w.macro,
    "note_id": lambda w: w.note,
    "finding_id": lambda w: w.finding,
    "run_id": lambda w: 1,
    "slug": lambda w: "keys",
}
# Things that belong to the centre as a whole: an outsider with the permission may open their pages.
CENTRE = ("token_id", "session_id", "key", "number", "clause_id", "version_id", "run_id", "slug")


def _path(route: routes.Route, world: World) -> str:
    path = route.path
    while "<" in path:
        inner = path[path.index("<") + 1 : path.index(">")]
        name = inner.rpartition(":")[2]
        assert name in VALUES, f"page {route.name} names {name}: say in VALUES what stands for it"
        path = path.replace(f"<{inner}>", str(VALUES[name](world)))
    return "/" + path


def _client(actor: Actor) -> Client:
    """A browser somebody has signed in with."""
    client = Client()
    staff = people_queries.staff_for_session(actor.id)
    client.force_login(staff)
    key = client.session.session_key
    sign_in.start_session(staff=staff, session_key=str(key), ip="", user_agent="test", now=moment())
    return client


def _ask(client: Client, route: routes.Route, path: str) -> int:
    if "GET" in route.methods:
        return client.get(path).status_code
    return client.post(path, {}).status_code


PARTS = ["agent", "second_agent", "lead", "inspector", "trainer", "clerk", "manager", "admin", "outsider"]


def test_visitors_are_sent_to_sign_in_everywhere(world: World) -> None:
    for route in routes.all_routes():
        if not route.public:
            path = _path(route, world)
            answer = Client().get(path) if "GET" in route.methods else Client().post(path, {})
            assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, "/sign-in"), route.name


@pytest.mark.parametrize("part", PARTS)
def test_a_page_opens_for_whom_it_is_and_for_nobody_else(part: str, world: World, cast: Any) -> None:
    actor = getattr(cast, part)
    for route in routes.all_routes():
        if route.name == "sign-out":
            continue
        status = _ask(_client(actor), route, _path(route, world))
        assert status < 500, f"{route.name} for {part}: {status}"
        if not route.public and not route.opens_for(actor):
            assert status == 403, f"{route.name} for {part}: {status}"
        elif part == "outsider" and _is_of_the_station(route):
            assert status in (403, 404), f"{route.name} for an outsider: {status}"


def _is_of_the_station(route: routes.Route) -> bool:
    return any(f"{name}>" in route.path for name in VALUES if name not in CENTRE)
