"""Taking, concluding, reporting; closing by itself; losses warned of once; counts for the trend; who may."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kefu.conftest import Cast, Ground
from kefu.kernel.errors import Denied, Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.parcels.actions import register_parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.recording import record_scans
from kefu.people.errors import MissingPermission
from kefu.reactions import run as reactions
from kefu.station.monitors import access, actions, queries, reading, upkeep
from kefu.station.monitors.errors import NoResult, NoteTooLong, NothingPicked, SpanTooLong, TooManyPicked
from kefu.station.monitors.models import DayCount, DayMark, Difference, LossNotice
from kefu.station.monitors.queries import Wanted
from kefu.station.monitors.reading import Key

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def number(place: int) -> str:
    return f"7512345678{place:04d}"


@pytest.fixture
def missing(cast: Cast, ground: Ground, now: datetime) -> Callable[..., list[Key]]:
    """Registered parcels sent from the hub to the station so many hours ago and not arrived."""

    def make(count: int, ago: float = 20, start: int = 0, site: Any = None) -> list[Key]:
        place = site or ground.station
        numbers = [number(start + one) for one in range(count)]
        register_parcels(actor=cast.system, drafts=[ParcelDraft(one, place.pk) for one in numbers], now=now - (ago + 5) * HOUR)
        sent = [ScanDraft(one, "send", ground.hub.pk, now - ago * HOUR, "904", next_site_id=place.pk) for one in numbers]
        assert record_scans(actor=cast.system, batch=sent, now=now).stored == count
        return [Key(place.pk, one) for one in numbers]

    return make


def arrive(cast: Cast, key: Key, now: datetime) -> None:
    record_scans(actor=cast.system, batch=[ScanDraft(key.waybill, "arrive", key.site_id, now, "111")], now=now)


def row_of(actor: Any, key: Key, now: datetime) -> Any:
    return next(row for row in queries.page(actor, Wanted("not_arrived", waybill=key.waybill), now=now).rows if row.key == key)


def test_take_makes_a_follow_up_once(missing: Any, cast: Cast, now: datetime) -> None:
    keys = missing(2)
    done = actions.take(actor=cast.clerk, kind="not_arrived", keys=keys, now=now)
    assert set(done.done) == set(keys)
    again = actions.take(actor=cast.lead, kind="not_arrived", keys=keys, now=now)
    assert not again.done
    assert {str(words) for words in again.refused.values()} == {"已由 孙师傅 跟进。要接手请先与对方说好，再勾选“接手别人的”。"}
    over = actions.take(actor=cast.lead, kind="not_arrived", keys=keys, now=now, over=True)
    assert len(over.done) == 2
    assert Difference.objects.count() == 2
    row = row_of(cast.lead, keys[0], now)
    assert (row.follow.handler, row.follow.version) == ("王芳", 2)
    assert AuditEntry.objects.filter(action="difference.taken").count() == 4
    actions.release(actor=cast.lead, kind="not_arrived", keys=keys, now=now)
    assert row_of(cast.lead, keys[0], now).follow.handler == ""


def test_a_result_with_a_note(missing: Any, cast: Cast, now: datetime) -> None:
    (key,) = missing(1)
    with pytest.raises(NoResult):
        actions.conclude(actor=cast.clerk, kind="not_arrived", keys=[key], result="whatever", now=now)
    with pytest.raises(NoResult):
        actions.conclude(actor=cast.clerk, kind="not_arrived", keys=[key], result="other", note=" ", now=now)
    with pytest.raises(NoteTooLong) as refusal:
        actions.conclude(actor=cast.clerk, kind="not_arrived", keys=[key], result="other", note="长" * 501, now=now)
    assert str(refusal.value) == "备注最多 500 个字。"
    assert not Difference.objects.exists()
    actions.conclude(actor=cast.clerk, kind="not_arrived", keys=[key], result="on_way", note="司机说在路上", now=now)
    row = row_of(cast.clerk, key, now)
    assert (row.follow.result, row.follow.note, row.follow.handler) == ("on_way", "司机说在路上", "孙师傅")


def test_edit_refuses_an_old_version(missing: Any, cast: Cast, now: datetime) -> None:
    (key,) = missing(1)
    actions.edit(actor=cast.clerk, kind="not_arrived", key=key, result="on_way", note="", version=0, now=now)
    with pytest.raises(Stale):
        actions.edit(actor=cast.lead, kind="not_arrived", key=key, result="lost", note="", version=0, now=now)
    assert row_of(cast.lead, key, now).follow.result == "on_way"
    actions.edit(actor=cast.lead, kind="not_arrived", key=key, result="", note="再查", version=1, now=now)
    assert row_of(cast.lead, key, now).follow.result == ""


def test_what_is_settled_cannot_be_worked_on(missing: Any, cast: Cast, now: datetime) -> None:
    keys = missing(2)
    arrive(cast, keys[0], now)
    done = actions.take(actor=cast.clerk, kind="not_arrived", keys=keys, now=now)
    assert set(done.done) == {keys[1]}
    assert str(done.refused[keys[0]]) == "此快件已不在差异中（扫描已补齐），不用再处理。"


def test_most_and_nothing(missing: Any, cast: Cast, now: datetime) -> None:
    with pytest.raises(NothingPicked):
        actions.take(actor=cast.clerk, kind="not_arrived", keys=[], now=now)
    with pytest.raises(TooManyPicked):
        actions.take(actor=cast.clerk, kind="not_arrived", keys=[Key(1, number(one)) for one in range(501)], now=now)
    with pytest.raises(Invalid) as refusal:
        actions.take(actor=cast.clerk, kind="no-such", keys=missing(1), now=now)
    assert refusal.value.reason == "no_such_set"


def test_reporting_tells_once_and_urging_needs_a_station_before(missing: Any, cast: Cast, ground: Ground, now: datetime) -> None:
    keys = missing(2)
    done = actions.report(actor=cast.clerk, kind="not_arrived", keys=keys, way="problem", now=now)
    assert len(done.done) == 2
    event = OutboxEvent.objects.get(type="differences.reported")
    assert event.payload["way"] == "problem"
    assert [(item[1], item[2], item[3]) for item in event.payload["items"]] == [("not_arrived", key.waybill, ground.hub.pk) for key in keys]
    again = actions.report(actor=cast.clerk, kind="not_arrived", keys=keys, way="problem", now=now)
    assert {str(words) for words in again.refused.values()} == {"已转过问题件，请在问题件里跟进。"}
    actions.report(actor=cast.clerk, kind="not_arrived", keys=keys, way="urge", now=now)
    assert OutboxEvent.objects.filter(type="differences.reported").count() == 2
    record_scans(actor=cast.system, batch=[ScanDraft(number(77), "arrive", ground.station.pk, now - 20 * HOUR, "111")], now=now)
    lonely = actions.report(actor=cast.clerk, kind="unsent_arrival", keys=[Key(ground.station.pk, number(77))], way="urge", now=now)
    assert [str(words) for words in lonely.refused.values()] == ["扫描里没有上一站，无法催办。请先查快件跟踪，或转问题件。"]


def test_a_later_scan_closes_the_follow_up_by_itself(
    missing: Any, cast: Cast, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    keys = missing(2)
    actions.take(actor=cast.clerk, kind="not_arrived", keys=keys, now=now)
    with django_capture_on_commit_callbacks(execute=True):
        arrive(cast, keys[0], now)
    reactions.run_all(now=now)
    states = dict(Difference.objects.values_list("waybill", "closed_at"))
    assert states == {keys[0].waybill: now, keys[1].waybill: None}
    assert AuditEntry.objects.filter(action="difference.closed").count() == 1


def test_the_chore_closes_what_nobody_registered(cast: Cast, ground: Ground, now: datetime) -> None:
    key = Key(ground.station.pk, number(5))
    sent = ScanDraft(key.waybill, "send", ground.hub.pk, now - 20 * HOUR, "904", next_site_id=ground.station.pk)
    record_scans(actor=cast.system, batch=[sent], now=now)
    actions.take(actor=cast.clerk, kind="not_arrived", keys=[key], now=now)
    assert upkeep.close_settled(now=now) == 0
    arrive(cast, key, now)
    assert upkeep.close_settled(now=now) == 1
    assert upkeep.close_settled(now=now) == 0


def test_losses_are_warned_of_once_and_the_lead_takes_note(missing: Any, cast: Cast, now: datetime) -> None:
    keys = missing(2, ago=72)
    young = missing(1, ago=71, start=10)
    assert upkeep.warn_of_losses(now=now) == 2
    assert upkeep.warn_of_losses(now=now) == 0
    reactions.run_all(now=now)
    upkeep.tell_leads(OutboxEvent.objects.filter(type="differences.loss_suspected"), now=now)  # again: the reaction may be repeated
    (notice,) = queries.loss_notices(cast.lead)
    assert (notice.count, notice.clause.split("#")[1]) == (2, "texts.station_monitors")
    assert queries.loss_notices(cast.clerk) == []
    assert queries.loss_notices(cast.outsider) == []
    assert [row_of(cast.clerk, key, now).lost for key in (*keys, *young)] == [True, True, False]
    assert len(queries.page(cast.clerk, Wanted("not_arrived", work="lost"), now=now).rows) == 2
    with pytest.raises(NotFound):
        actions.see_notice(actor=cast.outsider, notice_id=notice.pk, now=now)
    with pytest.raises(MissingPermission):
        actions.see_notice(actor=cast.clerk, notice_id=notice.pk, now=now)
    actions.see_notice(actor=cast.lead, notice_id=notice.pk, now=now)
    assert queries.loss_notices(cast.lead) == []
    assert LossNotice.objects.get().seen_by == "王芳"


def test_who_sees_and_who_works(missing: Any, cast: Cast, ground: Ground, now: datetime) -> None:
    keys = missing(1)
    assert queries.page(cast.outsider, Wanted("not_arrived"), now=now).rows == []
    with pytest.raises(NotFound):
        queries.page(cast.outsider, Wanted("not_arrived", site_id=ground.station.pk), now=now)
    with pytest.raises(MissingPermission):
        queries.page(cast.customer, Wanted("not_arrived"), now=now)
    with pytest.raises(MissingPermission):
        actions.take(actor=cast.agent, kind="not_arrived", keys=keys, now=now)
    with pytest.raises(Denied):
        actions.take(actor=cast.system, kind="not_arrived", keys=keys, now=now)
    assert len(queries.page(cast.agent, Wanted("not_arrived"), now=now).rows) == 1
    stranger = queries.page(cast.admin, Wanted("not_arrived"), now=now).rows
    assert len(stranger) == 1
    assert not access.visible_to(cast.customer).exists()


def test_filters_pages_and_figures(missing: Any, cast: Cast, now: datetime) -> None:
    old, fresh = missing(3, ago=75), missing(4, ago=20, start=10)
    actions.take(actor=cast.clerk, kind="not_arrived", keys=fresh[:1], now=now)
    actions.conclude(actor=cast.lead, kind="not_arrived", keys=fresh[1:2], result="lost", now=now)

    def found(**wanted: Any) -> list[str]:
        return [row.waybill for row in queries.page(cast.clerk, Wanted("not_arrived", **wanted), now=now).rows]

    assert found(age="3") == [key.waybill for key in old]
    assert found(age="0") == [key.waybill for key in fresh]
    assert found(age="1") == []
    assert found(work="mine") == found(work="taken") == [fresh[0].waybill]
    assert found(work="done") == [fresh[1].waybill]
    assert len(found(work="new")) == 5
    first = queries.page(cast.clerk, Wanted("not_arrived"), now=now, size=3)
    second = queries.page(cast.clerk, Wanted("not_arrived"), now=now, size=3, cursor=first.next)
    third = queries.page(cast.clerk, Wanted("not_arrived"), now=now, size=3, cursor=second.next)
    assert [len(one.rows) for one in (first, second, third)] == [3, 3, 1]
    assert third.next is None
    back = queries.page(cast.clerk, Wanted("not_arrived"), now=now, size=3, cursor=third.previous)
    assert back.rows == second.rows
    summary = queries.summary(cast.clerk, Wanted("not_arrived", age="3"), now=now)
    assert (summary.totals.count, summary.totals.ages, summary.totals.taken, summary.totals.explained) == (7, (4, 0, 0, 3), 2, 1)
    assert summary.expected == 7
    assert [clause.split("#")[1] for clause in summary.clauses] == ["texts.station_monitors"]
    assert str(queries.counted(cast.clerk, Wanted("not_arrived"), now=now, cap=5)) == "5+"
    assert queries.matching(cast.clerk, Wanted("not_arrived", age="3"), now=now, most=2) == old[:2]
    assert [(truck, count) for _site, truck, count in queries.waves(cast.clerk, Wanted("not_arrived"), now=now)] == [("", 7)]
    with pytest.raises(SpanTooLong) as refusal:
        found(since=timezone.localtime(now).date() - timedelta(days=31), until=timezone.localtime(now).date())
    assert str(refusal.value) == "一次最多查看 31 天，请缩短日期。"
    with pytest.raises(Invalid):
        queries.page(cast.clerk, Wanted("not_arrived"), now=now, cursor="nonsense")


def test_counts_for_matrix_and_trend(
    missing: Any, cast: Cast, ground: Ground, now: datetime, django_capture_on_commit_callbacks: Any
) -> None:
    keys = missing(3, ago=40)
    upkeep.recount_recent(now=now, days=31)
    matrix = queries.matrix(cast.manager, now=now)
    assert matrix.of(ground.station.pk, "not_arrived") == 3
    assert matrix.total("next_unarrived") == 3
    assert matrix.counted_at == now
    assert ground.shop.pk not in dict(matrix.sites)
    assert queries.matrix(cast.outsider, now=now).counts == {}
    day = timezone.localtime(now - 40 * HOUR).date()
    trend = {one.day: one for one in queries.trend(cast.clerk, "not_arrived", now=now)}
    assert len(trend) == 30
    assert (trend[day].expected, trend[day].standing) == (3, 3)
    with django_capture_on_commit_callbacks(execute=True):
        arrive(cast, keys[0], now)
    reactions.run_all(now=now)
    later = now + timedelta(minutes=1)
    assert upkeep.recount_marked(now=later) == 1
    assert upkeep.recount_marked(now=later) == 0
    trend = {one.day: one for one in queries.trend(cast.clerk, "not_arrived", now=later)}
    assert (trend[day].expected, trend[day].standing) == (3, 2)
    figures, lost = queries.today_figures(cast.clerk, now=later)
    assert (figures["not_arrived"], lost) == (2, 0)
    upkeep.recount_recent(now=later, days=31)
    assert DayCount.objects.filter(kind="not_arrived", site=ground.station).count() == 1


@pytest.mark.django_db(transaction=True)
def test_counting_marked_days_keeps_nobody_from_writing(cast: Cast, ground: Ground, now: datetime, monkeypatch: Any) -> None:
    upkeep.mark_days([ground.station.pk], now=now)
    real, held = reading.by_day, []

    def looked_at(*arguments: Any) -> Any:
        held.append(connection.in_atomic_block)
        return real(*arguments)

    monkeypatch.setattr(reading, "by_day", looked_at)
    assert upkeep.recount_marked(now=now) == 1
    assert held
    assert not any(held)
    assert not DayMark.objects.exists()


def test_a_day_marked_while_it_is_counted_is_counted_again(cast: Cast, ground: Ground, now: datetime, monkeypatch: Any) -> None:
    upkeep.mark_days([ground.station.pk], now=now)
    real = upkeep.recount

    def meanwhile(**words: Any) -> None:
        real(**words)
        upkeep.mark_days([ground.station.pk], now=now)

    with monkeypatch.context() as patch:
        patch.setattr(upkeep, "recount", meanwhile)
        upkeep.recount_marked(now=now)
    assert DayMark.objects.filter(site=ground.station).exists()
    assert upkeep.recount_marked(now=now) == 1
    assert not DayMark.objects.exists()


@pytest.mark.parametrize("work", ["page", "take"])
def test_statements_do_not_grow_with_the_rows(missing: Any, cast: Cast, now: datetime, work: str) -> None:
    counts = []
    for size, start in ((2, 0), (30, 100)):
        keys = missing(size, start=start)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            if work == "page":
                queries.page(cast.clerk, Wanted("not_arrived"), now=now)
                queries.summary(cast.clerk, Wanted("not_arrived"), now=now)
            else:
                actions.take(actor=cast.clerk, kind="not_arrived", keys=keys, now=now)
        counts.append(len(captured))
    assert counts[1] <= counts[0]


def test_a_site_without_a_handbook_clause_has_no_tolerance_and_no_losses(missing: Any, cast: Cast, now: datetime) -> None:
    from kefu.station.monitors.sets import SETS
    from kefu.station.monitors.terms import Terms, terms_of

    assert terms_of(None, SETS["not_arrived"]) == Terms()
    missing(1, ago=0.1)
    assert queries.page(cast.clerk, Wanted("not_arrived"), now=now).rows == []
