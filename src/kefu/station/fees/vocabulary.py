"""Words of delivery fees as codes: charges, rules, states, differences (O11)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message


class Charge(models.TextChoices):
    """Charge items of a delivery (O11). Those in ``DEDUCTIONS`` are paid by the site, all others to it."""

    BASE = "base", _("基础派费")
    HEAVY = "heavy", _("大货派费")
    UPSTAIRS = "upstairs", _("上楼费")
    RECEIPT = "receipt", _("回单费")
    OVERWEIGHT_IN = "overweight_in", _("收超重费")
    OVERWEIGHT_OUT = "overweight_out", _("付超重费")
    ROUND_TRIP = "round_trip", _("往返派费")
    FUEL = "fuel", _("燃油费")
    NETWORK = "network", _("网络派费")
    TRANSIT = "transit", _("中转费")
    SCANNING = "scanning", _("扫描费")
    INSURANCE = "insurance", _("保费")


DEDUCTIONS = frozenset({Charge.OVERWEIGHT_OUT.value, Charge.TRANSIT.value, Charge.SCANNING.value, Charge.INSURANCE.value})
# Worked out by the weight bands of a card, never by a rule of their own.
BY_BANDS = frozenset({Charge.BASE.value, Charge.HEAVY.value})


class Rule(models.TextChoices):
    """How a charge item is worked out."""

    EACH = "each", _("每票")
    PIECE = "piece", _("每件")
    WEIGHT = "weight", _("每公斤（超出部分）")
    DIFFERENCE = "difference", _("每公斤（中心称重与录单之差）")
    FLOOR = "floor", _("每层")
    PERCENT = "percent", _("前面各项之和的百分比")


class When(models.TextChoices):
    """On which deliveries a charge item falls."""

    ALWAYS = "always", _("每票都收")
    RECEIPT = "receipt", _("有回单")
    ROUND_TRIP = "round_trip", _("往返派送")
    HEAVIER = "heavier", _("中心称重重于录单")


class FeeState(models.TextChoices):
    """Where the fee of a delivery stands."""

    OPEN = "open", _("未结算")
    COUNTED = "counted", _("已入账单")
    SETTLED = "settled", _("已结算")
    PAID = "paid", _("已付款")
    DISPUTED = "disputed", _("有争议")
    VOID = "void", _("已取消")


UNSETTLED = (FeeState.OPEN.value, FeeState.COUNTED.value, FeeState.DISPUTED.value, FeeState.VOID.value)


class Trouble(models.TextChoices):
    """Why no amount could be worked out, or why it fell away."""

    NO_CARD = "no_card", _("当天没有适用的费率表")
    NO_WEIGHT = "no_weight", _("没有重量")
    UNSIGNED = "unsigned", _("签收已撤销")
    RETURNED = "returned", _("已退件")
    FORWARDED = "forwarded", _("已转件，派费随新单号")


class StatementState(models.TextChoices):
    """Where a monthly statement stands."""

    DRAFT = "draft", _("待核对")
    SETTLED = "settled", _("已结算")
    PAID = "paid", _("已付款")


class Compared(models.TextChoices):
    """Our amount against the network's own statement."""

    SAME = "same", _("一致")
    MORE = "more", _("我方多")
    LESS = "less", _("我方少")
    THEIRS_MISSING = "theirs_missing", _("对方没有")
    OURS_MISSING = "ours_missing", _("我方没有")


class DisputeReason(models.TextChoices):
    """Why a fee is disputed."""

    WEIGHT = "weight", _("重量不符")
    RATE = "rate", _("费率不符")
    MISSING = "missing", _("漏结")
    ITEM = "item", _("收费项目不符")
    SITE = "site", _("派件网点不符")
    OTHER = "other", _("其他")


class Verdict(models.TextChoices):
    """How a dispute ends."""

    UPHELD = "upheld", _("维持原金额")
    CHANGED = "changed", _("改为新金额")
    WAIVED = "waived", _("取消此笔派费")


REVISIONS: dict[str, Message] = {
    "reckoned": _("首次计算"),
    "again": _("重新计算"),
    "void": _("取消"),
    "revived": _("恢复"),
    "extras": _("补记上楼、往返"),
    "verdict": _("争议裁定"),
    "correction": _("结算后更正"),
}
