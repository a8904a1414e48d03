"""Figures of a shop: refunds by shop and cause, reminders and enquiries by agent (SHOP2, SHOP3, SHOP8; formulas E19)."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Max, Q, Sum
from django.db.models.functions import TruncDate

from kefu.kernel.actor import Actor
from kefu.kernel.moment import on_days
from kefu.orders import access as orders
from kefu.orders.queries import WAS_PAID, WAS_SENT
from kefu.orders.vocabulary import GOODS_BACK, RefundState
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.shop import access
from kefu.shop.models import Enquiry, Reminder
from kefu.shop.rules import share

_MOST = 100


@dataclass(frozen=True, slots=True)
class ShopRates:
    """Orders placed on the days, and what became of them. Rates are shares of 1: refunded ÷ paid, returned ÷ sent (E19)."""

    shop_id: int
    shop: str
    paid: int
    sent: int
    refunded: int
    returned: int

    @property
    def refund_rate(self) -> float | None:
        """退款率."""
        return share(self.refunded, self.paid)

    @property
    def return_rate(self) -> float | None:
        """退货率."""
        return share(self.returned, self.sent)


def rates(actor: Actor, *, since: date, until: date) -> list[ShopRates]:
    """By shop, over the orders placed from one local day to another, both included; two queries."""
    people.require(actor, Permission.ORDER_VIEW)
    rows = orders.visible_to(actor).filter(**on_days("placed_at", since, until)).order_by()
    counted = rows.values("shop_id", name=F("shop__name")).annotate(
        paid=Count("pk", filter=WAS_PAID),
        sent=Count("pk", filter=WAS_SENT),
    )
    done = orders.visible_refunds(actor).filter(state=RefundState.DONE, **on_days("order__placed_at", since, until)).order_by()
    ended = {
        row["order__shop_id"]: (row["refunded"], row["returned"])
        for row in done.values("order__shop_id").annotate(
            refunded=Count("order_id", distinct=True), returned=Count("order_id", distinct=True, filter=Q(kind__in=GOODS_BACK))
        )
    }
    found = [ShopRates(row["shop_id"], row["name"], row["paid"], row["sent"], *ended.get(row["shop_id"], (0, 0))) for row in counted]
    return sorted(found, key=lambda one: -one.paid)[:_MOST]


@dataclass(frozen=True, slots=True)
class RefundCause:
    """Orders that were refunded for a reason of the buyer, and how much; yuan."""

    reason: str
    orders: int
    amount: Decimal


def refund_causes(actor: Actor, *, since: date, until: date) -> list[RefundCause]:
    """By reason, over the orders placed on the days, the most first."""
    people.require(actor, Permission.ORDER_VIEW)
    rows = orders.visible_refunds(actor).filter(state=RefundState.DONE, **on_days("order__placed_at", since, until)).order_by()
    counted = rows.values("reason").annotate(orders=Count("order_id", distinct=True), amount=Sum("amount")).order_by("-orders", "reason")
    return [RefundCause(row["reason"], row["orders"], row["amount"]) for row in counted[:20]]


RETURNS_BY = ("shop", "product", "reason", "day")


@dataclass(frozen=True, slots=True)
class Returns:
    """Orders of one shop, product, reason or day: paid, sent, refunded, returned; ``name`` is that of the product or shop.

    Of a reason only ``refunded`` and ``returned`` are its own: what it is compared with are all orders of the days.
    """

    key: str
    name: str = ""
    paid: int = 0
    sent: int = 0
    refunded: int = 0
    returned: int = 0


_ORDERED = {"shop": ("shop_id", "shop__name"), "product": ("items__code", "items__name"), "day": ("day", "shop__name")}
_ENDED = {"shop": "order__shop_id", "product": "order__items__code", "reason": "reason", "day": "day"}
_MOST_LINES = 400


def returns(actor: Actor, *, since: date, until: date, by: str, site_id: int | None = None) -> list[Returns]:
    """Orders placed on the local days and what became of them, by one of ``RETURNS_BY`` or, with "", in one line; two queries (SHOP8).

    An order of several products counts for each of them: platforms say of a refund which order it is for, not which product.
    """
    people.require(actor, Permission.ORDER_VIEW)
    here = {"site_id": site_id} if site_id is not None else {}
    rows = orders.visible_to(actor).filter(**on_days("placed_at", since, until), **here).order_by()
    done = orders.visible_refunds(actor).filter(state=RefundState.DONE, **on_days("order__placed_at", since, until), **here).order_by()
    if by == "day":
        rows, done = rows.annotate(day=TruncDate("placed_at")), done.annotate(day=TruncDate("order__placed_at"))
    placed = {"paid": Count("pk", distinct=True, filter=WAS_PAID), "sent": Count("pk", distinct=True, filter=WAS_SENT)}
    ended = {
        "refunded": Count("order_id", distinct=True), "returned": Count("order_id", distinct=True, filter=Q(kind__in=GOODS_BACK)),
    }  # fmt: skip
    column, name = _ORDERED.get(by, ("", ""))
    ordered: list[Mapping[str, Any]]
    over: list[Mapping[str, Any]]
    ordered = list(rows.values(of=F(column)).annotate(name=Max(name), **placed)) if column else [{"of": "", **rows.aggregate(**placed)}]
    over = list(done.values(of=F(_ENDED[by])).annotate(**ended)) if by else [{"of": "", **done.aggregate(**ended)}]
    if by == "reason":
        whole = ordered[0]
        return _most(Returns(row["of"], "", whole["paid"], whole["sent"], row["refunded"], row["returned"]) for row in over)
    counted: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(("paid", "sent", "refunded", "returned"), 0))
    names: dict[str, str] = {}
    for row in (*ordered, *over):
        key = "" if row["of"] is None else str(row["of"])
        names[key] = names.get(key) or row.get("name") or ""
        for one in counted[key].keys() & row.keys():
            counted[key][one] += row[one]
    return _most(Returns(key, names[key], **one) for key, one in counted.items())


def _most(lines: Iterable[Returns]) -> list[Returns]:
    return sorted(lines, key=lambda one: (-one.refunded, -one.paid, one.key))[:_MOST_LINES]


@dataclass(frozen=True, slots=True)
class ByAgent:
    """Something by agent: how many, and of how many it came off."""

    staff_id: int
    name: str
    count: int
    good: int
    waiting: int = 0

    @property
    def rate(self) -> float | None:
        """Share that came off."""
        return share(self.good, self.count)


def reminders(actor: Actor, *, since: date, until: date) -> list[ByAgent]:
    """催付成功率: orders paid after a reminder ÷ orders reminded of, by agent."""
    people.require(actor, Permission.ORDER_VIEW)
    rows = access.visible(actor, Reminder).filter(day__gte=since, day__lte=until).order_by()
    counted = rows.values("staff_id", name=F("staff__name")).annotate(
        count=Count("order_id", distinct=True), good=Count("order_id", distinct=True, filter=Q(order__paid_at__gte=F("at")))
    )
    return sorted((ByAgent(row["staff_id"], row["name"], row["count"], row["good"]) for row in counted), key=lambda one: -one.count)[:_MOST]


def enquiries(actor: Actor, *, since: date, until: date) -> list[ByAgent]:
    """询单转化率: asking buyers who ordered and paid in time ÷ asking buyers whose time is over, by agent (E19)."""
    people.require(actor, Permission.ORDER_VIEW)
    rows = access.visible(actor, Enquiry).filter(staff__isnull=False, **on_days("asked_at", since, until)).order_by()
    counted = rows.values("staff_id", name=F("staff__name")).annotate(
        count=Count("pk", filter=Q(closed__isnull=False)),
        good=Count("pk", filter=Q(closed=True)),
        waiting=Count("pk", filter=Q(closed=None)),
    )
    found = (ByAgent(row["staff_id"], row["name"], row["count"], row["good"], row["waiting"]) for row in counted)
    return sorted(found, key=lambda one: -one.count)[:_MOST]
