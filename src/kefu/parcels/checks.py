"""Which drafts cannot be taken, and why. Pure."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.vocabulary import ScanCode, Scope
from kefu.parcels.waybills import is_waybill

# Clocks of scanners run ahead a little.
CLOCK_DRIFT = timedelta(minutes=5)
_CODES = frozenset(ScanCode.values)
_SCOPES = frozenset(Scope.values)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

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
    if draft.scanned_at < _EARLIEST:
        return "too_old"
    limits = ((draft.operator, 20), (draft.courier, 20), (draft.device, 40), (draft.reason, 20), (draft.note, 200), (draft.external_id, 80))
    return "too_long" if any(len(text) > limit for text, limit in limits) else None


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
    amounts = (draft.weight or Decimal(0), draft.cod_amount, draft.freight_amount, draft.insured_amount)
    if not 1 <= draft.pieces <= 100_000 or not all(amount.is_finite() and 0 <= amount <= 9_999_999 for amount in amounts):
        return "bad_amount"
    return "too_long" if len(draft.carrier) > 20 or len(draft.product) > 40 else None
