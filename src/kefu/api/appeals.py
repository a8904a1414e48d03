"""Appeals to the postal authority over the API: filing, answering, approval, mediation, verdict, the monthly rate (R25–R31).

The list is `/lists/appeals`.
"""

from datetime import date, datetime
from typing import Annotated
from urllib.parse import quote

from django.http import HttpResponse
from ninja import File, Form, Query, Router
from ninja.files import UploadedFile
from pydantic import AwareDatetime, ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.kernel.files import SIZE_LIMIT
from kefu.regulator import actions, figures, queries
from kefu.regulator.drafts import AppealDraft, Upload

router = Router(tags=["appeals (CASE5)"])
Version = Annotated[int | None, Field(ge=0, description="The version the caller saw; an appeal changed since then is refused as stale.")]


class NewAppeal(Schema):
    """An appeal the authority passed on. `kind` is a key of the handbook's `appeal_kind_*`; limits count from `received_at`."""

    model_config = ConfigDict(extra="forbid")
    number: str = Field(max_length=80)
    waybill: str = Field(max_length=60)
    kind: str = Field(max_length=40)
    appellant: str = Field(max_length=200)
    statement: str = Field(max_length=8000)
    received_at: AwareDatetime
    phone: str = Field("", max_length=40)
    party: str = Field("recipient", max_length=10)
    demand: str = Field("", max_length=2000)
    posted_on: date | None = None
    complained_at: AwareDatetime | None = None
    site: Id | None = None


class AppealAnswerFile(Schema):
    """A file of an answer; its content is `/appeals/{id}/files/{file}`. Size in bytes."""

    id: int
    name: str
    size: int


class AppealAnswer(Schema):
    """A version of our answer; `state`: waiting, approved, returned."""

    number: int
    text: str
    state: str
    written_by: str
    written_at: datetime
    decided_by: str
    decided_at: datetime | None
    note: str
    files: list[AppealAnswerFile]


class AppealLimit(Schema):
    """A limit of the law: its clock, its clause, how it stands."""

    key: str
    title: str
    clause: str
    state: str
    due_at: datetime
    met_at: datetime | None


class AppealFile(Schema):
    """The file of an appeal; names and phone are masked, and the opening is recorded (R27)."""

    id: int
    number: str
    waybill: str
    kind: str
    clause: str
    site_id: int
    state: str
    verdict: str
    received_at: datetime
    answered_at: datetime | None
    closed_at: datetime | None
    case_id: int
    complaint_id: int | None
    version: int
    appellant: str
    phone: str
    statement: str
    demand: str
    opinion: str
    feedback: str
    verdict_reason: str
    answers: list[AppealAnswer]
    limits: list[AppealLimit]
    may: list[str]


def _shown(request: ApiRequest, appeal_id: int) -> AppealFile:
    found = queries.open_file(request.actor, appeal_id, now=moment.now())
    row = {name: getattr(found.row, name) for name in AppealFile.model_fields if hasattr(found.row, name)}
    rest = ("appellant", "phone", "statement", "demand", "opinion", "feedback", "verdict_reason")
    return AppealFile(
        **row,
        **{name: getattr(found, name) for name in rest},
        answers=[AppealAnswer.model_validate(one) for one in found.answers],
        limits=[AppealLimit.model_validate(one) for one in found.limits],
        may=sorted(found.may),
    )


@router.post("/appeals", response=AppealFile)
def file_appeal(request: ApiRequest, body: NewAppeal) -> AppealFile:
    """File an appeal; its case and the limits of the law begin with it (R26)."""
    draft = AppealDraft(**body.model_dump(exclude={"site"}), site_id=body.site)
    return _shown(request, actions.file_appeal(actor=request.actor, draft=draft, now=moment.now()).pk)


@router.get("/appeals/{int:appeal_id}", response=AppealFile)
def read_appeal(request: ApiRequest, appeal_id: int) -> AppealFile:
    """Open the file of an appeal; the opening is recorded (R27)."""
    return _shown(request, appeal_id)


class AppealSeen(Schema):
    """What the caller saw."""

    model_config = ConfigDict(extra="forbid")
    version: Version = None


class AppealAccepted(AppealSeen):
    """When the authority took it up."""

    accepted_at: AwareDatetime


class AppealSaid(AppealSeen):
    """Words that belong to the step."""

    text: str = Field(max_length=8000)


class AppealVerdict(AppealSaid):
    """valid, invalid or withdrawn."""

    verdict: str = Field(max_length=20)


