"""What every step of a dispute leaves behind: the claimed row, a line of its timeline, audit, an event."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.disputes.errors import WrongState
from kefu.disputes.events import DisputeChanged, DisputeDecided, DisputeFiled
from kefu.disputes.models import Dispute, Step
from kefu.disputes.vocabulary import State, StepKind
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Stale

LONGEST = 2000


def ref(row: Dispute) -> Ref:
    """How other records point at a dispute."""
    return Ref("dispute", row.pk, str(row))


def words(text: str, *, least: int = 2, field: str = "comment") -> str:
    """What somebody has to say; raises ``Invalid`` on its field when it is too short or too long."""
    found = text.strip()
    if len(found) < least:
        raise Invalid(fields={field: _("请写明理由，至少 %(count)s 个字。") % {"count": least}}, code="no_reason")
    if len(found) > LONGEST:
        raise Invalid(fields={field: _("内容过长，请控制在 %(count)s 字以内。") % {"count": LONGEST}}, code="long_text")
    return found


def check(row: Dispute, states: tuple[State, ...], expected_version: int | None) -> None:
    """Raises ``Stale`` when the caller saw another version, ``WrongState`` when the step does not belong here."""
    if expected_version is not None and row.version != expected_version:
        raise Stale
    if row.state not in states:
        raise WrongState(state=State(row.state).label)


def move(actor: Actor, row: Dispute, kind: StepKind, *, now: datetime, text: str = "", data: Mapping[str, Any] | None = None,
         **changes: Any) -> None:  # fmt: skip
    """Claim the row with its changes, and note the step; in the caller's transaction."""
    save_claimed(row, **changes)
    note(actor, row, kind, now=now, text=text, data=data)


def note(actor: Actor, row: Dispute, kind: StepKind, *, now: datetime, text: str = "", data: Mapping[str, Any] | None = None) -> None:
    """A line of the timeline, and the audit entry."""
    facts = dict(data or {})
    Step.objects.create(dispute=row, kind=kind, staff_id=actor.staff_id, by=actor.name[:80], at=now, text=text, data=facts)
    told = {"state": str(row.state), "outcome": row.outcome, **facts}
    audit.record(actor, f"dispute.{kind.value}", ref(row), now=now, site_id=row.site_id, clause=row.clause, data=told)


def _of(row: Dispute) -> dict[str, Any]:
    return {
        "dispute_id": row.pk, "site_id": row.site_id, "staff_id": row.staff_id,
        "inspected_kind": row.subject_kind, "inspected_id": row.subject_id,
    }  # fmt: skip


def tell_filed(row: Dispute, items: tuple[str, ...], now: datetime) -> None:
    """It was filed."""
    outbox.emit(DisputeFiled(**_of(row), items=items), now=now)


def tell_decided(row: Dispute, stage: str, items: tuple[str, ...], now: datetime) -> None:
    """Something was decided."""
    final = row.state == State.CLOSED
    outbox.emit(DisputeDecided(**_of(row), stage=stage, outcome=row.outcome, final=final, items=items), now=now)


def tell_changed(row: Dispute, what: StepKind, now: datetime) -> None:
    """Another step."""
    outbox.emit(DisputeChanged(**_of(row), what=what.value), now=now)
