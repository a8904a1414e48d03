"""Problem parcels over the API: types, reporting, the thread, ending, intercepts, cases (OPS8). The list is `/lists/problems`."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

from django.http import HttpResponse
from ninja import File, Query, Router
from ninja.files import UploadedFile
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.conversations import RefusedRow
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.escalations.problems import escalate_problem
from kefu.kernel.files import SIZE_LIMIT
from kefu.station.problems import actions, pictures, queries
from kefu.station.problems.drafts import ProblemDraft, Reported, Upload
from kefu.station.problems.errors import REASONS

router = Router(tags=["station: problems (OPS8)"])
MOST_PROBLEMS = 200
Version = Annotated[int | None, Field(ge=0, description="The version the caller saw; a problem changed since then is refused as stale.")]


class ProblemType(Schema):
    """A type of the handbook: its group, when it ages, into which alarm, and the scans that may follow."""

    key: str
    code: str
    title: str
    group: str
    group_title: str
    limit_hours: float | None
    alarm: str
    follow: str
    then: list[str]
    after_sign: bool
    clause: str


class ProblemChoices(Schema):
    """What reports of a site may say: types, phrases with their variables filled in, limits of the form."""

    types: list[ProblemType]
    phrases: list[str]
    description_most: int | None
    phones_most: int | None
    images_most: int | None
    clause: str


class SiteWanted(Schema):
    """The site that reports."""

    model_config = ConfigDict(extra="forbid")
    site: Id


@router.get("/problems/types", response=ProblemChoices)
def list_problem_types(request: ApiRequest, wanted: Query[SiteWanted]) -> ProblemChoices:
    """Types, phrases and limits in force at a site (OPS8, O15)."""
    found = queries.choices(request.actor, wanted.site, now=moment.now())
    types = [
        ProblemType(
            key=kind.key,
            code=kind.code,
            title=kind.name(),
            group=kind.group,
            group_title=kind.group_name(),
            limit_hours=kind.limit.total_seconds() / 3600 if kind.limit else None,
            alarm=kind.alarm,
            follow=kind.follow,
            then=sorted(kind.then),
            after_sign=kind.after_sign,
            clause=kind.clause,
        )
        for kind in found.kinds
    ]
    limits = found.limits
    return ProblemChoices(
        types=types,
        phrases=list(found.phrases),
        description_most=limits.description,
        phones_most=limits.phones,
        images_most=limits.images,
        clause=limits.clause,
    )


class ReceiverWanted(Schema):
    """A waybill and the site that would report it."""

    model_config = ConfigDict(extra="forbid")
    waybill: str = Field(min_length=1, max_length=60)
    site: Id


class Receiver(Schema):
    """The default receiving site; ``null`` when it must be chosen."""

    site_id: int | None


@router.get("/problems/receiver", response=Receiver)
def read_problem_receiver(request: ApiRequest, wanted: Query[ReceiverWanted]) -> Receiver:
    """The site a problem goes to when none is named: the first node, or for that node the last one or the next (O15)."""
    return Receiver(site_id=queries.receiver_for(request.actor, wanted.waybill, wanted.site))


class NewProblem(Schema):
    """A problem to report. ``kind``: key, code (`PR211`) or title of a type.

    ``way`` is for intercepts: 1 back to the site, 2 to the sender, 3 another address.
    """

    model_config = ConfigDict(extra="forbid")
    waybill: str = Field(min_length=1, max_length=60)
    kind: str = Field(min_length=1, max_length=40)
    site: Id | None = None
    receiver: Id | None = None
    description: str = Field(max_length=2000)
    phones: list[Annotated[str, Field(max_length=40)]] = Field(default_factory=list, max_length=20)
    account: str = Field("", max_length=200)
    courier: str = Field("", max_length=40)
    external_id: Annotated[str | None, Field(min_length=1, max_length=80)] = None
    way: str = Field("", max_length=2)
    scan: bool = True


class NewProblems(Schema):
    """Problems to report at once."""

    model_config = ConfigDict(extra="forbid")
    problems: list[NewProblem] = Field(min_length=1, max_length=MOST_PROBLEMS)


class ProblemsReported(Schema):
    """Outcome: ids of new problems and of ones that were there already, by place in the batch from 0; rows not taken."""

    stored: dict[int, int]
    present: dict[int, int]
    refused: list[RefusedRow]


def reported(done: Reported, reasons: Mapping[str, Any] = REASONS) -> ProblemsReported:
    """The outcome as the API shows it."""
    refused = [RefusedRow(place=place, code=code, message=str(reasons.get(code, code))) for place, code in sorted(done.refused.items())]
    return ProblemsReported(stored=dict(done.stored), present=dict(done.present), refused=refused)


@router.post("/problems", response=ProblemsReported)
def report_problems(request: ApiRequest, body: NewProblems) -> ProblemsReported:
    """Report up to 200 problems, each for itself; the same ``external_id`` at a site is the same problem (OPS8).

    Intercepts are refused with the code carriers give (`E23101` …).
    """
    drafts = [
        ProblemDraft(
            **one.model_dump(exclude={"site", "receiver", "phones"}),
            site_id=one.site,
            receiver_site_id=one.receiver,
            phones=tuple(one.phones),
            channel="api",
        )
        for one in body.problems
    ]
    return reported(actions.report_many(actor=request.actor, drafts=drafts, now=moment.now()))


class ProblemPicture(Schema):
    """A picture."""

    id: int
    name: str


class ProblemLine(Schema):
    """A line of the thread: what a site wrote, or what happened (``told`` with ``data``). ``own``: of the caller's side."""

    id: int
    told: str
    site: str
    own: bool
    author: str
    text: str
    data: dict[str, Any]
    at: datetime
    seen: bool
    pictures: list[ProblemPicture]


