"""Every adapter over real loopback HTTP against the stand-in, well and badly behaved."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kefu.integrations.carriers.catalogue import ADAPTERS
from kefu.integrations.carriers.stand_in.answers import IDENTITY, SALT, SECRET, pushed
from kefu.integrations.carriers.stand_in.server import StandIn, serving
from kefu.integrations.carriers.transport import Http
from kefu.integrations.carriers.wire import form
from kefu.station.tracking.carriers import Carrier, Credentials, Found, Received, Wanted
from kefu.station.tracking.faults import FAULTS, CarrierFault
from kefu.station.tracking.vocabulary import CODES

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
BY_VENDOR = {one.vendor: one for one in ADAPTERS}
EACH = pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda one: one.vendor)


@pytest.fixture
def stand_in(socket_enabled: None) -> StandIn:
    return StandIn(anchor=NOW, clock=lambda: NOW + timedelta(days=9), slow_seconds=1.5)


@pytest.fixture
def address(stand_in: StandIn) -> Iterator[str]:
    with serving(stand_in) as found:
        yield found


def account(address: str, adapter: Carrier, **changes: str) -> Credentials:
    return replace(Credentials(f"{address}/{adapter.vendor}", IDENTITY, SECRET, SALT), **changes)


def ask(adapter: Carrier, who: Credentials, number: str, seconds: float = 5) -> Found:
    wanted = Wanted(number, sorted(adapter.carriers)[0], "5678")
    response = Http().send(adapter.query(who, wanted, NOW), connect_seconds=1, answer_seconds=seconds)
    return adapter.read(who, wanted, response)


def refused(adapter: Carrier, who: Credentials, number: str = "YT1000000000001", seconds: float = 5) -> str:
    with pytest.raises(CarrierFault) as fault:
        ask(adapter, who, number, seconds)
    assert fault.value.code in FAULTS
    return fault.value.code


@EACH
def test_each_tells_its_journeys(adapter: Carrier, stand_in: StandIn, address: str) -> None:
    numbers = [f"YT{1000000000000 + place}" for place in range(25)]
    seen = set()
    for number in numbers:
        steps = stand_in.steps(number)
        if not steps:
            assert adapter.vendor in ("zto", "zto_legacy") or refused(adapter, account(address, adapter), number) == "no_result"
            continue
        found = ask(adapter, account(address, adapter), number)
        assert found.waybill == number
        assert [event.at for event in found.events] == [step.at for step in steps]
        assert all(event.code in CODES and "模拟" in event.text for event in found.events)
        seen |= {event.code for event in found.events}
    assert {"collect", "deliver", "sign"} <= seen


@EACH
def test_each_says_that_its_key_is_wrong(adapter: Carrier, address: str) -> None:
    assert refused(adapter, account(address, adapter, secret="another")) == "bad_signature"


@EACH
@pytest.mark.parametrize(
    ("fault", "code"), [("html", "not_json"), ("error", "vendor_down"), ("broken", "unreadable"), ("sign", "bad_signature")]
)
def test_each_survives_bad_answers(adapter: Carrier, stand_in: StandIn, address: str, fault: str, code: str) -> None:
    stand_in.fail(adapter.vendor, fault)
    assert refused(adapter, account(address, adapter)) == code


def test_zto_trap_codes(stand_in: StandIn, address: str) -> None:
    """中通's SIGNED is out of a locker and DEPARTURE a failed delivery: neither is signed or sent (V1)."""
    zto, means = BY_VENDOR["zto"], {}
    for place in range(60):
        for event in ask(zto, account(address, zto), f"7512345678{place:04d}").events:
            means[event.vendor_code] = event.code
    assert (means["SIGNED"], means["DEPARTURE"], means["ARRIVAL"]) == ("out_store", "problem", "in_store")
    assert means["签收"] == "sign"


def test_a_locked_number(stand_in: StandIn, address: str) -> None:
    adapter = BY_VENDOR["kuaidi100"]
    stand_in.fail("kuaidi100", "lock")
    assert refused(adapter, account(address, adapter)) == "locked"


@pytest.mark.parametrize("fault", ["slow", "drip"])
def test_a_slow_carrier_is_cut_off(stand_in: StandIn, address: str, fault: str) -> None:
    adapter = BY_VENDOR["kuaidi100"]
    stand_in.fail("kuaidi100", fault)
    assert refused(adapter, account(address, adapter), seconds=0.3) == "timeout"


def test_an_answer_without_end_is_not_read(stand_in: StandIn, address: str) -> None:
    stand_in.fail("kuaidi100", "huge")
    assert refused(BY_VENDOR["kuaidi100"], account(address, BY_VENDOR["kuaidi100"])) == "too_large"


def test_a_redirect_is_not_followed(stand_in: StandIn, address: str) -> None:
    stand_in.fail("kuaidi100", "redirect")
    assert refused(BY_VENDOR["kuaidi100"], account(address, BY_VENDOR["kuaidi100"])) == "unreadable"


def test_nobody_there(socket_enabled: None) -> None:
    assert refused(BY_VENDOR["zto"], Credentials("http://127.0.0.1:9", IDENTITY, SECRET)) == "unreachable"


@pytest.mark.parametrize("vendor", ["kuaidi100", "kdniao"])
def test_subscriptions_and_callbacks(vendor: str, stand_in: StandIn, address: str) -> None:
    adapter = BY_VENDOR[vendor]
    who, number = account(address, adapter), "YT1000000000001"
    sent = adapter.subscribe(who, Wanted(number, "yto"), "http://127.0.0.1:1/cb", NOW)
    adapter.read_subscribed(who, Http().send(sent, connect_seconds=1, answer_seconds=5))
    assert stand_in.subscribed == {(vendor, number): "http://127.0.0.1:1/cb"}
    fields = pushed(vendor, number, stand_in.steps(number), sent_at="2026-11-22 10:00:00", status="abort")
    told = adapter.callback(who, Received(form("", fields).body, {}))
    assert [event.at for event in told.found[0].events] == [step.at for step in stand_in.steps(number)]
    assert told.aborted == ((number,) if vendor == "kuaidi100" else ())
    for name in ("sign", "param", "DataSign", "RequestData"):
        if name not in fields:
            continue
        with pytest.raises(CarrierFault):
            adapter.callback(who, Received(form("", fields | {name: fields[name] + "x"}).body, {}))


def test_the_stand_in_says_what_it_is(stand_in: StandIn, address: str) -> None:
    import urllib3

    answer = urllib3.request("GET", address)
    assert answer.json()["name"] == "Kefu carrier stand-in"
    planned = urllib3.request("GET", f"{address}/fault?vendor=zto&kind=html&times=2").json()
    assert planned["planned"] == {"zto": ["html", "html"]}


def test_a_callback_goes_to_this_machine_only(stand_in: StandIn) -> None:
    stand_in.subscribed["kuaidi100", "YT1"] = "https://example.com/cb"
    assert stand_in.push("kuaidi100", "YT1") == 0
