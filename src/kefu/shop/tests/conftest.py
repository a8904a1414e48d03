"""A shop with people, and orders in every state the tests ask for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kefu.conftest import NOW, Ground
from kefu.kernel.actor import Actor
from kefu.orders.drafts import ItemDraft, OrderDraft, RefundDraft
from kefu.orders.models import Order, Refund
from kefu.orders.refunding import store_refunds
from kefu.orders.storing import store_orders
from kefu.parcels.drafts import Party
from kefu.people.access import actor_for


@dataclass(frozen=True)
class Shop:
    """The people of the shop, and what makes orders and refunds."""

    site: int
    agent: Actor
    second: Actor
    lead: Actor
    order: Callable[..., Order]
    refund: Callable[..., Refund]


@pytest.fixture
def shop(ground: Ground, hire: Callable[..., Any], handbooks: None) -> Shop:
    """The shop of the ground."""
    agent, second, lead = (actor_for(hire(role, ground.shop)) for role in ("agent", "agent", "lead"))
    count = 0

    def order(state: str = "unpaid", **more: Any) -> Order:
        nonlocal count
        count += 1
        given: dict[str, Any] = {
            "site_id": ground.shop.pk,
            "platform": "taobao",
            "shop": "臻选旗舰店",
            "number": f"36100000000{count:08d}",
            "state": state,
            "placed_at": NOW - timedelta(hours=40),
            "buyer": f"买家{count}",
            "receiver": Party("王小雨", "13812345678", "浙江省杭州市西湖区文三路1号"),
            "total": Decimal(299),
            "paid": Decimal(0 if state == "unpaid" else 299),
            "paid_at": None if state == "unpaid" else NOW - timedelta(hours=39),
            "items": (ItemDraft("颈椎按摩仪", "灰", 1, Decimal(299), "AM-1"),),
            **more,
        }
        store_orders(actor=agent, drafts=[OrderDraft(**given)], now=NOW - timedelta(hours=1))
        return Order.objects.get(number=given["number"])

    def refund(of: Order, kind: str = "", state: str = "requested", number: str = "", amount: str = "299", **more: Any) -> Refund:
        number = number or f"R{of.pk}"
        draft = RefundDraft(of.site_id, of.platform, number, of.number, state, Decimal(amount), NOW - timedelta(hours=2), kind, **more)
        answer = store_refunds(actor=agent, drafts=[draft], now=NOW)[0]
        assert answer.outcome != "refused", answer
        return Refund.objects.get(number=number)

    return Shop(ground.shop.pk, agent, second, lead, order, refund)
