"""Words of orders and refunds: our own states, and how the platforms name them (E1-E4)."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Platform(models.TextChoices):
    """Where a shop sells."""

    TAOBAO = "taobao", _("淘宝")
    TMALL = "tmall", _("天猫")
    JD = "jd", _("京东")
    PDD = "pdd", _("拼多多")
    OWN = "own", _("自营商城")


class State(models.TextChoices):
    """Where an order stands, in the order it goes through them (E3)."""

    UNPAID = "unpaid", _("待付款")
    PAID = "paid", _("待发货")
    SHIPPED = "shipped", pgettext_lazy("order", "已发货")
    SIGNED = "signed", pgettext_lazy("order", "买家已签收")
    FINISHED = "finished", _("交易成功")
    CLOSED = "closed", _("交易关闭")


class RefundKind(models.TextChoices):
    """What a buyer asks for after the sale (E1)."""

    UNSHIPPED = "unshipped", _("未发货仅退款")
    SHIPPED = "shipped", _("已发货仅退款")
    RETURN = "return", _("退货退款")
    EXCHANGE = "exchange", _("换货")
    RESEND = "resend", _("补发")
    REPAIR = "repair", _("维修")
    DIFFERENCE = "difference", _("补差价")
    COMPLAINT = "complaint", pgettext_lazy("refund", "投诉")
    REJECTED = "rejected", _("拒收退货")


class RefundState(models.TextChoices):
    """Where a refund stands on its platform (E2)."""

    REQUESTED = "requested", _("待商家处理")
    RETURNING = "returning", _("待买家退货")
    RETURNED = "returned", _("待商家收货")
    REFUSED = "refused", _("商家已拒绝")
    CLOSED = "closed", _("退款关闭")
    DONE = "done", _("退款成功")


class Goods(models.TextChoices):
    """Where the goods of a refund are (E2 good_status)."""

    NOT_RECEIVED = "not_received", _("买家未收到货")
    RECEIVED = "received", _("买家已收到货")
    RETURNED = "returned", _("买家已退货")


OPEN_REFUNDS: Final = (RefundState.REQUESTED.value, RefundState.RETURNING.value, RefundState.RETURNED.value, RefundState.REFUSED.value)
GOODS_BACK: Final = (RefundKind.RETURN.value, RefundKind.REJECTED.value, RefundKind.EXCHANGE.value)
TO_SEND: Final = State.PAID.value
WITH_MONEY: Final = (State.PAID.value, State.SHIPPED.value, State.SIGNED.value, State.FINISHED.value)
SENT: Final = (State.SHIPPED.value, State.SIGNED.value, State.FINISHED.value)

PLATFORM_STATES: Final[dict[str, str]] = {
    # Taobao and Tmall: codes of the API, words of the export.
    "TRADE_NO_CREATE_PAY": "unpaid",
    "WAIT_BUYER_PAY": "unpaid",
    "WAIT_SELLER_SEND_GOODS": "paid",
    "WAIT_BUYER_CONFIRM_GOODS": "shipped",
    "TRADE_BUYER_SIGNED": "signed",
    "TRADE_FINISHED": "finished",
    "TRADE_CLOSED": "closed",
    "TRADE_CLOSED_BY_TAOBAO": "closed",
    "等待买家付款": "unpaid",
    "买家已付款,等待卖家发货": "paid",
    "等待卖家发货": "paid",
    "卖家已发货,等待买家确认": "shipped",
    "等待买家确认收货": "shipped",
    "买家已签收": "signed",
    "交易成功": "finished",
    "交易关闭": "closed",
    # JD.
    "等待付款": "unpaid",
    "待付款": "unpaid",
    "等待出库": "paid",
    "等待打印": "paid",
    "等待发货": "paid",
    "等待确认收货": "shipped",
    "已出库": "shipped",
    "完成": "finished",
    "已完成": "finished",
    "(删除)等待出库": "closed",
    "已取消": "closed",
    "(锁定)等待出库": "paid",
    # PDD.
    "待发货": "paid",
    "已发货": "shipped",
    "已发货,待签收": "shipped",
    "已发货,待收货": "shipped",
    "已签收": "signed",
    "已收货": "finished",
    "已取消,退款成功": "closed",
    "未发货,退款成功": "closed",
    "已发货,退款成功": "closed",
    "已关闭": "closed",
}
"""How platforms say where an order stands; commas are ASCII, blanks left out."""

PLATFORM_REFUND_STATES: Final[dict[str, str]] = {
    "WAIT_SELLER_AGREE": "requested",
    "WAIT_BUYER_RETURN_GOODS": "returning",
    "WAIT_SELLER_CONFIRM_GOODS": "returned",
    "SELLER_REFUSE_BUYER": "refused",
    "CLOSED": "closed",
    "SUCCESS": "done",
    "NO_REFUND": "closed",
    "买家已经申请退款,等待卖家同意": "requested",
    "卖家已经同意退款,等待买家退货": "returning",
    "买家已经退货,等待卖家确认收货": "returned",
    "卖家拒绝退款": "refused",
    "退款关闭": "closed",
    "退款成功": "done",
    # JD service orders.
    "待审核": "requested",
    "待客户发货": "returning",
    "待用户发货": "returning",
    "待收货": "returned",
    "待处理": "requested",
    "审核不通过": "refused",
    "取消": "closed",
    "已取消": "closed",
    "完成": "done",
    "已完成": "done",
    # PDD.
    "待商家处理": "requested",
    "待买家退货": "returning",
    "待商家收货": "returned",
    "商家已拒绝": "refused",
    "已撤销": "closed",
    "已关闭": "closed",
    # LinkedMall (E4).
    "1": "requested",
    "2": "returning",
    "3": "returned",
    "4": "closed",
    "5": "done",
    "6": "refused",
}
PLATFORM_REFUND_KINDS: Final[dict[str, str]] = {
    "未发货仅退款": "unshipped",
    "已发货仅退款": "shipped",
    "仅退款(未发货)": "unshipped",
    "仅退款(已发货)": "shipped",
    "退货退款": "return",
    "退货": "return",
    "换货": "exchange",
    "补发": "resend",
    "补寄": "resend",
    "维修": "repair",
    "补差价": "difference",
    "退差价": "difference",
    "投诉": "complaint",
    "拒收退货": "rejected",
    "拒收": "rejected",
}
"""``仅退款`` alone is told by whether the order was sent."""
PLATFORM_GOODS: Final[dict[str, str]] = {
    "BUYER_NOT_RECEIVED": "not_received",
    "BUYER_RECEIVED": "received",
    "BUYER_RETURNED_GOODS": "returned",
    "买家未收到货": "not_received",
    "未收到货": "not_received",
    "买家已收到货": "received",
    "已收到货": "received",
    "买家已退货": "returned",
    "已退货": "returned",
}
