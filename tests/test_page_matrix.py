"""Every page × every role, generated from the register of pages; a page nobody listed fails (SEC2)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kefu.api import moment as api_moment
from kefu.api.tests import (
    arbitration_world,
    bench_world,
    entry_world,
    fees_world,
    inspected_world,
    pickups_world,
    problems_world,
    recordings_world,
    review_world,
    scanning_world,
    told_world,
    tracking_world,
)
from kefu.api.tests.conftest import BASE, Caller
from kefu.arbitration import actions as arbitrations
from kefu.batches import actions as batches
from kefu.batches.actions import BatchRequest
from kefu.cases import actions as cases
from kefu.cases import files, joining, queries, tasks
from kefu.cases.actions import CaseRequest
from kefu.cases.tasks import members
from kefu.claims import actions as claims
from kefu.claims.drafts import ClaimDraft
from kefu.claims.losses import LossFacts
from kefu.clocks import queries as clocks
from kefu.conftest import NOW
from kefu.console import routes, urls
from kefu.conversations import actions as conversations
from kefu.conversations import receptions
from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.lines import Line
from kefu.conversations.receptions import Incoming
from kefu.customers import actions as customers
from kefu.desk import handover, macros, phrases, views
from kefu.desk.case_views import CASES
from kefu.desk.macros import NewMacro
from kefu.desk.views import NewView
from kefu.exports import actions as exports
from kefu.exports.actions import ExportRequest
from kefu.handbook import queries as handbooks
from kefu.intake import actions as intake
from kefu.intake import preview, uploads
from kefu.kernel.actor import Actor
from kefu.kernel.moment import now as moment
from kefu.orders import queries as order_queries
from kefu.orders import storing as orders
from kefu.orders.drafts import OrderDraft
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft
from kefu.people import actions as people
from kefu.people import queries as people_queries
from kefu.people import sign_in
from kefu.people.permissions import Permission
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
    intake: int
    claim: int
    order: int
    member: int
    told: told_world.Told
    station: "Station"


@dataclass(frozen=True)
class Station:
    """Things of the station's systems, as the matrix of the API's callers makes them."""

    tracking: tracking_world.Tracking
    scanning: scanning_world.Scanning
    entries: entry_world.Entries
    fees: fees_world.Fees
    problems: problems_world.Problems
    pickups: pickups_world.Pickups
    arbitrations: arbitration_world.Arbitrations
    arbiter: int
    recorded: recordings_world.Recorded
    review: review_world.Review
    inspected: inspected_world.Inspected
    bench: bench_world.Bench


def _station(cast: Any, ground: Any) -> Station:
    _row, text = people.create_token(
        actor=Actor.system("tests"), name="ERP", permissions=[one.value for one in Permission], site_ids=None, now=NOW
    )
    root = Caller(headers={"Authorization": f"Bearer {text}"})

    def picture(path: str, content: bytes) -> Any:
        answer = root.client.post(f"{BASE}{path}", {"file": SimpleUploadedFile("a.png", content)}, headers=root.headers)
        assert answer.status_code < 300, (path, answer.content.decode())
        return answer.json()

    site = ground.station.pk
    with api_moment.told_by(lambda: NOW):
        return Station(
            tracking=tracking_world.build(root, site, WAYBILL),
            scanning=scanning_world.build(root, picture, cast, site, _number(cast.agent)),
            entries=entry_world.build(root, site),
            fees=fees_world.build(root, picture, cast, site),
            problems=problems_world.build(root, picture, site, ground.hub.pk, ground.shop.pk),
            pickups=pickups_world.build(root, site, ground.other_station.pk, _number(cast.agent)),
            arbitrations=arbitration_world.build(root, picture, cast, site, ground.shop.pk),
            arbiter=_arbiter(cast, ground.hub.pk),
            recorded=recordings_world.build(cast.admin, site, _number(cast.agent)),
            review=review_world.build(cast, site),
            inspected=inspected_world.build(cast, site),
            bench=bench_world.build(cast),
        )


def _arbiter(cast: Any, region: int) -> int:
    judge = cast.manager.id
    return arbitrations.set_arbiter(actor=cast.manager, staff_id=judge, region_id=region, kinds=(), weight=1, now=NOW).pk


def _file(cast: Any, site: int, now: Any) -> int:
    path = uploads.keep(SimpleUploadedFile("运单.csv", "运单号\n557000000000077\nx\n".encode()))
    looked = preview.look(actor=cast.admin, kind="parcels", path=path, site_id=site, now=now)
    return int(intake.start(actor=cast.admin, ticket=looked.ticket, now=now).pk)


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
    view = views.create(actor=agent, shelf=CASES, scope="own", view=NewView("我的", {"kind": "delay"}), now=now)
    phrase = phrases.create(actor=agent, scope="own", values={"title": "稍等", "text": "请您稍等。"}, now=now)
    macro = macros.create(actor=agent, scope="own", macro=NewMacro("关注", [{"do": "follow"}]), now=now)
    left = handover.leave(actor=agent, text="王女士下午要回电", now=now)
    finding = quality_queries.findings_page(system).rows[0]
    version = handbooks.versions(system, "best", now=now)[0].id
    file_in = _file(cast, ground.station.pk, now)
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
        file_in,
        _claim(agent, found.pk, now),
        _order(ground.station.pk, now),
        members.join(actor=cast.manager, site_id=ground.station.pk, department="warehouse", staff_id=agent.id, now=now).pk,
        told_world.build(cast, ground.station.pk),
        _station(cast, ground),
    )


def _claim(agent: Actor, case: int, now: datetime) -> int:
    draft = ClaimDraft(LossFacts("lost", value=Decimal(100)), claimant_name="赵倩")
    return claims.file_claim(actor=agent, case_id=case, draft=draft, now=now).pk


def _order(site: int, now: datetime) -> int:
    draft = OrderDraft(site, "taobao", "臻选旗舰店", "2026112200010001", "unpaid", now)
    orders.store_orders(actor=Actor.system("tests"), drafts=[draft], now=now)
    stored = order_queries.id_of(Actor.system("tests"), "2026112200010001")
    assert stored is not None
    return stored


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
    "intake_id": lambda w: w.intake,
    "account_id": lambda w: w.station.tracking.account,
    "answer_id": lambda w: w.station.scanning.answer,
    "int:key": lambda w: w.station.scanning.signed,
    "proof_id": lambda w: w.station.scanning.proof,
    "area_id": lambda w: w.station.entries.area,
    "card_id": lambda w: w.station.fees.card,
    "fee_id": lambda w: w.station.fees.open,
    "statement_id": lambda w: w.station.fees.draft,
    "receipt_id": lambda w: w.station.fees.receipt,
    "image_id": lambda w: w.station.fees.picture,
    "problem_id": lambda w: w.station.problems.problem,
    "picture_id": lambda w: w.station.problems.picture,
    "claim_id": lambda w: w.claim,
    "filing_id": lambda w: w.station.arbitrations.filed,
    "evidence_id": lambda w: w.station.arbitrations.evidence,
    "arbiter_id": lambda w: w.station.arbiter,
    "forward_id": lambda w: w.station.problems.requested,
    "step": lambda w: "confirm",
    "order_id": lambda w: w.station.pickups.assigned,
    "notice_id": lambda w: w.told.notice,
    "plan_id": lambda w: w.station.review.plan,
    "dispute_id": lambda w: w.station.review.dispute,
    "inspection_id": lambda w: w.station.review.disputable,
    "appeal_id": lambda w: w.told.received,
    "member_id": lambda w: w.member,
    "recording_id": lambda w: w.station.recorded.recording,
    "trial_id": lambda w: w.station.bench.trial,
    "clip_id": lambda w: w.station.inspected.published,
    "entry_id": lambda w: w.station.inspected.line,
    "alarm_id": lambda w: w.station.inspected.alarm,
    "month": lambda w: "2026-11",
    "card": lambda w: "service",
    "item": lambda w: "taboo",
    "str:kind": lambda w: "undelivered",
    "slug": lambda w: "keys",
}
# Things that belong to the centre as a whole: an outsider with the permission may open their pages.
CENTRE = ("token_id", "session_id", "str:key", "slug:key", "number", "clause_id", "version_id", "run_id", "slug")
# Pages whose address says more than its names: what stands there, where the common value is of another kind.
SPECIAL: dict[str, Callable[[World], str]] = {
    "station-monitors-row": lambda w: f"station/monitors/undelivered/{w.site}:{WAYBILL}:",
    "station-entry-one": lambda w: f"station/entry/one/{entry_world.ENTERED}",
    "shop-order": lambda w: f"shop/orders/{w.order}",
    "appeal-file": lambda w: f"appeals/{w.told.waiting}/files/{w.told.file}",
    "review-task": lambda w: f"review/tasks/{w.station.review.held}",
    "review-task-step": lambda w: f"review/tasks/{w.station.review.held}/take",
    "calibration": lambda w: f"review/calibration/{w.station.review.marking}",
    "calibration-step": lambda w: f"review/calibration/{w.station.review.marking}/reveal",
    "calibration-sheet": lambda w: f"review/calibration/{w.station.review.marking}/talks/{w.station.review.marking_talk}",
    "coaching-note": lambda w: f"coaching/{w.station.inspected.note}",
    "coaching-step": lambda w: f"coaching/{w.station.inspected.note}/done",
    "penalty-statement": lambda w: f"penalties/statements/{w.station.inspected.staff}/2026-11",
    "dispute-file": lambda w: f"disputes/{w.station.review.dispute}/files/{w.station.review.file}",
    "ledger": lambda w: "ledgers/best/open_today",
    "ledger-totals": lambda w: "ledgers/best/open_today/totals",
    "ledger-cell": lambda w: f"ledgers/best/open_today/{w.case}/progress",
    "ledger-handover": lambda w: "ledgers/best/open_today/handover",
    "station-entry-change": lambda w: f"station/entry/one/{entry_world.ENTERED}/change",
}
# Pages that name a thing of the station and open for others.
OPEN = {
    "station-area",  # what a site publishes is for everybody who takes parcels in (R47)
    "station-tracking-ask",  # any number may be put to one's own carrier; nothing of ours is told
}


def _path(route: routes.Route, world: World) -> str:
    if route.name in SPECIAL:
        return "/" + SPECIAL[route.name](world)
    path = route.path
    while "<" in path:
        inner = path[path.index("<") + 1 : path.index(">")]
        name = inner if inner in VALUES else inner.rpartition(":")[2]
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
        elif part == "outsider" and _is_of_the_station(route) and route.name not in OPEN:
            assert status in (403, 404), f"{route.name} for an outsider: {status}"


def _is_of_the_station(route: routes.Route) -> bool:
    inner = re.findall(r"<([^>]+)>", route.path)
    return any(not {one, one.rpartition(":")[2]} & set(CENTRE) for one in inner) or route.name in SPECIAL
