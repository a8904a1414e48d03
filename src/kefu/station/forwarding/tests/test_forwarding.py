"""Forwarding out of the area: rules as tables, then a request from asking to settling (OPS10, O7, R19, R19a)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.conftest import NOW
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.journeys import Journey, Node
from kefu.parcels.models import Parcel, ParcelLink, Scan
from kefu.people import access as people
from kefu.people.errors import MissingPermission
from kefu.reactions.run import run_all
from kefu.station.areas import actions as areas
from kefu.station.areas.drafts import AreaDraft
from kefu.station.forwarding import actions, queries, rules
from kefu.station.forwarding.chains import chains
from kefu.station.forwarding.drafts import ForwardDraft
from kefu.station.forwarding.errors import REASONS, OwnRequest, WrongState
from kefu.station.forwarding.models import Forward
from kefu.station.forwarding.queries import Wanted
from kefu.station.forwarding.rules import Asked, Chain, Terms

WAYBILL, EMS = "50004090806944", "1234567890123"
HOME = "江苏省南京市玄武区中山路18号"
US, THEM, THIRD = 1, 2, 3

JOURNEY = Journey(WAYBILL, (Node("arrive", NOW, US),), parcel_id=1, state="arrived", site_id=US)
ASKED = Asked("out_of_area", "site", THEM, True, "", Decimal(5), "own", False, None, "")
TERMS = Terms(
    outside_cod=False, chain_most=2, fee_most=Decimal(500), receiver_pays=False, sender_must_be_told=True, wrong_claim_liable=True
)


@pytest.mark.parametrize(
    ("asked", "journey", "chain", "code"),
    [
        ({}, {}, {}, None),
        ({}, {"parcel_id": None, "nodes": ()}, {}, "unknown_waybill"),
        ({}, {"cancelled": True}, {}, "cancelled"),
        ({}, {"nodes": (Node("arrive", NOW, THIRD),), "site_id": THIRD}, {}, "not_at_site"),
        ({}, {"state": "signed"}, {}, "signed"),
        ({}, {"state": "returning"}, {}, "returning"),
        ({}, {"state": "returned"}, {}, "returning"),
        ({}, {"state": "intercepted"}, {}, "intercepted"),
        ({"reason": "because"}, {}, {}, "unknown_reason"),
        ({"way": "balloon"}, {}, {}, "unknown_way"),
        ({"to_site_id": None}, {}, {}, "no_to_site"),
        ({"to_site_id": US}, {}, {}, "own_to_site"),
        ({"to_site_active": False}, {}, {}, "closed_to_site"),
        ({"way": "outside", "company": " "}, {}, {}, "no_company"),
        ({"way": "outside", "company": "EMS"}, {}, {}, None),
        ({"way": "outside", "company": "EMS"}, {"freight_collect": True}, {}, "outside_collect"),
        ({"way": "outside", "company": "EMS"}, {"cod": True}, {}, "outside_cod"),
        ({"way": "self"}, {"cod": True, "freight_collect": True}, {}, None),
        ({}, {"cod": True}, {}, None),
        ({}, {}, {"sites": {THEM}, "length": 1}, "back_again"),
        ({}, {}, {"sites": {THIRD}, "length": 1}, None),
        ({}, {}, {"sites": {THIRD}, "length": 2}, "chain_long"),
        ({"fee": Decimal(-1)}, {}, {}, "bad_fee"),
        ({"fee": Decimal("1.005")}, {}, {}, "bad_fee"),
        ({"fee": Decimal("NaN")}, {}, {}, "bad_fee"),
        ({"fee": Decimal(501)}, {}, {}, "high_fee"),
        ({"payer": "nobody"}, {}, {}, "unknown_payer"),
        ({"payer": "receiver"}, {}, {}, "receiver_pays"),
        ({"payer": "receiver", "fee": Decimal(0)}, {}, {}, None),
        ({"payer": "sender"}, {}, {}, "sender_not_told"),
        ({"payer": "sender", "sender_told": True}, {}, {}, None),
        ({"confirmed_at": NOW}, {}, {}, "bad_contact"),
        ({"confirmed_by_way": "call"}, {}, {}, "bad_contact"),
        ({"confirmed_at": NOW + timedelta(minutes=1), "confirmed_by_way": "call"}, {}, {}, "bad_contact"),
        ({"confirmed_at": NOW, "confirmed_by_way": "call"}, {}, {}, None),
        ({"company": "字" * 41}, {}, {}, "long_field"),
        ({"texts": ("字" * 501,)}, {}, {}, "long_field"),
    ],
)
def test_every_check_of_a_request(asked, journey, chain, code):
    found = rules.request_problem(replace(ASKED, **asked), replace(JOURNEY, **journey), US, Chain(**chain), TERMS, NOW)
    assert found == code
    assert code is None or str(REASONS[code])


def test_without_the_clauses_those_rules_are_not_in_force():
    loose = replace(ASKED, way="outside", company="EMS", payer="receiver", fee=Decimal(9999))
    assert rules.request_problem(loose, replace(JOURNEY, cod=True), US, Chain({THEM}, 9), Terms(), NOW) is None


def test_a_wrong_claim_is_paid_by_who_made_it():
    assert rules.claim_problem(True, Decimal(5), "origin", TERMS) == "wrong_claim_payer"
    for wrong, fee, payer, terms in (
        (True, Decimal(5), "own", TERMS),
        (None, Decimal(5), "origin", TERMS),
        (True, Decimal(5), "origin", Terms()),
    ):
        assert rules.claim_problem(wrong, fee, payer, terms) is None


@pytest.fixture
def parcel(ground, cast):
    parcels.register_parcel(
        actor=cast.system, draft=ParcelDraft(WAYBILL, ground.station.pk, origin_site_id=ground.hub.pk), now=NOW - timedelta(days=2)
    )
    scans = [
        ScanDraft(WAYBILL, "collect", ground.hub.pk, NOW - timedelta(hours=40)),
        ScanDraft(WAYBILL, "arrive", ground.station.pk, NOW - timedelta(hours=5)),
    ]
    parcels.record_scans(actor=cast.system, batch=scans, now=NOW)
    return Parcel.objects.get(waybill=WAYBILL)


@pytest.fixture
def third(ground):
    from kefu.people import actions as sites

    system = Actor.system("tests")
    return sites.create_site(
        actor=system, code="XJ01", name="乡镇网点", kind="station", handbook="best", parent=ground.hub, now=NOW, city="南京"
    )


def draft(third, **more):
    return replace(
        ForwardDraft(WAYBILL, "out_of_area", "site", to_site_id=third.pk, address=HOME, confirmed_at=NOW, confirmed_by_way="call"), **more
    )


@pytest.fixture
def asked(parcel, third, cast):
    return actions.request_forward(actor=cast.clerk, draft=draft(third), now=NOW)


@pytest.fixture
def approved(asked, cast):
    return actions.approve(actor=cast.lead, forward_id=asked.pk, text="同意", now=NOW)


def count():
    return (
        Forward.objects.count(),
        AuditEntry.objects.count(),
        OutboxEvent.objects.count(),
        Scan.objects.count(),
        ParcelLink.objects.count(),
    )


def test_the_whole_way_under_a_new_number(asked, parcel, third, cast, ground):
    assert (asked.state, asked.reason_code, asked.due_at) == ("requested", 1, NOW + timedelta(hours=4))
    assert asked.clause.startswith("best@")
    assert asked.payer_clause.endswith("#texts.station_forwarding_payer")
    actions.approve(actor=cast.lead, forward_id=asked.pk, text="同意", now=NOW, expected_version=asked.version)
    row = actions.hand_on(actor=cast.clerk, forward_id=asked.pk, new_waybill="5000 4090 8069 99", now=NOW)
    assert (row.state, row.new_waybill, row.due_at) == ("forwarded", "50004090806999", NOW + timedelta(days=5))
    scan = Scan.objects.get(code="transfer")
    assert (scan.next_site_id, scan.reason, scan.site_id) == (third.pk, "1", ground.station.pk)
    assert ParcelLink.objects.get().to_waybill == "50004090806999"
    later = NOW + timedelta(days=1)
    parcels.record_scans(actor=cast.system, batch=[ScanDraft("50004090806999", "sign", third.pk, later)], now=later)
    run_all(now=later)
    row.refresh_from_db()
    parcel.standing.refresh_from_db()
    assert (row.state, row.signed_at, parcel.standing.state) == ("signed", later, "signed")
    with pytest.raises(Invalid) as refused:
        actions.settle(actor=cast.manager, forward_id=row.pk, fee=Decimal(6), payer="receiver", now=later)
    assert refused.value.reason == "receiver_pays"
    with pytest.raises(MissingPermission):
        actions.settle(actor=cast.lead, forward_id=row.pk, fee=Decimal(6), payer="own", now=later)
    actions.settle(actor=cast.manager, forward_id=row.pk, fee=Decimal(6), payer="own", now=later)
    shown = queries.get(cast.clerk, row.pk, now=later)
    assert (shown.state, shown.settled_fee) == ("settled", Decimal(6))
    assert [one.mark for one in queries.steps(shown)] == ["done"] * 5
    assert [one.action for one in queries.history(cast.clerk, row.pk)] == [
        f"forward.{what}" for what in ("requested", "approved", "forwarded", "signed", "settled")
    ]


def test_who_asks_does_not_approve(parcel, third, cast):
    row = actions.request_forward(actor=cast.lead, draft=draft(third), now=NOW)
    for decide in (actions.approve, actions.refuse):
        with pytest.raises(OwnRequest):
            decide(actor=cast.lead, forward_id=row.pk, text="行", now=NOW)
        with pytest.raises(MissingPermission):
            decide(actor=cast.clerk, forward_id=row.pk, text="行", now=NOW)
    assert actions.approve(actor=cast.manager, forward_id=row.pk, text="", now=NOW).state == "approved"


def test_nothing_is_approved_without_the_receiver(parcel, third, cast):
    row = actions.request_forward(actor=cast.clerk, draft=draft(third, confirmed_at=None, confirmed_by_way=""), now=NOW)
    with pytest.raises(Conflict) as refused:
        actions.approve(actor=cast.lead, forward_id=row.pk, text="", now=NOW)
    assert refused.value.reason == "forward.not_confirmed"
    for at, way in ((NOW + timedelta(minutes=1), "call"), (NOW, "pigeon")):
        with pytest.raises(Invalid):
            actions.confirm(actor=cast.agent, forward_id=row.pk, at=at, way=way, now=NOW)
    actions.confirm(actor=cast.agent, forward_id=row.pk, at=NOW, way="call", now=NOW)
    assert actions.approve(actor=cast.lead, forward_id=row.pk, text="", now=NOW).state == "approved"


def test_refusing_and_withdrawing_want_a_reason(asked, approved, parcel, third, cast):
    with pytest.raises(WrongState):
        actions.refuse(actor=cast.lead, forward_id=asked.pk, text="太晚", now=NOW)
    with pytest.raises(Invalid):
        actions.withdraw(actor=cast.clerk, forward_id=asked.pk, text=" ", now=NOW)
    assert actions.withdraw(actor=cast.clerk, forward_id=asked.pk, text="改派", now=NOW).state == "withdrawn"
    again = actions.request_forward(actor=cast.clerk, draft=draft(third), now=NOW)
    with pytest.raises(Invalid):
        actions.refuse(actor=cast.lead, forward_id=again.pk, text="", now=NOW)
    assert actions.refuse(actor=cast.lead, forward_id=again.pk, text="在范围内", now=NOW).state == "refused"
    assert [one.mark for one in queries.steps(queries.get(cast.clerk, again.pk, now=NOW))] == ["done", "done", "off", "off", "off"]


def test_nothing_is_withdrawn_once_it_is_handed_on(approved, cast):
    actions.hand_on(actor=cast.clerk, forward_id=approved.pk, new_waybill="", now=NOW)
    with pytest.raises(WrongState) as refused:
        actions.withdraw(actor=cast.clerk, forward_id=approved.pk, text="不转了", now=NOW)
    assert "已转出" in str(refused.value)


@pytest.mark.parametrize("number", ["", WAYBILL, "没有"])
def test_an_outside_carrier_gives_a_number(number, parcel, third, cast):
    row = actions.request_forward(actor=cast.clerk, draft=draft(third, way="outside", company="EMS"), now=NOW)
    actions.approve(actor=cast.lead, forward_id=row.pk, text="", now=NOW)
    before = count()
    with pytest.raises(Invalid) as refused:
        actions.hand_on(actor=cast.clerk, forward_id=row.pk, new_waybill=number, now=NOW)
    assert "new_waybill" in refused.value.fields
    assert count() == before


def test_an_outside_signature_reaches_the_old_number(parcel, third, cast):
    row = actions.request_forward(actor=cast.clerk, draft=draft(third, way="outside", company="EMS"), now=NOW)
    actions.approve(actor=cast.lead, forward_id=row.pk, text="", now=NOW)
    actions.hand_on(actor=cast.clerk, forward_id=row.pk, new_waybill=EMS, now=NOW)
    later = NOW + timedelta(days=2)
    for at in (NOW - timedelta(hours=1), later + timedelta(hours=1)):
        with pytest.raises(Invalid):
            actions.mark_signed(actor=cast.clerk, forward_id=row.pk, at=at, now=later)
    actions.mark_signed(actor=cast.clerk, forward_id=row.pk, at=later, now=later)
    parcel.standing.refresh_from_db()
    assert parcel.standing.state == "signed"
    run_all(now=later)
    row.refresh_from_db()
    assert (row.state, row.signed_at) == ("signed", later)


def test_a_number_is_used_once_and_makes_no_ring(approved, ground, third, cast):
    parcels.register_parcel(actor=cast.system, draft=ParcelDraft("50004090806945", ground.station.pk), now=NOW)
    parcels.record_scans(actor=cast.system, batch=[ScanDraft("50004090806945", "arrive", ground.station.pk, NOW)], now=NOW)
    other = actions.request_forward(actor=cast.clerk, draft=draft(third, waybill="50004090806945"), now=NOW)
    actions.approve(actor=cast.lead, forward_id=other.pk, text="", now=NOW)
    actions.hand_on(actor=cast.clerk, forward_id=approved.pk, new_waybill="50004090806999", now=NOW)
    before = count()
    for number, code in (("50004090806999", "forward.number_used"),):
        with pytest.raises(Conflict) as refused:
            actions.hand_on(actor=cast.clerk, forward_id=other.pk, new_waybill=number, now=NOW)
        assert refused.value.reason == code
        assert count() == before


def test_what_was_signed_meanwhile_is_not_handed_on(approved, ground, cast):
    parcels.record_scans(actor=cast.system, batch=[ScanDraft(WAYBILL, "sign", ground.station.pk, NOW)], now=NOW)
    with pytest.raises(Conflict) as refused:
        actions.hand_on(actor=cast.clerk, forward_id=approved.pk, new_waybill="", now=NOW)
    assert refused.value.reason == "forward.signed"


def test_a_second_forwarding_does_not_go_back(approved, ground, third, cast, hire):
    actions.hand_on(actor=cast.clerk, forward_id=approved.pk, new_waybill="50004090806999", now=NOW)
    Forward.objects.filter(pk=approved.pk).update(state="signed")
    clerk = people.actor_for(hire("clerk", third))
    parcels.record_scans(actor=cast.system, batch=[ScanDraft("50004090806999", "arrive", third.pk, NOW)], now=NOW)
    assert chains(["50004090806999"])["50004090806999"] == Chain(frozenset({ground.station.pk, third.pk}), 1)
    back = draft(third, waybill="50004090806999", to_site_id=ground.station.pk)
    assert actions.request_many(actor=clerk, drafts=[back], now=NOW).refused == {0: "back_again"}
    on = replace(back, to_site_id=ground.other_station.pk)
    assert list(actions.request_many(actor=clerk, drafts=[on], now=NOW).stored) == [0]


def test_one_open_request_a_waybill(asked, third, cast):
    done = actions.request_many(actor=cast.clerk, drafts=[draft(third)], now=NOW)
    assert done.refused == {0: "open_already"}
    with pytest.raises(Invalid) as refused:
        actions.request_forward(actor=cast.clerk, draft=draft(third), now=NOW)
    assert refused.value.reason == "open_already"


def test_the_served_areas_speak_against_a_wrong_claim(parcel, third, ground, cast):
    today = NOW.date()
    areas.add_area(
        actor=cast.manager,
        site_id=ground.station.pk,
        draft=AreaDraft("江苏省南京市玄武区", "home", today - timedelta(days=30), today - timedelta(days=60)),
        now=NOW,
    )
    paid = actions.request_many(actor=cast.clerk, drafts=[draft(third, fee=Decimal(5), payer="origin")], now=NOW)
    assert paid.refused == {0: "wrong_claim_payer"}
    row = actions.request_forward(actor=cast.clerk, draft=draft(third, fee=Decimal(5)), now=NOW)
    assert (row.wrong_claim, row.liable_site_id) == (True, ground.station.pk)
    assert "玄武区" in row.area
    assert [one.id for one in queries.page(cast.clerk, Wanted(wrong=True), now=NOW).rows] == [row.pk]


def test_reach(asked, third, cast, hire):
    assert asked.wrong_claim is None
    taker = people.actor_for(hire("lead", third))
    assert [one.own for one in queries.page(taker, Wanted(box="in"), now=NOW).rows] == [False]
    for call in (
        lambda: actions.approve(actor=taker, forward_id=asked.pk, text="", now=NOW),
        lambda: actions.withdraw(actor=taker, forward_id=asked.pk, text="不要", now=NOW),
        lambda: queries.get(cast.outsider, asked.pk, now=NOW),
    ):
        with pytest.raises(NotFound):
            call()
    assert not queries.page(cast.outsider, Wanted(), now=NOW).rows
    with pytest.raises(MissingPermission):
        actions.request_forward(actor=cast.inspector, draft=draft(third), now=NOW)


def test_two_leads_deciding_at_once(asked, cast):
    actions.approve(actor=cast.lead, forward_id=asked.pk, text="", now=NOW, expected_version=asked.version)
    before = count()
    with pytest.raises(Stale):
        actions.refuse(actor=cast.manager, forward_id=asked.pk, text="不行", now=NOW, expected_version=asked.version)
    assert count() == before


def test_what_is_late(asked, cast):
    late = NOW + timedelta(hours=4)
    assert not queries.page(cast.clerk, Wanted(late=True), now=late - timedelta(minutes=1)).rows
    [row] = queries.page(cast.clerk, Wanted(late=True), now=late).rows
    assert row.late
    assert row.clause.endswith("#texts.station_forwarding")
    counts = queries.counts(cast.clerk, now=late)
    assert [one.value for one in (counts.to_approve, counts.to_forward, counts.late, counts.to_us)] == [1, 0, 1, 0]


def test_a_table_of_requests(tmp_path, parcel, third, cast):
    from kefu.intake.catalogue import Given, named
    from kefu.kernel.imports import run

    path = tmp_path / "forwards.csv"
    rows = [
        "原运单号,转件原因,转件类型,承接网点,承接公司,转件费,付费方",
        f"{WAYBILL},超区,转网内网点,乡镇网点,,5.00,本网点",
        "50004090806945,1,自提,,,,",
        f"{WAYBILL},超区,外部快递,,EMS,5,收件人",
        "7.51235E+13,超区,自提,,,,",
    ]
    path.write_bytes("\r\n".join(rows).encode("gbk"))
    done = run(actor=cast.clerk, source=named("forwards").open(Given(cast.clerk, path, NOW, None)), now=NOW)
    assert (done.stored, done.present, done.refused) == (1, 0, 3)


def test_lists_cost_the_same_at_any_length(ground, third, cast):
    def cost(start, size):
        numbers = [str(start + one) for one in range(size)]
        parcels.register_parcels(actor=cast.system, drafts=[ParcelDraft(one, ground.station.pk) for one in numbers], now=NOW)
        done = actions.request_many(actor=cast.clerk, drafts=[draft(third, waybill=one, address="") for one in numbers], now=NOW)
        assert len(done.stored) == size
        with CaptureQueriesContext(connection) as seen:
            queries.page(cast.clerk, Wanted(), now=NOW)
            queries.counts(cast.clerk, now=NOW)
        return len(seen)

    assert cost(50000000000000, 3) >= cost(60000000000000, 30)
