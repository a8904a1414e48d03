"""The port to carriers: what this room asks of them, as plain values (V3–V6). How each of them is spoken to is the adapters' business.

An adapter makes requests and reads answers; it neither sends nor stores. Sending is the transport's. So a signature is tested without a
network, and a fault of the network without a carrier.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils.module_loading import import_string

from kefu.kernel.errors import Message, NotFound


@dataclass(frozen=True, slots=True)
class Credentials:
    """An account at a vendor. ``identity`` is what the vendor calls its customer (customer, EBusinessID, appKey …).

    ``secret`` signs requests, ``salt`` callbacks where they have a secret of their own; ``options`` are what a vendor wants besides.
    """

    base_url: str
    identity: str
    secret: str
    salt: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The parcel asked about: clean number, our code of the carrier, last four digits of a party's phone where they are known."""

    waybill: str
    carrier: str = ""
    phone_tail: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be sent, byte for byte: the body is already encoded, once."""

    url: str
    body: bytes
    headers: Mapping[str, str]
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back."""

    status: int
    body: bytes
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class CarrierEvent:
    """A line of a carrier's trace. ``code`` is a scan of V1, or ``ordered``, ``transit``, ``customs``, ``other`` where it is none.

    ``vendor_code`` is the carrier's own; ``text`` may hold names and phones.
    """

    at: datetime
    code: str
    text: str
    place: str = ""
    vendor_code: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """The answer about one number. ``carrier`` is our code of whoever the vendor says carries it, empty when it does not say."""

    waybill: str
    events: Sequence[CarrierEvent]
    carrier: str = ""


@dataclass(frozen=True, slots=True)
class Received:
    """A callback as it came in."""

    body: bytes
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """What a callback says: traces, numbers whose subscription ended, numbers the vendor gave up on (V4 abort).

    ``sent_at`` is when the vendor says it was sent, for schemes that sign a time.
    """

    found: Sequence[Found] = ()
    ended: Sequence[str] = ()
    aborted: Sequence[str] = ()
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer a vendor wants to its callback."""

    body: bytes
    content_type: str = "application/json; charset=utf-8"
    status: int = 200


@dataclass(frozen=True, slots=True)
class VendorRules:
    """What a vendor demands of its callers: pause between two queries of a number, subscriptions of a number in a month, pause before
    a number it gave up on is subscribed again, age up to which a callback is taken."""

    pause_per_number: timedelta = timedelta(0)
    subscriptions_a_month: int | None = None
    resubscribe_after: timedelta = timedelta(minutes=30)
    callback_age: timedelta | None = None


class Carrier(Protocol):
    """An adapter. ``read`` and ``read_subscribed`` raise ``CarrierFault``; ``callback`` raises it with ``forged`` for a wrong signature."""

    @property
    def vendor(self) -> str:
        """Its key."""
        ...

    @property
    def title(self) -> Message:
        """Its name."""
        ...

    @property
    def carriers(self) -> frozenset[str]:
        """Carriers it answers for, by our codes; many for an aggregator."""
        ...

    @property
    def rules(self) -> VendorRules:
        """What it demands of its callers."""
        ...

    @property
    def subscribes(self) -> bool:
        """Whether it takes subscriptions and calls back."""
        ...

    @property
    def options(self) -> Mapping[str, str]:
        """Names of the options an account may set, with what they are when it sets none."""
        ...

    def query(self, account: Credentials, wanted: Wanted, now: datetime) -> Request:
        """The question about one number."""
        ...

    def read(self, account: Credentials, wanted: Wanted, response: Response) -> Found:
        """The answer to it."""
        ...

    def subscribe(self, account: Credentials, wanted: Wanted, callback_url: str, now: datetime) -> Request:
        """The wish to be told of a number from now on."""
        ...

    def read_subscribed(self, account: Credentials, response: Response) -> None:
        """Whether the vendor took it."""
        ...

    def callback(self, account: Credentials, received: Received) -> Told:
        """What a callback says, its signature checked."""
        ...

    def acknowledge(self, account: Credentials, now: datetime) -> Reply:
        """What tells the vendor that it was taken."""
        ...

    def refuse(self, account: Credentials, fault: str, now: datetime) -> Reply:
        """What tells the vendor that it was not."""
        ...


class Transport(Protocol):
    """Sends a request; raises ``CarrierFault`` when no answer comes in time."""

    def send(self, request: Request, *, connect_seconds: float, answer_seconds: float) -> Response:
        """The answer, whatever its status."""
        ...


@dataclass(frozen=True)
class Carriers:
    """The adapters there are, by vendor, and what sends for them."""

    adapters: Mapping[str, Carrier]
    transport: Transport

    def named(self, vendor: str) -> Carrier:
        """The adapter of a vendor; raises ``NotFound``."""
        if vendor not in self.adapters:
            raise NotFound
        return self.adapters[vendor]


@lru_cache(maxsize=1)
def carriers() -> Carriers:
    """What the composition root names in ``KEFU_CARRIERS``."""
    found = import_string(settings.KEFU_CARRIERS)
    assert isinstance(found, Carriers)
    return found
