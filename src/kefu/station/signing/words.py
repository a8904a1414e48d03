"""Words of signing as codes: who signed, in what state the parcel was, how consent was given (O10, R11)."""

from collections.abc import Mapping

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.parcels.vocabulary import ScanCode


class Signer(models.TextChoices):
    """Who took the parcel (O10)."""

    SELF = "self", pgettext_lazy("signer", "本人")
    FAMILY = "family", _("家人")
    COLLEAGUE = "colleague", _("同事")
    GUARD = "guard", _("门卫")
    RECEPTION = "reception", _("前台")
    MAILROOM = "mailroom", _("收发室")
    NEIGHBOUR = "neighbour", _("邻居")
    DOORSTEP = "doorstep", _("家门口")
    AGENT = "agent", _("代收点")
    STATION = "station", _("驿站")
    LOCKER = "locker", _("快递柜")
    OTHER = "other", _("其他代签")


class Situation(models.TextChoices):
    """In what state it was taken (O10)."""

    NORMAL = "normal", _("正常")
    DAMAGED = "damaged", _("异常-破损")
    WET = "wet", _("异常-潮湿")
    SOILED = "soiled", _("异常-污染")
    OTHER = "other", _("异常-其他")
    PARTIAL = "partial", _("部分签收")
    SHORT = "short", _("内物短少")


class Consent(models.TextChoices):
    """How the receiver agreed to somebody else, a locker or a station (R11)."""

    PHONE = "phone", _("电话")
    MESSAGE = "message", _("短信")
    CHAT = "chat", _("微信或在线")
    ORDER = "order", _("下单时约定")
    STANDING = "standing", _("长期约定")
    SPOKEN = "spoken", _("当面")


class Stage(models.TextChoices):
    """Where a sign-off stands."""

    STORED = "stored", _("已入库，待取")
    SIGNED = "signed", _("已签收")
    UNDONE = "undone", _("已撤销")


STORES = frozenset({Signer.AGENT, Signer.STATION, Signer.LOCKER})
"""Put into store first; taking out is the signature (O10)."""
NAMELESS = STORES | {Signer.SELF, Signer.DOORSTEP}
"""Signers whose name need not be told: the receiver, and where nobody signs."""
ODD = frozenset({Situation.DAMAGED, Situation.WET, Situation.SOILED, Situation.OTHER, Situation.SHORT})
"""Situations that want a word and a picture."""

SCAN_OF: Mapping[str, ScanCode] = {
    signer.value: ScanCode.SIGN if signer is Signer.SELF else ScanCode.IN_STORE if signer in STORES else ScanCode.AGENT_SIGN
    for signer in Signer
}
"""The scan a sign-off makes."""

_SIGNER_WORDS: Mapping[str, str] = {
    Signer.SELF: "本人 本人签收 收件人",
    Signer.FAMILY: "家人 亲属 家属",
    Signer.COLLEAGUE: "同事",
    Signer.GUARD: "门卫 保安 物业",
    Signer.RECEPTION: "前台",
    Signer.MAILROOM: "收发室 传达室",
    Signer.NEIGHBOUR: "邻居",
    Signer.DOORSTEP: "家门口 门口",
    Signer.AGENT: "代收点 便利店 超市",
    Signer.STATION: "驿站 菜鸟驿站 快递超市",
    Signer.LOCKER: "快递柜 柜 丰巢 自提柜",
    Signer.OTHER: "其他 代签 他人 第三方",
}
_SITUATION_WORDS: Mapping[str, str] = {
    Situation.NORMAL: "正常 完好",
    Situation.DAMAGED: "异常-破损 破损",
    Situation.WET: "异常-潮湿 潮湿",
    Situation.SOILED: "异常-污染 污染",
    Situation.OTHER: "异常-其他 异常",
    Situation.PARTIAL: "部分签收 部分",
    Situation.SHORT: "内物短少 短少 内件短少",
}
_CONSENT_WORDS: Mapping[str, str] = {
    Consent.PHONE: "电话 电话同意",
    Consent.MESSAGE: "短信",
    Consent.CHAT: "微信 在线 旺旺",
    Consent.ORDER: "下单约定 订单备注 下单时约定",
    Consent.STANDING: "长期约定 长期",
    Consent.SPOKEN: "当面 口头",
}


def _codes(words: Mapping[str, str]) -> dict[str, str]:
    return {word: str(code) for code, all_ in words.items() for word in all_.split()}


SIGNER_CODES = _codes(_SIGNER_WORDS)
SITUATION_CODES = _codes(_SITUATION_WORDS)
CONSENT_CODES = _codes(_CONSENT_WORDS)
"""Codes by the words files use."""
