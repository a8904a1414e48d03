"""Telling the customer over the API: the chosen way, what was sent, what people do about the rest (CASE5).

The list is `/lists/customer-notices`.
"""

from datetime import datetime
from typing import Annotated

from ninja import Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.schema import Schema
from kefu.notices import actions, queries

router = Router(tags=["customer notices (CASE5)"])
Version = Annotated[int | None, Field(ge=-1, description="The version the caller saw; what changed since then is refused as stale.")]


class NoticeChoice(Schema):
    """How a customer is told. `chosen` false: the handbook's default; `version` -1: nothing was chosen yet."""

    channel: str
    chosen: bool
    opted_out: bool
    consent: str
    set_by: str
    set_at: datetime | None
    version: int
    clause: str


class NewNoticeChoice(Schema):
    """sms, wechat, phone, email or platform; `consent` says how the customer expressed it."""

    model_config = ConfigDict(extra="forbid")
    channel: str = Field(max_length=10)
    consent: str = Field(max_length=400)
    opted_out: bool = False
    version: Version = None


class CustomerNotice(Schema):
    """A notice; text and name are masked. `state`: queued, sent, failed, person, skipped; `demo`: its channel reaches nobody."""

    id: int
    site_id: int
    case_id: int
    customer_id: int
    customer: str
    title: str
    clause: str
    channel: str
    state: str
    reason: str
    detail: str
    text: str
    tries: int
    made_at: datetime
    due_at: datetime | None
    sent_at: datetime | None
    told_by: str
    receipt: str
    demo: bool
    version: int


class NoticeSeen(Schema):
    """What the caller saw."""

    model_config = ConfigDict(extra="forbid")
    version: Version = None


class NoticeSaid(NoticeSeen):
    """Words that belong to the step."""

    note: str = Field(max_length=400)


def _choice(request: ApiRequest, customer_id: int) -> NoticeChoice:
    return NoticeChoice.model_validate(queries.choice(request.actor, customer_id, now=moment.now()))


def _shown(request: ApiRequest, notice_id: int) -> CustomerNotice:
    return CustomerNotice.model_validate(queries.get(request.actor, notice_id))


@router.get("/customers/{int:customer_id}/notice-choice", response=NoticeChoice)
def read_notice_choice(request: ApiRequest, customer_id: int) -> NoticeChoice:
    """The way a customer chose to be told (CASE5)."""
    return _choice(request, customer_id)


@router.put("/customers/{int:customer_id}/notice-choice", response=NoticeChoice)
def choose_notice_channel(request: ApiRequest, customer_id: int, body: NewNoticeChoice) -> NoticeChoice:
    """Keep the way a customer chose, with how they consented (CASE5)."""
    actions.choose_channel(
        actor=request.actor, customer_id=customer_id, channel=body.channel, consent=body.consent, opted_out=body.opted_out,
        expected_version=body.version, now=moment.now(),
    )  # fmt: skip
    return _choice(request, customer_id)


@router.get("/customer-notices/{int:notice_id}", response=CustomerNotice)
def read_customer_notice(request: ApiRequest, notice_id: int) -> CustomerNotice:
    """One notice (CASE5)."""
    return _shown(request, notice_id)


@router.post("/customer-notices/{int:notice_id}/retry", response=CustomerNotice)
def retry_customer_notice(request: ApiRequest, notice_id: int, body: NoticeSeen) -> CustomerNotice:
    """Send a failed one again by the way chosen now (CASE5)."""
    actions.retry(actor=request.actor, notice_id=notice_id, expected_version=body.version, now=moment.now())
    return _shown(request, notice_id)


@router.post("/customer-notices/{int:notice_id}/told", response=CustomerNotice)
def note_customer_told(request: ApiRequest, notice_id: int, body: NoticeSaid) -> CustomerNotice:
    """A person told the customer; the message is not sent any more (CASE5)."""
    actions.note_told(actor=request.actor, notice_id=notice_id, note=body.note, expected_version=body.version, now=moment.now())
    return _shown(request, notice_id)


@router.post("/customer-notices/{int:notice_id}/drop", response=CustomerNotice)
def drop_customer_notice(request: ApiRequest, notice_id: int, body: NoticeSaid) -> CustomerNotice:
    """Do not send it, with a reason (CASE5)."""
    actions.drop(actor=request.actor, notice_id=notice_id, note=body.note, expected_version=body.version, now=moment.now())
    return _shown(request, notice_id)
