"""Words of claims that tables, screens and programs share (CASE6, O17)."""

from collections.abc import Mapping

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.claims.liability import Party
from kefu.kernel.errors import Message


class Loss(TextChoices):
    """What happened to the parcel (R34–R36)."""

    DELAY = "delay", pgettext_lazy("loss", "延误")
    LOST = "lost", pgettext_lazy("loss", "遗失")
    DESTROYED = "destroyed", pgettext_lazy("loss", "完全损毁")
    DAMAGED = "damaged", pgettext_lazy("loss", "部分损毁")
    SHORT = "short", pgettext_lazy("loss", "内件短少")
    WRONG = "wrong", pgettext_lazy("loss", "品名不符")


WHOLE_LOSSES = (Loss.LOST, Loss.DESTROYED, Loss.WRONG)
"""Losses of the whole contents: 品名不符 counts as totally damaged (R36)."""
PARTIAL_LOSSES = (Loss.DAMAGED, Loss.SHORT)


class Harm(TextChoices):
    """What of a parcel can be lost once: its time, or its contents. One claim per harm may live."""

    TIME = "time", _("时效")
    GOODS = "goods", _("内件")


class Basis(TextChoices):
    """What decides an uninsured loss (R37, R40)."""

    CIVIL = "civil", _("民事法律（按实际损失）")
    CONTRACT = "contract", _("合同约定（倍数封顶）")


class Excuse(TextChoices):
    """Why nobody has to pay (R39, 民法典 832)."""

    FORCE_MAJEURE = "force_majeure", _("不可抗力")
    NATURE = "nature", _("内件自身性质或合理损耗")
    SHIPPER = "shipper", _("寄件人或收件人的过错")


class Cause(TextChoices):
    """Why it happened, for the month report; the handbook names who bears each (E21)."""

    TRANSIT_LOSS = "transit_loss", _("运输中丢失")
    DELIVERY_LOSS = "delivery_loss", _("派送中丢失或误派")
    OUTER_DAMAGE = "outer_damage", _("签收时外包装已破损")
    INNER_WRONG = "inner_wrong", _("外包装完好，内件错发或少发")
    PACKING = "packing", _("包装不当")
    LATE_TRANSIT = "late_transit", _("运输或派送延误")
    LATE_SHIPPING = "late_shipping", _("发货延误")
    WRONG_ADVICE = "wrong_advice", _("客服答复或承诺有误")
    QUALITY = "quality", _("商品质量")
    CHANGED_MIND = "changed_mind", _("客户改变主意")
    OVERSELL = "oversell", _("系统超卖")
    OTHER = "other", pgettext_lazy("cause", "其他")


class State(TextChoices):
    """Where a claim stands."""

    DRAFT = "draft", pgettext_lazy("claim", "待提交")
    APPROVING = "approving", pgettext_lazy("claim", "审批中")
    APPROVED = "approved", pgettext_lazy("claim", "待客户确认")
    AGREED = "agreed", pgettext_lazy("claim", "待付款")
    PAYING = "paying", pgettext_lazy("claim", "付款中")
    PAID = "paid", pgettext_lazy("claim", "已付款")
    FAILED = "failed", pgettext_lazy("claim", "付款失败")
    RETURNED = "returned", pgettext_lazy("claim", "付款被退回")
    REJECTED = "rejected", pgettext_lazy("claim", "已驳回")
    EXEMPTED = "exempted", pgettext_lazy("claim", "免赔")
    WITHDRAWN = "withdrawn", pgettext_lazy("claim", "已撤回")
    RECOVERED = "recovered", pgettext_lazy("claim", "已追回")


ENDED = (State.EXEMPTED, State.WITHDRAWN, State.RECOVERED)
"""A claim that ended so holds its loss no longer: it may be claimed again."""
OPEN = (
    State.DRAFT, State.APPROVING, State.APPROVED, State.AGREED, State.PAYING, State.FAILED, State.RETURNED, State.REJECTED,
)  # fmt: skip

