"""Fees of three months in every state, and receipts on their way back, for the matrix of callers."""

from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from kefu.api.tests.conftest import Caller
from kefu.conftest import NOW, Cast
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.station.fees import actions as fees
from kefu.station.receipts import actions as receipts

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
_BAND = {"from_kg": "0", "base": "1.2", "over_kg": "3", "per_kg": "0.3"}
_CARD = {"title": "2026 派费", "source": "测试", "bands": [_BAND]}
# By month: August is settled, September counted, October still open.
_MONTHS = {8: 1, 9: 1, 10: 3}


@dataclass(frozen=True)
class Fees:
    """Fees, a card, statements and receipts by the state they are in."""

    open: int = 1
    disputed: int = 1
    disputed_version: int = 1
    card: int = 1
    draft: int = 1
    draft_version: int = 1
    settled: int = 1
    settled_version: int = 1
    receipt: int = 1
    receipt_version: int = 1
    picture: int = 1
    lost: int = 1
    lost_version: int = 1


def _waybill(month: int, number: int) -> str:
    return f"5570000006{month:02d}{number:03d}"


def _delivered(cast: Cast, site: int) -> None:
    """Signed for, each in its month; its sender wants the receipt."""
    for month, count in _MONTHS.items():
        at = datetime(2026, month, 20, 2, 0, tzinfo=UTC)
        numbers = [_waybill(month, number) for number in range(count)]
        drafts = [ParcelDraft(one, site, weight=Decimal("8.46"), receipt_kind="original") for one in numbers]
        rows = [parcels.register_parcel(actor=cast.system, draft=draft, now=at) for draft in drafts]
        parcels.record_scans(actor=cast.system, batch=[ScanDraft(one, "sign", site, at) for one in numbers], now=NOW)
        ids = [row.pk for row in rows]
        fees.refresh(actor=cast.system, parcel_ids=ids, now=NOW)
        receipts.follow(actor=cast.system, parcel_ids=ids, now=NOW)


def build(root: Caller, send_picture: Any, cast: Cast, site: int) -> Fees:
    """A card, three months of deliveries, two statements, three receipts."""
    card = root.ok("POST", "/fees/rates", {**_CARD, "site": site, "valid_from": "2026-08-01"})["id"]
    _delivered(cast, site)
    found = {row["values"]["waybill"]: int(row["key"]) for row in root.ok("POST", "/lists/station-fees/search", {"filter": {}})["rows"]}
    settled = root.ok("POST", "/fees/statements", {"site": site, "month": "2026-08-01"})
    settled = root.ok("POST", f"/fees/statements/{settled['id']}/settle", {"version": settled["version"]})
    draft = root.ok("POST", "/fees/statements", {"site": site, "month": "2026-09-01"})
    disputed = found[_waybill(10, 1)]
    said = root.ok("POST", f"/fees/{disputed}/disputes", {"version": 0, "reason": "weight", "wanted": "5.00"})["fee"]
    return Fees(
        found[_waybill(10, 0)],
        disputed,
        said["version"],
        card,
        draft["id"],
        draft["version"],
        settled["id"],
        settled["version"],
        *_receipts(root, send_picture),
    )


def _receipts(root: Caller, send_picture: Any) -> tuple[int, int, int, int, int]:
    rows = root.ok("POST", "/lists/station-receipts/search", {"filter": {"due": "unregistered"}})["rows"]
    by_waybill = {row["values"]["waybill"]: int(row["key"]) for row in rows}
    one, lost = by_waybill[_waybill(10, 0)], by_waybill[_waybill(10, 1)]
    root.ok("POST", "/receipts/steps", {"steps": [{"number": _waybill(10, 0), "state": 1}]})
    picture = send_picture(f"/receipts/{one}/pictures", PNG)["id"]
    gone = root.ok("POST", f"/receipts/{lost}/lost", {"version": 0, "reason": "交接丢失"})["receipt"]
    return one, root.ok("GET", f"/receipts/{one}")["version"], picture, lost, gone["version"]


def requests(w: Fees, site: int) -> dict[str, tuple[str, str, Any]]:
    """Method, address and body by operation."""
    fee, disputed, receipt = f"/fees/{w.open}", f"/fees/{w.disputed}", f"/receipts/{w.receipt}"
    draft, settled = f"/fees/statements/{w.draft}", f"/fees/statements/{w.settled}"
    span = {"site": site, "first": "2026-10-01", "last": "2026-10-31"}
    seen = {"version": w.receipt_version}
    return {
        "read_fee": ("GET", fee, None),
        "dispute_delivery_fee": ("POST", f"{fee}/disputes", {"version": 0, "reason": "weight", "wanted": "5.00"}),
        "decide_fee": ("POST", f"{disputed}/decision", {"version": w.disputed_version, "verdict": "upheld"}),
        "note_fee_extras": ("POST", f"{fee}/extras", {"version": 0, "floors": 2}),
        "reckon_fees": ("POST", "/fees/reckon", span),
        "list_rate_cards": ("GET", "/fees/rates", None),
        "add_rate_card": ("POST", "/fees/rates", {**_CARD, "site": site, "valid_from": "2026-08-01", "product": "特惠"}),
        "end_rate_card": ("POST", f"/fees/rates/{w.card}/end", {"version": 0, "valid_until": "2026-12-31"}),
        "try_fee": ("GET", f"/fees/trial?site={site}&day=2026-10-23&weight=8.46", None),
        "collect_fee_statement": ("POST", "/fees/statements", {"site": site, "month": "2026-10-15"}),
        "read_fee_statement": ("GET", draft, None),
        "settle_fee_statement": ("POST", f"{draft}/settle", {"version": w.draft_version}),
        "pay_fee_statement": ("POST", f"{settled}/pay", {"version": w.settled_version}),
        "read_receipt": ("GET", receipt, None),
        "count_receipts": ("GET", "/receipts/counts", None),
        "note_receipt_steps": ("POST", "/receipts/steps", {"steps": [{"number": _waybill(10, 2), "state": 1}]}),
        "undo_receipt_step": ("POST", f"{receipt}/undo", {**seen, "reason": "扫错"}),
        "report_receipt_lost": ("POST", f"{receipt}/lost", {**seen, "reason": "交接丢失"}),
        "report_receipt_found": ("POST", f"/receipts/{w.lost}/found", {"version": w.lost_version}),
        "upload_receipt_picture": ("FILE", f"{receipt}/pictures", PNG + b"1"),
        "download_receipt_picture": ("GET", f"{receipt}/pictures/{w.picture}", None),
    }
