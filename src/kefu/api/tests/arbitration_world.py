"""Filings at every step, for the matrix of callers. They are against the shop, so that headquarters is no party."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from kefu.api.tests.conftest import Caller
from kefu.arbitration import actions
from kefu.arbitration.drafts import Ruling, ShareDraft
from kefu.conftest import NOW, Cast

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
_FREE = "557000000000499"


@dataclass(frozen=True)
class Arbitrations:
    """Filings by the state they wait in, a piece of evidence, the accused site."""

    filed: int = 1
    replying: int = 1
    judging: int = 1
    auditing: int = 1
    decided: int = 1
    evidence: int = 1
    accused: int = 1
    arbiter: int = 1


def filing(waybill: str, site: int, accused: int) -> dict[str, Any]:
    """A filing as a program makes it."""
    return {
        "waybill": waybill, "kind": "breach", "site": site, "accused": [accused], "reason": "没有扫描就签收", "claimed": "80",
        "complainant": "王先生", "phone": "13800138000",
    }  # fmt: skip


def build(root: Caller, send_file: Any, cast: Cast, site: int, accused: int) -> Arbitrations:
    """One filing at each step."""
    numbers = [f"55700000000040{place}" for place in range(5)]
    waybills = [*numbers, _FREE]
    root.ok("POST", "/parcels", {"parcels": [{"waybill": one, "site": site} for one in waybills]})
    at = (NOW - timedelta(days=2)).isoformat()
    root.ok("POST", "/scans", {"scans": [{"waybill": one, "code": "arrive", "site": site, "scanned_at": at} for one in waybills]})
    found = [root.ok("POST", "/arbitrations", filing(one, site, accused))["id"] for one in numbers]
    ruling = Ruling("accused", Decimal(80), "没有底单", [ShareDraft(accused, Decimal(100))])
    for place, filing_id in enumerate(found):
        if place >= 1:
            actions.accept(actor=cast.manager, filing_id=filing_id, now=NOW)
        if place >= 2:
            root.ok("POST", f"/arbitrations/{filing_id}/reply", {"text": "已按规定操作"})
        if place >= 3:
            actions.rule(actor=cast.manager, filing_id=filing_id, ruling=ruling, now=NOW)
        if place >= 4:
            actions.confirm(actor=cast.admin, filing_id=filing_id, now=NOW)
    evidence = send_file(f"/arbitrations/{found[0]}/evidence", PNG)["files"][0]["id"]
    return Arbitrations(*found, evidence, accused, cast.manager.id)


def requests(w: Arbitrations, site: int) -> dict[str, tuple[str, str, Any]]:
    """Method, address and body by operation."""
    verdict = {"outcome": "accused", "awarded": "80", "reason": "没有底单", "shares": [{"site": w.accused, "percent": "100"}]}
    return {
        "list_arbitration_types": ("GET", f"/arbitrations/types?site={site}", None),
        "file_arbitration": ("POST", "/arbitrations", filing(_FREE, site, w.accused)),
        "read_arbitration": ("GET", f"/arbitrations/{w.filed}", None),
        "accept_arbitration": ("POST", f"/arbitrations/{w.filed}/accept", {}),
        "refuse_arbitration": ("POST", f"/arbitrations/{w.filed}/refuse", {"text": "证据不足"}),
        "withdraw_arbitration": ("POST", f"/arbitrations/{w.filed}/withdraw", {"text": "已找到"}),
        "reply_arbitration": ("POST", f"/arbitrations/{w.replying}/reply", {"text": "没有收到"}),
        "add_arbitration_evidence": ("FILE", f"/arbitrations/{w.replying}/evidence", PNG + b"1"),
        "download_arbitration_evidence": ("GET", f"/arbitrations/{w.filed}/evidence/{w.evidence}", None),
        "rule_arbitration": ("POST", f"/arbitrations/{w.judging}/verdicts", verdict),
        "confirm_arbitration": ("POST", f"/arbitrations/{w.auditing}/confirm", {}),
        "send_back_arbitration": ("POST", f"/arbitrations/{w.auditing}/send-back", {"text": "理由不足"}),
        "appeal_arbitration": ("POST", f"/arbitrations/{w.decided}/appeal", {"text": "有新证据"}),
        "assign_arbitration": ("POST", f"/arbitrations/{w.judging}/assign", {"staff": w.arbiter}),
        "read_arbitration_statement": ("GET", f"/arbitration-statement?site={site}&month=2026-10-01", None),
        "lock_arbitration_month": ("POST", "/arbitration-statement/lock", {"site": site, "month": "2026-10-01"}),
    }
