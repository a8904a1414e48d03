"""Parcels: registering, scans in bulk, tracing, facts, reach (OPS7, R21, SEC2)."""

import random
import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.conftest import NOW
from kefu.handbook.loader import read
from kefu.handbook.schema.facts import FACTS
from kefu.kernel import search
from kefu.kernel.errors import Conflict, Invalid, NotFound
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.parcels import access, actions, queries
from kefu.parcels.drafts import ParcelDraft, Party, ScanDraft
from kefu.parcels.limits import limits_of
from kefu.parcels.models import Parcel, Scan
from kefu.people.errors import MissingPermission

WAYBILL = "50004090806944"
START = NOW - timedelta(days=4)


def draft(ground, waybill=WAYBILL, **more):
    given = {
        "site_id": ground.station.pk,
        "sender": Party("赵寄件", "13900001111", "杭州市西湖区文一路1号"),
        "receiver": Party("钱收件", "13812345678", "南京市玄武区中山路18号3幢501室"),
    }
    return ParcelDraft(waybill, **(given | more))


def scan(site, code, hours, waybill=WAYBILL, **more):
    return ScanDraft(waybill, code, site.pk, START + timedelta(hours=hours), operator="1007", **more)


@pytest.fixture
def parcel(ground, cast):
    return actions.register_parcel(actor=cast.clerk, draft=draft(ground), now=START)


@pytest.fixture
def journey(ground):
    return [
        scan(ground.hub, "collect", 0),
        scan(ground.hub, "send", 2, next_site_id=ground.station.pk),
        scan(ground.station, "arrive", 20, previous_site_id=ground.hub.pk),
        scan(ground.station, "deliver", 24, courier="C88"),
        scan(ground.station, "sign", 26, note="本人签收 13812345678"),
    ]


@pytest.fixture(scope="module")
def book():
    """What every built-in handbook extends; it states the limits."""
    return read((files("kefu.handbook") / "builtin" / "common.yaml").read_bytes()).handbook


def state():
    parcels = list(Parcel.objects.order_by("pk").values_list("waybill", "standing__state", "version", "standing__version"))
    return parcels, Scan.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count()


def test_register_guesses_the_carrier_and_refuses_twice(parcel, ground, cast):
    assert (parcel.carrier, parcel.standing.state) == ("best", "ordered")
    before = state()
    with pytest.raises(Conflict):
        actions.register_parcel(actor=cast.clerk, draft=draft(ground, "5000 4090 8069 44"), now=NOW)
    assert state() == before


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"waybill": "运单"}, "bad_waybill"),
        ({"waybill": ""}, "bad_waybill"),
        ({"waybill": "A" * 41}, "bad_waybill"),
        ({"scope": "moon"}, "unknown_scope"),
        ({"pieces": 0}, "bad_amount"),
        ({"cod_amount": Decimal(-1)}, "bad_amount"),
        ({"weight": Decimal("1e9")}, "bad_amount"),
        ({"cod_amount": Decimal("NaN")}, "bad_amount"),
        ({"promised_at": NOW.replace(tzinfo=None)}, "no_time"),
        ({"product": "很" * 41}, "too_long"),
    ],
)
def test_what_cannot_be_registered(more, reason, ground, cast):
    before = state()
    with pytest.raises(Invalid) as refused:
        actions.register_parcel(actor=cast.clerk, draft=draft(ground, **more), now=NOW)
    assert refused.value.reason == reason
    assert state() == before


def test_scans_any_order_twice_and_late_give_the_same_parcel(parcel, journey, cast):
    shuffled = journey + journey[1:3]
    random.Random(5).shuffle(shuffled)
    done = actions.record_scans(actor=cast.manager, batch=shuffled, now=NOW)
    assert (done.stored, done.present, list(done.refused)) == (5, 2, [])
    parcel.refresh_from_db()
    assert (parcel.standing.state, parcel.standing.collected_at, parcel.standing.signed_at) == (
        "signed",
        START,
        START + timedelta(hours=26),
    )
    before = state()
    again = actions.record_scans(actor=cast.manager, batch=journey, now=NOW)
    assert (again.stored, again.present) == (0, 5)
    assert state() == before
    late = actions.record_scans(actor=cast.manager, batch=[scan(access.Parcel.objects.get().site, "problem", 22)], now=NOW)
    assert late.stored == 1
    parcel.refresh_from_db()
    assert parcel.standing.state == "signed"