STEPS: Mapping[str, tuple[tuple[State, ...], tuple[State, ...]]] = {
    "revise": ((State.DRAFT, State.REJECTED, State.APPROVED), (State.DRAFT,)),
    "propose": ((State.DRAFT,), (State.APPROVING, State.APPROVED)),
    "approve": ((State.APPROVING,), (State.APPROVING, State.APPROVED)),
    "reject": ((State.APPROVING,), (State.REJECTED,)),
    "agree": ((State.APPROVED,), (State.AGREED,)),
    "pay": ((State.AGREED, State.FAILED, State.RETURNED), (State.PAYING,)),
    "paid": ((State.PAYING,), (State.PAID,)),
    "failed": ((State.PAYING,), (State.FAILED,)),
    "returned": ((State.PAYING, State.PAID), (State.RETURNED,)),
    "exempt": ((State.DRAFT, State.APPROVING, State.REJECTED), (State.EXEMPTED,)),
    "withdraw": (
        (State.DRAFT, State.APPROVING, State.APPROVED, State.AGREED, State.REJECTED, State.FAILED, State.RETURNED),
        (State.WITHDRAWN,),
    ),
    "recover": ((State.PAID,), (State.RECOVERED,)),
}
"""Every step: the states it may be taken from and those it may lead to. Nothing else moves a claim."""


class Rung(TextChoices):
    """Rungs of the approval chain, lowest first."""

    LEAD = "lead", _("组长审批")
    MANAGER = "manager", _("经理审批")
    HQ = "hq", _("总部审批")


class Claimant(TextChoices):
    """Who asks to be paid; the right-holder is the sender by contract unless they passed it on (O17)."""

    SENDER = "sender", pgettext_lazy("claimant", "寄件人")
    RECEIVER = "receiver", pgettext_lazy("claimant", "收件人")
    PLATFORM = "platform", pgettext_lazy("claimant", "平台（已先行退款）")
    OTHER = "other", pgettext_lazy("claimant", "受让人或代理人")


class Paper(TextChoices):
    """Papers of a claim (O17)."""

    FORM = "form", _("索赔申告单")
    WAYBILL = "waybill", _("运单")
    VALUE = "value", _("价值证明")
    PHOTOS = "photos", _("照片")
    IDENTITY = "identity", _("身份证明")
    ACCOUNT = "account", _("收款账户")


class Channel(TextChoices):
    """How money goes to the claimant."""

    ALIPAY = "alipay", _("支付宝")
    WECHAT = "wechat", _("微信")
    BANK = "bank", _("银行转账")
    PLATFORM = "platform", _("平台退款")
    OFFSET = "offset", _("抵扣运费")
    CASH = "cash", _("现金")


class PayState(TextChoices):
    """Where a payment stands."""

    WAITING = "waiting", pgettext_lazy("payment", "待导出")
    SENT = "sent", pgettext_lazy("payment", "已导出")
    PAID = "paid", pgettext_lazy("payment", "已付款")
    FAILED = "failed", pgettext_lazy("payment", "失败")
    RETURNED = "returned", pgettext_lazy("payment", "被退回")


LIVE_PAYMENTS = (PayState.WAITING, PayState.SENT, PayState.PAID)


class Choice(TextChoices):
    """What the customer chooses when a parcel is found after it was paid for (O5 赔后找回)."""

    TAKE_BACK = "take_back", _("收回快件，退回赔款")
    KEEP_MONEY = "keep_money", _("保留赔款，快件归公司")


EVENT_OF_STEP: Mapping[str, str] = {
    "filed": "claim.filed",
    "acknowledged": "claim.acknowledged",
    "approved": "claim.decided",
    "exempted": "claim.decided",
    "rejected": "claim.decided",
    "agreed": "claim.agreed",
    "paid": "claim.paid",
}
"""Events of the case's clocks that what happens to a claim means (R32)."""

PARTIES: Mapping[str, Message] = dict(Party.choices)
