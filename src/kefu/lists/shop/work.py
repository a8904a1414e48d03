"""What a shop's people do every day: unpaid orders, unsent orders, parcels in trouble, enquiries, urges, refunds (SHOP2-SHOP6)."""

from django.utils.translation import gettext_lazy as _

from kefu.lists.definition import Ask, Filter, List, ListColumn, Place, ReadyView
from kefu.lists.parcels import numbers_of
from kefu.lists.shop.orders import SHOP
from kefu.orders.vocabulary import RefundKind, RefundState
from kefu.people.permissions import Permission
from kefu.shop import queries
from kefu.shop.queries import Choice, EnquiryRow, ReminderRow, SaleRow, TroubleRow, UnpaidRow, UnsentRow, UrgeRow
from kefu.shop.vocabulary import Agreed, Cause, Hindrance, Lost, Party, Reply, SaleState, TroubleKind, TroubleState, UrgeCause

REPLIES, CAUSES, PARTIES, LOST = dict(Reply.choices), dict(Cause.choices), dict(Party.choices), dict(Lost.choices)
TROUBLE_KINDS, TROUBLE_STATES, URGES = dict(TroubleKind.choices), dict(TroubleState.choices), dict(UrgeCause.choices)
SALES, AGREED, REFUND_KINDS, REFUND_STATES = map(dict, (SaleState.choices, Agreed.choices, RefundKind.choices, RefundState.choices))
TROUBLE_TONES = {"to_message": "warn", "to_contact": "warn", "asked": "accent", "done": "good", "gone": "quiet"}
HINDRANCES = dict(Hindrance.choices)
SALE_TONES = {"open": "warn", "paid": "good", "refused": "quiet", "over": "quiet"}
THEN = {"auto_refund": _("到期平台自动退款"), "auto_agree": _("到期平台自动同意退货"), "auto_close": _("买家未退货，到期关闭")}
AT_THE_END = {"auto_refund": _("自动退款"), "auto_agree": _("自动同意退货"), "auto_close": _("自动关闭")}
"""The same in a column headed 到期后, short enough for one line."""
_VIEW = (Permission.ORDER_VIEW,)
_FROM, _TO = Filter("from", _("自"), "day", main=False), Filter("to", _("至"), "day", main=False)
_SITE, _NUMBERS = Filter("site", _("站点"), "site", main=False), Filter("q", _("订单编号"), "code")


def choice(ask: Ask) -> Choice:
    """The filter of any of these lists."""
    return Choice(
        site_id=ask.id("site"),
        shop_id=ask.id("shop"),
        staff_id=ask.id("staff"),
        state=ask.get("state"),
        kind=ask.get("kind"),
        cause=ask.get("cause"),
        party=ask.get("party"),
        numbers=numbers_of(ask.get("q")),
        open_only=ask.flag("open"),
        late=ask.flag("late"),
        reminded=ask.get("reminded"),
        paid=ask.flag("paid"),
        check_id=ask.id("check"),
        day_from=ask.day("from"),
        day_to=ask.day("to"),
    )


def _order(order_id: int) -> Place:
    return Place("shop-order", {"order_id": order_id})


UNPAID: List[UnpaidRow] = List(
    key="shop-unpaid",
    title=_("催付"),
    route="shop-unpaid",
    permissions=_VIEW,
    filters=(
        _NUMBERS,
        Filter("reminded", _("今天是否催过"), "choice", (("not_today", _("今天未催")), ("today", _("今天已催")))),
        SHOP,
        _FROM,
        _TO,
        _SITE,
    ),
    columns=(
        ListColumn("number", _("订单编号"), lambda row: row.order.number, "code", opens=lambda row: _order(row.order.id)),
        ListColumn("goods", _("商品"), lambda row: row.order.goods),
        ListColumn("total", _("应付"), lambda row: row.order.total, "money"),
        ListColumn("buyer", _("买家"), lambda row: row.order.buyer),
        ListColumn("shop", _("店铺"), lambda row: row.order.shop),
        ListColumn("placed_at", _("下单时间"), lambda row: row.order.placed_at, "moment"),
        ListColumn("reminded_at", _("上次催付"), lambda row: row.reminded_at, "moment"),
        ListColumn("reminded_by", _("催付客服"), lambda row: row.reminded_by),
        ListColumn("reply", _("催付结果"), lambda row: row.reply, words=lambda row: REPLIES[row.reply] if row.reminded_at else ""),
    ),
    page=lambda ask, cursor, size: queries.unpaid(ask.actor, choice(ask), now=ask.now, cursor=cursor, size=size),
    count=lambda ask: queries.count_unpaid(ask.actor, choice(ask), now=ask.now),
    views=(
        ReadyView("not-today", _("今天未催"), {"reminded": "not_today"}),
        ReadyView("today", _("今天已催"), {"reminded": "today"}),
        ReadyView("all", _("全部"), {}),
    ),
    empty=_("没有待付款的订单。导入最新的订单报表后再看。"),
)

