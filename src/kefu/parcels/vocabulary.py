"""Words of the trade as codes: scans, states, reach, carriers (V1, V7)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ScanCode(models.TextChoices):
    """The canonical scan vocabulary; carriers' own codes are mapped to it (V1)."""

    COLLECT = "collect", _("收件")
    LOAD = "load", _("装车")
    SEND = "send", _("发件")
    BAG = "bag", _("集包")
    UNBAG = "unbag", _("拆包")
    ARRIVE = "arrive", _("到件")
    IN_STORE = "in_store", _("入库（代理点、快递柜）")
    OUT_STORE = "out_store", _("出库（已取出）")
    DELIVER = "deliver", _("派件")
    SIGN = "sign", _("签收")
    AGENT_SIGN = "agent_sign", _("代签")
    PROBLEM = "problem", _("问题件")
    HOLD = "hold", _("留仓")
    REFUSE = "refuse", _("拒收")
    RETURN = "return", _("退件")
    TRANSFER = "transfer", _("转件")
    SELF = "self", _("自提")
    INTERCEPT = "intercept", _("拦截")


class StateCode(models.TextChoices):
    """Where a parcel stands, derived from its scans."""

    ORDERED = "ordered", _("已录单，未收件")
    COLLECTED = "collected", _("已收件")
    IN_TRANSIT = "in_transit", _("运输中")
    ARRIVED = "arrived", _("已到派件网点")
    STORED = "stored", _("待取件")
    OUT_FOR_DELIVERY = "out_for_delivery", _("派件中")
    PART_SIGNED = "part_signed", _("部分签收")
    SIGNED = "signed", _("已签收")
    PROBLEM = "problem", _("问题件")
    HELD = "held", _("留仓")
    REFUSED = "refused", _("拒收")
    INTERCEPTED = "intercepted", _("已拦截")
    RETURNING = "returning", _("退回中")
    RETURNED = "returned", _("已退回")
    FORWARDED = "forwarded", _("已转件")


class ScanReason(models.TextChoices):
    """Why a parcel was kept, refused, sent back or stopped, as a scan holds it (O8, O15). Files of carriers may bring other words."""

    ABSENT = "absent", _("客户不在")
    ADDRESS = "address", _("地址不详")
    UNREACHABLE = "unreachable", _("联系不上客户")
    LATER = "later", _("客户改期")
    WEATHER = "weather", _("天气原因")
    LATE = "late", _("来件过晚")
    DAMAGED = "damaged", _("外包装破损")
    UNWANTED = "unwanted", _("客户不要了")
    NOT_ORDERED = "not_ordered", _("客户没有买")
    UNPAID = "unpaid", _("不付到付款或代收款")
    TOO_LATE = "too_late", _("送得太晚，不要了")
    REFUSED = "refused", _("客户拒收")
    UNDELIVERED = "undelivered", _("多次派送未成")
    SENDER = "sender", _("寄件人要求")
    FORBIDDEN = "forbidden", _("违禁品")
    OUT_OF_AREA = "out_of_area", _("超区")
    HEADQUARTERS = "headquarters", _("总部要求")
    OTHER = "other", _("其他")


class Scope(models.TextChoices):
    """How far a parcel travels; the time limit hangs on it (R1, R3)."""

    SAME_CITY = "same_city", _("同城")
    DOMESTIC = "domestic", _("国内异地")
    OVERSEAS = "overseas", _("港澳台及国际")


class Payment(models.TextChoices):
    """Who pays the freight (O9)."""

    SENDER = "sender", _("寄付")
    RECEIVER = "receiver", _("到付")
    MONTHLY = "monthly", _("月结")


class ReceiptKind(models.TextChoices):
    """The signed copy the sender wants back (O13)."""

    ORIGINAL = "original", _("原件")
    COPY = "copy", _("复印件")
    ELECTRONIC = "electronic", _("电子回单")


class LinkKind(models.TextChoices):
    """How a waybill goes on under another number (O7, O13)."""

    FORWARD = "forward", _("转件")
    RETURN = "return", _("退件")
    RECEIPT = "receipt", _("回单")
