"""What a check of an entry may say: codes, the field each belongs to, the words (O9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as made

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.parcels.checks import REASONS as PARCEL_REASONS

# Code: the field it is shown at, the sentence, which says what to do.
REFUSALS: dict[str, tuple[str, Message]] = {
    "entry_taken": ("waybill", _("运单号已录入（%(by)s，%(at)s）。请核对单号；要修改请打开原记录。")),
    "entry_void": ("waybill", _("这是作废单（%(reason)s），不能使用，请换一个单号。")),
    "entry_future": ("sent_on", _("寄件日期不能晚于今天。")),
    "entry_too_old": ("sent_on", _("寄件日期早于 %(days)s 天前，请核对（%(clause)s）。")),
    "entry_no_sender": ("sender_name", _("请填写寄件人姓名：收寄须登记寄件人。")),
    "entry_no_receiver": ("receiver_name", _("请填写收件人姓名。")),
    "entry_sender_phone": ("sender_phone", _("寄件电话有误：手机应为 1 开头的 11 位，座机请带区号，如 0571-88886666。")),
    "entry_receiver_phone": ("receiver_phone", _("收件电话有误：手机应为 1 开头的 11 位，座机请带区号，如 0571-88886666。")),
    "entry_no_address": ("receiver_address", _("请填写收件地址。")),
    "entry_address": ("receiver_address", _("收件地址看不出省、市、区县，请补全，如“浙江省杭州市西湖区…”。")),
    "entry_ambiguous": ("receiver_address", _("有多个同名区县，请写明城市。")),
    "entry_no_site": ("deliver_site", _("找不到派件网点：派送范围表没有这个地址，请选择目的网点。")),
    "entry_no_collector": ("collector", _("请填写收件员工号。")),
    "entry_no_goods": ("goods", _("请填写品名。")),
    "entry_banned": ("goods", _("品名含禁寄词“%(word)s”，不得收寄（%(clause)s）。")),
    "entry_no_weight": ("weight", _("请填写实际重量，须大于 0。")),
    "entry_size": ("length", _("长、宽、高须一起填写，且都大于 0。")),
    "entry_id": ("id_verified", _("未核对寄件人身份，不得收寄（%(clause)s）。请核对证件后勾选。")),
    "entry_not_told": ("told", _("目的地%(verdict)s（%(area)s）。请先告知寄件人，再勾选“已告知寄件人”（%(clause)s）。")),
    "entry_surcharge": ("told", _("目的地要加收 %(yuan)s 元（%(area)s）。请先与寄件人约定，再勾选“已告知寄件人”（%(clause)s）。")),
    "entry_unserved": ("receiver_address", _("目的地%(verdict)s（%(area)s），%(province)s内不得收寄（%(clause)s）。请退还寄件人。")),
    "entry_freight": ("freight_amount", _("付款方式为到付时，请填写到付金额。")),
    "entry_freight_extra": ("freight_amount", _("到付金额只用于到付；寄付、月结请填运费。")),
    "entry_money_route": ("payment", _("%(route)s不能到付或代收货款（%(clause)s），请改为寄付。")),
    "entry_cod_most": ("cod_amount", _("代收货款超过上限 %(most)s 元（%(clause)s）。")),
    "entry_insured_most": ("insured_amount", _("保价金额超过上限 %(most)s 元（%(clause)s）。")),
    "entry_no_insured": ("insured_amount", _("填了保价费，但没有保价金额。")),
    "entry_receipt": ("receipt_kind", _("填了回单号，请选择回单类型。")),
    "entry_receipt_no": ("receipt_no", _("回单号不超过 40 个字符。")),
    "entry_reason": ("reason", _("快件已发出，修改须写明原因（至少 4 个字）。")),
    "entry_origin": ("site", _("寄件网点不存在，或不在您的权限范围内。")),
    **{code: ("waybill", message) for code, message in PARCEL_REASONS.items()},
    "sub_waybill_count": ("sub_waybills", PARCEL_REASONS["sub_waybill_count"]),
    "sub_waybill_taken": ("sub_waybills", PARCEL_REASONS["sub_waybill_taken"]),
    "bad_sub_waybill": ("sub_waybills", PARCEL_REASONS["bad_sub_waybill"]),
    "bad_amount": ("weight", PARCEL_REASONS["bad_amount"]),
    "unknown_payment": ("payment", PARCEL_REASONS["unknown_payment"]),
    "unknown_receipt": ("receipt_kind", PARCEL_REASONS["unknown_receipt"]),
    "unknown_scope": ("scope", PARCEL_REASONS["unknown_scope"]),
}
WARNINGS: dict[str, tuple[str, Message]] = {
    "entry_late": ("sent_on", _("收件已 %(hours)s 小时才录单（%(clause)s）。")),
    "entry_after": ("sent_on", _("寄件日期晚于收件时间（%(collected)s），请核对。")),
    "entry_under": ("weight", _("中心重量 %(hub)s 公斤，比录入的计费重量多 %(more)s 公斤，可能短缴（%(clause)s）。")),
    "entry_scale": ("weight", _("收件时称重 %(collected)s 公斤，与录入的重量不同，请核对。")),
    "entry_area_unknown": ("receiver_address", _("派送范围表没有这个地址的记载，请向派件网点确认能否派送。")),
    "entry_area_partly": ("receiver_address", _("只有部分街道或村派送（%(area)s），请补全地址。")),
    "entry_no_subs": ("sub_waybills", _("共 %(pieces)s 件，没有填子单号。")),
}
MESSAGES: dict[str, Message] = {code: message for code, (_field, message) in (REFUSALS | WARNINGS).items()}

# A warning in two words, for lists and history.
SHORT: dict[str, Message] = {
    "entry_late": _("录单晚于收件"),
    "entry_after": _("寄件日期晚于收件"),
    "entry_under": _("可能短缴"),
    "entry_scale": _("与收件称重不同"),
    "entry_area_unknown": _("范围表无记载"),
    "entry_area_partly": _("部分派送"),
    "entry_no_subs": _("没有子单号"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Something a check found. ``refuses``: it cannot be saved so; else the clerk may let it stand. ``clause`` as written by settings."""

    code: str
    refuses: bool = True
    params: Mapping[str, object] = made(default_factory=dict)

    @property
    def field(self) -> str:
        """The field it is shown at."""
        return (REFUSALS if self.refuses else WARNINGS)[self.code][0]

    @property
    def clause(self) -> str:
        """The clause it rests on, or nothing."""
        return str(self.params.get("clause", ""))

    def __str__(self) -> str:
        message = str(MESSAGES[self.code])
        return message % self.params if self.params else message
