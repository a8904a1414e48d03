"""A carrier of the tests' own behind the port: it answers what it is told to, and remembers what it was asked."""

import json
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from kefu.station.tracking import carriers as port
from kefu.station.tracking.accounts import AccountDraft, add_account
from kefu.station.tracking.carriers import (
    CarrierEvent,
    Carriers,
    Credentials,
    Found,
    Received,
    Reply,
    Request,
    Response,
    Told,
    VendorRules,
    Wanted,
)
from kefu.station.tracking.faults import CarrierFault


@dataclass
class Vendor:
    """An aggregator with the manners of 快递100."""

    vendor: str = "kuaidi100"
    title: str = "试验"
    carriers: frozenset[str] = frozenset({"zto", "yto", "best"})
    rules: VendorRules = field(default_factory=lambda: VendorRules(timedelta(minutes=30), 4))
    subscribes: bool = True
    options: dict[str, str] = field(default_factory=lambda: {"extra": ""})
    events: dict[str, list[CarrierEvent]] = field(default_factory=dict)

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:
        return Request(account.base_url, f"query {wanted.waybill} {wanted.phone_tail}".encode(), {})

    def read(self, account: Credentials, wanted: Wanted, response: Response) -> Found:
        return Found(wanted.waybill, self.events.get(wanted.waybill, []), wanted.carrier)

    def subscribe(self, account: Credentials, wanted: Wanted, callback_url: str, now: datetime) -> Request:
        return Request(account.base_url, f"subscribe {wanted.waybill} {callback_url}".encode(), {})

    def read_subscribed(self, account: Credentials, response: Response) -> None:
        return None

    def callback(self, account: Credentials, received: Received) -> Told:
        said = json.loads(received.body)
        if said.get("sign") != account.salt:
            raise CarrierFault("forged")
        found = tuple(Found(number, self.events.get(number, []), said.get("carrier", "")) for number in said["numbers"])
        sent = datetime.fromisoformat(said["sent"]) if "sent" in said else None
        return Told(found, tuple(said.get("ended", ())), tuple(said.get("aborted", ())), sent)

    def acknowledge(self, account: Credentials, now: datetime) -> Reply:
        return Reply(b'{"result":true}')

    def refuse(self, account: Credentials, fault: str, now: datetime) -> Reply:
        return Reply(json.dumps({"result": False, "message": fault}).encode())


@dataclass
class Wire:
    """Remembers what was sent; faults are raised once each, in their order."""

    sent: list[str] = field(default_factory=list)
    faults: deque[CarrierFault | Exception] = field(default_factory=deque)
    during: Callable[[], None] | None = None

    def send(self, request: Request, *, connect_seconds: float, answer_seconds: float) -> Response:
        self.sent.append(request.body.decode())
        if self.during:
            self.during()
        if self.faults:
            raise self.faults.popleft()
        return Response(200, b"{}")


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def wire(vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> Iterator[Wire]:
    """The carrier in place of the real ones."""
    found = Wire()
    registry = Carriers(
        {"kuaidi100": vendor, "zto": Vendor("zto", carriers=frozenset({"zto"}), rules=VendorRules(), subscribes=False)}, found
    )
    port.carriers.cache_clear()
    monkeypatch.setattr("kefu.integrations.carriers.catalogue.CARRIERS", registry)
    yield found
    port.carriers.cache_clear()


@pytest.fixture
def account(cast: Any, ground: Any, wire: Wire, now: datetime) -> Any:
    """An account of the station at the aggregator."""
    return add_account(actor=cast.admin, draft=draft(ground.station.pk), now=now)


def draft(site_id: int, **changes: Any) -> AccountDraft:
    """An account as it is entered."""
    values: dict[str, Any] = {
        "vendor": "kuaidi100",
        "name": "快递100",
        "base_url": "http://127.0.0.1:1/k",
        "identity": "C",
        "secret": "KEY",
        "salt": "SALT",
    }
    return AccountDraft(site_id=site_id, **{**values, **changes})


def event(at: datetime, code: str = "arrive", text: str = "到件", place: str = "南京市", vendor_code: str = "1001") -> CarrierEvent:
    """A line of a trace."""
    return CarrierEvent(at, code, text, place, vendor_code)
