"""Scanning with the cast: what is recorded, what is refused and leaves nothing, two guns, undo, counts of statements (OPS1)."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Denied, Invalid, NotFound
from kefu.kernel.models import AuditEntry
from kefu.parcels import actions as parcels
from kefu.parcels import bars
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.known import known_of
from kefu.parcels.models import Scan, ScanVoid
from kefu.people import queries as people
from kefu.station.scanning import actions, sessions
from kefu.station.scanning.actions import Shot
from kefu.station.scanning.errors import UndoRefused
from kefu.station.scanning.models import Answer, Claim, GunSession
from kefu.station.scanning.sessions import Setup

A, B = "75123456789012", "75123456789013"


@pytest.fixture
def courier(cast, hire):
    return hire("clerk", name="陈师傅")


@pytest.fixture
def setup(ground, courier):
    return Setup(site_id=ground.station.pk, mode="deliver", courier=courier.staff_no)


@pytest.fixture
def here(ground, now):
    def arrive(*numbers, **changes):
        system = Actor.system("tests")
        drafts = [ParcelDraft(waybill=one, site_id=ground.station.pk, **changes) for one in numbers]
        parcels.register_parcels(actor=system, drafts=drafts, now=now)
        scans = [ScanDraft(one, "arrive", ground.station.pk, now - timedelta(hours=2), "0") for one in numbers]
        parcels.record_scans(actor=system, batch=scans, now=now)

    return arrive


def shoot(actor, setup, *texts, now):
    return actions.scan(actor=actor, setup=setup, shots=[Shot(one) for one in texts], now=now)


def test_a_number_is_scanned_cleaned_and_told(cast, ground, setup, here, now, courier):
    here(A)
    (found,) = shoot(cast.clerk, setup, f" {A[:6]}-{A[6:]}\n", now=now)
    assert (found.tone, found.waybill, found.codes, found.notices) == ("ok", A, "deliver", [])
    scan = Scan.objects.get(code="deliver")
    assert (scan.waybill, scan.site_id, scan.courier, scan.scanned_at) == (A, ground.station.pk, courier.staff_no, now)
    assert scan.operator == people.me(cast.clerk).staff_no
    assert known_of([A])[A].state == "out_for_delivery"


def test_a_refused_number_leaves_no_scan_and_an_answer(cast, setup, here, now):
    here(A)
    shoot(cast.clerk, setup, A, now=now)
    found = shoot(cast.clerk, setup, A, "运单", now=now + timedelta(minutes=3))
    assert [(one.tone, one.reason, one.codes) for one in found] == [("refused", "repeat", ""), ("refused", "bad_waybill", "")]
    assert Scan.objects.filter(code="deliver").count() == 1
    assert Answer.objects.filter(tone="refused").count() == 2


def test_another_gun_is_told_who_has_it(cast, setup, here, now):
    here(A)
    shoot(cast.clerk, setup, A, now=now)
    (found,) = shoot(cast.lead, setup, A, now=now + timedelta(minutes=1))
    assert found.reason == "other_gun"
    assert cast.clerk.name in found.notices[0]["params"]["operator"]
    assert found.notices[0]["clause"].endswith("#texts.station_delivery_scan")


def test_the_same_number_twice_in_one_paste_counts_once(cast, setup, here, now):
    here(A)
    assert [one.reason for one in shoot(cast.clerk, setup, A, A, now=now)] == ["", "repeat"]
    assert Scan.objects.filter(code="deliver").count() == 1


def test_both_scans_at_once(cast, ground, setup, now):
    system = Actor.system("tests")
    parcels.register_parcels(actor=system, drafts=[ParcelDraft(waybill=A, site_id=ground.station.pk)], now=now)
    hub = ground.hub.pk
    (found,) = shoot(cast.clerk, replace(setup, mode="arrive_deliver", previous_site_id=hub, truck="早1"), A, now=now)
    assert (found.tone, found.codes) == ("ok", "arrive deliver")
    rows = Scan.objects.order_by("scanned_at").values_list("code", "courier", "previous_site_id", "truck")
    assert list(rows) == [("arrive", "", hub, "早1"), ("deliver", setup.courier, hub, "早1")]
    assert known_of([A])[A].state == "out_for_delivery"


def test_a_missing_arrival_is_pointed_out_and_recorded_all_the_same(cast, setup, now):
    (found,) = shoot(cast.clerk, setup, A, now=now)
    assert found.tone == "warn"
    assert [one["code"] for one in found.notices] == ["not_arrived", "not_registered"]
    assert Scan.objects.count() == 1


def test_refused_sent_back_and_stopped(cast, ground, setup, here, now):
    here(A, B)
    shoot(cast.clerk, setup, A, now=now)
    one = replace(setup, mode="refuse", courier="", reason="unwanted")
    (found,) = shoot(cast.clerk, one, A, now=now + timedelta(minutes=1))
    assert (found.tone, found.codes, known_of([A])[A].state) == ("ok", "refuse", "refused")
    (found,) = shoot(
        cast.clerk, replace(one, mode="return", reason="refused", next_site_id=ground.hub.pk), A, now=now + timedelta(minutes=2)
    )
    assert (found.tone, known_of([A])[A].state) == ("ok", "returning")
    rows = Scan.objects.filter(waybill=A, code__in=["refuse", "return"]).order_by("scanned_at")
    assert list(rows.values_list("reason", "next_site_id", "courier")) == [("unwanted", None, ""), ("refused", ground.hub.pk, "")]
    assert shoot(cast.clerk, replace(one, mode="intercept", reason="sender"), A, now=now + timedelta(minutes=3))[0].reason == "returning"
    assert shoot(cast.clerk, replace(one, mode="intercept", reason="sender"), B, now=now)[0].codes == "intercept"
    assert shoot(cast.clerk, setup, B, now=now + timedelta(minutes=1))[0].reason == "intercepted"


def test_what_a_room_holds_against_a_scan_is_heard(cast, setup, here, now, monkeypatch):
    here(A, B)
    bar = bars.Bar(frozenset({"transfer"}), "超区", "Out of area", "best@1#texts.problem_pr20")
    monkeypatch.setitem(bars._SOURCES, "problems", lambda waybills: {A: [bar]} if A in waybills else {})
    found = shoot(cast.clerk, setup, A, B, now=now)
    assert [(one.reason, one.codes) for one in found] == [("not_allowed", ""), ("", "deliver")]
    assert found[0].notices[0]["clause"] == bar.clause


def test_a_piece_scans_its_waybill(cast, ground, setup, here, now):
    here(A, pieces=2, sub_waybills=("5100000001", "5100000002"))
    (found,) = shoot(cast.clerk, setup, "5100000002", now=now)
    assert (found.tone, found.waybill, found.piece) == ("ok", A, "5100000002")
    assert Scan.objects.get(code="deliver").piece == "5100000002"


@pytest.mark.parametrize(("change", "reason"), [({"courier": ""}, "courier_missing"), ({"courier": "999"}, "courier_unknown")])
def test_a_courier_must_be_one(cast, setup, here, now, change, reason):
    here(A)
    assert shoot(cast.clerk, replace(setup, **change), A, now=now)[0].reason == reason
    assert not Scan.objects.filter(code="deliver").exists()


def test_a_courier_of_another_site_one_who_left_and_one_called_by_name(cast, ground, setup, here, hire, now, courier):
    here(A)
    other = hire("clerk", site=ground.other_station)
    assert shoot(cast.clerk, replace(setup, courier=other.staff_no), A, now=now)[0].reason == "courier_elsewhere"
    gone = hire("clerk")
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    assert shoot(cast.clerk, replace(setup, courier=gone.staff_no), A, now=now)[0].reason == "courier_inactive"
    assert shoot(cast.clerk, replace(setup, courier="陈师傅"), A, now=now)[0].courier == courier.staff_no


def test_device_times(cast, setup, here, now):
    here(A, B)
    shots = [Shot(A, now + timedelta(minutes=6)), Shot(B, (now - timedelta(days=1)).replace(tzinfo=None))]
    assert [one.reason for one in actions.scan(actor=cast.clerk, setup=setup, shots=shots, now=now)] == ["future", "no_time"]


def test_who_may_scan_where(cast, ground, setup, now):
    with pytest.raises(Denied):
        shoot(cast.agent, setup, A, now=now)
    with pytest.raises(NotFound):
        shoot(cast.clerk, replace(setup, site_id=ground.other_station.pk), A, now=now)
    with pytest.raises(Invalid):
        shoot(cast.clerk, replace(setup, mode="fly"), A, now=now)
    with pytest.raises(Invalid):
        actions.scan(actor=cast.clerk, setup=setup, shots=[], now=now)
    assert not Answer.objects.exists()


def test_statements_do_not_grow_with_the_numbers(cast, setup, here, now):
    numbers = [f"7512345678{place:04d}" for place in range(300)]
    here(*numbers)
    shoot(cast.clerk, setup, numbers[0], now=now)
    counts = []
    for part in (numbers[1:2], numbers[2:22], numbers[22:]):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert {one.tone for one in shoot(cast.clerk, setup, *part, now=now)} <= {"ok", "warn"}
        counts.append(len(asked))
    assert counts[0] <= 30
    assert counts[2] <= counts[1] + 3


def test_own_scans_are_taken_back_and_can_be_made_again(cast, setup, here, now):
    here(A)
    (found,) = shoot(cast.clerk, setup, A, now=now)
    undone = actions.undo(actor=cast.clerk, answer_id=found.pk or Answer.objects.get().pk, reason="扫错", now=now + timedelta(minutes=2))
    assert (undone.undone_by, undone.undone_why) == (cast.clerk.name, "扫错")
    assert ScanVoid.objects.count() == 1
    assert not Claim.objects.exists()
    assert known_of([A])[A].state == "arrived"
    assert shoot(cast.clerk, setup, A, now=now + timedelta(minutes=3))[0].tone == "ok"
    assert AuditEntry.objects.filter(action="scan.undone").count() == 1


def test_undo_of_both_scans_takes_both(cast, setup, now):
    shoot(cast.clerk, replace(setup, mode="arrive_deliver"), A, now=now)
    actions.undo(actor=cast.clerk, answer_id=Answer.objects.get().pk, reason="", now=now)
    assert ScanVoid.objects.count() == 2


def test_what_may_not_be_taken_back(cast, setup, here, now):
    here(A, B)
    shoot(cast.clerk, setup, A, now=now)
    shoot(cast.clerk, setup, "运单", now=now)
    done, refused = Answer.objects.order_by("pk")

    def undo(actor, answer, at):
        with pytest.raises(UndoRefused) as error:
            actions.undo(actor=actor, answer_id=answer.pk, reason="", now=at)
        return error.value.reason

    assert undo(cast.clerk, refused, now) == "undo_none"
    assert undo(cast.clerk, done, now + timedelta(minutes=31)) == "undo_too_late"
    assert undo(cast.lead, done, now + timedelta(days=1)) == "undo_other_day"
    with pytest.raises(NotFound):
        actions.undo(actor=replace(cast.clerk, sites=frozenset({0})), answer_id=done.pk, reason="", now=now)
    system = Actor.system("tests")
    sign = ScanDraft(A, "sign", setup.site_id, now + timedelta(minutes=1), "111")
    parcels.record_scans(actor=system, batch=[sign], now=now + timedelta(minutes=1))
    assert undo(cast.lead, done, now + timedelta(hours=2)) == "undo_signed"
    assert not ScanVoid.objects.exists()
    shoot(cast.clerk, setup, B, now=now)
    last = Answer.objects.latest("pk")
    actions.undo(actor=cast.lead, answer_id=last.pk, reason="", now=now + timedelta(hours=3))
    assert undo(cast.lead, last, now + timedelta(hours=3)) == "undo_done"


def test_somebody_else_may_not_but_a_lead_may(cast, setup, here, hire, now):
    here(A)
    shoot(cast.lead, setup, A, now=now)
    with pytest.raises(UndoRefused) as error:
        actions.undo(actor=cast.clerk, answer_id=Answer.objects.get().pk, reason="", now=now)
    assert error.value.reason == "undo_not_own"


def test_a_session_runs_its_counts_and_one_is_open(cast, setup, here, now):
    here(A)
    first = sessions.open_session(actor=cast.clerk, setup=setup, now=now)
    shoot(cast.clerk, sessions.setup_of(first), A, "运单", B, now=now)
    second = sessions.open_session(actor=cast.clerk, setup=replace(setup, mode="arrive"), now=now)
    first.refresh_from_db()
    assert (first.ok_count, first.warn_count, first.refused_count) == (1, 1, 1)
    assert first.closed_at == now
    assert sessions.current(cast.clerk) == second
    sessions.close_session(actor=cast.clerk, now=now)
    assert sessions.current(cast.clerk) is None


def test_a_session_is_refused_by_field(cast, ground, setup, now):
    wrong = [
        ({"mode": "fly"}, "mode"),
        ({"courier": ""}, "courier"),
        ({"mode": "hold"}, "reason"),
        ({"mode": "send"}, "next_site"),
        ({"previous_site_id": 987654}, "previous_site"),
    ]
    for change, name in wrong:
        with pytest.raises(Invalid) as error:
            sessions.open_session(actor=cast.clerk, setup=replace(setup, **change), now=now)
        assert set(error.value.fields) == {name}
    with pytest.raises(NotFound):
        sessions.open_session(actor=cast.clerk, setup=replace(setup, site_id=ground.other_station.pk), now=now)
    assert not GunSession.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_guns_at_the_same_moment_one_wins(cast, setup, here, handbooks, now):
    here(A)
    answers, start = [], threading.Barrier(2)

    def pull(actor):
        start.wait()
        answers.append(shoot(actor, setup, A, now=now)[0].reason)
        close_old_connections()
        connection.close()

    guns = [threading.Thread(target=pull, args=(actor,)) for actor in (cast.clerk, cast.lead)]
    for one in guns:
        one.start()
    for one in guns:
        one.join()
    assert sorted(answers) == ["", "other_gun"]
    assert Scan.objects.filter(code="deliver").count() == 1


def test_a_bag_that_was_sent_is_still_a_bag(cast, ground, setup, here, now):
    """Its own scans at the hub do not make it a waybill nobody entered."""
    here(A, B)
    bag, hub = "JB2026112101", ground.hub.pk
    packed = [ScanDraft(one, "bag", hub, now - timedelta(hours=9), "0", bag=bag) for one in (A, B)]
    sent = ScanDraft(bag, "send", hub, now - timedelta(hours=8), "0", next_site_id=ground.station.pk)
    parcels.record_scans(actor=cast.system, batch=[*packed, sent], now=now)
    (arrived,) = shoot(cast.clerk, replace(setup, mode="arrive", courier=""), bag, now=now)
    assert [one["code"] for one in arrived.notices] == ["bag"]
    (out,) = shoot(cast.clerk, setup, bag, now=now)
    assert (out.tone, [one["code"] for one in out.notices]) == ("refused", ["bag_number"])


def test_a_next_site_left_over_from_another_mode_is_dropped(cast, ground, now):
    setup = Setup(site_id=ground.station.pk, mode="arrive", next_site_id=ground.hub.pk)
    assert sessions.open_session(actor=cast.clerk, setup=setup, now=now).next_site_id is None
    with_next = Setup(site_id=ground.station.pk, mode="send", next_site_id=ground.hub.pk)
    assert sessions.open_session(actor=cast.clerk, setup=with_next, now=now).next_site_id == ground.hub.pk
