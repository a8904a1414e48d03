"""Hand-over notes for the next shift."""

from datetime import datetime

from ninja import Query
from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.cases.showing import masked
from kefu.api.desk.router import Body, router
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.desk import handover


class HandoverNote(Schema):
    """A note of one's site; personal numbers in it are masked."""

    id: int
    author: str
    mine: bool
    text: str
    at: datetime
    case_id: int | None
    case: str
    acknowledged: bool
    acknowledged_by: list[str]


class NotesWanted(Schema):
    """All of the last three days, or those to take note of."""

    model_config = ConfigDict(extra="forbid")
    open: bool = False


class NewNote(Body):
    """What the next shift must know, perhaps about a case."""

    text: str = Field(min_length=1, max_length=500)
    case: Id | None = None


def _shown(one: handover.Left) -> HandoverNote:
    plain = {name: getattr(one, name) for name in ("id", "author", "mine", "at", "case_id", "case", "acknowledged")}
    return HandoverNote(text=str(masked(one.text)), acknowledged_by=list(one.acknowledged_by), **plain)


@router.get("/handover", response=list[HandoverNote])
def list_handover(request: ApiRequest, wanted: Query[NotesWanted]) -> list[HandoverNote]:
    """Notes of one's site, newest first (CASE8)."""
    return [_shown(one) for one in handover.notes(request.actor, open_only=wanted.open, now=moment.now())]


@router.post("/handover", response={204: None})
def leave_handover(request: ApiRequest, body: NewNote) -> Status[None]:
    """Leave a note for the people of one's site (CASE8)."""
    handover.leave(actor=request.actor, text=body.text, case_id=body.case, now=moment.now())
    return Status(204, None)


@router.post("/handover/{int:note_id}/acknowledge", response={204: None})
def acknowledge_handover(request: ApiRequest, note_id: int) -> Status[None]:
    """Take note; twice is the same (CASE8)."""
    handover.acknowledge(actor=request.actor, note_id=note_id, now=moment.now())
    return Status(204, None)


@router.delete("/handover/{int:note_id}", response={204: None})
def withdraw_handover(request: ApiRequest, note_id: int) -> Status[None]:
    """Take one's own note back (CASE8)."""
    handover.withdraw(actor=request.actor, note_id=note_id, now=moment.now())
    return Status(204, None)
