"""How an appeal changes: its step in the table, the row claimed, audit, event, its case told; in one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kefu.cases import matters
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Stale
from kefu.regulator import access
from kefu.regulator.errors import REASONS, WrongState
from kefu.regulator.events import AppealChanged
from kefu.regulator.models import Appeal
from kefu.regulator.vocabulary import EVENTS, STEPS, State

DESK = Actor.system("regulator-desk")
LONGEST = 8000


def ref(row: Appeal) -> Ref:
    """How other records point at an appeal."""
    return Ref("appeal", row.pk, row.number)


def standing(actor: Actor, appeal_id: int, step: str, expected_version: int | None) -> Appeal:
    """The appeal in reach when it stands where the step belongs. Raises ``NotFound``, ``Stale``, ``WrongState``."""
    row = access.get_for(actor, appeal_id)
    if expected_version is not None and row.version != expected_version:
        raise Stale
    if row.state not in STEPS[step][0]:
        raise WrongState(state=State(row.state).label)
    return row


def move(
    actor: Actor, row: Appeal, step: str, *, now: datetime, data: Mapping[str, Any] | None = None, clause: str = "", **changes: Any
) -> Appeal:
    """Write the step with its changes; in the caller's transaction. Raises ``Stale``, and then nothing is written."""
    target = STEPS[step][1]
    save_claimed(row, updated_at=now, **({"state": target} if target else {}), **changes)
    told(actor, row, step, now=now, data=data, clause=clause)
    return row


def told(actor: Actor, row: Appeal, what: str, *, now: datetime, data: Mapping[str, Any] | None = None, clause: str = "") -> None:
    """Audit, event and the entry of the case. What was written stays in the appeal's own file: who sees the case does not see it (R27)."""
    known = {"appeal": row.pk, "number": row.number, "state": str(row.state), **(data or {})}
    audit.record(actor, f"appeal.{what}", ref(row), now=now, site_id=row.site_id, clause=clause or row.clause, data=known)
    outbox.emit(AppealChanged(appeal_id=row.pk, case_id=row.case_id, site_id=row.site_id, what=what), now=now)
    matters.tell(
        actor=DESK, case_id=row.case_id, what=f"appeal.{what}", now=now, data={**known, "by": actor.name[:80]},
        events=EVENTS.get(what, ()), clause=clause or row.clause,
    )  # fmt: skip


def words(text: str, field: str = "text", reason: str = "no_text") -> str:
    """What somebody must write; raises ``Invalid`` on its field."""
    found = text.strip()
    if not found or len(found) > LONGEST:
        raise Invalid(fields={field: REASONS[reason]}, code=reason)
    return found