class ProblemThread(Schema):
    """A problem with everything said about it; phones and account are masked."""

    id: int
    waybill: str
    kind: str
    kind_title: str
    group_title: str
    clause: str
    reporter_site_id: int
    receiver_site_id: int
    state: str
    result: str
    unread: int
    alarm: str
    answer_late: bool
    reported_by: str
    reported_at: datetime
    alarm_at: datetime | None
    answer_due_at: datetime | None
    description: str
    phones: list[str]
    account: str
    courier: str
    way: str
    version: int
    pictures: list[ProblemPicture]
    lines: list[ProblemLine]


def _thread(request: ApiRequest, problem_id: int) -> ProblemThread:
    found = queries.thread(request.actor, problem_id, now=moment.now())
    row = found.row
    shown = {name: getattr(row, name) for name in ProblemThread.model_fields if hasattr(row, name)}
    return ProblemThread(
        **shown,
        answer_due_at=found.answer_due_at,
        phones=list(found.phones),
        account=found.account,
        courier=found.courier,
        pictures=[ProblemPicture.model_validate(one) for one in found.pictures],
        lines=[ProblemLine.model_validate(line) for line in found.lines],
    )


@router.get("/problems/{int:problem_id}", response=ProblemThread)
def read_problem(request: ApiRequest, problem_id: int) -> ProblemThread:
    """A problem with its thread (OPS8). Reading it marks nothing."""
    return _thread(request, problem_id)


class ProblemReply(Schema):
    """An answer."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=2000)
    version: Version = None


@router.post("/problems/{int:problem_id}/replies", response=ProblemThread)
def reply_problem(request: ApiRequest, problem_id: int, body: ProblemReply) -> ProblemThread:
    """Write into the thread for one's own site; the receiver's first answer takes the problem up (OPS8)."""
    actions.reply(actor=request.actor, problem_id=problem_id, text=body.text, expected_version=body.version, now=moment.now())
    return _thread(request, problem_id)


@router.post("/problems/{int:problem_id}/pictures", response=ProblemThread)
def add_problem_picture(request: ApiRequest, problem_id: int, file: File[UploadedFile]) -> ProblemThread:
    """Send a picture (JPEG, PNG, WebP) into the thread; kept encrypted (OPS8, SEC1)."""
    upload = Upload(file.name or "", file.read(SIZE_LIMIT + 1))
    actions.reply(actor=request.actor, problem_id=problem_id, text="", images=[upload], now=moment.now())
    return _thread(request, problem_id)


@router.get("/problems/{int:problem_id}/pictures/{int:picture_id}", response={200: None})
def read_problem_picture(request: ApiRequest, problem_id: int, picture_id: int) -> HttpResponse:
    """A picture, as a download; the read is audited (SEC2, SEC3)."""
    found = pictures.picture(actor=request.actor, problem_id=problem_id, picture_id=picture_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response


@router.post("/problems/{int:problem_id}/read", response=ProblemThread)
def mark_problem_read(request: ApiRequest, problem_id: int) -> ProblemThread:
    """The caller's site has seen the thread (网点已读). A machine is of no site and marks nothing."""
    actions.mark_read(actor=request.actor, problem_id=problem_id, now=moment.now())
    return _thread(request, problem_id)


class ProblemEnd(Schema):
    """How it ended: delivered, corrected, found, returned, forwarded, intercepted, not_intercepted, claim or other (then with a text)."""

    model_config = ConfigDict(extra="forbid")
    result: str = Field(min_length=1, max_length=20)
    text: str = Field("", max_length=2000)
    version: Version = None


@router.post("/problems/{int:problem_id}/close", response=ProblemThread)
def close_problem(request: ApiRequest, problem_id: int, body: ProblemEnd) -> ProblemThread:
    """End a problem with its result (OPS8, O15)."""
    actions.close(
        actor=request.actor, problem_id=problem_id, result=body.result, text=body.text, expected_version=body.version, now=moment.now()
    )
    return _thread(request, problem_id)


class ProblemReason(Schema):
    """Why."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=2000)
    version: Version = None


@router.post("/problems/{int:problem_id}/cancel", response=ProblemThread)
def cancel_problem(request: ApiRequest, problem_id: int, body: ProblemReason) -> ProblemThread:
    """Take a report back; the reporting site only (OPS8)."""
    actions.cancel(actor=request.actor, problem_id=problem_id, reason=body.reason, expected_version=body.version, now=moment.now())
    return _thread(request, problem_id)


class ProblemPassed(ProblemReason):
    """Whose it really is, and why."""

    receiver: Id


class ProblemGone(Schema):
    """The problem is with another site."""

    id: int
    receiver_site_id: int


@router.post("/problems/{int:problem_id}/pass", response=ProblemGone)
def pass_problem(request: ApiRequest, problem_id: int, body: ProblemPassed) -> ProblemGone:
    """Give the problem to the site it is really for (OPS8)."""
    row = actions.pass_on(
        actor=request.actor,
        problem_id=problem_id,
        receiver_site_id=body.receiver,
        reason=body.reason,
        expected_version=body.version,
        now=moment.now(),
    )
    return ProblemGone(id=row.pk, receiver_site_id=row.receiver_site_id)


class ProblemCase(Schema):
    """The case a matter became; ``fresh`` when it was opened just now."""

    case_id: int
    fresh: bool


@router.post("/problems/{int:problem_id}/case", response=ProblemCase)
def escalate_problem_to_case(request: ApiRequest, problem_id: int) -> ProblemCase:
    """Open a case with its clocks for the problem, or give the one it has (OPS8)."""
    done = escalate_problem(actor=request.actor, problem_id=problem_id, now=moment.now())
    return ProblemCase(case_id=done.case_id, fresh=done.fresh)
