"""Words of pick-up orders: platforms, states, reasons, and the codes a platform knows them by (O2)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Platform(models.TextChoices):
    """Where an order comes from."""

    CAINIAO = "cainiao", _("淘宝/菜鸟")
    JD = "jd", _("京东")
    PDD = "pdd", _("拼多多")
    WECHAT = "wechat", _("微信")
    DOUYIN = "douyin", _("抖音")
    OWN = "own", _("自有渠道")


class State(models.TextChoices):
    """How far an order is."""

    POOL = "pool", _("待分配")
    ASSIGNED = "assigned", _("待接单")
    ACCEPTED = "accepted", _("已接单")
    DISPATCHED = "dispatched", _("已派业务员")
    COLLECTED = "collected", _("已取件")
    DONE = "done", _("已签收")
    FAILED = "failed", _("签收失败")
    CANCELLED = "cancelled", _("已取消")


class Reason(models.TextChoices):
    """Why a station refuses an order, or cannot collect it (O2)."""

    OUT_OF_AREA = "out_of_area", _("超区或不派送")
    BANNED = "banned", _("违禁品")
    UNREACHABLE = "unreachable", _("联系不上客户")
    CUSTOMER_CANCELLED = "customer_cancelled", _("客户取消")
    INCOMPLETE = "incomplete", _("信息不全或虚假")
    PRICE = "price", _("价格未谈妥")
    OTHER_CARRIER = "other_carrier", _("已走其他快递")
    RESCHEDULED = "rescheduled", _("客户改期")
    DUPLICATE = "duplicate", _("重复下单")


class Payment(models.TextChoices):
    """Who pays the freight."""

    SENDER = "sender", _("寄付")
    RECEIVER = "receiver", _("到付")
    MONTHLY = "monthly", _("月结")
    THIRD = "third", _("第三方付")


class What(models.TextChoices):
    """What happened to an order."""

    PUSHED = "pushed", _("平台推送")
    UPDATED = "updated", _("平台更新")
    ASSIGNED = "assigned", _("分配网点")
    ACCEPTED = "accepted", _("接单")
    REFUSED = "refused", _("拒单")
    DISPATCHED = "dispatched", _("派业务员")
    TRANSFERRED = "transferred", _("转单")
    COLLECTED = "collected", _("取件")
    CANCELLED = "cancelled", _("取消")
    FOLLOWED = "followed", _("随快件更新")


OPEN = (State.ASSIGNED, State.ACCEPTED, State.DISPATCHED)
"""States in which a station still has something to do."""
UNCOLLECTED = (State.POOL, *OPEN)
GATEWAY_STATE = {
    State.POOL: "0",
    State.ASSIGNED: "0",
    State.ACCEPTED: "ACCEPT",
    State.DISPATCHED: "ACCEPT",
    State.COLLECTED: "GOT",
    State.DONE: "SIGNED",
    State.FAILED: "FAILED",
    State.CANCELLED: "WITHDRAW",
}
"""What the platform calls the state."""
