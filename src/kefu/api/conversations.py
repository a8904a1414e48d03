"""Conversations over the API: lists, transcripts, and import of batches."""

from datetime import date, datetime
from typing import Any, Literal

from ninja import Query, Router
from pydantic import AwareDatetime, ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.conversations import actions, queries
from kefu.conversations.checks import REASONS
from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.lines import Line

router = Router(tags=["conversations"])
MOST_IN_BATCH = 200


class ConversationRow(Schema):
    """A conversation in a list."""

    id: int
    source: str
    external_id: str
    channel: str
    site_id: int
    site: str
    staff_id: int | None
    staff: str
    staff_no: str
    customer_id: int | None
    waybill: str
    started_at: datetime
    ended_at: datetime | None
    line_count: int
    agent_lines: int
    customer_lines: int
    disposition: str
    version: int


class Utterance(Schema):
    """What one side said at once; ``at`` and ``end`` are seconds from the start."""

    index: int
    side: str
    text: str
    at: float | None
    end: float | None


class Conversation(ConversationRow):
    """A conversation with its lines; people's numbers and addresses are masked."""

    customer: str
    lines: list[Utterance]


class ConversationsWanted(Paged):
    """What a list of conversations shows. Names that are not here are refused."""

    site: Id | None = None
    staff: Id | None = None
    customer: Id | None = None
    channel: Literal["", "call", "chat", "email", "form"] = ""
    waybill: str = Field("", max_length=40)
    source: str = Field("", max_length=40)
    day_from: date | None = None
    day_to: date | None = None
    q: str = Field("", max_length=200, description="Words that were said; newest matches first.")


def row(one: Any) -> ConversationRow:
    """A conversation in a list; its site and agent are loaded."""
    return ConversationRow(**_values(one))


def _values(one: Any) -> dict[str, Any]:
    plain = (
        "id", "source", "external_id", "channel", "site_id", "staff_id", "staff_no", "customer_id", "waybill", "started_at", "ended_at",
        "line_count", "agent_lines", "customer_lines", "disposition", "version",
    )  # fmt: skip
    values = {name: getattr(one, name) for name in plain}
    return {**values, "site": one.site.name, "staff": one.staff.name if one.staff_id else ""}


def _said(line: Line) -> Utterance:
    return Utterance(index=line.index, side=line.side, text=line.text, at=line.at, end=line.end)


@router.get("/conversations", response=PageOf[ConversationRow])
def list_conversations(request: ApiRequest, wanted: Query[ConversationsWanted]) -> PageOf[ConversationRow]:
    """Conversations in reach, newest first; agents see their own (CONV3, SEC2)."""
    filters = queries.Filters(
        site_id=wanted.site,
        staff_id=wanted.staff,
        customer_id=wanted.customer,
        channel=wanted.channel,
        waybill=wanted.waybill,
        source=wanted.source,
        day_from=wanted.day_from,
        day_to=wanted.day_to,
        text=wanted.q,
    )
    return shown(queries.page(request.actor, filters, cursor=wanted.cursor, size=wanted.size), row)


@router.get("/conversations/{int:conversation_id}", response=Conversation)
def read_conversation(request: ApiRequest, conversation_id: int) -> Conversation:
    """One conversation with its lines, masked (CONV3, SEC1)."""
    found = queries.detail(request.actor, conversation_id)
    return Conversation(**_values(found.conversation), customer=found.customer, lines=[_said(line) for line in found.lines])


class NewLine(Schema):
    """A line to store."""

    model_config = ConfigDict(extra="forbid")
    side: Literal["agent", "customer", "system"]
    text: str = Field(max_length=1_000_000)
    at: float | None = Field(None, ge=0)
    end: float | None = Field(None, ge=0)


class NewConversation(Schema):
    """A conversation to store; ``external_id`` is its id at the source and makes it once only."""

    model_config = ConfigDict(extra="forbid")
    source: str = Field(max_length=60)
    external_id: str = Field(max_length=200)
    channel: Literal["call", "chat", "email", "form"]
    site: Id
    started_at: AwareDatetime
    ended_at: AwareDatetime | None = None
    lines: list[NewLine] = Field(max_length=20_000)
    staff_no: str = Field("", max_length=60)
    customer_phone: str = Field("", max_length=60)
    customer_name: str = Field("", max_length=60)
    waybill: str = Field("", max_length=60)
    disposition: str = Field("", max_length=40)
    facts: dict[str, str | bool] = Field(default_factory=dict, max_length=20)


class NewConversations(Schema):
    """A batch; larger imports go through the command line, which resumes."""

    model_config = ConfigDict(extra="forbid")
    conversations: list[NewConversation] = Field(min_length=1, max_length=MOST_IN_BATCH)


class RefusedRow(Schema):
    """A row that was not taken: its place in the batch from 0, a code, and words."""

    place: int
    code: str
    message: str


class Stored(Schema):
    """Outcome of a batch: new rows with their ids, rows that were there already, rows not taken."""

    read: int
    stored: int
    present: int
    refused: list[RefusedRow]
    ids: list[int]


@router.post("/conversations", response=Stored)
def import_conversations(request: ApiRequest, body: NewConversations) -> Stored:
    """Store up to 200 conversations at once. The same one again counts as present; bad ones are refused with a reason (CONV1, CONV3).

    Inspection follows by itself within seconds (QA2).
    """
    drafts = [
        ConversationDraft(
            source=one.source,
            external_id=one.external_id,
            channel=one.channel,
            site_id=one.site,
            started_at=one.started_at,
            ended_at=one.ended_at,
            lines=[Line(index, line.side, line.text, line.at, line.end) for index, line in enumerate(one.lines)],
            staff_no=one.staff_no,
            customer_value=one.customer_phone,
            customer_name=one.customer_name,
            waybill=one.waybill,
            disposition=one.disposition,
            facts=one.facts,
        )
        for one in body.conversations
    ]
    done = actions.store(actor=request.actor, drafts=drafts, now=moment.now())
    refused = [RefusedRow(place=one.place, code=one.reason, message=str(REASONS.get(one.reason, one.reason))) for one in done.refused]
    return Stored(read=len(drafts), stored=done.stored, present=done.present, refused=refused, ids=list(done.ids))


class UnmaskReason(Schema):
    """Why the clear text is needed; it is logged."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=200)


@router.post("/conversations/{int:conversation_id}/unmask", response=list[Utterance])
def unmask_conversation(request: ApiRequest, conversation_id: int, body: UnmaskReason) -> list[Utterance]:
    """The lines with nothing hidden; needs a reason and is logged every time (SEC1, SEC3)."""
    lines = actions.read_unmasked(actor=request.actor, conversation_id=conversation_id, reason=body.reason, now=moment.now())
    return [_said(line) for line in lines]


class Disposed(Schema):
    """How it ended: a code of the handbook; ``version`` is the one the caller saw."""

    model_config = ConfigDict(extra="forbid")
    disposition: str = Field(min_length=1, max_length=40)
    version: int = Field(ge=0)


@router.post("/conversations/{int:conversation_id}/disposition", response=ConversationRow)
def dispose_conversation(request: ApiRequest, conversation_id: int, body: Disposed) -> ConversationRow:
    """Note how the conversation ended (CONV1)."""
    actions.set_disposition(
        actor=request.actor, conversation_id=conversation_id, disposition=body.disposition, version=body.version, now=moment.now()
    )
    return row(queries.detail(request.actor, conversation_id).conversation)
