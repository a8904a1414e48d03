"""Opening cases, taking steps, and the work beside the procedure. Writes on a case answer with the whole of it afterwards."""

from typing import Any, Literal

from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.cases import shapes, showing
from kefu.api.cases.router import router
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.cases import actions, joining, queries, upkeep
from kefu.cases.actions import CaseRequest


class Body(Schema):
    """A request body; unknown names are refused."""

    model_config = ConfigDict(extra="forbid")


class NewCase(Body):
    """A case to open. Customer: an id, or a name with a phone number. The same ``external_id`` gives the case opened before."""

    site: Id
    kind: str = Field(min_length=1, max_length=60)
    channel: Literal["call", "chat", "email", "form", "platform", "hq", "regulator", "walk_in"]
    description: str = Field("", max_length=20000)
    title: str = Field("", max_length=120)
    waybill: str = Field("", max_length=60)
    order_no: str = Field("", max_length=60)
    customer: Id | None = None
    customer_name: str = Field("", max_length=60)
    customer_phone: str = Field("", max_length=40)
    assignee: Id | None = None
    conversation: Id | None = None
    external_id: str | None = Field(None, min_length=1, max_length=80)
    even_if_duplicate: bool = False


class StepTaken(Body):
    """A step to take with the answers of its form; ``version`` is the one the caller saw."""

    step: str = Field(min_length=1, max_length=60)
    answers: dict[str, Any] = Field(default_factory=dict, max_length=100)
    version: int | None = Field(None, ge=0)


class CaseChanges(Body):
    """Plain fields to change; ``version`` is the one the caller saw."""

    version: int = Field(ge=0)
    title: str | None = Field(None, max_length=120)
    waybill: str | None = Field(None, max_length=40)
    order_no: str | None = Field(None, max_length=60)


class Text(Body):
    """Something written."""

    text: str = Field(min_length=1, max_length=20000)


class Urged(Body):
    """What the customer said when urging."""

    text: str = Field("", max_length=20000)


class Assigned(Body):
    """Whom to give the case to; ``null`` for nobody."""

    staff: Id | None
    version: int | None = Field(None, ge=0)


class Escalated(Body):
    """The level to raise to, and why."""

    level: str = Field(min_length=1, max_length=30)
    reason: str = Field(min_length=1, max_length=2000)


class Reason(Body):
    """Why."""

    reason: str = Field(min_length=1, max_length=2000)


class Into(Body):
    """The case to merge into."""

    into: Id


class LinkTo(Body):
    """The case to tie to: related, or the parent of this one."""

    to: Id
    kind: Literal["related", "parent"] = "related"


class ConversationTo(Body):
    """The conversation to tie to the case."""

    conversation: Id


def _afterwards(request: ApiRequest, case_id: int) -> shapes.Case:
    return showing.case(queries.detail(request.actor, case_id, now=moment.now()))


@router.post("/cases", response={201: shapes.CaseRow})
def open_case(request: ApiRequest, body: NewCase) -> Status[shapes.CaseRow]:
    """Open a case on the procedure of the site's handbook in force, and start its clocks (CASE1, CASE2, CASE4).

    An open case of the same kind and waybill answers 409 `case_duplicate` with its number, unless `even_if_duplicate` is set (CASE8).
    """
    wanted = CaseRequest(
        site_id=body.site,
        kind=body.kind,
        channel=body.channel,
        description=body.description,
        title=body.title,
        waybill=body.waybill,
        order_no=body.order_no,
        customer_id=body.customer,
        customer_name=body.customer_name,
        customer_phone=body.customer_phone,
        assignee_id=body.assignee,
        conversation_id=body.conversation,
        external_id=body.external_id,
        even_if_duplicate=body.even_if_duplicate,
    )
    case = actions.open_case(actor=request.actor, request=wanted, now=moment.now())
    return Status(201, showing.row(case))


@router.patch("/cases/{int:case_id}", response=shapes.Case)
def edit_case(request: ApiRequest, case_id: int, body: CaseChanges) -> shapes.Case:
    """Change plain fields. A save made on an older sight answers 409 `stale`; nothing is overwritten unseen (CASE8)."""
    changes = body.model_dump(exclude={"version"}, exclude_none=True)
    upkeep.edit(actor=request.actor, case_id=case_id, changes=changes, expected_version=body.version, now=moment.now())
    return _afterwards(request, case_id)


