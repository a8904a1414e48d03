"""Pieces, bags, linked numbers and void scans: what stands for what, in whatever order it becomes known (O7, O8, O10, O12)."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.conftest import NOW
from kefu.kernel.errors import Conflict, Invalid, NotFound
from kefu.kernel.models import AuditEntry
from kefu.parcels import actions, queries
from kefu.parcels.drafts import ParcelDraft, Party, ScanDraft
from kefu.parcels.models import Parcel, ParcelLink, ParcelParties, Scan, ScanVoid, Standing, SubWaybill
from kefu.parcels.rules import (
    BagScan,
    Event,
    Link,
    Packed,
    bag_moves,
    can_go_on,
    kept_state,
    makes_loop,
    marks_of,
    onward,
    state_of,
    through_links,
)

START = NOW - timedelta(days=4)
AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
MAIN, OTHER, THIRD = "50004090806944", "50004090806945", "50004090806946"
BAG = "PK20261122001"


def register(ground, cast, *numbers, **more):
    given = {"site_id": ground.station.pk, "receiver": Party("钱收件", "13812345678", "南京市玄武区")} | more
    actions.register_parcels(actor=cast.clerk, drafts=[ParcelDraft(number, **given) for number in numbers], now=START)


def scan(site, code, hours, waybill=MAIN, **more):
    return ScanDraft(waybill, code, site.pk, START + timedelta(hours=hours), operator="1007", **more)


def record(cast, *scans, now=NOW):
    return actions.record_scans(actor=cast.manager, batch=scans, now=now)


def state(number=MAIN):
    return Standing.objects.get(parcel__waybill=number).state


def everything():
    """What must be the same in the end, whatever the order it came in."""
    keys = ("waybill", "code", "site_id", "scanned_at", "operator", "piece", "bag", "source")
    standings = ("parcel__waybill", "state", "collected_at", "first_attempt_at", "signed_at", "last_scan_at", "last_scan_code", "marks")
    return sorted(Scan.objects.values_list(*keys)), sorted(Standing.objects.values_list(*standings), key=lambda row: row[0])


# --- rules -----------------------------------------------------------------------------------------------------------------------


def hours(*codes):
    return [Event(AT + timedelta(hours=place), code, 7) for place, code in enumerate(codes)]


@pytest.mark.parametrize("cut", range(8))
def test_a_walk_gone_on_from_the_middle_ends_where_the_whole_one_does(cut):
    events = hours("collect", "arrive", "deliver", "problem", "in_store", "out_store", "return", "sign")
    before = state_of(events[:cut], site_id=7)
    kept = kept_state(before[:7], marks_of(before))
    assert kept == before
    assert can_go_on(kept, events[cut:])
    assert state_of(events[cut:], site_id=7, after=kept) == state_of(events, site_id=7)
    assert not can_go_on(state_of(events, site_id=7), events[:1])


def test_pieces_that_go_out_together_are_one_attempt():
    going = [Event(AT + timedelta(minutes=place), "deliver", 7, "", f"{place}") for place in range(1, 4)]
    assert state_of(going).attempts == 1
    assert state_of([*going, Event(AT + timedelta(days=1), "deliver", 7, "", "1")]).attempts == 2
    assert state_of([event._replace(piece="") for event in going]).attempts == 3


A_B, B_C, C_A = Link("forward", "A", "B"), Link("forward", "B", "C"), Link("forward", "C", "A")


@pytest.mark.parametrize(
    ("own", "kind", "there", "state"),
    [
        (["transfer"], "forward", ["sign"], "signed"),
        (["transfer", "send"], "forward", ["agent_sign"], "signed"),
        (["transfer"], "forward", ["deliver"], "forwarded"),
        (["transfer"], "forward", [], "forwarded"),
        (["return"], "return", ["sign"], "returned"),
        (["refuse"], "return", ["sign"], "returned"),
        (["sign"], "return", ["sign"], "signed"),
        (["sign"], "receipt", ["sign"], "signed"),
        (["transfer"], "receipt", ["sign"], "forwarded"),
    ],
)
def test_a_linked_number_speaks_for_the_old_one(own, kind, there, state):
    states = {"A": state_of(hours(*own)), "B": state_of(hours(*there))}
    assert through_links("A", [Link(kind, "A", "B")], states).state == state
    assert through_links("B", [Link(kind, "A", "B")], states) == states["B"]


def test_chains_and_rings_of_links():
    states = {"A": state_of(hours("transfer")), "B": state_of(hours("transfer")), "C": state_of(hours("sign"))}
    assert through_links("A", [A_B, B_C], states).signed_at == states["C"].signed_at
    assert list(onward("A", [B_C, A_B])) == ["B", "C"]
    assert set(onward("A", [A_B, B_C, C_A])) == {"B", "C"}
    assert makes_loop(C_A, [A_B, B_C])
    assert makes_loop(Link("forward", "A", "A"), [])
    assert not makes_loop(B_C, [A_B])
    assert through_links("A", [A_B, Link("forward", "B", "A")], states).state == "forwarded"


def test_what_is_in_a_bag_moves_with_it_until_it_is_opened():
    def at(hour):
        return AT + timedelta(hours=hour)

    first, second = Packed(at(0), BAG, "W1"), Packed(at(6), BAG, "W2")
    send, unbag, again = BagScan(at(1), BAG, "send", 7), BagScan(at(4), BAG, "unbag", 8), BagScan(at(7), BAG, "send", 7)
    early, sign = BagScan(at(-1), BAG, "arrive", 7), BagScan(at(2), BAG, "sign", 7)
    found = bag_moves([second, first], [again, sign, unbag, send, early, BagScan(at(2), "PK9", "send", 7)])
    assert found == {(first, send), (first, unbag), (second, again)}


# --- pieces ----------------------------------------------------------------------------------------------------------------------


def test_a_scan_of_a_piece_is_one_of_its_waybill(ground, cast):
    register(ground, cast, MAIN, pieces=2, sub_waybills=("1000000001", "1000 000 002"))
    assert list(SubWaybill.objects.order_by("position").values_list("number", "position")) == [("1000000001", 1), ("1000000002", 2)]
    both = [scan(ground.station, "arrive", 5, number) for number in ("1000000001", "1000-0000-02")]
    assert record(cast, *both).stored == 2
    assert sorted(Scan.objects.values_list("waybill", "piece")) == [(MAIN, "1000000001"), (MAIN, "1000000002")]
    assert state() == "arrived"
    assert record(cast, *both).present == 2
    trace = queries.trace(cast.agent, "1000000002", now=NOW)
    assert (trace.waybill, trace.asked, trace.header.sub_waybills) == (MAIN, "1000000002", ("1000000001", "1000000002"))
    assert {line.piece for line in trace.lines} == {"1000000001", "1000000002"}
    assert queries.waybills_of(["1000 000 001", OTHER, "－"]) == {"1000 000 001": MAIN, OTHER: OTHER}


def test_scans_of_pieces_nobody_knew_yet(ground, cast):
    pieces = {"pieces": 2, "sub_waybills": ("1000000001", "1000000002")}
    batch = [
        scan(ground.station, "arrive", 5, "1000000001"),
        scan(ground.station, "deliver", 6, "1000000002"),
        scan(ground.hub, "collect", 1),
    ]
    record(cast, *batch)
    register(ground, cast, MAIN, **pieces)
    later = everything()
    assert state() == "out_for_delivery"
    Scan.objects.all().delete()
    Parcel.objects.all().delete()
    register(ground, cast, MAIN, **pieces)
    record(cast, *batch)
    assert everything() == later


@pytest.mark.parametrize(
    ("number", "more", "reason"),
    [
        (THIRD, {"pieces": 3, "sub_waybills": ("1000000003",)}, "sub_waybill_count"),
        (THIRD, {"pieces": 2, "sub_waybills": ("1000000003", "1000000003")}, "bad_sub_waybill"),
        (THIRD, {"sub_waybills": (THIRD,)}, "bad_sub_waybill"),
        (THIRD, {"sub_waybills": ("一",)}, "bad_sub_waybill"),
        (THIRD, {"sub_waybills": ("1000000001",)}, "sub_waybill_taken"),
        (THIRD, {"sub_waybills": (MAIN,)}, "sub_waybill_taken"),
        ("1000000001", {}, "is_sub_waybill"),
        (THIRD, {"payment": "later"}, "unknown_payment"),
        (THIRD, {"receipt_kind": "song"}, "unknown_receipt"),
        (THIRD, {"destination": "路" * 121}, "too_long"),
    ],
)
def test_what_cannot_be_registered(number, more, reason, ground, cast):
    register(ground, cast, MAIN, sub_waybills=("1000000001",))
    before = everything()
    with pytest.raises(Invalid) as refused:
        actions.register_parcel(actor=cast.clerk, draft=ParcelDraft(number, ground.station.pk, **more), now=NOW)
    assert (refused.value.reason, everything(), SubWaybill.objects.count()) == (reason, before, 1)
    assert str(refused.value.fields["parcel"])


def test_who_sends_and_receives_stands_apart(ground, cast):
    register(ground, cast, MAIN, sender=Party("赵", "13900001111", "杭州", "丰利公司"))
    register(ground, cast, OTHER, receiver=Party())
    assert ParcelParties.objects.count() == 1
    trace = queries.trace(cast.agent, MAIN, now=NOW)
    assert (trace.header.sender.company, trace.header.receiver.name) == ("丰利公司", "钱*")
    assert queries.trace(cast.agent, OTHER, now=NOW).header.receiver == queries.MaskedParty("", "", "")
    with CaptureQueriesContext(connection) as seen:
        record(cast, scan(ground.station, "arrive", 1))
    assert not any("parcelparties" in query["sql"] for query in seen)


# --- bags ------------------------------------------------------------------------------------------------------------------------


def bagged(ground):
    return [
        scan(ground.hub, "collect", 0),
        scan(ground.hub, "bag", 2, bag=BAG),
        scan(ground.hub, "bag", 3, OTHER, bag=BAG),
        scan(ground.hub, "send", 4, BAG, next_site_id=ground.station.pk, truck="早班"),
        scan(ground.station, "arrive", 9, BAG, previous_site_id=ground.hub.pk),
        scan(ground.station, "unbag", 10, BAG),
        scan(ground.hub, "send", 20, BAG),
        scan(ground.station, "arrive", 9, OTHER),
    ]


def test_a_bag_brings_its_pieces(ground, cast):
    register(ground, cast, MAIN, OTHER)
    batch = bagged(ground)
    assert record(cast, *batch).stored == 8
    followed = Scan.objects.filter(source="bag").order_by("waybill", "scanned_at")
    assert list(followed.values_list("waybill", "code", "truck", "bag", "next_site")) == [
        (MAIN, "send", "早班", BAG, ground.station.pk),
        (MAIN, "arrive", "", BAG, None),
        (MAIN, "unbag", "", BAG, None),
        (OTHER, "send", "早班", BAG, ground.station.pk),
        (OTHER, "unbag", "", BAG, None),
    ]
    before = everything()
    assert record(cast, *batch).present == 8
    assert everything() == before


@pytest.mark.parametrize("seed", range(6))
def test_bags_in_any_order_and_any_lots(seed, ground, cast):
    dice = random.Random(seed)
    batch = bagged(ground)
    register(ground, cast, MAIN, OTHER)
    record(cast, *batch)
    wanted = everything()
    Scan.objects.all().delete()
    Parcel.objects.all().delete()
    shuffled = batch + dice.sample(batch, 3)
    dice.shuffle(shuffled)
    registered = dice.randrange(len(shuffled))
    while shuffled:
        if len(shuffled) <= registered:
            register(ground, cast, MAIN, OTHER)
            registered = -1
        lot = dice.randrange(1, 4)
        record(cast, *shuffled[:lot])
        shuffled = shuffled[lot:]
    register(ground, cast, MAIN, OTHER)
    assert everything() == wanted


def test_a_bag_in_a_bag(ground, cast):
    register(ground, cast, MAIN)
    outer = "CAGE0001"
    record(cast, scan(ground.hub, "send", 5, outer), scan(ground.hub, "bag", 4, BAG, bag=outer))
    record(cast, scan(ground.hub, "bag", 2, bag=BAG))
    assert list(Scan.objects.filter(waybill=MAIN, source="bag").values_list("code", "bag")) == [("send", BAG)]


def test_a_bad_bag_is_refused(ground, cast):
    done = record(cast, scan(ground.hub, "bag", 2, bag="袋1"), scan(ground.hub, "bag", 2, bag="PK 1-2"))
    assert ([one.reason for one in done.refused], done.stored) == (["bad_bag"], 1)
    assert Scan.objects.get().bag == "PK12"


# --- void ------------------------------------------------------------------------------------------------------------------------


def test_a_void_scan_no_longer_counts(ground, cast):
    register(ground, cast, MAIN)
    record(cast, scan(ground.station, "arrive", 1), scan(ground.station, "deliver", 2), scan(ground.station, "sign", 3))
    sign = Scan.objects.get(code="sign")
    assert actions.void_scans(actor=cast.lead, scan_ids=[sign.pk], reason=" 签错件 ", now=NOW) == 1
    assert (state(), Standing.objects.get().signed_at, Scan.objects.count()) == ("out_for_delivery", None, 3)
    void = ScanVoid.objects.get()
    assert (void.scan_id, void.waybill, void.reason, void.actor_id, void.voided_at) == (sign.pk, MAIN, "签错件", cast.lead.id, NOW)
    entry = AuditEntry.objects.get(action="scan.voided")
    assert (entry.subject_id, entry.data["reason"], entry.data["code"]) == (sign.pk, "签错件", "sign")
    assert [line.code for line in queries.trace(cast.agent, MAIN, now=NOW).lines] == ["arrive", "deliver"]
    assert list(queries.latest_scans([MAIN, OTHER])) == [MAIN]
    assert queries.latest_scans([MAIN])[MAIN].code == "deliver"
    assert queries.facts(MAIN, now=NOW)["parcel.signed"] is False
    # The same scan again is the void one; another one counts.
    again = record(cast, scan(ground.station, "deliver", 2), scan(ground.station, "sign", 3))
    assert (again.stored, again.present, list(again.refused)) == (0, 1, [(1, "scan_voided")])
    assert state() == "out_for_delivery"
    record(cast, scan(ground.station, "sign", 4))
    assert state() == "signed"


def test_what_cannot_be_made_void(ground, cast):
    register(ground, cast, MAIN)
    record(cast, scan(ground.station, "arrive", 1), scan(ground.station, "sign", 3))
    first, second = Scan.objects.order_by("scanned_at")
    actions.void_scans(actor=cast.lead, scan_ids=[first.pk], reason="误扫", now=NOW)
    before = everything(), ScanVoid.objects.count(), AuditEntry.objects.count()
    for wrong, who, reason, error in [
        ([second.pk, first.pk], cast.lead, "误扫", Conflict),
        ([second.pk], cast.lead, "  ", Invalid),
        ([second.pk], cast.lead, "误" * 201, Invalid),
        ([second.pk], cast.outsider, "误扫", NotFound),
        ([second.pk, 10**12], cast.lead, "误扫", NotFound),
        ([], cast.lead, "误扫", NotFound),
    ]:
        with pytest.raises(error):
            actions.void_scans(actor=who, scan_ids=wrong, reason=reason, now=NOW)
        assert (everything(), ScanVoid.objects.count(), AuditEntry.objects.count()) == before


def test_a_void_packing_takes_the_piece_out_of_the_bag(ground, cast):
    register(ground, cast, MAIN, OTHER)
    record(cast, *bagged(ground))
    packing = Scan.objects.get(waybill=MAIN, code="bag")
    actions.void_scans(actor=cast.manager, scan_ids=[packing.pk], reason="装错包", now=NOW)
    assert not Scan.objects.filter(waybill=MAIN, source="bag").exists()
    assert (state(), Scan.objects.filter(source="bag").count()) == ("collected", 2)
    opening = Scan.objects.get(waybill=BAG, code="unbag")
    actions.void_scans(actor=cast.manager, scan_ids=[opening.pk], reason="未拆", now=NOW)
    assert list(Scan.objects.filter(waybill=OTHER, source="bag").order_by("scanned_at").values_list("code", flat=True)) == ["send", "send"]


# --- links -----------------------------------------------------------------------------------------------------------------------


def test_a_forwarded_waybill_is_signed_by_its_new_number(ground, cast):
    register(ground, cast, MAIN)
    record(cast, scan(ground.station, "arrive", 1), scan(ground.station, "transfer", 2))
    link = actions.link_waybills(actor=cast.clerk, kind="forward", from_waybill=MAIN, to_waybill="EE 4731248 29CN", now=NOW)
    assert (link.to_waybill, link.made_by) == ("EE473124829CN", cast.clerk.name)
    assert state() == "forwarded"
    record(cast, scan(ground.other_station, "deliver", 20, "EE473124829CN"), scan(ground.other_station, "sign", 22, "EE473124829CN"))
    assert (state(), Standing.objects.get().signed_at) == ("signed", START + timedelta(hours=22))
    trace = queries.trace(cast.agent, MAIN, now=NOW)
    assert [(line.waybill, line.code) for line in trace.lines][1:] == [
        (MAIN, "transfer"),
        ("EE473124829CN", "deliver"),
        ("EE473124829CN", "sign"),
    ]
    assert (trace.state.state, trace.links) == ("signed", [queries.TraceLink("forward", "EE473124829CN", onward=True)])
    back = queries.trace(cast.outsider, "EE473124829CN", now=NOW)
    assert (back.links, len(back.lines)) == ([queries.TraceLink("forward", MAIN, onward=False)], 2)
    assert queries.states_of([MAIN, OTHER])[MAIN].signed
    actions.unlink_waybills(actor=cast.clerk, kind="forward", from_waybill=MAIN, to_waybill="EE473124829CN", now=NOW)
    assert (state(), ParcelLink.objects.count()) == ("forwarded", 0)


def test_a_link_made_after_the_signature_and_before_the_registration(ground, cast):
    record(cast, scan(ground.station, "transfer", 2), scan(ground.station, "sign", 9, OTHER))
    actions.link_waybills(actor=cast.clerk, kind="forward", from_waybill=MAIN, to_waybill=OTHER, now=NOW)
    register(ground, cast, MAIN)
    assert state() == "signed"


def test_links_refuse_loops_twins_and_strangers(ground, cast):
    register(ground, cast, MAIN, OTHER, THIRD)

    def link(start, end, who=cast.clerk, kind="forward"):
        return actions.link_waybills(actor=who, kind=kind, from_waybill=start, to_waybill=end, now=NOW)

    link(MAIN, OTHER)
    link(OTHER, THIRD)
    for start, end, who, kind, error, code in [
        (MAIN, OTHER, cast.clerk, "forward", Conflict, "link_exists"),
        (THIRD, MAIN, cast.clerk, "forward", Conflict, "link_loop"),
        (THIRD, MAIN, cast.clerk, "return", Conflict, "link_loop"),
        (MAIN, MAIN, cast.clerk, "forward", Conflict, "link_loop"),
        (MAIN, "单号", cast.clerk, "forward", Invalid, "bad_waybill"),
        (MAIN, "60000000001", cast.clerk, "gift", Invalid, "unknown_link"),
        (MAIN, "60000000001", cast.outsider, "forward", NotFound, "not_found"),
        ("60000000001", MAIN, cast.clerk, "forward", NotFound, "not_found"),
    ]:
        with pytest.raises(error) as refused:
            link(start, end, who, kind)
        assert refused.value.reason == code
        assert ParcelLink.objects.count() == 2
    with pytest.raises(NotFound):
        actions.unlink_waybills(actor=cast.outsider, kind="forward", from_waybill=MAIN, to_waybill=OTHER, now=NOW)


def test_lookups_of_many_cost_the_same(ground, cast):
    def cost(size, start):
        numbers = [f"5{start + n:013d}" for n in range(size)]
        register(ground, cast, *numbers)
        record(cast, *(scan(ground.station, code, hour, number) for number in numbers for hour, code in enumerate(("arrive", "deliver"))))
        with CaptureQueriesContext(connection) as seen:
            assert len(queries.cards(cast.agent, numbers)) == size
            assert not queries.cards(cast.outsider, numbers)
            assert sum(map(len, queries.scans_of(numbers, codes=["deliver"], sites=[ground.station.pk], since=START).values())) == size
            assert len(queries.latest_scans(numbers)) == size
            assert {state.state for state in queries.states_of(numbers).values()} == {"out_for_delivery"}
        return len(seen)

    assert cost(3, 0) == cost(30, 1000)