REMINDERS: List[ReminderRow] = List(
    key="shop-reminders",
    title=_("催付统计"),
    route="shop-reminders",
    permissions=_VIEW,
    filters=(
        Filter("staff", _("客服"), "staff"),
        Filter("state", _("催付结果"), "choice", tuple(one for one in Reply.choices if one[0])),
        Filter("paid", _("催后付款"), "flag"),
        SHOP,
        _FROM,
        _TO,
        _SITE,
    ),
    columns=(
        ListColumn("number", _("订单编号"), lambda row: row.number, "code", opens=lambda row: _order(row.order_id)),
        ListColumn("at", _("催付时间"), lambda row: row.at, "moment"),
        ListColumn("by", _("客服"), lambda row: row.by),
        ListColumn("shop", _("店铺"), lambda row: row.shop),
        ListColumn("text", _("内容"), lambda row: row.text, usual=False),
        ListColumn("reply", _("结果"), lambda row: row.reply, words=lambda row: REPLIES[row.reply]),
        ListColumn("paid_at", _("付款时间"), lambda row: row.paid_at, "moment"),
    ),
    page=lambda ask, cursor, size: queries.reminders(ask.actor, choice(ask), cursor=cursor, size=size),
    empty=_("催付过的订单会出现在这里。"),
)

UNSENT: List[UnsentRow] = List(
    key="shop-unsent",
    title=_("付款未发"),
    route="shop-unsent",
    permissions=_VIEW,
    filters=(
        _NUMBERS,
        Filter("cause", _("原因"), "choice", Cause.choices),
        Filter("party", _("责任方"), "choice", Party.choices),
        SHOP,
        Filter("open", _("未查明原因"), "flag", main=False),
        Filter("check", _("核查编号"), "id", main=False),
        _FROM,
        _TO,
        _SITE,
    ),
    columns=(
        ListColumn("number", _("订单编号"), lambda row: row.order.number, "code", opens=lambda row: _order(row.order.id)),
        ListColumn("day", _("核查日期"), lambda row: row.day, "day"),
        ListColumn(
            "cause",
            _("真正原因"),
            lambda row: row.cause,
            words=lambda row: CAUSES.get(row.cause, _("待查明")),
            tone=lambda row: "good" if row.cause else "warn",
        ),
        ListColumn("party", _("责任方"), lambda row: row.party, words=lambda row: PARTIES.get(row.party, "")),
        ListColumn("shop", _("店铺"), lambda row: row.order.shop),
        ListColumn("goods", _("商品"), lambda row: row.order.goods),
        ListColumn("paid", _("实付"), lambda row: row.order.paid, "money"),
        ListColumn("paid_at", _("付款时间"), lambda row: row.order.paid_at, "moment"),
        ListColumn("sent", _("发货时间"), lambda row: row.order.shipped_at, "moment"),
        ListColumn("note", _("说明"), lambda row: row.note, usual=False),
        ListColumn("explained_by", _("登记人"), lambda row: row.explained_by, usual=False),
    ),
    page=lambda ask, cursor, size: queries.unsent(ask.actor, choice(ask), cursor=cursor, size=size),
    count=lambda ask: queries.count_unsent(ask.actor, choice(ask)),
    row_key=lambda row: row.id,
    views=(ReadyView("open", _("未查明原因"), {"open": "1"}), ReadyView("all", _("全部"), {})),
    empty=_("每天 16:00 自动核查前天 16:00 至昨天 16:00 付款未发的订单，结果会出现在这里。"),
)

