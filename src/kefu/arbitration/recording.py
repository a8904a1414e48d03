"""What every write of a filing leaves behind: the claimed row, audit, events, and the line in its case."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kefu.arbitration import flow
from kefu.arbitration.errors import REASONS, WrongState
from kefu.arbitration.events import ArbitrationChanged
from kefu.arbitration.models import Filing
from kefu.arbitration.vocabulary import SEEN_BY_ACCUSED, State, Step
from kefu.cases import matters
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Message, Stale

DESK = Actor.system("arbitration-desk")


def ref(row: Filing) -> Ref:
    """How other records point at a filing."""
    return Ref("arbitration", row.pk, f"{row.number} {row.waybill}")


def standing(row: Filing, step: str, expected_version: int | None) -> State:
    """The state the step leads to; raises ``Stale``, or ``WrongState`` when the step does not belong here."""
    if expected_version is not None and row.version != expected_version:
        raise Stale
    target = flow.after(row.state, step)
    if target is None:
        raise WrongState(state=State(row.state).label)
    return target


def move(
    actor: Actor, row: Filing, step: Step, changes: Mapping[str, Any], *, now: datetime, data: Mapping[str, Any] | None = None,
    events: Sequence[str] = (),
) -> Filing:  # fmt: skip
    """The row claimed with its changes, the audit entry, the events, the case told; in the caller's transaction."""
    save_claimed(row, updated_at=now, **changes)
    write(actor, row, step, now=now, data=data, events=events)
    return row


def write(
    actor: Actor, row: Filing, what: str, *, now: datetime, data: Mapping[str, Any] | None = None, events: Sequence[str] = ()
) -> None:
    """Audit, events and the case's line about what happened; ``data`` holds codes and numbers only."""
    facts = {"state": str(row.state), **(data or {})}
    audit.record(actor, f"arbitration.{what}", ref(row), now=now, site_id=row.site_id, clause=row.clause, data=facts)
    sites = [row.site_id]
    if row.state in SEEN_BY_ACCUSED:
        sites += [one.site_id for one in row.accused.all()]
    outbox.emit_many([ArbitrationChanged(filing_id=row.pk, site_id=one, what=what) for one in sites], now=now)
    if row.case_id is not None:
        told = {"filing": row.pk, "number": row.number, "by": actor.name[:80], **facts}
        matters.tell(actor=DESK, case_id=row.case_id, what=f"arbitration.{what}", now=now, data=told, events=events, clause=row.clause)


def words(text: str, missing: Message, longest: int | None, field: str = "text") -> str:
    """A text somebody must write, within its limit; raises ``Invalid`` on its field."""
    found = text.strip()
    if not found:
        raise Invalid(fields={field: missing}, code="no_text")
    if longest is not None and len(found) > longest:
        raise Invalid(fields={field: REASONS["long_text"]}, code="long_text")
    return found