def test_scans_before_the_parcel_is_registered(journey, ground, cast):
    actions.record_scans(actor=cast.manager, batch=journey[:4], now=NOW)
    trace = queries.trace(cast.clerk, WAYBILL, now=NOW)
    assert (trace.header, trace.state.state, len(trace.lines)) == (None, "out_for_delivery", 4)
    assert actions.register_parcel(actor=cast.clerk, draft=draft(ground), now=NOW).standing.state == "out_for_delivery"
    assert [move[2:] for event in OutboxEvent.objects.filter(type="parcels.moved") for move in event.payload["moves"]] == [
        ["out_for_delivery", "ordered"]
    ]


def test_bad_rows_are_refused_one_by_one(parcel, journey, ground, cast):
    naive = START.replace(tzinfo=None)
    bad = [
        (ScanDraft("你好", "sign", ground.station.pk, START), "bad_waybill"),
        (scan(ground.station, "fly", 1), "unknown_code"),
        (scan(ground.other_station, "sign", 1), "unknown_site"),
        (ScanDraft(WAYBILL, "sign", 10**9, START), "unknown_site"),
        (ScanDraft(WAYBILL, "sign", ground.station.pk, naive), "no_time"),
        (ScanDraft(WAYBILL, "sign", ground.station.pk, NOW + timedelta(minutes=6)), "future"),
        (ScanDraft(WAYBILL, "sign", ground.station.pk, datetime(1999, 1, 1, tzinfo=UTC)), "too_old"),
        (scan(ground.station, "sign", 1, note="长" * 201), "too_long"),
    ]
    done = actions.record_scans(actor=cast.clerk, batch=[journey[2], *(one for one, _reason in bad)], now=NOW)
    assert (done.stored, done.present) == (1, 0)
    assert list(done.refused) == [(place, reason) for place, (_one, reason) in enumerate(bad, start=1)]
    ahead = actions.record_scans(
        actor=cast.clerk, batch=[ScanDraft(WAYBILL, "deliver", ground.station.pk, NOW + timedelta(minutes=4))], now=NOW
    )
    assert ahead.stored == 1


def test_statements_do_not_grow_with_the_batch(ground, cast):
    def cost(count, start):
        numbers = [f"5{start + n:013d}" for n in range(count)]
        with CaptureQueriesContext(connection) as seen:
            actions.register_parcels(actor=cast.clerk, drafts=[draft(ground, number) for number in numbers], now=NOW)
            batch = [scan(ground.station, code, hour, number) for number in numbers for hour, code in enumerate(("arrive", "deliver"))]
            actions.record_scans(actor=cast.clerk, batch=batch, now=NOW)
        return len(seen)

    assert cost(3, 0) == cost(25, 1000)


@pytest.mark.django_db(transaction=True)
def test_two_writers_of_one_parcel_lose_nothing(ground, cast, journey):
    if connection.vendor == "sqlite":
        pytest.skip("the SQLite of the suite lives in memory and is not shared by threads")
    barrier, failures = threading.Barrier(6), []

    def write(number):
        try:
            barrier.wait()
            if number == 5:
                actions.register_parcel(actor=cast.clerk, draft=draft(ground), now=NOW)
            else:
                actions.record_scans(actor=cast.manager, batch=[journey[number], journey[number - 1]], now=NOW)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert Scan.objects.count() == 5
    parcel = Parcel.objects.get()
    assert (parcel.standing.state, parcel.standing.collected_at, parcel.standing.last_scan_code) == ("signed", START, "sign")


