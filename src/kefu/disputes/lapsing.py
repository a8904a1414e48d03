"""What follows by itself when a window of a dispute ends: the handbook's consequence, never a forgotten dispute (QA7)."""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from kefu.disputes import rules
from kefu.disputes.deciding import card_of, settle
from kefu.disputes.models import Dispute
from kefu.disputes.recording import move, tell_changed, tell_decided
from kefu.disputes.vocabulary import Overdue, State, StepKind
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Stale

_CLOCK = Actor.system("dispute-windows")
_AT_ONCE = 200


def sweep(*, now: datetime) -> int:
    """Apply what has lapsed by ``now``: returns how many moved. Safe to repeat and to run twice at once."""
    waits = Q(state=State.REVIEW) & ~Q(overdue_review=Overdue.NOTHING) | Q(state=State.FINAL) & ~Q(overdue_final=Overdue.NOTHING)
    due = Dispute.objects.filter(waits | Q(state=State.DECIDED), due_at__lte=now).order_by("due_at", "pk")
    moved = 0
    for row in due[:_AT_ONCE]:
        try:
            with transaction.atomic():
                _lapse(row, now)
        except Stale:
            continue  # somebody decided it just now
        moved += 1
    return moved


def _lapse(row: Dispute, now: datetime) -> None:
    if row.state == State.DECIDED:
        move(_CLOCK, row, StepKind.CLOSED, now=now, state=State.CLOSED, due_at=None, closed_at=now)
        tell_decided(row, "closed", tuple(item.item_key for item in row.items.all()), now)
        return
    assert row.due_at is not None
    if row.state == State.REVIEW and row.overdue_review == Overdue.ESCALATE:
        # The final judge has as many days again, from the day after the window ended.
        until = rules.ends(row.due_at - timedelta(seconds=1), row.review_days)
        move(_CLOCK, row, StepKind.ESCALATED, now=now, state=State.FINAL, due_at=until)
        tell_changed(row, StepKind.ESCALATED, now)
        return
    asked = [item for item in row.items.all() if item.review_verdict in ("", "breached")]
    verdicts = {item.item_key: "passed" for item in asked}
    settle(_CLOCK, row, asked, verdicts, "overdue", card_of(_CLOCK, row), now=now, lapse=True)
