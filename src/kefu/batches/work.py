"""The worker's part: takes due batches in turns and does them case by case (CASE8).

A case is a savepoint, and a few cases are one transaction: actions, outcomes and the batch's counters commit together, so a worker killed
at any moment has done a case or has not, and the next one goes on with what still waits. A lease keeps two workers apart; if it fails them
(a worker asleep for longer), the items' and the batch's conditional updates do: the second takes its work back.

A few, because a commit and its counters cost more than many an action. Not many, because who saves one of these cases meanwhile waits: a
transaction takes no further case after a fifth of a second. Where a writer keeps out all others (SQLite) every case is its own, so
that they find a gap.
"""

import json
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import F, Q
from django.db.utils import DatabaseError, InterfaceError, OperationalError
from django.utils.translation import override

from kefu.batches import actions, kinds, reasons
from kefu.batches.errors import AlreadySo
from kefu.batches.kinds import Kind
from kefu.batches.models import Batch, BatchItem
from kefu.kernel.actor import Actor
from kefu.kernel.bulk import update_rows
from kefu.kernel.claims import claim
from kefu.kernel.errors import KefuError, Stale
from kefu.people.access import actor_of

log = logging.getLogger(__name__)
BUDGET = timedelta(seconds=1)
LEASE = timedelta(seconds=10)
# Forgotten after this: the record of what was done is in the cases and the audit.
KEPT = timedelta(days=90)
_SLICE = 200
_TOGETHER = 25
_HELD = 0.2
_TRIES = 3
_OUTCOME = ("outcome", "code", "why", "undo", "at")
_ACTIVE = (Batch.State.QUEUED, Batch.State.RUNNING)
_SYSTEM = Actor.system("batches")


class _Ended(Exception):
    """The batch was stopped, or another worker has it: the transaction in hand is taken back."""


@dataclass(frozen=True, slots=True)
class _Result:
    """What came of one case."""

    outcome: BatchItem.Outcome
    code: str = ""
    why: reasons.Why | None = None
    undo: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class _Turn:
    """A batch in the hands of this worker."""

    batch: Batch
    kind: Kind
    given: Mapping[str, Any]
    actor: Actor
    lease: str
    now: datetime


def run_due(*, now: datetime, budget: timedelta = BUDGET) -> int:
    """Work on what is due for about ``budget``; returns cases handled. The batch that waited longest has its turn first."""
    began = monotonic()
    until = began + budget.total_seconds()
    handled = 0
    passed: set[int] = set()
    while monotonic() < until:
        free = Batch.objects.filter(state__in=_ACTIVE).filter(Q(leased_until=None) | Q(leased_until__lt=now))
        batch = free.exclude(pk__in=passed).order_by("worked_at", "pk").first()
        if batch is None:
            break
        passed.add(batch.pk)
        lease = uuid4().hex
        if claim(free.filter(pk=batch.pk), lease=lease, leased_until=now + LEASE, state=Batch.State.RUNNING, worked_at=now):
            waiting = free.exclude(pk__in=passed).count()
            here = monotonic()
            handled += _work(batch, lease, now + timedelta(seconds=here - began), here + (until - here) / (waiting + 1))
    return handled


def _work(batch: Batch, lease: str, now: datetime, until: float) -> int:
    if batch.started_at is None:
        Batch.objects.filter(pk=batch.pk).update(started_at=now)
    actor = actor_of(batch.actor_kind, batch.actor_id, now=now)
    if actor is None:
        with transaction.atomic():
            actions.end(_SYSTEM, batch, Batch.State.FAILED, "person_gone", now)
        return 0
    kind = kinds.named(batch.undo_of.action if batch.undo_of else batch.action)
    turn = _Turn(batch, kind, json.loads(batch.parameters or "{}"), actor, lease, now)
    handled = 0
    try:
        with override(batch.language or None):
            handled = _items(turn, until)
    except _Ended:
        return handled
    _close(turn)
    return handled


def _items(turn: _Turn, until: float) -> int:
    waiting = BatchItem.objects.filter(batch=turn.batch, outcome=BatchItem.Outcome.WAITING).select_related("origin")
    handled, after = 0, 0
    while items := list(waiting.filter(pk__gt=after).order_by("pk")[:_SLICE]):
        after = items[-1].pk
        # Two batches over the same cases take them in the same order, so that neither waits for the other in a circle.
        items.sort(key=lambda item: item.case_id)
        while items:
            if monotonic() >= until:
                return handled
            done = _handle(turn, items[: _most()])
            handled += done
            del items[:done]
    return handled


def _most() -> int:
    return _TOGETHER if connection.features.has_select_for_update else 1


