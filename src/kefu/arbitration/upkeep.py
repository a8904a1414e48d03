"""What the worker does by itself: silence sends a filing on, and a verdict nobody appeals becomes final (O6)."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from kefu.arbitration.ledger import book
from kefu.arbitration.models import Accused, Filing, Verdict
from kefu.arbitration.recording import DESK, move
from kefu.arbitration.vocabulary import State, Step
from kefu.kernel.errors import Stale

_AT_ONCE = 200


def go_on(*, now: datetime) -> int:
    """Take every filing that is due one step on; returns how many. Safe in several processes: a step is claimed by its version."""
    return sum(_forwarded(row, now) for row in _due(State.REPLYING, now)) + sum(_finished(row, now) for row in _due(State.DECIDED, now))


def _due(state: str, now: datetime) -> QuerySet[Filing]:
    rows = Filing.objects.select_related("site").prefetch_related("accused").filter(state=state, due_at__lt=now)
    return rows.order_by("due_at")[:_AT_ONCE]


def _forwarded(row: Filing, now: datetime) -> bool:
    """Who let the time pass is judged without being heard. What is stamped is the deadline's doing, not the sweep's."""
    try:
        with transaction.atomic():
            silent = [one.site_id for one in row.accused.all() if one.replied_at is None]
            move(DESK, row, Step.FORWARD, {"state": State.JUDGING, "due_at": None}, now=now, data={"silent": silent})
            Accused.objects.filter(filing=row, replied_at=None).update(silent=True)
    except Stale:
        return False
    return True


def _finished(row: Filing, now: datetime) -> bool:
    try:
        with transaction.atomic():
            move(DESK, row, Step.FINISH, {"state": State.FINAL, "due_at": None, "ended_at": now}, now=now)
            book(row, Verdict.objects.prefetch_related("shares").get(filing=row, round=1, confirmed=True), now=now)
    except Stale:
        return False
    return True
