"""What is handed in: requests to forward. Plain values; checked when they are made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class ForwardDraft:
    """A request. ``reason``, ``way`` and ``payer`` are codes of the vocabulary; the fee is in yuan.

    ``address``: the receiver's, to hold against the served areas; without one the parcel's destination is taken.
    ``sender_told``: the sender was told, or agreed to pay, before collection. ``external_id``: the same id is the same request.
    """

    waybill: str
    reason: str
    way: str
    site_id: int | None = None
    to_site_id: int | None = None
    company: str = ""
    address: str = ""
    note: str = ""
    fee: Decimal = Decimal(0)
    payer: str = "own"
    sender_told: bool = False
    confirmed_at: datetime | None = None
    confirmed_by_way: str = ""
    external_id: str | None = None


@dataclass(frozen=True, slots=True)
class Requested:
    """Outcome: new requests by place in the batch, places whose request was there already, refusals as codes of ``errors.REASONS``."""

    stored: Mapping[int, int] = field(default_factory=dict)
    present: Mapping[int, int] = field(default_factory=dict)
    refused: Mapping[int, str] = field(default_factory=dict)