TROUBLES: List[TroubleRow] = List(
    key="shop-troubles",
    title=_("疑难件"),
    route="shop-troubles",
    permissions=_VIEW,
    filters=(
        Filter("q", _("运单号或订单编号"), "code"),
        Filter("kind", _("问题"), "choice", TroubleKind.choices),
        Filter("state", _("状态"), "choice", TroubleState.choices),
        SHOP,
        Filter("open", _("未完成"), "flag", main=False),
        Filter("late", _("超时未给结果"), "flag", main=False),
        _FROM,
        _TO,
        _SITE,
    ),
    columns=(
        ListColumn("waybill", _("运单号"), lambda row: row.waybill, "code", opens=lambda row: _order(row.order.id)),
        ListColumn("kind", _("问题"), lambda row: row.kind, words=lambda row: TROUBLE_KINDS[row.kind]),
        ListColumn(
            "state",
            _("状态"),
            lambda row: row.state,
            words=lambda row: TROUBLE_STATES[row.state],
            tone=lambda row: TROUBLE_TONES.get(row.state, "quiet"),
        ),
        ListColumn("since", _("自何时起"), lambda row: row.since, "moment"),
        ListColumn("due", _("答复时限"), lambda row: row.due_at, "moment", tone=lambda row: "bad" if row.late else ""),
        ListColumn("carrier", _("物流公司"), lambda row: row.carrier),
        ListColumn("order", _("订单编号"), lambda row: row.order.number, "code", opens=lambda row: _order(row.order.id)),
        ListColumn("shop", _("店铺"), lambda row: row.order.shop),
        ListColumn("contact", _("联系了谁"), lambda row: row.contact, usual=False),
        ListColumn("message", _("给顾客的话"), lambda row: row.message, usual=False),
        ListColumn("done_by", _("完成人"), lambda row: row.done_by, usual=False),
    ),
    page=lambda ask, cursor, size: queries.troubles(ask.actor, choice(ask), now=ask.now, cursor=cursor, size=size),
    count=lambda ask: queries.count_troubles(ask.actor, choice(ask), now=ask.now),
    views=(
        ReadyView("open", _("未完成"), {"open": "1"}),
        ReadyView("to-message", _("2 天内，给顾客留言"), {"state": "to_message"}),
        ReadyView("to-contact", _("联系快递"), {"state": "to_contact"}),
        ReadyView("asked", _("24 小时内给结果"), {"state": "asked"}),
        ReadyView("late", _("超时未给结果"), {"late": "1"}),
        ReadyView("all", _("全部"), {}),
    ),
    empty=_("在途快件有问题，或两天没有物流信息（邮政除外）时，会自动出现在这里。"),
)

ENQUIRIES: List[EnquiryRow] = List(
    key="shop-enquiries",
    title=_("询单"),
    route="shop-enquiries",
    permissions=_VIEW,
    filters=(
        Filter(
            "state",
            _("是否成交"),
            "choice",
            (("closed", _("已成交")), ("lost", _("未成交")), ("over", _("已到期")), ("waiting", _("等待下单"))),
        ),
        Filter("cause", _("未成交原因"), "choice", Lost.choices),
        Filter("staff", _("客服"), "staff"),
        Filter("open", _("待填原因"), "flag", main=False),
        _FROM,
        _TO,
        _SITE,
    ),
    columns=(
        ListColumn("customer", _("买家"), lambda row: row.customer, opens=lambda row: Place("customer", {"customer_id": row.customer_id})),
        ListColumn("asked_at", _("询单时间"), lambda row: row.asked_at, "moment"),
        ListColumn("staff", _("客服"), lambda row: row.staff),
        ListColumn(
            "closed",
            _("是否成交"),
            lambda row: "" if row.closed is None else str(row.closed).lower(),
            words=lambda row: {None: _("等待下单"), True: _("已成交"), False: _("未成交")}[row.closed],
            tone=lambda row: {None: "quiet", True: "good", False: "warn"}[row.closed],
        ),
        ListColumn("cause", _("未成交原因"), lambda row: row.cause, words=lambda row: LOST.get(row.cause, "")),
        ListColumn("note", _("说明"), lambda row: row.note),
        ListColumn(
            "chat",
            _("聊天记录"),
            lambda row: f"#{row.conversation_id}",
            "code",
            opens=lambda row: Place("conversation", {"conversation_id": row.conversation_id}),
        ),
    ),
    page=lambda ask, cursor, size: queries.enquiries(ask.actor, choice(ask), cursor=cursor, size=size),
    count=lambda ask: queries.count_enquiries(ask.actor, choice(ask)),
    row_key=lambda row: row.id,
    views=(
        ReadyView("open", _("待填原因"), {"open": "1"}),
        ReadyView("lost", _("未成交"), {"state": "lost"}),
        ReadyView("all", _("全部"), {}),
    ),
    empty=_("买家下单前的咨询会自动出现在这里，未成交的请填写原因。"),
)

