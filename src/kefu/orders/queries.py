"""Reads of orders and refunds: lists, one order with everything about it, facts for guards (SHOP1)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from kefu.kernel.actor import Actor
from kefu.kernel.encryption import keyring
from kefu.kernel.masking import mask_account, mask_address, mask_name, mask_phone, mask_text, phone_key
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Page, capped_count, keyset_page
from kefu.kernel.paging import Order as By
from kefu.orders import access
from kefu.orders.models import Order, OrderItem, Product, Refund, Shop
from kefu.orders.storing import receiver_of
from kefu.orders.vocabulary import GOODS_BACK, OPEN_REFUNDS, SENT, WITH_MONEY, RefundState
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people.permissions import Permission

_NEWEST = (By("placed_at", descending=True), By("pk", descending=True))
_NEWEST_REFUND = (By("requested_at", descending=True), By("pk", descending=True))
_MOST_NUMBERS = 500
WAS_PAID = Q(state__in=WITH_MONEY) | Q(paid_at__isnull=False)
"""Orders that were paid, also those closed since."""
WAS_SENT = Q(state__in=SENT) | Q(shipped_at__isnull=False)
"""Orders that were sent, also those closed since."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A choice of orders. ``numbers``: order numbers or waybills; days are those the order was placed."""

    state: str = ""
    platform: str = ""
    shop_id: int | None = None
    site_id: int | None = None
    customer_id: int | None = None
    numbers: Sequence[str] = ()
    phone: str = ""
    buyer: str = ""
    product: str = ""
    refunding: bool = False
    # A refund of it was paid; ``returned``: one with its goods back; ``reason``: for this reason of the buyer.
    refunded: bool = False
    returned: bool = False
    reason: str = ""
    sent: bool = False
    with_money: bool = False
    # A refund of it was paid without a reason given; an order of which a product has no code.
    no_reason: bool = False
    no_code: bool = False
    day_from: date | None = None
    day_to: date | None = None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list, the buyer masked. Amounts in yuan."""

    id: int
    site_id: int
    platform: str
    shop_id: int
    shop: str
    number: str
    state: str
    said: str
    customer_id: int | None
    buyer: str
    goods: str
    pieces: int
    total: Decimal
    paid: Decimal
    freight: Decimal
    waybill: str
    carrier: str
    placed_at: datetime
    paid_at: datetime | None
    shipped_at: datetime | None
    signed_at: datetime | None
    finished_at: datetime | None
    version: int


def row_of(order: Order, *, clear: bool = False) -> OrderRow:
    """A row for a list; ``order`` comes with its shop."""
    return OrderRow(
        id=order.pk,
        site_id=order.site_id,
        platform=order.platform,
        shop_id=order.shop_id,
        shop=order.shop.name,
        number=order.number,
        state=order.state,
        said=order.said,
        customer_id=order.customer_id,
        buyer=order.buyer if clear or "*" in order.buyer else mask_account(order.buyer),
        goods=order.goods,
        pieces=order.pieces,
        total=order.total,
        paid=order.paid,
        freight=order.freight,
        waybill=order.waybill,
        carrier=order.carrier,
        placed_at=order.placed_at,
        paid_at=order.paid_at,
        shipped_at=order.shipped_at,
        signed_at=order.signed_at,
        finished_at=order.finished_at,
        version=order.version,
    )


def matching(actor: Actor, wanted: Wanted) -> QuerySet[Order]:
    """Orders in reach that a choice leaves; the rooms above narrow it further."""
    exact = {
        "state": wanted.state,
        "platform": wanted.platform,
        "shop_id": wanted.shop_id,
        "site_id": wanted.site_id,
        "customer_id": wanted.customer_id,
    }
    rows = access.visible_to(actor).filter(**{name: value for name, value in exact.items() if value})
    if wanted.numbers:
        numbers = [one.strip() for one in wanted.numbers[:_MOST_NUMBERS]]
        waybills = [clean_waybill(one) for one in numbers if one]
        rows = rows.filter(Q(number__in=numbers) | Q(waybill__in=waybills) | Q(pk__in=_shipped_under(waybills)))
    if wanted.phone:
        key = phone_key(wanted.phone)
        rows = rows.filter(phone_index=keyring().index("phone", key)) if key else rows.none()
    if wanted.buyer:
        rows = rows.filter(buyer_index=keyring().index("buyer", wanted.buyer.strip()))
    if wanted.product:
        rows = rows.filter(pk__in=OrderItem.objects.filter(code=wanted.product).values("order_id"))
    if wanted.refunding:
        rows = rows.filter(pk__in=Refund.objects.filter(state__in=OPEN_REFUNDS).values("order_id"))
    if wanted.no_code:
        coded, bare = OrderItem.objects.values("order_id"), OrderItem.objects.filter(code="").values("order_id")
        rows = rows.filter(Q(pk__in=bare) | ~Q(pk__in=coded))
    if wanted.refunded or wanted.returned or wanted.reason or wanted.no_reason:
        rows = rows.filter(pk__in=_refunded(wanted).values("order_id"))
    if wanted.sent:
        rows = rows.filter(WAS_SENT)
    if wanted.with_money:
        rows = rows.filter(WAS_PAID)
    return rows.filter(**on_days("placed_at", wanted.day_from, wanted.day_to))


def _refunded(wanted: Wanted) -> QuerySet[Refund]:
    rows = Refund.objects.filter(state=RefundState.DONE)
    rows = rows.filter(reason=wanted.reason) if wanted.reason or wanted.no_reason else rows
    return rows.filter(kind__in=GOODS_BACK) if wanted.returned else rows


def _shipped_under(waybills: Sequence[str]) -> QuerySet[Order, int]:
    return Order.objects.filter(shipments__waybill__in=waybills).values_list("pk", flat=True)


def page(actor: Actor, wanted: Wanted, *, cursor: str | None = None, size: int = 50, clear: bool = False) -> Page[OrderRow]:
    """Orders in reach, newest first; one query. ``clear``: the buyer unmasked (exports, who may)."""
    people.require(actor, Permission.ORDER_VIEW)
    if clear:
        people.require(actor, Permission.PERSONAL_UNMASK)
    found = keyset_page(matching(actor, wanted).select_related("shop"), _NEWEST, size=size, cursor=cursor)
    return Page([row_of(one, clear=clear) for one in found.rows], found.next, found.previous)


def count(actor: Actor, wanted: Wanted) -> CappedCount:
    """How many, capped."""
    return capped_count(matching(actor, wanted))


def shops(actor: Actor) -> list[tuple[int, str, str]]:
    """Shops in reach: id, platform, name."""
    if not actor.may(Permission.ORDER_VIEW):
        return []
    rows = people.in_reach(Shop.objects.order_by("platform", "name"), actor)
    return list(rows.values_list("pk", "platform", "name"))


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What is known of a product."""

    code: str
    name: str
    notes: str
    warranty_months: int | None
    changed_at: datetime
    changed_by: str
    version: int


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A line of an order with what is known of the product; price in yuan a piece."""

    name: str
    sku: str
    code: str
    quantity: int
    price: Decimal
    known: Knowledge | None


@dataclass(frozen=True, slots=True)
class RefundRow:
    """A refund in a list. Amount in yuan."""

    id: int
    site_id: int
    order_id: int
    order_number: str
    shop: str
    platform: str
    number: str
    kind: str
    state: str
    said: str
    goods: str
    amount: Decimal
    reason: str
    return_waybill: str
    requested_at: datetime
    moved_at: datetime
    finished_at: datetime | None
    order_state: str
    paid: Decimal


def refund_row(one: Refund) -> RefundRow:
    """A row for a list; ``one`` comes with its order and shop."""
    return RefundRow(
        one.pk, one.site_id, one.order_id, one.order.number, one.order.shop.name, one.platform, one.number, one.kind, one.state, one.said,
        one.goods, one.amount, one.reason, one.return_waybill, one.requested_at, one.moved_at, one.finished_at, one.order.state,
        one.order.paid,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who receives the order, masked unless somebody may see and asks."""

    nick: str
    name: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One order with its lines, parcels and refunds."""

    row: OrderRow
    buyer: Buyer
    items: Sequence[ItemRow]
    parcels: Sequence[tuple[str, str]]
    refunds: Sequence[RefundRow]
    refunded: Decimal
    remark: str
    same_buyer: int


def detail(actor: Actor, order_id: int) -> Detail:
    """One order in reach, or ``NotFound``; a fixed number of queries."""
    order = access.get_for(actor, order_id)
    receiver = receiver_of(order)
    items = list(order.items.order_by("position"))
    known = knowledge(order.site_id, {one.code for one in items if one.code})
    refunds = [refund_row(one) for one in order.refunds.select_related("order__shop").order_by("-requested_at", "-pk")]
    others = access.visible_to(actor).filter(customer_id=order.customer_id or 0).exclude(pk=order.pk)
    row = row_of(order)
    return Detail(
        row=row,
        buyer=Buyer(row.buyer, mask_name(receiver.name), mask_phone(receiver.phone), mask_address(receiver.address)),
        items=[ItemRow(one.name, one.sku, one.code, one.quantity, one.price, known.get(one.code)) for one in items],
        parcels=list(order.shipments.order_by("pk").values_list("waybill", "carrier")),
        refunds=refunds,
        refunded=sum((one.amount for one in refunds if one.state == RefundState.DONE), Decimal(0)),
        remark=mask_text(order.remark),
        same_buyer=capped_count(others).value if order.customer_id else 0,
    )


def knowledge(site_id: int, codes: Collection[str]) -> dict[str, Knowledge]:
    """What a site knows of products, by code."""
    rows = Product.objects.filter(site_id=site_id, code__in=sorted(codes)) if codes else ()
    return {
        one.code: Knowledge(one.code, one.name, one.notes, one.warranty_months, one.changed_at, one.changed_by, one.version) for one in rows
    }


@dataclass(frozen=True, slots=True)
class RefundsWanted:
    """A choice of refunds; days are those they were asked for on."""

    state: str = ""
    open_only: bool = False
    kind: str = ""
    platform: str = ""
    shop_id: int | None = None
    site_id: int | None = None
    reason: str = ""
    product: str = ""
    numbers: Sequence[str] = ()
    day_from: date | None = None
    day_to: date | None = None


def matching_refunds(actor: Actor, wanted: RefundsWanted) -> QuerySet[Refund]:
    """Refunds in reach that a choice leaves."""
    exact = {
        "state": wanted.state,
        "kind": wanted.kind,
        "platform": wanted.platform,
        "order__shop_id": wanted.shop_id,
        "site_id": wanted.site_id,
        "reason": wanted.reason,
    }
    rows = access.visible_refunds(actor).filter(**{name: value for name, value in exact.items() if value})
    if wanted.open_only:
        rows = rows.filter(state__in=OPEN_REFUNDS)
    if wanted.product:
        rows = rows.filter(order_id__in=OrderItem.objects.filter(code=wanted.product).values("order_id"))
    if wanted.numbers:
        numbers = [one.strip() for one in wanted.numbers[:_MOST_NUMBERS]]
        rows = rows.filter(Q(number__in=numbers) | Q(order__number__in=numbers))
    return rows.filter(**on_days("requested_at", wanted.day_from, wanted.day_to))


def refunds(actor: Actor, wanted: RefundsWanted, *, cursor: str | None = None, size: int = 50) -> Page[RefundRow]:
    """Refunds in reach, newest first; one query."""
    people.require(actor, Permission.ORDER_VIEW)
    found = keyset_page(matching_refunds(actor, wanted).select_related("order__shop"), _NEWEST_REFUND, size=size, cursor=cursor)
    return Page([refund_row(one) for one in found.rows], found.next, found.previous)


def count_refunds(actor: Actor, wanted: RefundsWanted) -> CappedCount:
    """How many, capped."""
    return capped_count(matching_refunds(actor, wanted))


def products(actor: Actor, *, site_id: int | None = None) -> list[tuple[int, Knowledge]]:
    """What is known of products in reach, by code; id first."""
    people.require(actor, Permission.ORDER_VIEW)
    rows = people.in_reach(Product.objects.order_by("site_id", "code"), actor)
    rows = rows.filter(site_id=site_id) if site_id else rows
    return [
        (one.pk, Knowledge(one.code, one.name, one.notes, one.warranty_months, one.changed_at, one.changed_by, one.version))
        for one in rows[:_MOST_NUMBERS]
    ]


def facts(site_id: int, number: str, *, now: datetime) -> Mapping[str, object]:
    """Facts that guards may ask of a case's order (``order.*``); nothing for an order that is not there. Not for screens."""
    order = Order.objects.filter(site_id=site_id, number=number.strip()).order_by("-pk").first() if number.strip() else None
    if order is None:
        return {}
    asked = order.refunds.exclude(state=RefundState.CLOSED).aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    found: dict[str, object] = {
        "order.paid": order.state in WITH_MONEY,
        "order.shipped": order.state in SENT,
        "order.refund_amount": float(asked),
    }
    if order.paid_at is not None:
        found["order.hours_since_paid"] = (now - order.paid_at) / timedelta(hours=1)
    return found


def by_ids(ids: Collection[int]) -> dict[int, OrderRow]:
    """Orders by id, masked; for rooms that hold ids and have asked for the reach."""
    return {one.pk: row_of(one) for one in Order.objects.filter(pk__in=list(ids)).select_related("shop")}


def id_of(actor: Actor, number: str) -> int | None:
    """The order in reach with this number, the newest if platforms share it."""
    return access.visible_to(actor).filter(number=number.strip()).order_by("-pk").values_list("pk", flat=True).first()
