"""What a platform hands in: an order as plain values."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from kefu.parcels.drafts import Party


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order to collect a parcel. ``hub_id`` is the site it is pushed to; with ``site_id`` it goes straight to that station.

    Weight in kilograms, amounts in yuan.
    """

    platform: str
    order_no: str
    hub_id: int
    sender: Party
    placed_at: datetime
    receiver: Party = field(default_factory=Party)
    site_id: int | None = None
    slot_from: datetime | None = None
    slot_to: datetime | None = None
    goods: str = ""
    weight: Decimal | None = None
    pieces: int = 1
    payment: str = "sender"
    insured_amount: Decimal = Decimal(0)
    cod_amount: Decimal = Decimal(0)
    remark: str = ""