def _handle(turn: _Turn, items: Sequence[BatchItem]) -> int:
    """As many of the cases as there is time for in one transaction; returns how many. If that breaks, the first of them alone."""
    try:
        return _handle_some(turn, items)
    except DatabaseError:
        # A circle of waiting, or an action that left the transaction unusable: the cases of the others must not suffer for it.
        if len(items) == 1:
            raise
        return _handle_some(turn, items[:1])


def _handle_some(turn: _Turn, items: Sequence[BatchItem]) -> int:
    enough = monotonic() + _HELD
    results: list[tuple[BatchItem, _Result]] = []
    with transaction.atomic():
        for item in items:
            results.append((item, _tried(turn, item)))
            if monotonic() >= enough:
                break
        _keep(turn, results)
    return len(results)


def _tried(turn: _Turn, item: BatchItem) -> _Result:
    """One case. Someone else's save in the same instant is tried again before it counts as a refusal."""
    for tries_left in reversed(range(_TRIES)):
        result = _once(turn, item)
        if result.code != Stale.code or not tries_left:
            break
    return result


def _once(turn: _Turn, item: BatchItem) -> _Result:
    try:
        with transaction.atomic():
            return _Result(BatchItem.Outcome.DONE, undo=_done(turn, item))
    except AlreadySo as error:
        return _Result(BatchItem.Outcome.SKIPPED, error.reason)
    except KefuError as error:
        return _Result(BatchItem.Outcome.REFUSED, error.reason, reasons.of(error))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("batch %s failed on case %s", turn.batch.pk, item.case_id)
        return _Result(BatchItem.Outcome.REFUSED, KefuError.code, reasons.of(KefuError()))


def _done(turn: _Turn, item: BatchItem) -> Mapping[str, Any] | None:
    if item.origin is None:
        return turn.kind.apply(turn.actor, item.case_id, turn.given, turn.now)
    turn.kind.revert(turn.actor, item.case_id, item.origin.undo or {}, turn.now)
    BatchItem.objects.filter(pk=item.origin.pk).update(undone=True)
    return None


def _keep(turn: _Turn, results: Sequence[tuple[BatchItem, _Result]]) -> None:
    """Outcomes and counters, if the batch is still ours and the cases still wait; else everything of these cases is taken back."""
    mine = Batch.objects.filter(pk=turn.batch.pk, lease=turn.lease, state=Batch.State.RUNNING)
    counts = Counter(str(result.outcome) for _item, result in results)
    if not claim(mine, **{outcome: F(outcome) + count for outcome, count in counts.items()}):
        raise _Ended
    if update_rows(BatchItem, _OUTCOME, [_row(turn, item, result) for item, result in results], guard="outcome") != len(results):
        raise _Ended


def _row(turn: _Turn, item: BatchItem, result: _Result) -> list[Any]:
    """The item's columns in database form: its key, what it must still be, and what came of it."""
    undo = None if result.undo is None else json.dumps(result.undo)
    at = connection.ops.adapt_datetimefield_value(turn.now)
    waiting = str(BatchItem.Outcome.WAITING)
    return [item.pk, waiting, str(result.outcome), result.code[:40], json.dumps(result.why or []), undo, at]


def _close(turn: _Turn) -> None:
    """Give the batch back, finished when nothing waits any more, and tell who watches it."""
    mine = Batch.objects.filter(pk=turn.batch.pk, lease=turn.lease, state=Batch.State.RUNNING)
    more = BatchItem.objects.filter(batch=turn.batch, outcome=BatchItem.Outcome.WAITING).exists()
    ended = {} if more else {"state": Batch.State.DONE, "finished_at": turn.now}
    with transaction.atomic():
        if not claim(mine, lease="", leased_until=None, **ended):
            return
        turn.batch.refresh_from_db()
        if more:
            actions.tell(turn.batch, turn.now)
        else:
            batch = turn.batch
            counts = {"done": batch.done, "refused": batch.refused, "skipped": batch.skipped}
            actions.record(turn.actor, batch, "done", turn.now, counts)


def forget_old(*, now: datetime, limit: int = 20) -> int:
    """Drop batches that ended long ago, with their items; returns how many."""
    old = Batch.objects.filter(finished_at__lt=now - KEPT, undos=None).order_by("pk")
    keys = list(old.values_list("pk", flat=True)[:limit])
    BatchItem.objects.filter(origin__batch_id__in=keys).update(origin=None)
    BatchItem.objects.filter(batch_id__in=keys).delete()
    return Batch.objects.filter(pk__in=keys).delete()[0]
