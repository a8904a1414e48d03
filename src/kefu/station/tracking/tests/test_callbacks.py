"""Callbacks: taken once, refused when forged or old, a number given up on is subscribed again (V4)."""

import json
from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from kefu.kernel.errors import NotFound
from kefu.kernel.models import AuditEntry
from kefu.station.tracking.asking import ask_carriers
from kefu.station.tracking.callbacks import forget_old, take
from kefu.station.tracking.carriers import Received, VendorRules
from kefu.station.tracking.models import CarrierAsk, CarrierCallback, CarrierTrace
from kefu.station.tracking.tests.conftest import Vendor, Wire, event
from kefu.station.tracking.working import work_due

pytestmark = pytest.mark.django_db
NUMBER = "YT9693083639795"


def body(sign: str = "SALT", **said: Any) -> Received:
    return Received(json.dumps({"sign": sign, "numbers": [NUMBER], **said}).encode(), {})


def push(account: Any, received: Received, now: datetime, token: str = "") -> Any:
    return take(vendor="kuaidi100", token=token or account.token, received=received, now=now)


@pytest.fixture
def subscribed(cast: Any, account: Any, wire: Wire, vendor: Vendor, now: datetime) -> Any:
    vendor.events[NUMBER] = [event(now - timedelta(hours=1))]
    ask_carriers(actor=cast.clerk, numbers=[NUMBER], now=now, kind="subscribe")
    work_due(now=now, chance=Random(1), at_once=1)
    return account


def test_a_callback_is_kept_and_answered(subscribed: Any, now: datetime) -> None:
    reply = push(subscribed, body(), now)
    assert (reply.status, reply.body) == (200, b'{"result":true}')
    assert CarrierTrace.objects.get().waybill == NUMBER
    row = CarrierCallback.objects.get()
    assert (row.fresh, row.numbers, row.repeated) == (1, 1, 0)
    assert AuditEntry.objects.filter(action="carrier.callback").count() == 1


def test_the_same_body_again_changes_nothing_and_is_answered_alike(subscribed: Any, now: datetime) -> None:
    first = push(subscribed, body(), now)
    again = push(subscribed, body(), now + timedelta(days=1))
    assert again == first
    assert CarrierCallback.objects.get().repeated == 1
    assert CarrierTrace.objects.count() == 1


def test_a_forged_one_is_counted_and_refused(subscribed: Any, now: datetime) -> None:
    reply = push(subscribed, body(sign="guess"), now)
    assert (reply.status, json.loads(reply.body)["result"]) == (403, False)
    subscribed.refresh_from_db()
    assert (subscribed.forged, subscribed.last_fault) == (1, "forged")
    assert not CarrierTrace.objects.exists()
    assert not CarrierCallback.objects.exists()


def test_an_unknown_or_switched_off_address_is_not_found(subscribed: Any, now: datetime) -> None:
    for vendor, token in (("kuaidi100", "x" * 43), ("zto", subscribed.token), ("nobody", subscribed.token)):
        with pytest.raises(NotFound):
            take(vendor=vendor, token=token, received=body(), now=now)
    type(subscribed).objects.update(is_active=False)
    with pytest.raises(NotFound):
        push(subscribed, body(), now)


@pytest.mark.parametrize(("hours", "status"), [(0, 200), (-47, 200), (-49, 403), (1, 403)])
def test_a_scheme_with_a_time_is_held_to_it(subscribed: Any, vendor: Vendor, now: datetime, hours: int, status: int) -> None:
    vendor.rules = VendorRules(callback_age=timedelta(days=2))
    assert push(subscribed, body(sent=(now + timedelta(hours=hours)).isoformat()), now).status == status


def test_a_scheme_with_a_time_needs_one(subscribed: Any, vendor: Vendor, now: datetime) -> None:
    vendor.rules = VendorRules(callback_age=timedelta(days=2))
    assert push(subscribed, body(), now).status == 403


def test_signed_for_ends_the_subscription(subscribed: Any, now: datetime) -> None:
    push(subscribed, body(ended=[NUMBER]), now)
    assert CarrierAsk.objects.get().state == "ended"


def test_given_up_on_is_subscribed_again_half_an_hour_later_with_the_corrected_carrier(subscribed: Any, now: datetime) -> None:
    push(subscribed, body(aborted=[NUMBER], carrier="best"), now)
    old, new = CarrierAsk.objects.order_by("pk")
    assert (old.state, new.state, new.kind) == ("ended", "due", "subscribe")
    assert (new.due_at, new.carrier, new.site_id) == (now + timedelta(minutes=30), "best", old.site_id)
    assert work_due(now=now + timedelta(minutes=29), chance=Random(1)) == 0
    assert work_due(now=now + timedelta(minutes=30), chance=Random(1), at_once=1) == 1


def test_not_more_than_four_times_a_month(subscribed: Any, cast: Any, now: datetime) -> None:
    for hour in range(1, 8):
        push(subscribed, body(aborted=[NUMBER], at=hour), now + timedelta(hours=hour))
        work_due(now=now + timedelta(hours=hour, minutes=31), chance=Random(1), at_once=1)
    assert CarrierAsk.objects.filter(kind="subscribe").count() == 4


def test_a_number_nobody_subscribed_is_not_subscribed_by_a_push(account: Any, wire: Wire, now: datetime) -> None:
    push(account, body(aborted=[NUMBER]), now)
    assert not CarrierAsk.objects.exists()


def test_old_hashes_are_forgotten(subscribed: Any, now: datetime) -> None:
    push(subscribed, body(), now)
    assert forget_old(now=now + timedelta(days=89)) == 0
    assert forget_old(now=now + timedelta(days=91)) == 1
