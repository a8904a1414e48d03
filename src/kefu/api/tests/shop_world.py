"""A shop's orders in every state its work needs, for the matrix of callers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from kefu.conftest import NOW, Cast
from kefu.kernel.actor import Actor
from kefu.orders import queries as orders
from kefu.orders.drafts import ItemDraft, OrderDraft, RefundDraft
from kefu.orders.refunding import store_refunds
from kefu.orders.storing import store_orders
from kefu.parcels.drafts import Party, ScanDraft
from kefu.parcels.recording import record_scans
from kefu.shop import enquiries, limits, queries, reminding, sales, troubles, unsent, urging
from kefu.shop.queries import Choice

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YOUNG, OLD, ASKED = "YT0000000000071", "YT0000000000072", "YT0000000000073"


@dataclass(frozen=True)
class Shop:
    """Orders and what is done about them, by id."""

    unpaid: int = 1
    reminder: int = 1
    urge: int = 1
    unsent: int = 1
    enquiry: int = 1
    fresh_trouble: int = 1
    old_trouble: int = 1
    asked_trouble: int = 1
    to_void: int = 1
    notice: int = 1
    sale: int = 1
    sent_sale: int = 1
    return_sale: int = 1
    payable_sale: int = 1


def _orders(actor: Actor, site: int) -> Callable[..., int]:
    count = 0

    def make(state: str, **more: Any) -> int:
        nonlocal count
        count += 1
        given: dict[str, Any] = {
            "site_id": site, "platform": "taobao", "shop": "臻选旗舰店", "number": f"37100000000{count:08d}", "state": state,
            "placed_at": NOW - 40 * HOUR, "buyer": f"买家{count}", "total": Decimal(299), "paid": Decimal(0 if state == "unpaid" else 299),
            "receiver": Party("王小雨", "13812345678", "浙江省杭州市西湖区文三路1号"),
            "paid_at": None if state == "unpaid" else NOW - 39 * HOUR, "items": (ItemDraft("颈椎按摩仪", "灰", 1, Decimal(299), "AM-1"),),
            **more,
        }  # fmt: skip
        store_orders(actor=actor, drafts=[OrderDraft(**given)], now=NOW - HOUR)
        found: int = orders.matching(actor, orders.Wanted(numbers=[given["number"]])).get().pk
        return found

    return make


def _sent(make: Callable[..., int], waybill: str, ago: timedelta) -> int:
    long_ago = NOW - 4 * DAY
    return make("shipped", placed_at=long_ago, paid_at=long_ago, shipped_at=NOW - ago, parcels=((waybill, "圆通速递"),))


def _sale(actor: Actor, site: int, order: int, kind: str, number: str) -> int:
    about = orders.detail(actor, order).row
    draft = RefundDraft(site, "taobao", number, about.number, "requested", Decimal(299), NOW - 2 * HOUR, kind)
    store_refunds(actor=actor, drafts=[draft], now=NOW)
    refund = orders.detail(actor, order).refunds[0].id
    sales.follow(refund_ids=[refund], now=NOW)
    return queries.of_order(actor, order, now=NOW).sales[0].id


def _troubles(cast: Cast, site: int, make: Callable[..., int]) -> dict[str, int]:
    """Parcels in trouble: a young problem, one without a scan for long, one of which the carrier was asked already."""
    for waybill in (YOUNG, OLD, ASKED):
        _sent(make, waybill, 3 * DAY)
    record_scans(actor=cast.admin, batch=[ScanDraft(YOUNG, "problem", site, NOW - HOUR, operator="1001")], now=NOW)
    troubles.look_through(now=NOW)
    found = {row.waybill: row.id for row in queries.troubles(cast.admin, Choice(site_id=site), now=NOW).rows}
    troubles.ask_carrier(actor=cast.admin, trouble_id=found[ASKED], contact="网点客服", now=NOW)
    return found


def _enquiry(root: Any, cast: Cast, site: int) -> int:
    asked = {
        "source": "tests", "external_id": "shop-1", "channel": "chat", "site": site, "started_at": (NOW - 70 * HOUR).isoformat(),
        "customer_phone": "13600136000", "lines": [{"side": "customer", "text": "这个还有货吗", "at": 0}],
    }  # fmt: skip
    root.ok("POST", "/conversations", {"conversations": [asked]})
    enquiries.look_site(site_id=site, now=NOW)
    return queries.enquiries(cast.admin, Choice(site_id=site)).rows[0].id


def _unsent(cast: Cast, site: int) -> int:
    cut = limits.unsent_cut(limits.book_of(site, NOW))
    assert cut is not None
    unsent.check_site(site_id=site, day=timezone.localdate(NOW), cut=cut, now=NOW)
    return queries.unsent(cast.admin, Choice(site_id=site)).rows[0].id


def build(root: Any, cast: Cast, site: int) -> Shop:
    """Orders of the shop, each where one request needs it."""
    by, make = cast.admin, _orders(cast.admin, site)
    reminded, voided = make("unpaid"), make("paid")
    troubled = _troubles(cast, site, make)
    payable = _sale(by, site, make("shipped", shipped_at=NOW - DAY), "difference", "R71")
    sales.negotiate(actor=by, sale_id=payable, agreed="difference", note="退差价 20 元", now=NOW)
    returned = _sale(by, site, make("shipped", shipped_at=NOW - DAY), "return", "R72")
    sales.negotiate(actor=by, sale_id=returned, agreed="return", note="七天无理由", now=NOW)
    return Shop(
        unpaid=make("unpaid"),
        reminder=reminding.remind(actor=by, order_id=reminded, text="还没付款哦", now=NOW).pk,
        urge=urging.urge(actor=by, order_id=reminded, cause="slow", now=NOW).pk,
        notice=sales.void(actor=by, order_id=voided, now=NOW).pk,
        unsent=_unsent(cast, site),
        enquiry=_enquiry(root, cast, site),
        fresh_trouble=troubled[YOUNG],
        old_trouble=troubled[OLD],
        asked_trouble=troubled[ASKED],
        to_void=make("paid"),
        sale=_sale(by, site, make("paid"), "unshipped", "R73"),
        sent_sale=_sale(by, site, make("shipped", shipped_at=NOW - DAY), "shipped", "R74"),
        return_sale=returned,
        payable_sale=payable,
    )


def requests(w: Shop) -> dict[str, tuple[str, str, Any]]:
    """For each operation one request that succeeds for who may do all."""
    post, order = "POST", f"/shop/orders/{w.unpaid}"
    return {
        "read_order_work": ("GET", order, None),
        "remind_buyer": (post, f"{order}/reminders", {"text": "亲，还没付款哦"}),
        "note_reminder_reply": (post, f"/shop/reminders/{w.reminder}/reply", {"reply": "will_pay"}),
        "register_urge": (post, f"{order}/urges", {"cause": "not_sent"}),
        "settle_urge": (post, f"/shop/urges/{w.urge}/result", {"result": "今天发出"}),
        "explain_unsent": (post, f"/shop/unsent/{w.unsent}/cause", {"cause": "stock", "party": "system"}),
        "explain_enquiry": (post, f"/shop/enquiries/{w.enquiry}/cause", {"cause": "price"}),
        "leave_trouble_message": (post, f"/shop/troubles/{w.fresh_trouble}/message", {"text": "请核对收件电话"}),
        "ask_trouble_carrier": (post, f"/shop/troubles/{w.old_trouble}/carrier", {"contact": "圆通小李"}),
        "answer_trouble": (post, f"/shop/troubles/{w.asked_trouble}/result", {"text": "明天送到"}),
        "void_order": (post, f"/shop/orders/{w.to_void}/void-notice", None),
        "answer_void_notice": (post, f"/shop/void-notices/{w.notice}/answer", {"confirmed": True}),
        "agree_sale": (post, f"/shop/sales/{w.sale}/agreement", {"agreed": "refund", "note": "不想要了"}),
        "track_sale": (post, f"/shop/sales/{w.sent_sale}/tracking", {"stop": "intercepted"}),
        "take_goods_back": (post, f"/shop/sales/{w.return_sale}/goods-back", {"condition": "完好", "liable": "buyer"}),
        "pay_sale": (post, f"/shop/sales/{w.payable_sale}/pay", {}),
        "refuse_sale": (post, f"/shop/sales/{w.sale}/refuse", {"reason": "已签收"}),
    }
