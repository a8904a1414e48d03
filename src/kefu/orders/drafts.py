"""An order and a refund before they are kept, as a file or a platform tells them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from kefu.parcels.drafts import Party

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ItemDraft:
    """A line of an order; ``code`` is the shop's own number of the product, ``price`` yuan a piece."""

    name: str
    sku: str = ""
    quantity: int = 1
    price: Decimal = _ZERO
    code: str = ""


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order of a platform. ``state`` is one of ours, ``said`` the platform's own word; yuan; ``parcels`` (waybill, carrier)."""

    site_id: int
    platform: str
    shop: str
    number: str
    state: str
    placed_at: datetime | None
    said: str = ""
    buyer: str = ""
    receiver: Party = field(default_factory=Party)
    total: Decimal = _ZERO
    paid: Decimal = _ZERO
    freight: Decimal = _ZERO
    paid_at: datetime | None = None
    shipped_at: datetime | None = None
    signed_at: datetime | None = None
    finished_at: datetime | None = None
    parcels: tuple[tuple[str, str], ...] = ()
    remark: str = ""
    items: tuple[ItemDraft, ...] = ()


@dataclass(frozen=True, slots=True)
class RefundDraft:
    """A refund of a platform. An empty ``kind`` is told by whether the order was sent."""

    site_id: int
    platform: str
    number: str
    order_number: str
    state: str
    amount: Decimal
    requested_at: datetime | None
    kind: str = ""
    said: str = ""
    goods: str = ""
    reason: str = ""
    finished_at: datetime | None = None
    return_waybill: str = ""