SHOP_URGES: List[UrgeRow] = List(
    key="shop-urges",
    title=_("催单登记"),
    route="shop-urges",
    permissions=_VIEW,
    filters=(Filter("cause", _("原因"), "choice", UrgeCause.choices), SHOP, Filter("open", _("未处理"), "flag"), _FROM, _TO, _SITE),
    columns=(
        ListColumn("number", _("订单编号"), lambda row: row.order.number, "code", opens=lambda row: _order(row.order.id)),
        ListColumn("at", _("日期"), lambda row: row.at, "moment"),
        ListColumn("shop", _("店铺"), lambda row: row.order.shop),
        ListColumn("carrier", _("物流公司"), lambda row: row.order.carrier),
        ListColumn("cause", _("原因"), lambda row: row.cause, words=lambda row: URGES[row.cause]),
        ListColumn("note", _("说明"), lambda row: row.note, usual=False),
        ListColumn("result", _("结果"), lambda row: row.result),
        ListColumn("by", _("登记人"), lambda row: row.by),
    ),
    page=lambda ask, cursor, size: queries.urges(ask.actor, choice(ask), cursor=cursor, size=size),
    count=lambda ask: queries.count_urges(ask.actor, choice(ask)),
    views=(ReadyView("open", _("未处理"), {"open": "1"}), ReadyView("all", _("全部"), {})),
    empty=_("买家催发货、催派送时，在订单页登记，会出现在这里。"),
)

SALE_LIST: List[SaleRow] = List(
    key="shop-sales",
    title=_("售后退款"),
    route="shop-sales",
    permissions=_VIEW,
    filters=(
        Filter("q", _("退款编号或订单编号"), "code"),
        Filter("kind", _("售后类型"), "choice", RefundKind.choices),
        Filter("state", _("处理"), "choice", SaleState.choices),
        SHOP,
        Filter("open", _("处理中"), "flag", main=False),
        Filter("late", _("已过平台时限"), "flag", main=False),
        _FROM,
        _TO,
        _SITE,
    ),
    columns=(
        ListColumn("number", _("退款编号"), lambda row: row.refund.number, "code", opens=lambda row: _order(row.refund.order_id)),
        ListColumn("kind", _("售后类型"), lambda row: row.refund.kind, words=lambda row: REFUND_KINDS[row.refund.kind]),
        ListColumn("amount", _("退款金额"), lambda row: row.refund.amount, "money"),
        ListColumn("platform_state", _("平台状态"), lambda row: row.refund.state, words=lambda row: REFUND_STATES[row.refund.state]),
        ListColumn(
            "state",
            _("处理"),
            lambda row: row.state,
            words=lambda row: SALES[row.state],
            tone=lambda row: SALE_TONES.get(row.state, "quiet"),
        ),
        ListColumn("agreed", _("协商结果"), lambda row: row.agreed, words=lambda row: AGREED.get(row.agreed, "")),
        ListColumn("due", _("平台时限"), lambda row: row.due_at, "moment", tone=lambda row: "bad" if row.late else ""),
        ListColumn("then", _("到期后"), lambda row: row.then, words=lambda row: AT_THE_END.get(row.then, "")),
        ListColumn("order", _("订单编号"), lambda row: row.refund.order_number, "code", opens=lambda row: _order(row.refund.order_id)),
        ListColumn("shop", _("店铺"), lambda row: row.refund.shop),
        ListColumn("reason", _("退款原因"), lambda row: row.refund.reason, usual=False),
        ListColumn("liable", _("责任方"), lambda row: row.liable, words=lambda row: PARTIES.get(row.liable, ""), usual=False),
        ListColumn("requested_at", _("申请时间"), lambda row: row.refund.requested_at, "moment", usual=False),
    ),
    page=lambda ask, cursor, size: queries.sales(ask.actor, choice(ask), now=ask.now, cursor=cursor, size=size),
    count=lambda ask: queries.count_sales(ask.actor, choice(ask), now=ask.now),
    views=(
        ReadyView("open", _("处理中"), {"open": "1"}),
        ReadyView("late", _("已过平台时限"), {"late": "1"}),
        ReadyView("unshipped", _("未发货仅退款"), {"kind": "unshipped"}),
        ReadyView("all", _("全部"), {}),
    ),
    empty=_("导入平台的退款报表后，要处理的退款会出现在这里。"),
)
