"""Starting, stopping and taking back bulk work. What is done to the single cases is in ``work``."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kefu.batches import access, kinds
from kefu.batches.errors import CannotUndo, NotActive, NothingChosen, TooLarge, TooManyAtOnce
from kefu.batches.events import BatchChanged
from kefu.batches.models import Batch, BatchItem
from kefu.cases import filters
from kefu.cases import queries as cases
from kefu.cases.filters import CaseFilter
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.people.access import require

MOST_CASES = 50_000
MOST_AT_ONCE = 5


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What is to be done, and to which cases: ``case_ids``, or all that a choice of the case list holds (``matching``: ``cases.filters``).

    ``ticket`` is the form's own number: the same form sent twice starts one batch.
    """

    action: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    case_ids: Sequence[int] = ()
    matching: Mapping[str, str] | None = None
    ticket: str | None = None


def start(*, actor: Actor, request: BatchRequest, now: datetime) -> Batch:
    """Put a bulk work into the queue, with the cases as they are chosen now (CASE8).

    Raises ``KindUnknown``, ``MissingPermission``, ``Invalid``, ``NothingChosen``, ``TooLarge``, ``TooManyAtOnce``; nothing is queued then.
    """
    kind = kinds.named(request.action)
    require(actor, kind.permission)
    if (known := _known(actor, request.ticket)) is not None:
        return known
    parameters = kind.clean(actor, request.parameters)
    choice = filters.check(request.matching) if request.matching is not None else {}
    ids = _chosen(actor, request, choice, now)
    _check_room(actor)
    batch = _batch(actor, kind.key, now, total=len(ids), ticket=request.ticket)
    batch.parameters = _json(parameters)
    batch.choice = _json(choice) if request.matching is not None else ""
    try:
        with transaction.atomic():
            _queue(actor, batch, [BatchItem(case_id=pk) for pk in ids], now)
    except IntegrityError:
        # The same form came twice at once.
        if (known := _known(actor, request.ticket)) is not None:
            return known
        raise
    return batch


def _known(actor: Actor, ticket: str | None) -> Batch | None:
    return Batch.objects.filter(actor_kind=actor.kind, actor_id=actor.id, ticket=ticket).first() if ticket else None


def _json(value: Mapping[str, Any]) -> str:
    return json.dumps(dict(value), ensure_ascii=False, separators=(",", ":"), default=str)


def _chosen(actor: Actor, request: BatchRequest, choice: Mapping[str, str], now: datetime) -> list[int]:
    if request.matching is None:
        ids = list(dict.fromkeys(request.case_ids))
    else:
        ids = cases.matching_ids(actor, CaseFilter.of(choice), now=now, limit=MOST_CASES + 1)
    if not ids:
        raise NothingChosen
    if len(ids) > MOST_CASES:
        raise TooLarge(most=MOST_CASES)
    return ids


def _check_room(actor: Actor) -> None:
    count = Batch.objects.filter(actor_kind=actor.kind, actor_id=actor.id, state__in=(Batch.State.QUEUED, Batch.State.RUNNING)).count()
    if count >= MOST_AT_ONCE:
        raise TooManyAtOnce(count=count)


def _batch(actor: Actor, action: str, now: datetime, *, total: int, ticket: str | None = None, undo_of: Batch | None = None) -> Batch:
    return Batch(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_name=actor.name[:80],
        site_id=actor.site_id,
        action=action,
        language=(get_language() or "")[:10],
        undo_of=undo_of,
        ticket=ticket,
        total=total,
        worked_at=now,
        created_at=now,
    )


def _queue(actor: Actor, batch: Batch, items: list[BatchItem], now: datetime) -> None:
    batch.save(force_insert=True)
    for item in items:
        item.batch = batch
    BatchItem.objects.bulk_create(items, batch_size=2000)
    data = {"action": batch.action, "count": batch.total, "undo_of": batch.undo_of_id}
    record(actor, batch, "started", now, data)


def ref(batch: Batch) -> Ref:
    """How other records point at a batch."""
    return Ref("batch", batch.pk, batch.action)


def record(actor: Actor, batch: Batch, what: str, now: datetime, data: Mapping[str, Any] | None = None) -> None:
    """Audit row and event of a change of the batch itself; in the caller's transaction."""
    audit.record(actor, f"batch.{what}", ref(batch), now=now, site_id=batch.site_id, data=data)
    tell(batch, now)


def tell(batch: Batch, now: datetime) -> None:
    """The event of a batch that moved on."""
    staff_id = batch.actor_id if batch.actor_kind == "staff" else None
    outbox.emit(BatchChanged(batch_id=batch.pk, site_id=batch.site_id, staff_id=staff_id, state=str(batch.state)), now=now)


def stop(*, actor: Actor, batch_id: int, now: datetime) -> Batch:
    """End a batch before its time: what is done stays done, the rest is not touched. No case is done after this has committed."""
    batch = access.get_for(actor, batch_id)
    with transaction.atomic():
        if not end(actor, batch, Batch.State.STOPPED, "stopped", now):
            raise NotActive
    batch.refresh_from_db()
    return batch


def end(actor: Actor, batch: Batch, state: Batch.State, code: str, now: datetime) -> bool:
    """Close an unfinished batch and pass over what waits; false when it has ended already. In the caller's transaction."""
    active = Batch.objects.filter(pk=batch.pk, state__in=(Batch.State.QUEUED, Batch.State.RUNNING))
    failure = code if state == Batch.State.FAILED else ""
    if active.update(state=state, failure=failure, finished_at=now, lease="", leased_until=None) != 1:
        return False
    waiting = BatchItem.objects.filter(batch=batch, outcome=BatchItem.Outcome.WAITING)
    left = waiting.update(outcome=BatchItem.Outcome.SKIPPED, code=code, at=now)
    batch.refresh_from_db()
    batch.skipped += left
    Batch.objects.filter(pk=batch.pk).update(skipped=batch.skipped)
    record(actor, batch, str(state), now, {"done": batch.done, "refused": batch.refused, "skipped": batch.skipped, "left": left})
    return True


def undo(*, actor: Actor, batch_id: int, now: datetime) -> Batch:
    """Take a finished batch back, as a batch of its own in the name of who asks. A case that has moved on since is left and said so.

    Raises ``CannotUndo`` for a work without inverse, one still running, one that is an undo itself, or with nothing left to take back.
    """
    batch = access.get_for(actor, batch_id)
    if batch.action == kinds.UNDO or not kinds.named(batch.action).undoable:
        raise CannotUndo(why=_("这种操作没有相反的操作。"), code="batch_no_inverse")
    require(actor, kinds.named(batch.action).permission)
    if batch.is_active:
        raise CannotUndo(why=_("操作还在进行，请先停止。"), code="batch_running")
    done = BatchItem.objects.filter(batch=batch, outcome=BatchItem.Outcome.DONE, undone=False).order_by("-pk")
    items = [BatchItem(case_id=case_id, origin_id=pk) for pk, case_id in done.values_list("pk", "case_id")]
    if not items:
        raise CannotUndo(why=_("没有可以撤销的工单。"), code="batch_nothing_to_undo")
    _check_room(actor)
    back = _batch(actor, kinds.UNDO, now, total=len(items), undo_of=batch)
    try:
        with transaction.atomic():
            _queue(actor, back, items, now)
    except IntegrityError as error:
        raise CannotUndo(why=_("另一个撤销正在进行。"), code="batch_undo_running") from error
    return back
