"""Orders of shops in reach (SHOP1)."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Choices, Filter, List, ListColumn, Place, ReadyView
from kefu.lists.parcels import numbers_of
from kefu.orders import queries
from kefu.orders.queries import OrderRow, Wanted
from kefu.orders.vocabulary import Platform, State
from kefu.people.permissions import Permission

TONES = {"unpaid": "warn", "paid": "accent", "shipped": "accent", "signed": "good", "finished": "good", "closed": "quiet"}
STATES, PLATFORMS = dict(State.choices), dict(Platform.choices)


def shop_choices(actor: Actor) -> Choices:
    """Shops in reach."""
    return [(str(pk), f"{name} · {PLATFORMS[platform]}") for pk, platform, name in queries.shops(actor)]


def _wanted(ask: Ask) -> Wanted:
    return Wanted(
        state=ask.get("state"),
        platform=ask.get("platform"),
        shop_id=ask.id("shop"),
        site_id=ask.id("site"),
        customer_id=ask.id("customer"),
        numbers=numbers_of(ask.get("q")),
        phone=ask.get("phone"),
        buyer=ask.get("buyer"),
        product=ask.get("product"),
        refunding=ask.flag("refunding"),
        refunded=ask.flag("refunded"),
        returned=ask.flag("returned"),
        reason=ask.get("reason"),
        sent=ask.flag("sent"),
        with_money=ask.flag("with_money"),
        no_reason=ask.flag("no_reason"),
        no_code=ask.flag("no_code"),
        day_from=ask.day("from"),
        day_to=ask.day("to"),
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[OrderRow]:
    return queries.page(ask.actor, _wanted(ask), cursor=cursor, size=size, clear=ask.clear)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask))


def order_place(row: OrderRow) -> Place:
    """The page of an order."""
    return Place("shop-order", {"order_id": row.id})


def _waybill(row: OrderRow) -> Place | None:
    return Place("parcel", {"waybill": row.waybill}) if row.waybill else None


SHOP = Filter("shop", _("店铺"), "choice", shop_choices)

ORDERS: List[OrderRow] = List(
    key="shop-orders",
    title=_("网店订单"),
    route="shop-orders",
    permissions=(Permission.ORDER_VIEW,),
    filters=(
        Filter("q", _("订单编号或运单号"), "code"),
        Filter("state", _("状态"), "choice", State.choices),
        SHOP,
        Filter("from", _("下单自"), "day", main=False),
        Filter("to", _("下单至"), "day", main=False),
        Filter("platform", _("平台"), "choice", Platform.choices, main=False),
        Filter("site", _("站点"), "site", main=False),
        Filter("phone", _("收货电话"), private=True, main=False),
        Filter("buyer", _("买家账号"), private=True, main=False),
        Filter("product", _("商品编码"), "code", main=False),
        Filter("customer", _("客户编号"), "id", main=False),
        Filter("refunding", _("退款处理中"), "flag", main=False),
        Filter("refunded", _("已退款"), "flag", main=False),
        Filter("returned", _("已退货"), "flag", main=False),
        Filter("reason", _("退款原因"), main=False),
        Filter("sent", _("发过货的"), "flag", main=False),
        Filter("with_money", _("付过款的"), "flag", main=False),
        Filter("no_reason", _("未写退款原因的"), "flag", main=False),
        Filter("no_code", _("没有商品编码的"), "flag", main=False),
    ),
    columns=(
        ListColumn("number", _("订单编号"), lambda row: row.number, "code", opens=order_place),
        ListColumn(
            "state",
            _("状态"),
            lambda row: row.state,
            words=lambda row: STATES.get(row.state, row.state),
            tone=lambda row: TONES.get(row.state, "quiet"),
        ),
        ListColumn("shop", _("店铺"), lambda row: row.shop),
        ListColumn("goods", _("商品"), lambda row: row.goods),
        ListColumn("pieces", _("件数"), lambda row: row.pieces, "number", usual=False),
        ListColumn("paid", _("实付"), lambda row: row.paid, "money"),
        ListColumn("buyer", _("买家"), lambda row: row.buyer),
        ListColumn("placed_at", _("下单时间"), lambda row: row.placed_at, "moment"),
        ListColumn("paid_at", _("付款时间"), lambda row: row.paid_at, "moment", usual=False),
        ListColumn("waybill", _("运单号"), lambda row: row.waybill, "code", opens=_waybill),
        ListColumn("carrier", _("物流公司"), lambda row: row.carrier, usual=False),
        ListColumn(
            "platform", _("平台"), lambda row: row.platform, words=lambda row: PLATFORMS.get(row.platform, row.platform), usual=False
        ),
        ListColumn("total", _("应付"), lambda row: row.total, "money", usual=False),
    ),
    page=_page,
    count=_count,
    views=(
        ReadyView("all", _("全部"), {}),
        ReadyView("unpaid", _("待付款"), {"state": "unpaid"}),
        ReadyView("to-send", _("待发货"), {"state": "paid"}),
        ReadyView("on-way", _("已发货"), {"state": "shipped"}),
        ReadyView("refunding", _("退款处理中"), {"refunding": "1"}),
    ),
    clearable=True,
    empty=_("导入淘宝、京东、拼多多的订单报表后，订单会出现在这里。"),
)
