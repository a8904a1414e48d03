"""Claims at every step, for the matrix of callers; made by an agent, so that whoever approves is another person."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from kefu.claims import actions
from kefu.claims.drafts import ClaimDraft, PaymentResult
from kefu.claims.liability import Share
from kefu.claims.losses import LossFacts
from kefu.conftest import NOW, Cast

LOSS = {"loss": "lost", "value": "500"}


@dataclass(frozen=True)
class Claims:
    """Claims by where they stand, and payments."""

    case: int = 1
    draft: int = 1
    approving: int = 1
    approved: int = 1
    agreed: int = 1
    found: int = 1
    owed: int = 1
    back: int = 1
    waiting: int = 1


def _made(cast: Cast, case: int, item: str, until: int) -> int:
    """A claim of 500 yuan taken so many steps far."""
    draft = ClaimDraft(
        LossFacts("lost", value=Decimal(500)), item=item, claimant_name="赵倩", claimant_phone="13800001111", cause="transit_loss",
        papers=("form", "waybill", "value"),
    )  # fmt: skip
    found = actions.file_claim(actor=cast.agent, case_id=case, draft=draft, now=NOW).pk
    about = {"claim_id": found, "now": NOW}
    steps = (
        lambda: actions.propose(actor=cast.agent, amount=Decimal(500), reason="", **about),
        lambda: actions.approve(actor=cast.lead, reason="同意", **about),
        lambda: actions.agree(actor=cast.agent, channel="alipay", account_name="赵倩", account="13800001111", **about),
        lambda: actions.share_out(actor=cast.agent, shares=[Share("C", Decimal(100))], reason="监控", **about),
        lambda: actions.start_payment(actor=cast.manager, **about),
    )
    for step in steps[:until]:
        step()
    return found


def _paid(cast: Cast, case: int, item: str) -> int:
    found = _made(cast, case, item, 4)
    payment = actions.start_payment(actor=cast.manager, claim_id=found, now=NOW)
    actions.note_result(actor=cast.manager, payment_id=payment.pk, result=PaymentResult(payment.number, "paid"), now=NOW)
    actions.note_found(actor=cast.agent, claim_id=found, now=NOW)
    return found


def build(cast: Cast, case: int) -> Claims:
    """One claim at each step."""
    found = _made(cast, case, "找到的", 1)
    actions.note_found(actor=cast.agent, claim_id=found, now=NOW)
    back = _paid(cast, case, "退款的")
    actions.choose(actor=cast.agent, claim_id=back, choice="take_back", now=NOW)
    waiting = actions.start_payment(actor=cast.manager, claim_id=_made(cast, case, "付款的", 4), now=NOW)
    return Claims(
        case,
        _made(cast, case, "草稿", 0),
        _made(cast, case, "审批的", 1),
        _made(cast, case, "通过的", 2),
        _made(cast, case, "同意的", 4),
        found,
        _paid(cast, case, "追回的"),
        back,
        waiting.pk,
    )


def requests(w: Claims) -> dict[str, tuple[str, str, Any]]:
    """For each operation one request that succeeds for who may do all."""
    claim = {"loss": LOSS, "claimant_name": "赵倩", "item": "新的"}
    why = {"reason": "已核对"}
    return {
        "reckon_compensation": ("POST", f"/cases/{w.case}/compensation", LOSS),
        "file_claim": ("POST", f"/cases/{w.case}/claims", claim),
        "read_claim": ("GET", f"/claims/{w.draft}", None),
        "revise_claim": ("PUT", f"/claims/{w.draft}", {**claim, "item": "改过"}),
        "propose_claim": ("POST", f"/claims/{w.draft}/propose", {"amount": "100", **why}),
        "approve_claim": ("POST", f"/claims/{w.approving}/approve", why),
        "reject_claim": ("POST", f"/claims/{w.approving}/reject", why),
        "exempt_claim": ("POST", f"/claims/{w.approving}/exempt", why),
        "withdraw_claim": ("POST", f"/claims/{w.draft}/withdraw", why),
        "acknowledge_claim": ("POST", f"/claims/{w.draft}/acknowledge", {}),
        "hold_claim_papers": ("PUT", f"/claims/{w.draft}/papers", {"papers": ["form"]}),
        "agree_claim": ("POST", f"/claims/{w.approved}/agree", {"channel": "cash"}),
        "share_claim": ("PUT", f"/claims/{w.draft}/liability", {"shares": [{"party": "C", "percent": "100"}], **why}),
        "pay_claim": ("POST", f"/claims/{w.agreed}/pay", {}),
        "note_payment_results": ("POST", "/claim-payments/results", {"results": [{"number": f"P{w.waiting:08d}", "outcome": "paid"}]}),
        "send_payments": ("POST", "/claim-payments/batches", {"payments": [w.waiting]}),
        "note_claim_found": ("POST", f"/claims/{w.draft}/found", {}),
        "clear_claim_found": ("POST", f"/claims/{w.found}/not-found", why),
        "choose_recovery": ("POST", f"/claims/{w.owed}/recovery/choose", {"choice": "keep_money"}),
        "recover_claim": ("POST", f"/claims/{w.back}/recovery", {"back": "500"}),
        "report_claims": ("GET", "/claims/report?month=2026-11-01", None),
    }
