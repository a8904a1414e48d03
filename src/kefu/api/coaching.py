"""Coaching notes and good passages over the API. Lists: `/lists/coaching-notes` and `/lists/clips`."""

from datetime import date, datetime
from decimal import Decimal

from ninja import Query, Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.coaching import actions, queries
from kefu.coaching.actions import NewClip, NewNote
from kefu.quality import standing

router = Router(tags=["coaching"])


class CoachingNote(Schema):
    """A note: state open, answered or done."""

    id: int
    staff_id: int
    staff: str
    author: str
    site_id: int
    conversation_id: int | None
    line: int | None
    item_key: str
    text: str
    next_step: str
    due_on: date | None
    state: str
    at: datetime
    answer: str
    answered_at: datetime | None
    done_by: str
    done_at: datetime | None
    version: int


class NewCoachingNote(Schema):
    """A note about somebody in reach; `next_step` and `due_on` come together."""

    model_config = ConfigDict(extra="forbid")
    staff: Id
    text: str = Field(max_length=4000)
    next_step: str = Field("", max_length=600)
    due_on: date | None = None
    conversation: Id | None = None
    line: int | None = Field(None, ge=0)
    item: str = Field("", max_length=60)


class CoachingAnswer(Schema):
    """What the agent says."""

    model_config = ConfigDict(extra="forbid")
    answer: str = Field(max_length=4000)
    version: int | None = None


class CoachingSeen(Schema):
    """What the caller saw."""

    model_config = ConfigDict(extra="forbid")
    version: int | None = None


class PassageLine(Schema):
    """A line, masked; `number` counts from 0."""

    number: int
    side: str
    text: str


class Passage(Schema):
    """A passage: lines `first` to `last`, both included, from 0; state nominated, published or withdrawn."""

    id: int
    title: str
    why: str
    item_key: str
    tag: str
    state: str
    conversation_id: int
    first: int
    last: int
    site_id: int
    nominated_by: str
    at: datetime
    decided_by: str
    version: int
    lines: list[PassageLine]


class NewPassage(Schema):
    """Lines of a conversation in reach, and why they are good."""

    model_config = ConfigDict(extra="forbid")
    conversation: Id
    first: int = Field(ge=0)
    last: int = Field(ge=0)
    title: str = Field(max_length=160)
    why: str = Field(max_length=1000)
    item: str = Field("", max_length=60)
    tag: str = Field("", max_length=40)


class StandingWanted(Schema):
    """A period, both days included."""

    model_config = ConfigDict(extra="forbid")
    since: date
    until: date


class StaffStanding(Schema):
    """One's average, and the share (0–100) of the others in the team below it; null in teams of fewer than four."""

    average: Decimal | None
    percentile: int | None


def _note(request: ApiRequest, note_id: int) -> CoachingNote:
    return CoachingNote.model_validate(queries.note(request.actor, note_id))


def _passage(request: ApiRequest, clip_id: int) -> Passage:
    row, lines = queries.clip(request.actor, clip_id)
    names = [name for name in Passage.model_fields if name != "lines"]
    return Passage(lines=[PassageLine.model_validate(one) for one in lines], **{name: getattr(row, name) for name in names})


@router.post("/coaching-notes", response=CoachingNote)
def write_coaching_note(request: ApiRequest, body: NewCoachingNote) -> CoachingNote:
    """Coach somebody: what was seen, what is agreed until when (QA8)."""
    new = NewNote(body.staff, body.text, body.next_step, body.due_on, body.conversation, body.line, body.item)
    return _note(request, actions.write_note(actor=request.actor, new=new, now=moment.now()).pk)


@router.get("/coaching-notes/{int:note_id}", response=CoachingNote)
def read_coaching_note(request: ApiRequest, note_id: int) -> CoachingNote:
    """One note: about oneself, or about somebody in reach with `coaching.write` (QA8)."""
    return _note(request, note_id)


@router.post("/coaching-notes/{int:note_id}/answer", response=CoachingNote)
def answer_coaching_note(request: ApiRequest, note_id: int, body: CoachingAnswer) -> CoachingNote:
    """The agent's own answer (QA8)."""
    actions.answer_note(actor=request.actor, note_id=note_id, answer=body.answer, now=moment.now(), expected_version=body.version)
    return _note(request, note_id)


@router.post("/coaching-notes/{int:note_id}/done", response=CoachingNote)
def finish_coaching_note(request: ApiRequest, note_id: int, body: CoachingSeen) -> CoachingNote:
    """What was agreed is done (QA8)."""
    actions.finish_note(actor=request.actor, note_id=note_id, now=moment.now(), expected_version=body.version)
    return _note(request, note_id)


@router.get("/staff/{int:staff_id}/standing", response=StaffStanding)
def read_staff_standing(request: ApiRequest, staff_id: int, wanted: Query[StandingWanted]) -> StaffStanding:
    """Where a person stands in their team; no colleague's figure (QA2)."""
    return StaffStanding.model_validate(standing.standing_of(request.actor, staff_id, since=wanted.since, until=wanted.until))


@router.post("/clips", response=Passage)
def nominate_clip(request: ApiRequest, body: NewPassage) -> Passage:
    """Put a passage forward for the library (QA8)."""
    new = NewClip(body.conversation, body.first, body.last, body.title, body.why, body.item, body.tag)
    return _passage(request, actions.nominate(actor=request.actor, new=new, now=moment.now()).pk)


@router.get("/clips/{int:clip_id}", response=Passage)
def read_clip(request: ApiRequest, clip_id: int) -> Passage:
    """One passage with its lines, masked (QA8)."""
    return _passage(request, clip_id)


@router.post("/clips/{int:clip_id}/publish", response=Passage)
def publish_clip(request: ApiRequest, clip_id: int) -> Passage:
    """Put it into the library (QA8)."""
    actions.publish(actor=request.actor, clip_id=clip_id, now=moment.now())
    return _passage(request, clip_id)


@router.post("/clips/{int:clip_id}/withdraw", response=Passage)
def withdraw_clip(request: ApiRequest, clip_id: int) -> Passage:
    """Take it out of the library (QA8)."""
    actions.withdraw(actor=request.actor, clip_id=clip_id, now=moment.now())
    return _passage(request, clip_id)
