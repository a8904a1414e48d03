"""Refusals of pick-up orders, each with what to do about it (O2, O16)."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Message

REASONS: dict[str, Message] = {
    "no_order_no": _("请填写物流订单号。"),
    "bad_platform": _("没有这个平台，请从平台表中选择。"),
    "bad_payment": _("没有这种付款方式。"),
    "no_sender": _("请填写寄件人、电话和地址，业务员要凭它上门。"),
    "bad_phone": _("寄件电话格式不正确，请填写手机号或带区号的座机号。"),
    "bad_slot": _("预约取件的结束时间须晚于开始时间，且不早于下单时间。"),
    "bad_pieces": _("件数至少为 1。"),
    "bad_amount": _("重量和金额不能为负数。"),
    "no_site": _("没有这个网点，或网点已停用、不在您的权限范围内。"),
    "future": _("下单时间晚于现在，请核对推送方的时钟。"),
    "long_field": _("内容过长，请缩短后再推送。"),
}
"""Why an order cannot be taken in, by code."""
# What the platform is told (O2); S05 is "content", B99 an order number nobody knows.
GATEWAY: dict[str, Message] = {
    "B01": _("订单还在等待网点确认。"),
    "B02": _("网点已接单，不能再这样操作。"),
    "B03": _("网点已拒单，订单在总部待重新分配。"),
    "B04": _("已揽收成功，不能再更改或取消，请联系网点拦截。"),
    "B05": _("揽收失败。"),
    "B06": _("已签收成功。"),
    "B07": _("已签收失败。"),
    "B08": _("订单已取消。"),
    "B09": _("运单号为空，请填写运单号。"),
    "B99": _("没有这个物流订单号。"),
    "S05": _("内容有误。"),
}


class MoveRefused(Conflict):
    """The order is not in a state that allows this; ``gateway`` is what a platform is told."""

    code = "pickup.move"
    message = _("订单现在是“%(state)s”，不能%(move)s。%(told)s")


class TransferredOften(Conflict):
    """The order was passed on as often as the handbook allows."""

    code = "pickup.transfers"
    message = _("此订单已转 %(times)s 次，达到上限（条款 %(clause)s），请接单，或拒单并写明原因。")


class WaybillTaken(Conflict):
    """Another order was collected under this waybill."""

    code = "pickup.waybill"
    message = _("运单号 %(waybill)s 已用于另一张订单，请核对。")
