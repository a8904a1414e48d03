"""Which drafts cannot be taken, and why. Pure."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.vocabulary import Payment, ReceiptKind, ScanCode, Scope
from kefu.parcels.waybills import is_waybill

# Clocks of scanners run ahead a little; none was right before this.
CLOCK_DRIFT = timedelta(minutes=5)
_CODES = frozenset(ScanCode.values)
_SCOPES = frozenset(Scope.values)
_PAYMENTS = frozenset({"", *Payment.values})
_RECEIPTS = frozenset({"", *ReceiptKind.values})
_MOST = Decimal(9_999_999)
_LONGEST_SIDE = Decimal(99_999)
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

REASONS: dict[str, Message] = {
    "bad_waybill": _("运单号格式不正确。"),
    "unknown_code": _("扫描类型不在词表中。"),
    "unknown_scope": _("寄递范围不正确。"),
    "unknown_site": _("站点不存在，或不在您的权限范围内。"),
    "no_time": _("缺少扫描时间或时区。"),
    "future": _("扫描时间晚于当前时间，请检查设备时钟。"),
    "too_old": _("时间早于 2000 年，请检查设备时钟。"),
    "bad_amount": _("件数、重量或金额不能为负数。"),
    "too_long": _("内容超过字段长度。"),
    "unknown_payment": _("付款方式只能是寄付、到付或月结。"),
    "unknown_receipt": _("回单类型只能是原件、复印件或电子回单。"),
    "bad_bag": _("包号格式不正确，应为 4 至 40 位字母或数字。"),
    "bad_sub_waybill": _("子单号格式不正确，或与主单号相同、有重复，请核对后重填。"),
    "sub_waybill_count": _("子单数与件数不一致，请核对件数或子单号。"),
    "sub_waybill_taken": _("子单号已用于其他运单，请核对。"),
    "scan_voided": _("这次扫描已作废，再次导入不会恢复；若确有这次操作，请重新扫描。"),
    "is_sub_waybill": _("这个号码是另一运单的子单号，不能再录为主单号。"),
}


def scan_problem(draft: ScanDraft, now: datetime, reaches: Callable[[int], bool]) -> str | None:
    """Code of the first thing wrong with a scan; ``waybill`` must be clean."""
    if not is_waybill(draft.waybill):
        return "bad_waybill"
    if draft.code not in _CODES:
        return "unknown_code"
    if not reaches(draft.site_id):
        return "unknown_site"
    if draft.scanned_at.tzinfo is None:
        return "no_time"
    if draft.scanned_at > now + CLOCK_DRIFT:
        return "future"
    if draft.scanned_at < EARLIEST:
        return "too_old"
    if draft.bag and not is_bag(draft.bag):
        return "bad_bag"
    limits = (
        (draft.operator, 20),
        (draft.courier, 20),
        (draft.device, 40),
        (draft.reason, 20),
        (draft.note, 200),
        (draft.external_id, 80),
        (draft.truck, 40),
    )
    return "too_long" if any(len(text) > limit for text, limit in limits) else None


def is_bag(text: str) -> bool:
    """Whether a cleaned number can be one of a bag (包号)."""
    return 4 <= len(text) <= 40 and text.isascii() and text.isalnum()


def parcel_problem(draft: ParcelDraft, reaches: Callable[[int], bool]) -> str | None:
    """Code of the first thing wrong with a parcel; ``waybill`` must be clean."""
    if not is_waybill(draft.waybill):
        return "bad_waybill"
    if draft.scope not in _SCOPES:
        return "unknown_scope"
    if not reaches(draft.site_id) and not (draft.origin_site_id is not None and reaches(draft.origin_site_id)):
        return "unknown_site"
    if draft.promised_at is not None and draft.promised_at.tzinfo is None:
        return "no_time"
    if draft.payment not in _PAYMENTS:
        return "unknown_payment"
    if draft.receipt_kind not in _RECEIPTS:
        return "unknown_receipt"
    if not 1 <= draft.pieces <= 100_000 or not _amounts_good(draft):
        return "bad_amount"
    if draft.sub_waybills and (reason := _sub_problem(draft)):
        return reason
    limits = (
        (draft.carrier, 20),
        (draft.product, 40),
        (draft.goods, 60),
        (draft.packaging, 20),
        (draft.collected_by, 20),
        (draft.entered_by, 20),
        (draft.destination, 120),
        (draft.remark, 200),
    )
    return "too_long" if any(len(text) > limit for text, limit in limits) else None


def _amounts_good(draft: ParcelDraft) -> bool:
    amounts = (draft.cod_amount, draft.freight_amount, draft.insured_amount, draft.fee_amount, draft.insurance_fee)
    weights = (draft.weight, draft.volume_weight, draft.billing_weight, draft.hub_weight)
    sides = (draft.length, draft.width, draft.height)
    return (
        all(amount.is_finite() and 0 <= amount <= _MOST for amount in amounts)
        and all(weight is None or (weight.is_finite() and 0 <= weight <= _MOST) for weight in weights)
        and all(side is None or (side.is_finite() and 0 <= side <= _LONGEST_SIDE) for side in sides)
    )


def _sub_problem(draft: ParcelDraft) -> str | None:
    numbers = set(draft.sub_waybills)
    if len(numbers) != len(draft.sub_waybills) or draft.waybill in numbers or not all(map(is_waybill, numbers)):
        return "bad_sub_waybill"
    return "sub_waybill_count" if len(numbers) != draft.pieces else None
