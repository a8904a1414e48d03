"""Every register a ledger may be kept over."""

from collections.abc import Mapping

from kefu.ledgers.over_cases import OPEN_CASES
from kefu.ledgers.over_claims import PAYMENTS, SHARES
from kefu.ledgers.over_shop import REMINDERS, SALES, URGES
from kefu.ledgers.registers import Register

REGISTERS: Mapping[str, Register] = {one.key: one for one in (OPEN_CASES, PAYMENTS, SHARES, SALES, URGES, REMINDERS)}
