"""Pick-up orders of the sites in reach (OPS9, O16)."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.kernel.paging import CappedCount, Page
from kefu.lists.definition import Ask, Filter, List, ListColumn, Place, ReadyView
from kefu.lists.parcels import numbers_of
from kefu.people.permissions import Permission
from kefu.station.pickups import queries
from kefu.station.pickups.queries import OrderRow, Wanted
from kefu.station.pickups.vocabulary import Payment, Platform, Reason, State

TONES = {
    State.POOL.value: "warn",
    State.ASSIGNED.value: "warn",
    State.ACCEPTED.value: "accent",
    State.DISPATCHED.value: "accent",
    State.COLLECTED.value: "good",
    State.DONE.value: "good",
    State.FAILED.value: "bad",
    State.CANCELLED.value: "quiet",
}
STATES, PLATFORMS, REASONS, PAYMENTS = dict(State.choices), dict(Platform.choices), dict(Reason.choices), dict(Payment.choices)


def _wanted(ask: Ask) -> Wanted:
    return Wanted(
        state=ask.get("state"),
        open_only=ask.flag("open"),
        platform=ask.get("platform"),
        site_id=ask.id("site"),
        courier=ask.get("courier"),
        numbers=numbers_of(ask.get("q")),
        phone=ask.get("phone"),
        late=ask.flag("late"),
        soon=ask.flag("soon"),
        wrong_claim=ask.flag("wrong"),
        reason=ask.get("reason"),
        day_from=ask.day("from"),
        day_to=ask.day("to"),
    )


def _page(ask: Ask, cursor: str | None, size: int) -> Page[OrderRow]:
    return queries.page(ask.actor, _wanted(ask), now=ask.now, cursor=cursor, size=size, clear=ask.clear)


def _count(ask: Ask) -> CappedCount:
    return queries.count(ask.actor, _wanted(ask), now=ask.now)


def _order(row: OrderRow) -> Place:
    return Place("station-pickups-order", {"order_id": row.id})


def _waybill(row: OrderRow) -> Place | None:
    return Place("parcel", {"waybill": row.waybill}) if row.waybill else None


def _reason(row: OrderRow) -> Message:
    words = REASONS.get(row.last_reason, row.last_reason)
    return _("%(reason)s（与派送范围不符）") % {"reason": words} if row.wrong_claim and row.last_reason == Reason.OUT_OF_AREA else words


PICKUPS: List[OrderRow] = List(
    key="pickups",
    title=_("电商订单"),
    route="station-pickups",
    permissions=(Permission.PICKUP_VIEW,),
    filters=(
        Filter("q", _("订单号或运单号"), "code"),
        Filter("state", _("状态"), "choice", State.choices),
        Filter("platform", _("平台"), "choice", Platform.choices),
        Filter("site", _("网点"), "site"),
        Filter("late", _("已超时"), "flag"),
        Filter("from", _("下单自"), "day", main=False),
        Filter("to", _("下单至"), "day", main=False),
        Filter("courier", _("业务员工号"), "code", main=False),
        Filter("phone", _("寄件电话"), private=True, main=False),
        Filter("reason", _("拒单或取消原因"), "choice", Reason.choices, main=False),
        Filter("open", _("未取件"), "flag", main=False),
        Filter("soon", _("一小时内到期"), "flag", main=False),
        Filter("wrong", _("超区不实"), "flag", main=False),
    ),
    columns=(
        ListColumn("order_no", _("物流订单号"), lambda row: row.order_no, "code", opens=_order),
        ListColumn("platform", _("平台"), lambda row: row.platform, words=lambda row: PLATFORMS.get(row.platform, row.platform), width=10),
        ListColumn(
            "state",
            _("状态"),
            lambda row: row.state,
            words=lambda row: STATES.get(row.state, row.state),
            tone=lambda row: TONES.get(row.state, "quiet"),
        ),
        ListColumn("due", _("时限"), lambda row: row.due_at, "moment", tone=lambda row: "bad" if row.late else ""),
        ListColumn("placed", _("下单时间"), lambda row: row.placed_at, "moment"),
        ListColumn("sender", _("寄件人"), lambda row: row.sender_name, width=10),
        ListColumn("sender_phone", _("寄件电话"), lambda row: row.sender_phone, "code"),
        ListColumn("region", _("取件地区"), lambda row: row.sender_region),
        ListColumn("site", _("网点"), lambda row: row.site),
        ListColumn("courier", _("业务员"), lambda row: row.courier, "code"),
        ListColumn("waybill", _("运单号"), lambda row: row.waybill, "code", opens=_waybill),
        ListColumn("slot_from", _("预约开始"), lambda row: row.slot_from, "moment", usual=False),
        ListColumn("slot_to", _("预约结束"), lambda row: row.slot_to, "moment", usual=False),
        ListColumn("goods", _("品名"), lambda row: row.goods, usual=False),
        ListColumn("pieces", _("件数"), lambda row: row.pieces, "number", usual=False),
        ListColumn("weight", _("重量"), lambda row: row.weight, "number", usual=False),
        ListColumn(
            "payment", _("付款方式"), lambda row: row.payment, words=lambda row: PAYMENTS.get(row.payment, row.payment), usual=False
        ),
        ListColumn("transfers", _("转单次数"), lambda row: row.transfers, "number", usual=False),
        ListColumn("reason", _("拒单或取消原因"), lambda row: row.last_reason, words=_reason, usual=False),
    ),
    page=_page,
    count=_count,
    row_key=lambda row: row.id,
    views=(
        ReadyView("open", _("未取件"), {"open": "1"}),
        ReadyView("pool", _("待分配"), {"state": "pool"}),
        ReadyView("to-accept", _("待接单"), {"state": "assigned"}),
        ReadyView("late", _("已超时"), {"late": "1"}),
        ReadyView("all", _("全部"), {}),
    ),
    clearable=True,
    empty=_("平台推送、文件导入的取件订单会出现在这里。"),
)
