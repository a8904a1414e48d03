"""Drafts while somebody types, and what goes to and comes from the customer."""

from datetime import datetime
from typing import Any, Literal

from ninja.responses import Status
from pydantic import Field

from kefu.api import moment
from kefu.api.desk.router import Body, router
from kefu.api.identity import ApiRequest
from kefu.api.schema import Schema
from kefu.cases import access
from kefu.desk import drafts, sending
from kefu.kernel.actor import Ref
from kefu.watch import actions as watch

Channel = Literal["call", "chat", "sms", "email", "platform", "walk_in"]


class Draft(Schema):
    """One's own draft. ``revision`` goes back with the next save."""

    subject: str
    text: str
    fields: dict[str, Any]
    revision: int
    saved_at: datetime


class MaybeDraft(Schema):
    """The draft, or none."""

    draft: Draft | None


class Typed(Body):
    """What stands in the form now. ``revision``: the one this tab last knew, 0 for none."""

    text: str = Field("", max_length=20000)
    fields: dict[str, Any] = Field(default_factory=dict, max_length=100)
    revision: int = Field(0, ge=0)


class Reply(Body):
    """A message to the customer. ``seen`` is the last entry the writer saw; ``anyway`` sends all the same."""

    text: str = Field(min_length=1, max_length=20000)
    channel: Channel
    seen: int | None = Field(None, ge=0)
    anyway: bool = False
    awaiting: bool = Field(False, description="The message asks the customer for something.")
    confirm: str = Field("", max_length=300, description="Why it goes out although the live check holds it (`text_held`).")


class Words(Body):
    """What the customer said."""

    text: str = Field(min_length=1, max_length=20000)
    channel: Channel


class Written(Schema):
    """The entry of the timeline that was written."""

    entry: int


def _shown(kept: drafts.Kept) -> Draft:
    return Draft(subject=kept.subject, text=kept.text, fields=dict(kept.fields), revision=kept.revision, saved_at=kept.saved_at)


@router.get("/drafts", response=list[Draft])
def list_drafts(request: ApiRequest) -> list[Draft]:
    """One's own drafts with something in them, latest first (CASE8). Nobody else reads them."""
    return [_shown(one) for one in drafts.mine(request.actor)]


@router.get("/drafts/{str:subject}", response=MaybeDraft)
def read_draft(request: ApiRequest, subject: str) -> MaybeDraft:
    """One's own draft about `case:17:note`, `case:17:reply`, `case:17:step:visit`, `call:9:wrap-up` or `new:case` (CASE8)."""
    kept = drafts.load(request.actor, subject)
    return MaybeDraft(draft=_shown(kept) if kept else None)


@router.put("/drafts/{str:subject}", response=Draft)
def keep_draft(request: ApiRequest, subject: str, body: Typed) -> Draft:
    """Keep what is being typed (CASE8).

    409 `draft.newer`: a later draft of another tab is in `params`; 409 `draft.gone`: it was sent or thrown away.
    """
    return _shown(
        drafts.save(actor=request.actor, subject=subject, text=body.text, fields=body.fields, revision=body.revision, now=moment.now())
    )


@router.delete("/drafts/{str:subject}", response={204: None})
def discard_draft(request: ApiRequest, subject: str) -> Status[None]:
    """Throw one's draft away; twice is the same (CASE8)."""
    drafts.discard(actor=request.actor, subject=subject)
    return Status(204, None)


@router.post("/cases/{int:case_id}/replies", response={201: Written})
def reply_to_customer(request: ApiRequest, case_id: int, body: Reply) -> Status[Written]:
    """Record what was sent to the customer; ends the draft of it (CASE8).

    409 `case.answered_since` when either side spoke or somebody else took a step behind `seen`: `params.since` lists it.
    422 `text_held`: say why in `confirm`; `text_blocked`: write it differently (QA9).
    """
    now, case = moment.now(), access.get_for(request.actor, case_id)
    with watch.passing(
        actor=request.actor,
        text=body.text,
        channel=body.channel,
        subject=Ref("case", case_id, case.number),
        site_id=case.site_id,
        now=now,
        reason=body.confirm,
    ):
        entry = sending.reply(
            actor=request.actor,
            case_id=case_id,
            text=body.text,
            channel=body.channel,
            now=now,
            seen=body.seen,
            anyway=body.anyway,
            awaiting=body.awaiting,
        )
    return Status(201, Written(entry=entry))


@router.post("/cases/{int:case_id}/customer-words", response={201: Written})
def record_customer_words(request: ApiRequest, case_id: int, body: Words) -> Status[Written]:
    """Record what the customer said: the case waits for us from now on, its assignee and followers are told (CONV2)."""
    entry = sending.said(actor=request.actor, case_id=case_id, text=body.text, channel=body.channel, now=moment.now())
    return Status(201, Written(entry=entry))
