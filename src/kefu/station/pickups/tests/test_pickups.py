"""Pick-up orders through the actions: pushed, given out, worked, refused, passed on, collected, followed (OPS9, O2, O16)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kefu.clocks.models import Clock
from kefu.conftest import NOW
from kefu.kernel.errors import Denied, Invalid, NotFound, Stale
from kefu.kernel.models import OutboxEvent
from kefu.parcels.drafts import Party, ScanDraft
from kefu.parcels.models import Scan
from kefu.parcels.recording import record_scans
from kefu.station.pickups import actions, push, queries, upkeep
from kefu.station.pickups.actions import Collected
from kefu.station.pickups.drafts import OrderDraft
from kefu.station.pickups.errors import MoveRefused, TransferredOften, WaybillTaken
from kefu.station.pickups.models import Move, PickupOrder, Stay
from kefu.station.pickups.queries import Wanted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
HOUR = timedelta(hours=1)
SENDER = Party("王女士", "13812345678", "浙江省杭州市西湖区文三路1号")


@pytest.fixture
def draft(ground):
    return OrderDraft("jd", "JD100", ground.hub.pk, SENDER, NOW, site_id=ground.station.pk, goods="茶叶")


@pytest.fixture
def order(cast, draft):
    answer = push.push(actor=cast.admin, draft=draft, now=NOW)
    return PickupOrder.objects.get(pk=answer.order_id)


def number_of(cast):
    from kefu.people.models import Staff

    return Staff.objects.get(pk=cast.clerk.id).staff_no


def test_the_same_push_again_is_nothing_and_a_changed_one_an_update(cast, draft, order):
    again = push.push(actor=cast.admin, draft=draft, now=NOW)
    assert (again.outcome, again.order_id) == ("present", order.pk)
    later = push.push(actor=cast.admin, draft=replace(draft, remark="放前台"), now=NOW)
    assert (later.outcome, later.order_id) == ("updated", order.pk)
    order.refresh_from_db()
    assert order.remark == "放前台"
    assert PickupOrder.objects.count() == 1
    assert [one.what for one in Move.objects.order_by("pk")] == ["pushed", "updated"]


@pytest.mark.parametrize(("change", "reason"), [({"sender": Party("", "", "")}, "no_sender"), ({"platform": "x"}, "bad_platform")])
def test_content_that_cannot_be_taken_is_told_by_the_gateways_code(cast, draft, change, reason):
    answer = push.push(actor=cast.admin, draft=replace(draft, **change), now=NOW)
    assert (answer.code, answer.reason, answer.success) == ("S05", reason, False)
    assert not PickupOrder.objects.exists()


def test_an_order_without_a_station_waits_in_the_pool_of_its_hub(cast, draft, ground):
    answer = push.push(actor=cast.admin, draft=replace(draft, site_id=None), now=NOW)
    order = PickupOrder.objects.get(pk=answer.order_id)
    assert (order.state, order.site_id, order.due_at) == ("pool", None, None)
    with pytest.raises(NotFound):
        queries.detail(cast.lead, order.pk, now=NOW)
    actions.assign(actor=cast.admin, order_id=order.pk, site_id=ground.station.pk, now=NOW)
    assert queries.detail(cast.lead, order.pk, now=NOW).row.state == "assigned"


def test_an_order_walks_to_the_signature_on_its_clocks(cast, order):
    clerk = cast.clerk
    assert order.due_at == NOW + HOUR
    actions.accept(actor=clerk, order_id=order.pk, now=NOW + HOUR / 2)
    order.refresh_from_db()
    # Accepted at 10:30 in China: two hours of the station's time, an hour of which the lunch break takes no part in.
    assert order.due_at == NOW + HOUR / 2 + 3 * HOUR
    actions.dispatch(actor=cast.lead, order_id=order.pk, courier=number_of(cast), now=NOW + HOUR)
    actions.collect(actor=clerk, order_id=order.pk, collected=Collected("YT1234567890123"), now=NOW + 2 * HOUR)
    order.refresh_from_db()
    assert (order.state, order.waybill, order.due_at) == ("collected", "YT1234567890123", None)
    assert Scan.objects.get(waybill="YT1234567890123").code == "collect"
    assert {clock.key: clock.state for clock in Clock.objects.filter(subject_kind="pickup")} == {
        "order_accept": "met",
        "order_collect": "met",
    }
    score = queries.scores(cast.lead, since=NOW.date(), until=NOW.date(), now=NOW + 3 * HOUR)[order.site_id]
    assert (score.orders, score.accept_rate, score.in_time_rate, score.late_accept) == (1, 1.0, 1.0, 0)
    states = [event.payload["gateway"] for event in OutboxEvent.objects.filter(type="pickup.moved").order_by("pk")]
    assert states == ["0", "ACCEPT", "ACCEPT", "GOT"]


def test_an_order_of_the_evening_is_due_next_morning(cast, draft):
    evening = NOW + 9 * HOUR  # 19:00 in China, behind the station's hours
    answer = push.push(actor=cast.admin, draft=replace(draft, order_no="JD200", placed_at=evening), now=evening)
    assert PickupOrder.objects.get(pk=answer.order_id).due_at == NOW + 23.5 * HOUR  # 09:30 of the next day


def test_a_slot_agreed_with_the_customer_replaces_the_two_hours(cast, draft):
    slot = replace(draft, order_no="JD201", slot_from=NOW + 5 * HOUR, slot_to=NOW + 7 * HOUR)
    answer = push.push(actor=cast.admin, draft=slot, now=NOW)
    actions.accept(actor=cast.clerk, order_id=answer.order_id, now=NOW)
    assert PickupOrder.objects.get(pk=answer.order_id).due_at == NOW + 7 * HOUR


def test_a_refusal_needs_a_reason_and_gives_the_order_back(cast, order):
    with pytest.raises(Invalid) as wrong:
        actions.refuse(actor=cast.clerk, order_id=order.pk, reason="lazy", now=NOW)
    assert "reason" in wrong.value.fields
    actions.refuse(actor=cast.clerk, order_id=order.pk, reason="unreachable", now=NOW)
    order.refresh_from_db()
    assert (order.state, order.site_id, order.refusals) == ("pool", None, 1)
    assert Clock.objects.get(subject_kind="pickup").state == "stopped"
    assert push.status(actor=cast.admin, platform="jd", order_no="JD100") == {"state": "UNACCEPT", "waybill": "", "reason": "unreachable"}
    actions.assign(actor=cast.admin, order_id=order.pk, site_id=Stay.objects.get().site_id, now=NOW + HOUR)
    order.refresh_from_db()
    assert order.due_at == NOW + 2 * HOUR  # an hour from 11:00: the clock runs anew


def test_an_order_is_passed_on_as_often_as_the_handbook_allows(cast, order, ground):
    for target in (ground.other_station, ground.station):
        actions.transfer(actor=cast.admin, order_id=order.pk, site_id=target.pk, now=NOW)
    with pytest.raises(TransferredOften, match="station_pickups"):
        actions.transfer(actor=cast.clerk, order_id=order.pk, site_id=ground.other_station.pk, now=NOW)
    assert Stay.objects.filter(left_at=None).count() == 1
    with pytest.raises(Invalid):
        actions.transfer(actor=cast.clerk, order_id=order.pk, site_id=ground.station.pk, now=NOW)


def test_two_people_never_both_take_an_order(cast, order):
    actions.accept(actor=cast.clerk, order_id=order.pk, now=NOW, expected_version=order.version)
    with pytest.raises(MoveRefused, match="已接单"):
        actions.accept(actor=cast.lead, order_id=order.pk, now=NOW, expected_version=order.version)
    with pytest.raises(Stale):
        actions.cancel(actor=cast.lead, order_id=order.pk, reason="duplicate", now=NOW, expected_version=order.version)


def test_a_waybill_is_asked_for_and_used_once(cast, order, draft):
    clerk = cast.clerk
    actions.accept(actor=clerk, order_id=order.pk, now=NOW)
    for waybill, code in (("", "B09"), ("///", "B09"), ("abc", "invalid")):
        with pytest.raises(Invalid) as wrong:
            actions.collect(actor=clerk, order_id=order.pk, collected=Collected(waybill, courier=number_of(cast)), now=NOW)
        assert "waybill" in wrong.value.fields, code
    with pytest.raises(Invalid):
        actions.collect(actor=clerk, order_id=order.pk, collected=Collected("YT1234567890123"), now=NOW)
    actions.collect(actor=clerk, order_id=order.pk, collected=Collected("YT1234567890123", courier=number_of(cast)), now=NOW)
    other = push.push(actor=cast.admin, draft=replace(draft, order_no="JD300"), now=NOW)
    actions.accept(actor=clerk, order_id=other.order_id, now=NOW)
    with pytest.raises(WaybillTaken):
        actions.collect(
            actor=clerk, order_id=other.order_id, collected=Collected("YT1234567890123", courier=number_of(cast)), now=NOW + HOUR
        )
    assert PickupOrder.objects.get(pk=other.order_id).state == "accepted"


def test_cancelling_and_withdrawing_end_an_order_until_it_is_collected(cast, order, draft):
    assert push.withdraw(actor=cast.admin, platform="jd", order_no="JD100", now=NOW).outcome == "withdrawn"
    assert push.withdraw(actor=cast.admin, platform="jd", order_no="JD100", now=NOW).outcome == "present"
    assert push.withdraw(actor=cast.admin, platform="jd", order_no="nobody", now=NOW).code == "B99"
    other = push.push(actor=cast.admin, draft=replace(draft, order_no="JD400"), now=NOW)
    actions.accept(actor=cast.clerk, order_id=other.order_id, now=NOW)
    actions.collect(actor=cast.clerk, order_id=other.order_id, collected=Collected("YT1234567890124", courier=number_of(cast)), now=NOW)
    assert push.withdraw(actor=cast.admin, platform="jd", order_no="JD400", now=NOW).code == "B04"
    assert push.push(actor=cast.admin, draft=replace(draft, order_no="JD400", remark="改"), now=NOW).code == "B04"
    with pytest.raises(MoveRefused, match="拦截"):
        actions.cancel(actor=cast.clerk, order_id=other.order_id, reason="duplicate", now=NOW)


def test_orders_follow_their_parcels(cast, order, parcel_of):
    actions.accept(actor=cast.clerk, order_id=order.pk, now=NOW)
    actions.collect(actor=cast.clerk, order_id=order.pk, collected=Collected("YT1234567890125", courier=number_of(cast)), now=NOW)
    parcel = parcel_of("YT1234567890125")
    sign = ScanDraft("YT1234567890125", "sign", order.site_id, NOW)
    record_scans(actor=cast.clerk, batch=[sign], now=NOW)
    assert upkeep.follow([(parcel.pk, "signed")], now=NOW) == 1
    assert upkeep.follow([(parcel.pk, "signed")], now=NOW) == 0
    order.refresh_from_db()
    assert order.state == "done"


@pytest.fixture
def parcel_of(cast, ground):
    from kefu.parcels.actions import register_parcel
    from kefu.parcels.drafts import ParcelDraft

    return lambda waybill: register_parcel(actor=cast.clerk, draft=ParcelDraft(waybill, ground.station.pk), now=NOW)


def test_who_sees_and_who_may(cast, order):
    with pytest.raises(NotFound):
        queries.detail(cast.outsider, order.pk, now=NOW)
    with pytest.raises(NotFound):
        actions.accept(actor=replace(cast.clerk, sites=cast.outsider.sites), order_id=order.pk, now=NOW)
    for actor in (cast.agent, cast.inspector, cast.trainer):
        with pytest.raises(Denied):
            actions.accept(actor=actor, order_id=order.pk, now=NOW)
    with pytest.raises(Denied):
        actions.dispatch(actor=cast.clerk, order_id=order.pk, courier="1", now=NOW)
    assert not queries.page(cast.outsider, Wanted(), now=NOW).rows
    row = queries.page(cast.agent, Wanted(), now=NOW).rows[0]
    assert (row.sender_name, row.sender_phone) == ("王**", "138******78") or "13812345678" not in row.sender_phone


@pytest.mark.parametrize("size", [2, 9])
def test_lists_cost_the_same_whatever_they_hold(cast, draft, django_assert_max_num_queries, size):
    for place in range(size):
        push.push(actor=cast.admin, draft=replace(draft, order_no=f"JD5{place}"), now=NOW)
    with django_assert_max_num_queries(2):
        assert len(queries.page(cast.lead, Wanted(open_only=True), now=NOW).rows) == size
    with django_assert_max_num_queries(3):
        assert sum(one.open for one in queries.holders(cast.lead, now=NOW)) == size


def test_filters_narrow(cast, draft, order):
    other = push.push(actor=cast.admin, draft=replace(draft, order_no="JD600", platform="pdd"), now=NOW)
    late = NOW + 5 * HOUR

    def found(at=NOW, **wanted):
        return [row.order_no for row in queries.page(cast.lead, Wanted(**wanted), now=at).rows]

    assert found(platform="pdd") == ["JD600"]
    assert found(numbers=["JD100", "x"]) == ["JD100"]
    assert found(phone="13812345678") == ["JD600", "JD100"]
    assert found(phone="13800000000") == []
    assert found(late=True) == []
    assert found(at=late, late=True) == ["JD600", "JD100"]
    assert found(day_from=NOW.date(), day_to=NOW.date()) == ["JD600", "JD100"]
    assert found(day_to=NOW.date() - timedelta(days=1)) == []
    assert other.success