@router.post("/cases/{int:case_id}/steps", response=shapes.Case)
def take_step(request: ApiRequest, case_id: int, body: StepTaken) -> shapes.Case:
    """Take a step of the procedure. A refused step answers 422 `step_refused` with every reason in `reasons` (CASE1)."""
    actions.take_step(
        actor=request.actor, case_id=case_id, step=body.step, answers=body.answers, expected_version=body.version, now=moment.now()
    )
    return _afterwards(request, case_id)


@router.post("/cases/{int:case_id}/notes", response=shapes.Case)
def add_note(request: ApiRequest, case_id: int, body: Text) -> shapes.Case:
    """Write an internal note; closed cases take notes too (CASE8)."""
    upkeep.add_note(actor=request.actor, case_id=case_id, text=body.text, now=moment.now())
    return _afterwards(request, case_id)


@router.post("/cases/{int:case_id}/assignee", response=shapes.Case)
def assign_case(request: ApiRequest, case_id: int, body: Assigned) -> shapes.Case:
    """Give the case to somebody of its site, or to nobody. Giving it to others needs `case.assign` (CASE8)."""
    upkeep.assign(actor=request.actor, case_id=case_id, staff_id=body.staff, expected_version=body.version, now=moment.now())
    return _afterwards(request, case_id)


@router.post("/cases/{int:case_id}/urges", response=shapes.Case)
def urge_case(request: ApiRequest, case_id: int, body: Urged) -> shapes.Case:
    """Note that the customer urges 催单; the handbook may raise the level by it (CASE8)."""
    upkeep.urge(actor=request.actor, case_id=case_id, text=body.text, now=moment.now())
    return _afterwards(request, case_id)


@router.post("/cases/{int:case_id}/escalations", response=shapes.Case)
def escalate_case(request: ApiRequest, case_id: int, body: Escalated) -> shapes.Case:
    """Raise the level by hand 投诉升级, with a reason (CASE5)."""
    upkeep.escalate(actor=request.actor, case_id=case_id, level=body.level, reason=body.reason, now=moment.now())
    return _afterwards(request, case_id)


@router.post("/cases/{int:case_id}/reopen", response=shapes.Case)
def reopen_case(request: ApiRequest, case_id: int, body: Reason) -> shapes.Case:
    """Take a closed case up again; its clocks start anew (CASE4)."""
    upkeep.reopen(actor=request.actor, case_id=case_id, reason=body.reason, now=moment.now())
    return _afterwards(request, case_id)


@router.post("/cases/{int:case_id}/merge", response=shapes.Case)
def merge_case(request: ApiRequest, case_id: int, body: Into) -> shapes.Case:
    """Merge the case into another of the same site; answers with the other one. Nothing is lost: see `unmerge` (CASE8)."""
    into = joining.merge(actor=request.actor, case_id=case_id, into_id=body.into, now=moment.now())
    return _afterwards(request, into.pk)


@router.post("/cases/{int:case_id}/unmerge", response=shapes.Case)
def unmerge_case(request: ApiRequest, case_id: int) -> shapes.Case:
    """Take a merged case out again, in the state it had (CASE8)."""
    joining.unmerge(actor=request.actor, case_id=case_id, now=moment.now())
    return _afterwards(request, case_id)


@router.post("/cases/{int:case_id}/links", response=shapes.Case)
def link_case(request: ApiRequest, case_id: int, body: LinkTo) -> shapes.Case:
    """Tie the case to another one in reach (CASE8)."""
    joining.link(actor=request.actor, case_id=case_id, to_id=body.to, kind=body.kind, now=moment.now())
    return _afterwards(request, case_id)


@router.post("/cases/{int:case_id}/conversations", response=shapes.Case)
def link_conversation(request: ApiRequest, case_id: int, body: ConversationTo) -> shapes.Case:
    """Tie a conversation to the case; tying twice changes nothing (CONV3)."""
    joining.link_conversation(actor=request.actor, case_id=case_id, conversation_id=body.conversation, now=moment.now())
    return _afterwards(request, case_id)
