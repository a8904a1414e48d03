"""Bulk work over the API: one action on many cases as a job with a result for each."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Query, Router
from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.batches import access, actions, kinds, queries
from kefu.batches.actions import BatchRequest
from kefu.batches.queries import ItemRow

router = Router(tags=["batches"])
_PLAIN_LIMIT = 1000


class BatchAction(Schema):
    """Something that can be done in bulk; ``undoable``: it can be taken back."""

    action: str
    title: str
    undoable: bool


class Batch(Schema):
    """A bulk work. ``state`` is queued, running, done, stopped or failed; the counts add up to ``total`` when it has ended."""

    id: int
    action: str
    title: str
    state: str
    failure: str
    by: str
    total: int
    done: int
    refused: int
    skipped: int
    undo_of: int | None
    may_undo: bool
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None


class BatchItem(Schema):
    """One case of a bulk work; ``words`` say why it was not handled. The title is empty when the caller may not see the case."""

    case_id: int
    number: str
    title: str
    outcome: str
    code: str
    words: str
    undone: bool
    at: datetime | None


class NewBatch(Schema):
    """What is to be done and to which cases: their keys, or all that a filter of the case list holds (the names of `list_cases`)."""

    model_config = ConfigDict(extra="forbid")
    action: str = Field(max_length=20)
    parameters: dict[str, Any] = Field(default_factory=dict, description="Depends on the action: `staff`; `text`; `step`, `answers`; …")
    cases: Annotated[list[Id], Field(max_length=_PLAIN_LIMIT)] | None = None
    matching: dict[str, str] | None = Field(None, description="Filter of the case list; `{}` is all open cases in reach.")


class BatchesWanted(Paged):
    """Which bulk works."""

    mine: bool = True


class ItemsWanted(Paged):
    """Which cases of a bulk work."""

    outcome: Literal["", "waiting", "done", "refused", "skipped"] = ""


def _batch(request: ApiRequest, row: Any, *, may_undo: bool | None = None) -> Batch:
    return Batch(
        id=row.pk,
        action=row.action,
        title=queries.title(row),
        state=row.state,
        failure=queries.failure(row),
        by=row.actor_name,
        total=row.total,
        done=row.done,
        refused=row.refused,
        skipped=row.skipped,
        undo_of=row.undo_of_id,
        may_undo=queries.may_undo(request.actor, row) if may_undo is None else may_undo,
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )


def _item(row: ItemRow) -> BatchItem:
    item = row.item
    return BatchItem(
        case_id=item.case_id,
        number=item.number,
        title=row.title,
        outcome=item.outcome,
        code=item.code,
        words=row.words,
        undone=item.undone,
        at=item.at,
    )


@router.get("/batches/actions", response=list[BatchAction])
def list_batch_actions(request: ApiRequest) -> list[BatchAction]:
    """What the caller may do in bulk (CASE8)."""
    return [BatchAction(action=kind.key, title=str(kind.title), undoable=kind.undoable) for kind in kinds.known(request.actor)]


@router.get("/batches", response=PageOf[Batch])
def list_batches(request: ApiRequest, wanted: Query[BatchesWanted]) -> PageOf[Batch]:
    """Bulk works, newest first: one's own, or all the caller may see. `may_undo` is told by the single one (CASE8)."""
    found = queries.page(request.actor, mine=wanted.mine, cursor=wanted.cursor, size=wanted.size)
    return shown(found, lambda row: _batch(request, row, may_undo=False))


@router.post("/batches", response={201: Batch})
def start_batch(request: ApiRequest, body: NewBatch) -> Status[Batch]:
    """Queue a bulk work on at most 50,000 cases, as they are chosen now; each is done with the caller's rights at that time (CASE8)."""
    matching: Mapping[str, str] | None = body.matching if body.cases is None else None
    wanted = BatchRequest(body.action, body.parameters, tuple(body.cases or ()), matching)
    row = actions.start(actor=request.actor, request=wanted, now=moment.now())
    return Status(201, _batch(request, row))


@router.get("/batches/{int:batch_id}", response=Batch)
def read_batch(request: ApiRequest, batch_id: int) -> Batch:
    """How far a bulk work is (CASE8)."""
    return _batch(request, access.get_for(request.actor, batch_id))


@router.get("/batches/{int:batch_id}/items", response=PageOf[BatchItem])
def list_batch_items(request: ApiRequest, batch_id: int, wanted: Query[ItemsWanted]) -> PageOf[BatchItem]:
    """The cases of a bulk work with what came of each, and why (CASE8)."""
    found = queries.items(request.actor, batch_id, outcome=wanted.outcome, cursor=wanted.cursor, size=wanted.size)
    return shown(found, _item)


@router.post("/batches/{int:batch_id}/stop", response=Batch)
def stop_batch(request: ApiRequest, batch_id: int) -> Batch:
    """End it: what is done stays done, no further case is touched (CASE8)."""
    return _batch(request, actions.stop(actor=request.actor, batch_id=batch_id, now=moment.now()))


@router.post("/batches/{int:batch_id}/undo", response={201: Batch})
def undo_batch(request: ApiRequest, batch_id: int) -> Status[Batch]:
    """Take it back, as a bulk work of its own; cases that have moved on since are left as they are (CASE8)."""
    return Status(201, _batch(request, actions.undo(actor=request.actor, batch_id=batch_id, now=moment.now())))
