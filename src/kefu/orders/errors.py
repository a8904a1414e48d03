"""Refusals of orders and refunds, each with what to do about it."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message

REASONS: dict[str, Message] = {
    "no_number": _("没有订单编号，请检查该行，或把编号列设为文本后重新导出。"),
    "no_refund_number": _("没有退款编号或订单编号，请检查该行。"),
    "bad_platform": _("认不出平台，请在“平台”列填写淘宝、天猫、京东、拼多多或自营商城。"),
    "bad_state": _("认不出订单状态，请使用平台导出的原文，不要改写。"),
    "bad_refund_state": _("认不出退款状态或售后类型，请使用平台导出的原文，不要改写。"),
    "no_placed_at": _("没有下单时间，请在导出时勾选这一列。"),
    "no_requested_at": _("没有退款申请时间，请在导出时勾选这一列。"),
    "future": _("时间晚于现在，请核对后再导入。"),
    "bad_amount": _("金额为负数或过大，请核对；退款请用退款报表导入，不要写成负数。"),
    "wrong_currency": _("金额不是人民币，请换算成元后再导入。"),
    "bad_item": _("商品数量至少为 1，且须有商品名称。"),
    "paid_before_placed": _("付款时间早于下单时间，请核对。"),
    "order_backwards": _("系统中的订单状态比文件新，未改动；请重新导出最新的订单报表。"),
    "refund_backwards": _("系统中的退款已结束或更新，未改动；请重新导出最新的退款报表。"),
    "unknown_order": _("系统中没有这张订单，请先导入订单报表。"),
    "over_paid": _("退款金额超过买家实付，请核对金额。"),
    "no_shop": _("没有选择店铺所在的站点，请在导入时选择。"),
}
"""Why a row cannot be taken in, by code."""
