"""Orders and refunds of the demo's shop as its platforms tell them, each with its whole life. Pure: the same seed gives the same shop."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from kefu.demo import names
from kefu.demo.names import Person
from kefu.demo.plan import Plan
from kefu.demo.planted import Said
from kefu.demo.routes import Parcel
from kefu.demo.world import World
from kefu.orders.drafts import ItemDraft, OrderDraft, RefundDraft
from kefu.parcels.drafts import Party

_HOUR: Final = timedelta(hours=1)
_DAY: Final = timedelta(days=1)
_MOST: Final = 180
_CHATS_COUNT_FOR: Final = timedelta(days=6)
_SHOPS: Final = (("tmall", "臻选旗舰店"), ("tmall", "臻选旗舰店"), ("taobao", "臻选生活馆"), ("jd", "臻选京东自营店"))
_CARRIERS: Final = {"best": "百世快递", "zto": "中通快递"}
_SKUS: Final = ("深灰", "米白", "樱花粉", "标准款", "升级款")
PRICES: Final[Mapping[str, int]] = {name: 129 + 70 * place for place, name in enumerate(names.SHOP_GOODS)}
_HANDED_OVER: Final = ("sign", "agent_sign", "out_store")
_WENT_BACK: Final = ("refused", "returned", "intercepted")
_REMARKS: Final = ("", "", "", "", "请发中通", "送人的，别放价格单", "周末不在家")
_WHY_UNSENT: Final = ("不想要了", "拍错了", "发货太慢")
_WHY_SENT: Final = ("物流太慢", "快递一直没到")
_WHY_BACK: Final = ("不喜欢", "充不上电", "和描述不符", "力度不够", "收到时有划痕")


@dataclass(frozen=True, slots=True)
class Sold:
    """An order with every moment of its life; ``None`` is what never comes."""

    number: str
    platform: str
    shop: str
    buyer: Person
    goods: str
    sku: str
    placed: datetime
    paid: datetime | None = None
    sent: datetime | None = None
    signed: datetime | None = None
    closed: datetime | None = None
    waybill: str = ""
    carrier: str = ""
    remark: str = ""

    @property
    def price(self) -> Decimal:
        """Yuan."""
        return Decimal(PRICES[self.goods])

    def told(self, site_id: int, at: datetime) -> OrderDraft | None:
        """What the platform's report says of it at a moment; ``None`` before it was placed."""
        if self.placed > at:
            return None
        paid, sent, signed = (moment if moment is not None and moment <= at else None for moment in (self.paid, self.sent, self.signed))
        finished = signed + 7 * _DAY if signed is not None and signed + 7 * _DAY <= at else None
        closed = self.closed is not None and self.closed <= at
        reached = (("closed", closed), ("finished", finished), ("signed", signed), ("shipped", sent), ("paid", paid))
        state = next((name for name, there in reached if there), "unpaid")
        nick = f"{self.buyer.name[0]}**{self.buyer.tail[-1]}"  # platforms mask them, so the telephone tells buyers apart
        return OrderDraft(
            site_id,
            self.platform,
            self.shop,
            self.number,
            state,
            self.placed,
            buyer=nick,
            receiver=Party(self.buyer.name, self.buyer.phone, self.buyer.address),
            total=self.price,
            paid=self.price if paid else Decimal(0),
            paid_at=paid,
            shipped_at=sent,
            signed_at=signed,
            finished_at=finished,
            parcels=((self.waybill, self.carrier),) if sent and self.waybill else (),
            remark=self.remark,
            items=(ItemDraft(self.goods, self.sku, 1, self.price, code(self.goods)),),
        )


def code(goods: str) -> str:
    """The shop's own number of a product."""
    return f"ZX-{101 + names.SHOP_GOODS.index(goods)}"


def sold(plan: Plan, world: World) -> list[Sold]:
    """All orders: those the demo's parcels carry, those asked about before they were placed, and those that wait; by time."""
    rows = [_sent(plan, parcel) for parcel in _chosen(plan, world)]
    rows += [row for talk in world.talks if talk.story.scene.desk == "shop" and (row := _asked(plan, talk)) is not None]
    rows += _waiting(plan)
    return sorted(rows, key=lambda one: (one.placed, one.number))


def _chosen(plan: Plan, world: World) -> list[Parcel]:
    """Parcels the chats of the last days speak of, then the newest."""
    late = plan.end - _CHATS_COUNT_FOR
    chatted = {talk.story.parcel.waybill for talk in world.talks if talk.story.parcel is not None and talk.story.at >= late}
    own = [parcel for parcel in world.parcels if parcel.desk == "shop"]
    return sorted(own, key=lambda one: (one.waybill in chatted, one.registered), reverse=True)[:_MOST]


def _shop(dice: Random) -> tuple[str, str]:
    return dice.choice(_SHOPS)


