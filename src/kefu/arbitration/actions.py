"""Every write of arbitration, in one place for other rooms; each stands in the file of who does it (CASE7, O6)."""

from kefu.arbitration.answering import appeal, reply, withdraw
from kefu.arbitration.desk import accept, assign, drop_arbiter, refuse, set_arbiter
from kefu.arbitration.evidence import add_evidence, read_evidence
from kefu.arbitration.filing import file_arbitration
from kefu.arbitration.ledger import lock_month
from kefu.arbitration.ruling import confirm, rule, send_back
from kefu.arbitration.upkeep import go_on

__all__ = [
    "accept", "add_evidence", "appeal", "assign", "confirm", "drop_arbiter", "file_arbitration", "go_on", "lock_month", "read_evidence",
    "refuse", "reply", "rule", "send_back", "set_arbiter", "withdraw",
]  # fmt: skip
