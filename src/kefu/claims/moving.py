"""How a claim changes: the step's place in the table, the row claimed, audit, event, and the case told; in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kefu.cases import matters
from kefu.claims import access
from kefu.claims.errors import REASONS, WrongState
from kefu.claims.events import ClaimChanged
from kefu.claims.liability import amounts
from kefu.claims.models import Claim, LiabilityShare
from kefu.claims.vocabulary import EVENT_OF_STEP, STEPS, State
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Stale
from kefu.people.permissions import Permission

LONGEST = 500
_TELLER = Actor.system("claims-desk")


def ref(row: Claim) -> Ref:
    """The claim, for audit."""
    return Ref("claim", row.pk, row.number)


def standing(actor: Actor, claim_id: int, step: str, expected_version: int | None = None) -> Claim:
    """The claim in reach when it stands where the step belongs. Raises ``NotFound``, ``Stale``, ``WrongState``."""
    row = access.get_for(actor, claim_id)
    if expected_version is not None and row.version != expected_version:
        raise Stale
    if row.state not in STEPS[step][0]:
        raise WrongState(state=State(row.state).label)
    return row


def move(
    actor: Actor,
    row: Claim,
    what: str,
    changes: Mapping[str, Any],
    *,
    now: datetime,
    text: str = "",
    clause: str = "",
    data: Mapping[str, Any] | None = None,
) -> Claim:
    """Write the changes and let everybody who must know of ``what`` know: audit, outbox, the case's timeline and clocks.

    In the caller's transaction. Raises ``Stale`` when somebody changed the claim since it was read; nothing is then written.
    """
    save_claimed(row, updated_at=now, **changes)
    if "amount" in changes:
        _divide_anew(row)
    told(actor, row, what, now=now, text=text, clause=clause, data=data)
    return row


def _divide_anew(row: Claim) -> None:
    """Divide the claim's amount by the shares that stand."""
    stands = list(row.shares.order_by("place"))
    for one, amount in zip(stands, amounts(row.amount, [one.percent for one in stands]), strict=True):
        one.amount = amount
    if stands:
        LiabilityShare.objects.bulk_update(stands, ["amount"])


def told(
    actor: Actor, row: Claim, what: str, *, now: datetime, text: str = "", clause: str = "", data: Mapping[str, Any] | None = None
) -> None:
    """Audit, event and the entry of the case."""
    known = {"claim": row.pk, "number": row.number, "state": row.state, "amount": str(row.amount), **(data or {})}
    audit.record(actor, f"claim.{what}", ref(row), now=now, site_id=row.site_id, clause=clause, data=known)
    outbox.emit(ClaimChanged(claim_id=row.pk, case_id=row.case_id, site_id=row.site_id, what=what, state=row.state), now=now)
    events = [event] if (event := EVENT_OF_STEP.get(what)) else []
    teller = actor if actor.may(Permission.CASE_VIEW) else _TELLER
    matters.tell(actor=teller, case_id=row.case_id, what=f"claim.{what}", now=now, data=known, text=text, events=events, clause=clause)


def reason_given(text: str, field: str = "text") -> str:
    """The reason, without blanks at its ends. Raises ``Invalid`` when there is none or too much of it."""
    found = text.strip()
    code = "no_reason" if not found else "long_text" if len(found) > LONGEST else ""
    if code:
        raise Invalid(fields={field: REASONS[code]}, code=code)
    return found