def _sent(plan: Plan, parcel: Parcel) -> Sold:
    """The order a parcel carries. One in ten left late, one in eight was paid late."""
    dice = plan.dice("sold", parcel.order_no)
    platform, shop = _shop(dice)
    paid = parcel.registered - dice.uniform(40, 64) * _HOUR if dice.random() < 0.1 else parcel.registered - dice.uniform(1, 16) * _HOUR
    placed = paid - (dice.uniform(3, 20) * _HOUR if dice.random() < 0.12 else dice.uniform(0.5, 15) * _HOUR / 60)
    signed = next((scan.at for scan in parcel.scans if scan.code in _HANDED_OVER and parcel.fate not in _WENT_BACK), None)
    return Sold(
        parcel.order_no, platform, shop, parcel.receiver, parcel.goods, dice.choice(_SKUS), placed, paid, parcel.registered, signed,
        waybill=parcel.waybill, carrier=_CARRIERS[parcel.carrier], remark=dice.choice(_REMARKS),
    )  # fmt: skip


def _asked(plan: Plan, talk: Said) -> Sold | None:
    """What a buyer ordered after asking: half of them do, and few never pay."""
    scene, at = talk.story.scene, talk.story.at
    dice = plan.dice("asked", talk.story.number)
    if scene.topic != "presales" or at < plan.end - 8 * _DAY or dice.random() < 0.5:
        return None
    platform, shop = _shop(dice)
    placed = at + dice.uniform(0.1, 3) * _HOUR
    paid = placed + dice.uniform(0.02, 0.5) * _HOUR if dice.random() < 0.8 else None
    return Sold(scene.order_no, platform, shop, scene.customer, scene.goods, dice.choice(_SKUS), placed, paid)


def _waiting(plan: Plan) -> Iterator[Sold]:
    """Orders that are unpaid, closed for it, just paid, or paid and left lying."""
    dice = plan.dice("waiting")
    for kind, count, hours in (("unpaid", 14, (0.5, 40)), ("closed", 6, (80, 200)), ("paid", 14, (1, 20)), ("lying", 16, (26, 120))):
        for _place in range(count):
            platform, shop = _shop(dice)
            placed = plan.end - dice.uniform(*hours) * _HOUR
            row = Sold(
                f"{placed:%y%m%d}{dice.randrange(10**12):012d}", platform, shop, names.person(dice), dice.choice(names.SHOP_GOODS),
                dice.choice(_SKUS), placed, remark=dice.choice(_REMARKS),
            )  # fmt: skip
            paid = None if kind in ("unpaid", "closed") else placed + dice.uniform(0.5, 15) * _HOUR / 60
            yield replace(row, paid=paid, closed=placed + 3 * _DAY if kind == "closed" else None)


def refunds(plan: Plan, site_id: int, rows: Sequence[Sold]) -> list[RefundDraft]:
    """Refunds in every state their platforms know, each of an order of its own."""
    dice = plan.dice("refunds")
    lying = [row for row in rows if row.paid is not None and row.sent is None]
    on_way = [row for row in rows if row.sent is not None and row.signed is None and row.sent < plan.end - _DAY]
    there = [row for row in rows if row.signed is not None and row.signed < plan.end - _DAY]
    for some in (lying, on_way, there):
        dice.shuffle(some)
    wanted = (
        (lying, "unshipped", _WHY_UNSENT, ("requested", "requested", "requested", "requested", "done", "closed")),
        (on_way, "shipped", _WHY_SENT, ("requested", "requested", "requested", "closed")),
        (there, "return", _WHY_BACK, ("requested", "requested", "returning", "returned", "returned", "done", "done", "done", "refused")),
        (there, "exchange", _WHY_BACK, ("requested", "returned", "done")),
        (there, "difference", ("买贵了",), ("requested", "done")),
    )
    return [
        _refund(dice, plan, site_id, some.pop(), kind, dice.choice(reasons), state)
        for some, kind, reasons, states in wanted
        for state in states
        if some
    ]


def _refund(dice: Random, plan: Plan, site_id: int, row: Sold, kind: str, reason: str, state: str) -> RefundDraft:
    since = row.signed or row.sent or row.paid or row.placed
    asked = min(max(since + _HOUR, plan.end - dice.uniform(2, 70) * _HOUR), plan.end - _HOUR / 2)
    goods = {"unshipped": "not_received", "shipped": "not_received"}.get(kind, "returned" if state in ("returned", "done") else "received")
    ended = min(asked + dice.uniform(2, 30) * _HOUR, plan.end) if state in ("done", "closed") else None
    amount = Decimal(dice.randrange(10, 60, 5)) if kind == "difference" else row.price
    back = f"SF{dice.randrange(10**12):012d}" if state == "returned" else ""
    number = f"T{row.number[-14:]}"
    return RefundDraft(
        site_id, row.platform, number, row.number, state, amount, asked, kind=kind, goods=goods, reason=reason, finished_at=ended,
        return_waybill=back,
    )  # fmt: skip
