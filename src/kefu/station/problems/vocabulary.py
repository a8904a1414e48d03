"""Words of problem parcels as codes (O15)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.TextChoices):
    """Where a problem stands: PD10, PD20, PD30, PD40 of the trade."""

    OPEN = "open", _("未处理")
    WORKING = "working", _("处理中")
    DONE = "done", _("处理完成")
    CANCELLED = "cancelled", _("已撤销")


OPEN_STATES = (State.OPEN, State.WORKING)


class Alarm(models.TextChoices):
    """What an aged problem asks for; the type's clause names one."""

    ANSWER = "answer", _("超时未处理，请催办")
    LOSS = "loss", _("预警遗失，请追查")
    RETURN = "return", _("应联系寄件方退回")
    HELD = "held", _("留仓超期，应安排派送或退回")
    ABSENT = "absent", _("应再派或改约")


class Follow(models.TextChoices):
    """What a type suggests to do first."""

    TRACE = "trace", _("追查去向")
    CONTACT = "contact", _("联系发件人核实")
    PAY = "pay", _("收齐费用后派送")
    REPACK = "repack", _("重新包装")
    HOLD = "hold", _("留仓待处理")
    CLAIM = "claim", _("取证并转理赔")
    RESEND = "resend", _("重新发往正确网点")
    DELIVER = "deliver", _("安排再派")
    FORWARD = "forward", _("申请转件")
    RETURN = "return", _("退回寄件方")
    INTERCEPT = "intercept", _("拦下并退回")


class Result(models.TextChoices):
    """How a problem ended. ``signed`` is the parcel's own doing."""

    DELIVERED = "delivered", _("已安排派送")
    CORRECTED = "corrected", _("信息已更正")
    FOUND = "found", _("已找到")
    RETURNED = "returned", _("已退回")
    FORWARDED = "forwarded", _("已转件")
    INTERCEPTED = "intercepted", _("已拦截")
    NOT_INTERCEPTED = "not_intercepted", _("未能拦截")
    CLAIM = "claim", _("转理赔")
    SIGNED = "signed", _("快件已签收，自动完成")
    OTHER = "other", _("其他")


class Way(models.TextChoices):
    """Where an intercepted parcel is to go (O15)."""

    TO_SITE = "1", _("退回网点")
    TO_SENDER = "2", _("退回发件人")
    ADDRESS = "3", _("改地址")


class Told(models.TextChoices):
    """What a line of the thread is."""

    REPLY = "reply", _("回复")
    SIGNED = "signed", _("快件已签收")
    BARRED = "barred", _("出现了不应有的操作")
    CLOSED = "closed", _("处理完成")
    CANCELLED = "cancelled", _("已撤销")
    CASE = "case", _("已转工单")
    PASSED = "passed", _("已改接收网点")


# The scan that brings a parcel into a state, to hold against the scans a type allows afterwards.
SCAN_OF_STATE = {
    "out_for_delivery": "deliver",
    "stored": "in_store",
    "in_transit": "send",
    "arrived": "arrive",
    "forwarded": "transfer",
    "returning": "return",
    "refused": "refuse",
    "held": "hold",
    "intercepted": "intercept",
    "signed": "sign",
}
INTERCEPT_TYPE = "kf20"