@pytest.mark.django_db(transaction=True)
def test_a_scan_committed_between_reading_and_writing_is_not_forgotten(parcel, journey, ground, cast):
    if connection.vendor == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    other = threading.Thread(target=lambda: (actions.record_scans(actor=cast.manager, batch=journey[:4], now=NOW), connection.close()))

    def let_the_other_in(execute, sql, params, many, context):
        if sql.startswith('INSERT INTO "parcels_scan"') and other.ident is None:
            other.start()
            other.join()
        return execute(sql, params, many, context)

    with connection.execute_wrapper(let_the_other_in):
        actions.record_scans(actor=cast.manager, batch=[scan(ground.station, "problem", 21)], now=NOW)
    parcel.refresh_from_db()
    assert Scan.objects.count() == 5
    assert (parcel.standing.state, parcel.standing.collected_at, parcel.standing.last_scan_code) == ("out_for_delivery", START, "deliver")


def test_trace_is_masked_sorted_and_logged(parcel, journey, ground, cast):
    actions.record_scans(actor=cast.manager, batch=list(reversed(journey)), now=NOW)
    trace = queries.trace(cast.agent, " 5000 4090 8069 44", now=NOW)
    assert [line.code for line in trace.lines] == ["collect", "send", "arrive", "deliver", "sign"]
    assert (trace.lines[1].site, trace.lines[1].next_site, trace.lines[3].courier) == ("南京分拨", "南市分部", "C88")
    assert trace.header.receiver == queries.MaskedParty("钱*", "138******78", "南京市玄武区中山路****")
    assert "13812345678" not in repr(trace)
    assert trace.judgement is None
    assert trace.guesses[0].carrier == "best"
    entry = AuditEntry.objects.get(action="parcel.traced")
    assert (entry.subject_text, entry.actor_id, entry.subject_id) == (WAYBILL, cast.agent.id, parcel.pk)
    assert [asked.actor_name for asked in queries.query_log(cast.manager, WAYBILL)] == ["李晓"]
    with pytest.raises(MissingPermission):
        queries.query_log(cast.agent, WAYBILL)


def test_reach(parcel, journey, ground, cast):
    for part in ("outsider", "customer"):
        with pytest.raises((NotFound, MissingPermission)):
            queries.trace(getattr(cast, part), WAYBILL, now=NOW)
    assert AuditEntry.objects.filter(action="parcel.trace_refused", actor_id=cast.outsider.id).count() == 1
    with pytest.raises(NotFound):
        queries.trace(cast.outsider, "50004090800000", now=NOW)
    with pytest.raises(NotFound):
        queries.trace(cast.agent, "", now=NOW)
    assert queries.page(cast.outsider).rows == []
    assert queries.page(cast.outsider, waybill=WAYBILL).rows == []
    actions.record_scans(actor=cast.system, batch=[scan(ground.other_station, "arrive", 3)], now=NOW)
    assert queries.trace(cast.outsider, WAYBILL, now=NOW).header is not None
    assert [row.waybill for row in queries.page(cast.outsider, waybill=WAYBILL).rows] == [WAYBILL]
    assert queries.page(cast.outsider).rows == []


def test_the_sending_site_sees_its_parcel(ground, cast):
    actions.register_parcel(actor=cast.clerk, draft=draft(ground, origin_site_id=ground.other_station.pk), now=NOW)
    assert queries.trace(cast.outsider, WAYBILL, now=NOW).waybill == WAYBILL
    assert len(queries.page(cast.outsider, sent=True).rows) == 1


@pytest.mark.parametrize("part", ["agent", "inspector", "trainer", "customer", "outsider"])
def test_who_may_not_scan_changes_nothing(part, parcel, journey, ground, cast):
    before = state()
    with pytest.raises(MissingPermission):
        actions.record_scans(actor=getattr(cast, part), batch=journey, now=NOW)
    with pytest.raises(MissingPermission):
        actions.register_parcel(actor=getattr(cast, part), draft=draft(ground, "50004090806945"), now=NOW)
    assert state() == before


