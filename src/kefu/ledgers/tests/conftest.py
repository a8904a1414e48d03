"""A shop with a row in each of its ledgers, made by the actions of their rooms."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest
from kefu.claims import actions as claims
from kefu.claims import paying
from kefu.claims.drafts import ClaimDraft
from kefu.claims.liability import Share
from kefu.claims.losses import LossFacts
from kefu.conftest import NOW, Ground
from kefu.kernel.actor import Actor
from kefu.ledgers import queries
from kefu.ledgers.queries import LedgerInForce
from kefu.orders.drafts import ItemDraft, OrderDraft, Party, RefundDraft
from kefu.orders.models import Order, Refund
from kefu.orders.refunding import store_refunds
from kefu.orders.storing import store_orders
from kefu.people.access import actor_for
from kefu.shop import reminding, sales, urging
from kefu.shop.models import Sale


@dataclass(frozen=True)
class Shop:
    """The people of a shop, its site, and what makes orders and after-sales of a kind."""

    site: int
    agent: Actor
    lead: Actor
    manager: Actor
    order: Callable[..., Order]
    sale: Callable[..., Sale]

    def ledger(self, key: str) -> LedgerInForce:
        """A ledger of the shop's handbook."""
        return queries.find("shop", key, NOW)


@pytest.fixture
def shop(ground: Ground, hire: Callable[..., Any], handbooks: None) -> Shop:
    """The shop of the ground."""
    agent, lead, manager = (actor_for(hire(role, ground.shop)) for role in ("agent", "lead", "manager"))
    count = 0

    def order(state: str = "unpaid") -> Order:
        nonlocal count
        count += 1
        paid = state != "unpaid"
        draft = OrderDraft(
            site_id=ground.shop.pk, platform="taobao", shop="臻选旗舰店", number=f"36100000000{count:08d}", state=state,
            placed_at=NOW - timedelta(hours=40), buyer=f"买家{count}", receiver=Party("王小雨", "13812345678", "浙江省杭州市西湖区"),
            total=Decimal(299), paid=Decimal(299 if paid else 0), paid_at=NOW - timedelta(hours=39) if paid else None,
            items=(ItemDraft("颈椎按摩仪", "灰", 1, Decimal(299), "AM-1"),),
        )  # fmt: skip
        store_orders(actor=agent, drafts=[draft], now=NOW - timedelta(hours=1))
        return Order.objects.get(number=draft.number)

    def sale(agreed: str, kind: str = "return") -> Sale:
        of = order("signed")
        draft = RefundDraft(of.site_id, of.platform, f"R{of.pk}", of.number, "requested", Decimal(299), NOW - timedelta(hours=2), kind)
        answer = store_refunds(actor=agent, drafts=[draft], now=NOW)[0]
        assert answer.outcome != "refused", answer
        refund = Refund.objects.get(number=draft.number)
        sales.follow(refund_ids=[refund.pk], now=NOW)
        row = Sale.objects.get(refund=refund)
        return sales.negotiate(actor=agent, sale_id=row.pk, agreed=agreed, note="按键失灵，顾客同意", now=NOW)

    return Shop(ground.shop.pk, agent, lead, manager, order, sale)


@pytest.fixture
def paid_claim(shop: Shop) -> Any:
    """A claim of 500 yuan, three fifths borne by the carrier, its payment on the way."""
    request = CaseRequest(shop.site, "after_sales", "chat", "快件遗失", order_no="361")
    case = cases.open_case(actor=shop.agent, request=request, now=NOW)
    draft = ClaimDraft(
        LossFacts("lost", fee=Decimal(12), value=Decimal(488)), cause="transit_loss", carrier="ZTO", claimant_name="赵倩",
        claimant_phone="13800001111", papers=("form", "waybill", "value"),
    )  # fmt: skip
    claim = claims.file_claim(actor=shop.agent, case_id=case.pk, draft=draft, now=NOW)
    claims.propose(actor=shop.agent, claim_id=claim.pk, amount=Decimal(500), reason="", now=NOW)
    claims.approve(actor=shop.lead, claim_id=claim.pk, reason="轨迹齐全", now=NOW)
    claims.agree(actor=shop.agent, claim_id=claim.pk, channel="alipay", account_name="赵倩", account="13800001111", now=NOW)
    shares = [Share("A", Decimal(60)), Share("C", Decimal(40))]
    claims.share_out(actor=shop.agent, claim_id=claim.pk, shares=shares, reason="快递丢失", now=NOW)
    paying.start_payment(actor=shop.manager, claim_id=claim.pk, now=NOW)
    return claim


@pytest.fixture
def filled(shop: Shop, paid_claim: Any) -> Shop:
    """At least one row in each of the eight ledgers."""
    urging.urge(actor=shop.agent, order_id=shop.order("paid").pk, cause="not_sent", now=NOW)
    reminding.remind(actor=shop.agent, order_id=shop.order().pk, text="亲，还没付款哦", now=NOW)
    shop.sale("repair")
    shop.sale("return")
    return shop
