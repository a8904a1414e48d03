"""What adapters have in common: carriers that are only asked, and the reading of their lines."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from kefu.integrations.carriers.wire import line_text, moment, place_text, text_at
from kefu.kernel.errors import Message, NotFound
from kefu.station.tracking.carriers import CarrierEvent, Credentials, Received, Reply, Request, Response, Told, VendorRules, Wanted


class AskedOnly:
    """A carrier's own platform: it is asked about a number and never calls back."""

    vendor: ClassVar[str]
    title: ClassVar[Message]
    carriers: ClassVar[frozenset[str]]
    rules: ClassVar[VendorRules] = VendorRules()
    subscribes: ClassVar[bool] = False
    options: ClassVar[Mapping[str, str]] = {}

    def option(self, account: Credentials, name: str) -> str:
        """What the account sets, or what is usual."""
        return account.options.get(name) or self.options[name]

    def subscribe(self, account: Credentials, wanted: Wanted, callback_url: str, now: datetime) -> Request:  # noqa: ARG002
        """Not with this carrier."""
        raise NotFound

    def read_subscribed(self, account: Credentials, response: Response) -> None:  # noqa: ARG002
        """Not with this carrier."""
        raise NotFound

    def callback(self, account: Credentials, received: Received) -> Told:  # noqa: ARG002
        """Not with this carrier."""
        raise NotFound

    def acknowledge(self, account: Credentials, now: datetime) -> Reply:  # noqa: ARG002
        """Not with this carrier."""
        raise NotFound

    def refuse(self, account: Credentials, fault: str, now: datetime) -> Reply:  # noqa: ARG002
        """Not with this carrier."""
        raise NotFound


def address(account: Credentials, path: str = "") -> str:
    """The account's address with a path behind it."""
    return account.base_url.rstrip("/") + path


def events_of(
    rows: Iterable[Mapping[str, Any]],
    *,
    time: tuple[str, ...],
    code: tuple[str, ...],
    text: tuple[str, ...],
    place: tuple[str, ...],
    means: Callable[[str, Mapping[str, Any]], str],
) -> list[CarrierEvent]:
    """Lines of a trace by the names of their fields, oldest first. A line without a time that can be read is left out."""
    found = []
    for row in rows:
        at = moment(next((row[name] for name in time if row.get(name)), None))
        if at is None:
            continue
        own = text_at(row, *code)[:20]
        found.append(CarrierEvent(at, means(own, row), line_text(row, *text), place_text(row, *place), own))
    return sorted(found, key=lambda event: event.at)
