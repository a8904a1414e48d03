"""Which fields of a waybill a change touches, with old and new values fit to be kept: personal ones masked (O9, R48). Pure."""

from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.kernel.masking import mask_address, mask_name, mask_phone
from kefu.kernel.wording import listed
from kefu.parcels.drafts import ParcelDraft, Party

TITLES: dict[str, Message] = {
    "site_id": _("目的网点"),
    "origin_site_id": _("寄件网点"),
    "sent_on": _("寄件日期"),
    "carrier": _("快递公司"),
    "scope": _("寄递范围"),
    "collected_by": _("收件员"),
    "sender_name": _("寄件人"),
    "sender_company": _("寄件公司"),
    "sender_phone": _("寄件电话"),
    "sender_address": _("寄件地址"),
    "receiver_name": _("收件人"),
    "receiver_company": _("收件公司"),
    "receiver_phone": _("收件电话"),
    "receiver_address": _("收件地址"),
    "destination": _("目的地"),
    "goods": _("品名"),
    "pieces": _("件数"),
    "weight": _("重量"),
    "length": _("长"),
    "width": _("宽"),
    "height": _("高"),
    "volume_weight": _("体积重量"),
    "billing_weight": _("计费重量"),
    "hub_weight": _("中心重量"),
    "packaging": _("包装"),
    "payment": _("付款方式"),
    "fee_amount": _("运费"),
    "freight_amount": _("到付金额"),
    "cod_amount": _("代收货款"),
    "insured_amount": _("保价金额"),
    "insurance_fee": _("保价费"),
    "receipt_kind": _("回单类型"),
    "receipt_no": _("回单号"),
    "sub_waybills": _("子单号"),
    "product": _("产品类型"),
    "promised_at": _("承诺时间"),
    "postal": _("邮政件"),
    "in_area": _("在派送范围内"),
    "id_verified": _("已核对身份"),
    "told": _("已告知寄件人"),
    "remark": _("备注"),
    "entered_by": _("录入人"),
}
_MASKS: dict[str, Callable[[str], str]] = {"name": mask_name, "phone": mask_phone, "address": mask_address, "company": lambda text: text}
_APART = frozenset({"waybill", "sender", "receiver", "entered_by", "in_area"})
_LONGEST = 200


class Change(NamedTuple):
    """A field with its values before and after, as they may be kept."""

    field: str
    old: str
    new: str


def changes(before: ParcelDraft, after: ParcelDraft) -> list[Change]:
    """What differs between two drafts of a waybill, in the order of the draft."""
    found = [
        Change(one.name, _said(getattr(before, one.name)), _said(getattr(after, one.name)))
        for one in fields(ParcelDraft)
        if one.name not in _APART and getattr(before, one.name) != getattr(after, one.name)
    ]
    for side in ("sender", "receiver"):
        found += _of_party(side, getattr(before, side), getattr(after, side))
    return found


def _of_party(side: str, before: Party, after: Party) -> Iterator[Change]:
    for name, mask in _MASKS.items():
        old, new = getattr(before, name), getattr(after, name)
        if old != new:
            yield Change(f"{side}_{name}", mask(old)[:_LONGEST], mask(new)[:_LONGEST])


def _said(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, tuple):
        return listed(value)[:_LONGEST]
    return str(value)[:_LONGEST]
