"""Every write of claims, by what it is for (CASE6)."""

from kefu.claims.approving import agree, approve, exempt, propose, reject
from kefu.claims.bearing import share_out
from kefu.claims.filing import acknowledge, file_claim, hold_papers, revise, withdraw
from kefu.claims.paying import note_result, note_results, send_batch, start_payment
from kefu.claims.recovering import choose, clear_found, follow_moves, note_found, recover

__all__ = [
    "acknowledge", "agree", "approve", "choose", "clear_found", "exempt", "file_claim", "follow_moves", "hold_papers", "note_found",
    "note_result", "note_results", "propose", "recover", "reject", "revise", "send_batch", "share_out", "start_payment", "withdraw",
]  # fmt: skip
