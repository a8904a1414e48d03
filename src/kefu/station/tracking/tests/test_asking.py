"""Questions to carriers: queued under their manners, sent outside transactions, answers kept once."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection

from kefu.kernel.errors import Denied, Invalid
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, Party
from kefu.station.tracking.accounts import switch_account
from kefu.station.tracking.asking import ask_carriers
from kefu.station.tracking.errors import NoNumbers, TooManyNumbers
from kefu.station.tracking.faults import FAULTS, CarrierFault
from kefu.station.tracking.models import CarrierAccount, CarrierAsk, CarrierStanding, CarrierTrace
from kefu.station.tracking.tests.conftest import Vendor, Wire, draft, event
from kefu.station.tracking.working import work_due

pytestmark = pytest.mark.django_db
NUMBER = "YT9693083639795"
MINUTE = timedelta(minutes=1)


def ask(cast: Any, now: datetime, *numbers: str, **more: Any) -> list[Any]:
    return ask_carriers(actor=cast.clerk, numbers=numbers or [NUMBER], now=now, **more)


def work(now: datetime, **more: Any) -> int:
    return work_due(now=now, chance=Random(1), at_once=1, **more)


def test_a_question_is_queued_sent_and_its_answer_kept(cast: Any, account: Any, wire: Wire, vendor: Vendor, now: datetime) -> None:
    vendor.events[NUMBER] = [event(now - 60 * MINUTE, "collect"), event(now - 5 * MINUTE, "deliver")]
    (done,) = ask(cast, now)
    assert (done.refusal, done.due_at, wire.sent) == ("", now, [])
    assert work(now) == 1
    assert wire.sent == [f"query {NUMBER} "]
    row = CarrierAsk.objects.get()
    assert (row.state, row.fresh, row.asked_by) == ("answered", 2, cast.clerk.name)
    assert CarrierTrace.objects.filter(waybill=NUMBER).count() == 2
    standing = CarrierStanding.objects.get(waybill=NUMBER)
    assert (standing.state, standing.carrier, standing.collected_at) == ("out_for_delivery", "yto", now - 60 * MINUTE)
    assert AuditEntry.objects.filter(action="carrier.asked").get().subject_text == NUMBER
    assert OutboxEvent.objects.filter(type="tracking.told").count() == 1


def test_no_transaction_is_open_while_a_carrier_is_asked(cast: Any, account: Any, wire: Wire, now: datetime) -> None:
    depth = len(connection.savepoint_ids)
    seen: list[int] = []
    wire.during = lambda: seen.append(len(connection.savepoint_ids))
    ask(cast, now)
    work(now)
    assert seen == [depth]


def test_the_same_answer_again_is_kept_once(cast: Any, account: Any, wire: Wire, vendor: Vendor, now: datetime) -> None:
    vendor.events[NUMBER] = [event(now - 60 * MINUTE)]
    ask(cast, now)
    work(now)
    vendor.events[NUMBER].append(event(now + 10 * MINUTE, "deliver"))
    later = now + 31 * MINUTE
    ask(cast, later)
    work(later)
    assert CarrierTrace.objects.count() == 2
    assert list(CarrierAsk.objects.order_by("pk").values_list("fresh", flat=True)) == [1, 1]


def test_half_an_hour_between_two_questions_of_a_number(cast: Any, account: Any, wire: Wire, now: datetime) -> None:
    ask(cast, now)
    work(now)
    (again,) = ask(cast, now + 10 * MINUTE)
    assert again.due_at == now + 30 * MINUTE
    assert work(now + 29 * MINUTE) == 0
    assert work(now + 30 * MINUTE) == 1


def test_the_pause_holds_whichever_account_asked(cast: Any, ground: Any, account: Any, wire: Wire, now: datetime) -> None:
    from kefu.station.tracking.accounts import add_account

    ask(cast, now)
    work(now)
    add_account(actor=cast.admin, draft=draft(ground.other_station.pk), now=now)
    (again,) = ask_carriers(actor=cast.outsider, numbers=[NUMBER], now=now + MINUTE)
    assert again.due_at == now + 30 * MINUTE


def test_a_number_in_the_queue_is_not_queued_twice(cast: Any, account: Any, now: datetime) -> None:
    ask(cast, now)
    (again,) = ask(cast, now + MINUTE)
    assert (again.already, again.due_at) == (True, now)
    assert CarrierAsk.objects.count() == 1


def test_a_failure_is_tried_again_later_but_not_before_the_pause(cast: Any, account: Any, wire: Wire, now: datetime) -> None:
    wire.faults.append(CarrierFault("timeout"))
    ask(cast, now)
    work(now)
    row = CarrierAsk.objects.get()
    assert (row.state, row.fault, row.due_at) == ("due", "timeout", now + 30 * MINUTE)
    assert work(now + 30 * MINUTE) == 1
    assert CarrierAsk.objects.get().state == "answered"


def test_a_request_that_never_arrived_does_not_count_for_the_pause(cast: Any, account: Any, wire: Wire, now: datetime) -> None:
    wire.faults.append(CarrierFault("unreachable"))
    ask(cast, now)
    work(now)
    row = CarrierAsk.objects.get()
    assert row.sent_at is None
    assert now < row.due_at <= now + MINUTE


@pytest.mark.parametrize("code", sorted(code for code, kind in FAULTS.items() if not kind.again and not kind.stops_account))
def test_a_refusal_is_the_end_of_it(cast: Any, account: Any, wire: Wire, now: datetime, code: str) -> None:
    wire.faults.append(CarrierFault(code, "他们的话"))
    ask(cast, now)
    work(now)
    row = CarrierAsk.objects.get()
    assert (row.state, row.fault, row.said) == ("failed", code, "他们的话")
    assert str(FAULTS[code].advice)


def test_it_is_given_up_after_six_tries(cast: Any, account: Any, wire: Wire, now: datetime) -> None:
    wire.faults.extend(CarrierFault("locked") for _ in range(9))
    ask(cast, now)
    for hour in range(20):
        work(now + timedelta(hours=hour))
    row = CarrierAsk.objects.get()
    assert (row.state, row.tries) == ("failed", 6)


def test_an_adapter_that_breaks_does_not_stop_the_worker(cast: Any, account: Any, wire: Wire, now: datetime) -> None:
    wire.faults.append(RuntimeError("boom"))
    ask(cast, now)
    assert work(now) == 1
    assert CarrierAsk.objects.get().fault == "unreadable"


def test_a_wrong_key_stops_the_account_until_it_is_mended(cast: Any, account: Any, wire: Wire, now: datetime) -> None:
    wire.faults.append(CarrierFault("bad_signature"))
    ask(cast, now)
    work(now)
    assert CarrierAccount.objects.get().stopped_by == "bad_signature"
    (refused,) = ask(cast, now + 60 * MINUTE)
    assert refused.refusal == "no_account"
    account.refresh_from_db()
    switch_account(actor=cast.admin, account_id=account.pk, on=True, version=account.version, now=now)
    assert ask(cast, now + 60 * MINUTE)[0].refusal == ""


def test_the_circuit_breaker_holds_calls_back_and_probes_once(cast: Any, account: Any, wire: Wire, now: datetime) -> None:
    numbers = [f"YT10000000000{place:02d}" for place in range(8)]
    wire.faults.extend(CarrierFault("vendor_down") for _ in range(5))
    ask(cast, now, *numbers)
    assert work(now, most=5) == 5
    account.refresh_from_db()
    assert account.open_until is not None
    assert work(now, most=5) == 0
    wire.faults.append(CarrierFault("vendor_down"))
    assert work(account.open_until) == 1  # the probe, alone
    first = account.open_until
    account.refresh_from_db()
    assert account.trips == 2
    assert account.open_until > first
    assert work(account.open_until) == 1
    account.refresh_from_db()
    assert (account.open_until, account.failures) == (None, 0)


def test_the_token_bucket_outlives_a_restart(cast: Any, account: Any, wire: Wire, now: datetime) -> None:
    CarrierAccount.objects.update(tokens=2, burst=2, per_minute=60)
    ask(cast, now, *[f"YT10000000000{place:02d}" for place in range(5)])
    assert work(now) == 2
    assert work(now) == 0
    assert work(now + timedelta(seconds=1)) == 1


def test_a_worker_that_died_does_not_ask_again_at_once(cast: Any, account: Any, wire: Wire, now: datetime) -> None:
    ask(cast, now)
    CarrierAsk.objects.update(state="sending", sent_at=now, held_until=now + MINUTE, tries=1)
    assert work(now + 2 * MINUTE) == 0
    assert CarrierAsk.objects.get().due_at == now + 30 * MINUTE
    assert work(now + 30 * MINUTE) == 1


def test_a_carriers_own_platform_comes_first(cast: Any, ground: Any, account: Any, now: datetime) -> None:
    from kefu.station.tracking.accounts import add_account

    add_account(actor=cast.admin, draft=draft(ground.hub.pk, vendor="zto", name="中通"), now=now)
    assert [one.vendor for one in ask(cast, now, "75123456789012", NUMBER)] == ["zto", "kuaidi100"]
    assert ask(cast, now, "75123456789099", vendor="kuaidi100")[0].vendor == "kuaidi100"


def test_the_phone_of_a_registered_parcel_rides_along(cast: Any, ground: Any, account: Any, wire: Wire, now: datetime) -> None:
    one = ParcelDraft(NUMBER, ground.station.pk, carrier="yto", receiver=Party("王五", "13812345678", "南京"))
    parcels.register_parcel(actor=cast.clerk, draft=one, now=now)
    ask(cast, now)
    work(now)
    assert wire.sent == [f"query {NUMBER} 5678"]


def test_what_is_refused_says_why(cast: Any, account: Any, now: datetime) -> None:
    found = ask(cast, now, "12", "SF1234567890123", NUMBER)
    assert [one.refusal for one in found] == ["bad_number", "no_account", ""]


def test_nothing_and_too_much(cast: Any, account: Any, now: datetime) -> None:
    with pytest.raises(NoNumbers):
        ask_carriers(actor=cast.clerk, numbers=[" "], now=now)
    with pytest.raises(TooManyNumbers):
        ask_carriers(actor=cast.clerk, numbers=[f"YT{place:013d}" for place in range(1001)], now=now)
    with pytest.raises(Invalid):
        ask(cast, now, kind="else")
    with pytest.raises(Denied):
        ask_carriers(actor=cast.customer, numbers=[NUMBER], now=now)
    assert not CarrierAsk.objects.exists()


def test_accounts_serve_the_sites_below_theirs_only(cast: Any, account: Any, now: datetime) -> None:
    (found,) = ask_carriers(actor=cast.outsider, numbers=[NUMBER], now=now)
    assert found.refusal == "no_account"


def test_four_subscriptions_of_a_number_a_month(cast: Any, account: Any, wire: Wire, now: datetime) -> None:
    for day in range(4):
        (done,) = ask(cast, now + timedelta(days=day), kind="subscribe")
        assert done.refusal == ""
        work(now + timedelta(days=day))
    assert len(wire.sent) == 4
    assert f"/api/v1/carriers/kuaidi100/{account.token}" in wire.sent[0]
    assert ask(cast, now + timedelta(days=5), kind="subscribe")[0].refusal == "month_full"
    assert ask(cast, now + timedelta(days=10), kind="subscribe")[0].refusal == ""  # December


def test_lines_of_the_future_and_strange_numbers_are_left_out(cast: Any, account: Any, vendor: Vendor, wire: Wire, now: datetime) -> None:
    vendor.events[NUMBER] = [event(now - MINUTE), event(now + timedelta(days=1), "sign"), event(now, "nonsense", text="奇怪")]
    ask(cast, now)
    work(now)
    assert sorted(CarrierTrace.objects.values_list("code", flat=True)) == ["arrive", "other"]
    assert CarrierStanding.objects.get().state == "in_transit"
