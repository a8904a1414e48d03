"""维修产品, 退换货产品, 催单统计, 催付统计: the after-sales and daily work of a shop (S 四(二)7, S 四(四)8)."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, Message
from kefu.kernel.masking import mask_text
from kefu.kernel.paging import Order
from kefu.kernel.wording import listed
from kefu.ledgers.registers import Cell, Group, Options, Place, Register, Row, Writing
from kefu.people.permissions import Permission
from kefu.shop import registers as shop
from kefu.shop import reminding, urging
from kefu.shop.vocabulary import Agreed, Party, Reply, SaleState, UrgeCause

_AGREED, _PARTIES, _STATES = dict(Agreed.choices), dict(Party.choices), dict(SaleState.choices)
_CAUSES, _REPLIES = dict(UrgeCause.choices), dict(Reply.choices)
_NEWEST = (Order("pk", descending=True),)
_LATEST = (Order("at", descending=True), Order("pk", descending=True))


def _settle(writing: Writing) -> None:
    urging.settle(actor=writing.actor, urge_id=writing.row.pk, result=writing.text, now=writing.now)


def _reply(writing: Writing) -> None:
    """By its code or in words."""
    known = {str(title): code for code, title in _REPLIES.items()} | {code: code for code in _REPLIES}
    if writing.text not in known:
        raise Invalid(fields={"value": _("请选择催付结果：%(words)s。") % {"words": listed(str(one) for _code, one in Reply.choices[1:])}})
    reminding.note_reply(actor=writing.actor, reminder_id=writing.row.pk, reply=known[writing.text], now=writing.now)


def _replies(_actor: Actor, _row: Row) -> Options:
    return [(code, str(title)) for code, title in Reply.choices if code]


def _said(words: Mapping[str, Message], value: str) -> Message:
    return words.get(value, value) if value else ""


SALES = Register(
    key="sales",
    view=Permission.ORDER_VIEW,
    work=Permission.ORDER_WORK,
    rows=shop.sales,
    order=_NEWEST,
    site="site_id",
    at="refund__requested_at",
    number_columns=("refund__number", "refund__order__number", "refund__return_waybill"),
    cells={
        "refund_no": Cell(lambda row, _beside: row.refund.number),
        "order_no": Cell(lambda row, _beside: row.refund.order.number),
        "shop": Cell(lambda row, _beside: row.refund.order.shop.name),
        "product": Cell(lambda row, _beside: row.refund.order.goods),
        "agreed": Cell(lambda row, _beside: row.agreed, lambda row, _beside: _said(_AGREED, row.agreed)),
        "fault": Cell(lambda row, _beside: mask_text(row.refund.reason or row.agreed_note)),
        "amount": Cell(lambda row, _beside: row.refund.amount),
        "return_no": Cell(lambda row, _beside: row.refund.return_waybill),
        "in_at": Cell(lambda row, _beside: row.goods_back_at),
        "condition": Cell(lambda row, _beside: mask_text(row.condition)),
        "liable": Cell(lambda row, _beside: row.liable, lambda row, _beside: _said(_PARTIES, row.liable)),
        "state": Cell(lambda row, _beside: row.state, lambda row, _beside: _STATES[row.state]),
    },
    group=Group("state", _("处理"), lambda value: _STATES.get(value, value), SaleState.choices),
    opens=lambda row: Place("order", row.refund.order_id),
    site_of=lambda row: row.site_id,
    only={"agreed": "agreed"},
    sum="refund__amount",
)

URGES = Register(
    key="urges",
    view=Permission.ORDER_VIEW,
    work=Permission.ORDER_WORK,
    rows=shop.urges,
    order=_LATEST,
    site="site_id",
    at="at",
    number_columns=("order__number",),
    cells={
        "day": Cell(lambda row, _beside: row.at),
        "order_no": Cell(lambda row, _beside: row.order.number),
        "shop": Cell(lambda row, _beside: row.order.shop.name),
        "carrier": Cell(lambda row, _beside: row.order.carrier),
        "agent": Cell(lambda row, _beside: row.by),
        "reason": Cell(lambda row, _beside: row.cause, lambda row, _beside: _said(_CAUSES, row.cause)),
        "note": Cell(lambda row, _beside: mask_text(row.note)),
        "result": Cell(lambda row, _beside: mask_text(row.result), write=_settle),
    },
    group=Group("cause", _("原因"), lambda value: _CAUSES.get(value, value), UrgeCause.choices),
    opens=lambda row: Place("order", row.order_id),
    site_of=lambda row: row.site_id,
)

REMINDERS = Register(
    key="reminders",
    view=Permission.ORDER_VIEW,
    work=Permission.ORDER_WORK,
    rows=shop.reminders,
    order=_NEWEST,
    site="site_id",
    at="at",
    number_columns=("order__number",),
    cells={
        "day": Cell(lambda row, _beside: row.at),
        "order_no": Cell(lambda row, _beside: row.order.number),
        "shop": Cell(lambda row, _beside: row.order.shop.name),
        "agent": Cell(lambda row, _beside: row.staff.name),
        "said": Cell(lambda row, _beside: mask_text(row.text)),
        "reply": Cell(lambda row, _beside: row.reply, lambda row, _beside: _said(_REPLIES, row.reply), write=_reply, options=_replies),
        "paid_at": Cell(lambda row, _beside: row.order.paid_at if row.order.paid_at and row.order.paid_at >= row.at else None),
    },
    group=Group("reply", _("结果"), lambda value: _REPLIES.get(value, value), Reply.choices),
    opens=lambda row: Place("order", row.order_id),
    site_of=lambda row: row.site_id,
)