@router.post("/appeals/{int:appeal_id}/accepted", response=AppealFile)
def note_appeal_accepted(request: ApiRequest, appeal_id: int, body: AppealAccepted) -> AppealFile:
    """The authority took it up (R26)."""
    actions.note_accepted(
        actor=request.actor, appeal_id=appeal_id, accepted_at=body.accepted_at, expected_version=body.version, now=moment.now()
    )
    return _shown(request, appeal_id)


@router.post("/appeals/{int:appeal_id}/answers", response=AppealFile)
def write_appeal_answer(request: ApiRequest, appeal_id: int, body: AppealSaid) -> AppealFile:
    """A version of our answer, for approval by another manager (R26)."""
    actions.write_answer(actor=request.actor, appeal_id=appeal_id, text=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, appeal_id)


@router.post("/appeals/{int:appeal_id}/answers/with-files", response=AppealFile)
def write_appeal_answer_with_files(
    request: ApiRequest, appeal_id: int, body: Form[AppealSaid], file: File[list[UploadedFile]]
) -> AppealFile:
    """The same as a form with its proofs: `text`, `version`, and up to 10 parts `file` of up to 20 MB, kept encrypted (R26, SEC1)."""
    uploads = [Upload(one.name or "", one.read(SIZE_LIMIT + 1)) for one in file]
    actions.write_answer(
        actor=request.actor, appeal_id=appeal_id, text=body.text, uploads=uploads, expected_version=body.version, now=moment.now()
    )
    return _shown(request, appeal_id)


@router.post("/appeals/{int:appeal_id}/approve", response=AppealFile)
def approve_appeal_answer(request: ApiRequest, appeal_id: int, body: AppealSeen) -> AppealFile:
    """Let the waiting answer go out; never one's own (R26)."""
    actions.approve_answer(actor=request.actor, appeal_id=appeal_id, expected_version=body.version, now=moment.now())
    return _shown(request, appeal_id)


@router.post("/appeals/{int:appeal_id}/return", response=AppealFile)
def return_appeal_answer(request: ApiRequest, appeal_id: int, body: AppealSaid) -> AppealFile:
    """Send the waiting answer back to be written again (R26)."""
    actions.return_answer(actor=request.actor, appeal_id=appeal_id, note=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, appeal_id)


@router.post("/appeals/{int:appeal_id}/opinion", response=AppealFile)
def note_appeal_opinion(request: ApiRequest, appeal_id: int, body: AppealSaid) -> AppealFile:
    """A mediation opinion came; three working days begin (R27)."""
    actions.note_opinion(actor=request.actor, appeal_id=appeal_id, text=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, appeal_id)


@router.post("/appeals/{int:appeal_id}/feedback", response=AppealFile)
def feed_back_appeal(request: ApiRequest, appeal_id: int, body: AppealSaid) -> AppealFile:
    """Our feedback on the opinion (R27)."""
    actions.feed_back(actor=request.actor, appeal_id=appeal_id, text=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, appeal_id)


@router.post("/appeals/{int:appeal_id}/close", response=AppealFile)
def close_appeal(request: ApiRequest, appeal_id: int, body: AppealVerdict) -> AppealFile:
    """Close it with the verdict (R30)."""
    actions.close(
        actor=request.actor, appeal_id=appeal_id, verdict=body.verdict, text=body.text, expected_version=body.version, now=moment.now()
    )
    return _shown(request, appeal_id)


@router.get("/appeals/{int:appeal_id}/files/{int:file_id}", response={200: None})
def download_appeal_file(request: ApiRequest, appeal_id: int, file_id: int) -> HttpResponse:
    """A file of an answer, as a download; the read is audited (R27)."""
    found = actions.read_file(actor=request.actor, appeal_id=appeal_id, file_id=file_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response


class AppealMonth(Schema):
    """Any day of the month."""

    model_config = ConfigDict(extra="forbid")
    month: date


class AppealRate(Schema):
    """A site's month: appeals, valid ones, parcels, and per million parcels (null without parcels)."""

    site_id: int
    site: str
    appeals: int
    valid: int
    parcels: int
    rate: float | None
    valid_rate: float | None


@router.get("/appeal-rates", response=list[AppealRate])
def list_appeal_rates(request: ApiRequest, wanted: Query[AppealMonth]) -> list[AppealRate]:
    """申诉率 by site, per million parcels (R30)."""
    return [AppealRate.model_validate(one) for one in figures.rates(request.actor, wanted.month)]