def test_facts_have_the_names_and_types_of_the_handbook(parcel, journey, ground, cast, book):
    assert queries.facts("50000000000000", now=NOW) == {"parcel.known": False}
    assert queries.facts("", now=NOW) == {"parcel.known": False}
    actions.record_scans(actor=cast.manager, batch=journey[:3], now=NOW)
    facts = queries.facts(WAYBILL, now=NOW, book=book)
    kinds = {"bool": bool, "number": (int, float), "text": str}
    for name, value in facts.items():
        if name != "parcel.postal":
            assert isinstance(value, kinds[FACTS[name].type]), name
    assert (facts["parcel.arrived"], facts["parcel.signed"], facts["parcel.late"]) == (True, False, True)
    assert facts["parcel.hours_late"] == pytest.approx(96 - 72)
    assert facts["parcel.hours_since_scan"] == pytest.approx(96 - 20)
    assert "parcel.in_area" not in facts
    assert not facts["parcel.presumed_lost"]
    later = NOW + timedelta(days=6)
    assert queries.facts(WAYBILL, now=later, book=book)["parcel.presumed_lost"]
    judged = queries.trace(cast.agent, WAYBILL, now=later, book=book).judgement
    assert judged.presumed_lost
    assert judged.clauses == (str(book.ref("texts.service_limits")), str(book.ref("texts.total_delay")))
    assert judged.standard
    assert set(limits_of(book).delivery) == {"same_city", "domestic"}


def test_identity_check_by_phone_tail(parcel):
    assert queries.is_party(WAYBILL, "5678")
    assert queries.is_party(WAYBILL, "1111")
    assert not queries.is_party(WAYBILL, "0000")
    assert not queries.is_party(WAYBILL, "")
    assert not queries.is_party("5", "5678")


def test_search_and_list_filters(ground, cast):
    numbers = [f"5000409080{n:04d}" for n in range(6)]
    actions.register_parcels(actor=cast.clerk, drafts=[draft(ground, number) for number in numbers], now=NOW)
    actions.record_scans(actor=cast.clerk, batch=[scan(ground.station, "sign", 1, numbers[2])], now=NOW)
    found = search.find("parcel", "0003", sites=cast.agent.sites, limit=10)
    assert Parcel.objects.get(pk=found.ids[0]).waybill == numbers[3]
    assert [row.waybill for row in queries.page(cast.agent, state="signed").rows] == [numbers[2]]
    assert len(queries.page(cast.agent, phone="138-1234-5678").rows) == 6
    assert queries.page(cast.agent, phone="13800000000").rows == []
    first = queries.page(cast.agent, size=4)
    second = queries.page(cast.agent, size=4, cursor=first.next)
    assert [row.waybill for row in first.rows + second.rows] == list(reversed(numbers))
    assert first.rows[0].receiver_phone == "138******78"
    assert queries.page(cast.agent, day_from=NOW.date() + timedelta(days=2)).rows == []


@pytest.mark.parametrize(
    "read",
    [
        queries.page,
        lambda actor: queries.page(actor, waybill=WAYBILL),
        lambda actor: queries.page(actor, phone="13812345678"),
        lambda actor: queries.trace(actor, WAYBILL, now=NOW),
        lambda actor: queries.facts(WAYBILL, now=NOW),
    ],
    ids=["page", "waybill", "phone", "trace", "facts"],
)
def test_query_counts_do_not_grow(read, ground, cast):
    def cost(size):
        numbers = [WAYBILL, *(f"5000409{n:07d}" for n in range(size))]
        actions.register_parcels(actor=cast.clerk, drafts=[draft(ground, number) for number in numbers], now=NOW)
        batch = [scan(ground.station, "deliver", n / 10) for n in range(size)]
        actions.record_scans(actor=cast.clerk, batch=batch, now=NOW)
        with CaptureQueriesContext(connection) as seen:
            read(cast.agent)
        return len(seen)

    assert cost(3) == cost(30)
