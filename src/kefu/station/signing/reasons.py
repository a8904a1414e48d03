"""Why a sign-off is not taken: stable codes with words that say what to do (O10, R11, R45)."""

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as part
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message

REASONS: Mapping[str, Message] = {
    "bad_waybill": _("单号格式不对，请核对。"),
    "unknown_waybill": _("系统里没有这个单号的运单和扫描，请核对单号，或先录单、做到件。"),
    "unknown_site": _("网点不存在，或不在您的权限范围内。"),
    "no_time": _("缺少签收时间。"),
    "future": _("签收时间晚于现在，请改正。"),
    "before_delivery": _("签收时间早于最近一次派件扫描（%(time)s），请核对。"),
    "no_delivery": _("没有本站派件扫描（有签未派），请先补派件扫描。"),
    "already_signed": _("已于 %(time)s 签收，不能重复签收。录错请组长撤销后重录。"),
    "already_stored": _("已入库待取，请做出库，不要重复录入。"),
    "returned": _("正在退回或已退回，不能签收。"),
    "intercepted": _("已拦截，不能签收，请联系总部或寄件人。"),
    "forwarded": _("已转件，请按新单号签收。"),
    "refused_parcel": _("客户已拒收；客户改变主意的，请先重新派件。"),
    "cancelled": _("运单已作废，不能签收。"),
    "courier_differs": _("派件扫描的派件员是 %(courier)s，与填写的不一致，请核对。"),
    "unknown_signer": _("请选择签收人类型。"),
    "unknown_situation": _("请选择签收情况。"),
    "name_missing": _("代签要填写签收人姓名。"),
    "consent_missing": _("代签、入柜、入站要先征得收件人同意：请填写谁同意、用什么方式。"),
    "place_missing": _("请填写驿站、快递柜或代收点的名称。"),
    "unpaid": _("应收 %(owed)s 元，实收 %(paid)s 元。请收齐再签收；少收请先联系寄件网点改金额。"),
    "overpaid": _("应收 %(owed)s 元，实收 %(paid)s 元。多收的请退给客户后改正。"),
    "collect_single": _("这票要收款 %(owed)s 元，请用单票录入填写实收。"),
    "pieces_wrong": _("部分签收的件数要在 1 到 %(most)s 之间。"),
    "pieces_missing": _("这票 %(count)s 件，部分签收请填写件数。"),
    "note_missing": _("签收异常请写明情况。"),
    "too_long": _("内容超过字段长度。"),
    "bad_amount": _("金额不正确，请填写不小于 0 的数。"),
    "twice_here": _("同一批里有这个单号，只录第一次。"),
    "stale": _("同时有人在录这票，请刷新看看。"),
    "not_stored": _("这票不在库，不能出库。"),
    "out_before_in": _("出库时间早于入库（%(time)s），请核对。"),
    "undo_reason": _("请写明撤销原因，留给以后查。"),
    "undo_gone": _("这次签收已撤销。"),
    "nothing_changed": _("没有改动。"),
    "clear_reason": _("请写明核查结果，留给以后查。"),
    "cleared_already": _("已有人核查过了。"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: a code of ``REASONS``, the field it concerns, what fills its words, the clause it rests on."""

    code: str
    field: str = ""
    params: Mapping[str, Any] = part(default_factory=dict)
    clause: str = ""

    @property
    def words(self) -> str:
        """In the reader's language."""
        text = str(REASONS.get(self.code, self.code))
        return text % self.params if self.params else text

    @property
    def message(self) -> str:
        """As other refusals call their words."""
        return self.words
