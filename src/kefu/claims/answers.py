"""What claims answer when a guard of a case asks (``claim.*``); the names stand in ``handbook.schema.facts``."""

from collections.abc import Mapping
from typing import Any

from kefu.cases.fact_sources import AskedCase
from kefu.claims.models import Claim
from kefu.claims.vocabulary import ENDED, OPEN, State

_DECIDED = (
    State.APPROVED,
    State.AGREED,
    State.PAYING,
    State.PAID,
    State.FAILED,
    State.RETURNED,
    State.EXEMPTED,
    State.RECOVERED,
)


def facts(case: AskedCase) -> Mapping[str, Any]:
    """How the claims of the case stand, in one query."""
    rows = list(Claim.objects.filter(case_id=case.case_id).values_list("state", "amount")) if case.case_id else []
    states = {state for state, _amount in rows}
    return {
        "claim.filed": bool(states - {State.WITHDRAWN}),
        "claim.open": bool(states & set(OPEN)),
        "claim.decided": bool(states & set(_DECIDED)),
        "claim.agreed": bool(states & {State.AGREED, State.PAYING, State.PAID, State.FAILED, State.RETURNED}),
        "claim.paid": State.PAID in states,
        "claim.exempted": State.EXEMPTED in states,
        "claim.amount": float(sum(amount for state, amount in rows if state not in ENDED)),
    }
