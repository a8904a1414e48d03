"""Disputes over inspection verdicts over the API (QA7). The list is `/lists/disputes`. A person files and decides, never a program."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import quote

from django.http import HttpResponse
from ninja import File, Router
from ninja.files import UploadedFile
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.schema import Schema
from kefu.disputes import actions, queries
from kefu.disputes.actions import Upload
from kefu.kernel.files import SIZE_LIMIT

router = Router(tags=["disputes (QA7)"])
Version = Annotated[int | None, Field(ge=0, description="The version the caller saw; what changed since then is refused as stale.")]


class DisputedItem(Schema):
    """An item in dispute; verdicts are empty until decided."""

    model_config = ConfigDict(from_attributes=True)
    item_key: str
    points: Decimal
    money: Decimal
    review_verdict: str
    verdict: str


class DisputeStep(Schema):
    """What happened to it."""

    model_config = ConfigDict(from_attributes=True)
    kind: str
    by: str
    at: datetime
    text: str


class DisputeFile(Schema):
    """A file; its content is `/disputes/{id}/files/{file}`. Size in bytes."""

    id: int
    name: str
    size: int


class Dispute(Schema):
    """A dispute; `due_at` ends the window of its state.

    `state`: review, decided, final, closed, withdrawn; `outcome`: accepted, partly, rejected.
    """

    id: int
    number: str
    site_id: int
    staff_id: int
    subject_kind: str
    subject_id: int
    inspection_id: int | None
    reason: str
    state: str
    outcome: str
    clause: str
    ways: str
    filed_at: datetime
    due_at: datetime | None
    reviewer_id: int | None
    final_judge_id: int | None
    by_lapse: bool
    before_score: Decimal
    after_score: Decimal | None
    items: list[DisputedItem]
    steps: list[DisputeStep]
    files: list[DisputeFile]
    may_decide: bool
    version: int


class DisputeWindow(Schema):
    """What may be disputed of a verdict about oneself, and until when: `until` is the midnight after `last_day`."""

    inspection_id: int
    items: list[str]
    taken: list[str]
    since: datetime
    until: datetime
    last_day: date
    open: bool
    clause: str


class NewDispute(Schema):
    """Items that are no breach, and why."""

    model_config = ConfigDict(extra="forbid")
    items: list[str] = Field(max_length=100)
    reason: str = Field(max_length=2200)


class DisputeSeen(Schema):
    """What the caller saw."""

    model_config = ConfigDict(extra="forbid")
    version: Version = None


class DisputeSaid(DisputeSeen):
    """Words that belong to the step."""

    text: str = Field(max_length=2200)


class DisputeDecision(DisputeSeen):
    """A verdict for every item still in dispute: breached, passed, not_applicable."""

    verdicts: dict[str, str] = Field(max_length=200)
    comment: str = Field(max_length=2200)


def _shown(request: ApiRequest, dispute_id: int) -> Dispute:
    found = queries.detail(request.actor, dispute_id, now=moment.now())
    row = found.dispute
    plain = (
        "site_id", "staff_id", "subject_kind", "subject_id", "reason", "state", "outcome", "clause", "ways", "filed_at", "due_at",
        "reviewer_id", "final_judge_id", "by_lapse", "before_score", "after_score", "version",
    )  # fmt: skip
    values: dict[str, Any] = {name: getattr(row, name) for name in plain}
    return Dispute(
        id=row.pk, number=str(row), inspection_id=found.inspection_id, may_decide=found.may_decide,
        items=[DisputedItem.model_validate(one) for one in found.items],
        steps=[DisputeStep.model_validate(one) for one in found.steps],
        files=[DisputeFile(id=one.pk, name=one.name, size=one.size) for one in found.files],
        **values,
    )  # fmt: skip


@router.get("/inspections/{int:inspection_id}/disputable", response=DisputeWindow)
def read_dispute_window(request: ApiRequest, inspection_id: int) -> DisputeWindow:
    """What one may dispute of a verdict about oneself (QA7)."""
    found = queries.disputable(request.actor, inspection_id, now=moment.now())
    return DisputeWindow(
        inspection_id=found.inspection_id, items=[one.key for one in found.items], taken=sorted(found.taken), since=found.since,
        until=found.until, last_day=found.last_day, open=found.open, clause=found.terms.clause,
    )  # fmt: skip


@router.post("/inspections/{int:inspection_id}/disputes", response=Dispute)
def file_dispute(request: ApiRequest, inspection_id: int, body: NewDispute) -> Dispute:
    """Dispute items of a verdict about oneself, once each, within the window (QA7)."""
    made = actions.file(actor=request.actor, inspection_id=inspection_id, items=body.items, reason=body.reason, now=moment.now())
    return _shown(request, made.pk)


@router.get("/disputes/{int:dispute_id}", response=Dispute)
def read_dispute(request: ApiRequest, dispute_id: int) -> Dispute:
    """One dispute with its steps (QA7)."""
    return _shown(request, dispute_id)


@router.post("/disputes/{int:dispute_id}/decision", response=Dispute)
def decide_dispute(request: ApiRequest, dispute_id: int, body: DisputeDecision) -> Dispute:
    """Decide it, in the re-review or as the final judge; by somebody who had no part in it before (QA7)."""
    actions.decide(
        actor=request.actor, dispute_id=dispute_id, verdicts=body.verdicts, comment=body.comment, now=moment.now(),
        expected_version=body.version,
    )  # fmt: skip
    return _shown(request, dispute_id)


@router.post("/disputes/{int:dispute_id}/comment", response=Dispute)
def comment_dispute(request: ApiRequest, dispute_id: int, body: DisputeSaid) -> Dispute:
    """The lead's word; it decides nothing (QA7)."""
    actions.comment(actor=request.actor, dispute_id=dispute_id, text=body.text, now=moment.now(), expected_version=body.version)
    return _shown(request, dispute_id)


@router.post("/disputes/{int:dispute_id}/final", response=Dispute)
def ask_final_dispute(request: ApiRequest, dispute_id: int, body: DisputeSaid) -> Dispute:
    """Go to the final judge with what was upheld, once (QA7)."""
    actions.ask_final(actor=request.actor, dispute_id=dispute_id, reason=body.text, now=moment.now(), expected_version=body.version)
    return _shown(request, dispute_id)


@router.post("/disputes/{int:dispute_id}/withdraw", response=Dispute)
def withdraw_dispute(request: ApiRequest, dispute_id: int, body: DisputeSeen) -> Dispute:
    """Take one's own dispute back before it is decided (QA7)."""
    actions.withdraw(actor=request.actor, dispute_id=dispute_id, now=moment.now(), expected_version=body.version)
    return _shown(request, dispute_id)


@router.post("/disputes/{int:dispute_id}/files", response=Dispute)
def add_dispute_file(request: ApiRequest, dispute_id: int, file: File[UploadedFile]) -> Dispute:
    """Hand in a file with one's own dispute (QA7)."""
    upload = Upload(file.name or "", file.read(SIZE_LIMIT + 1))
    actions.add_files(actor=request.actor, dispute_id=dispute_id, uploads=[upload], now=moment.now())
    return _shown(request, dispute_id)


@router.get("/disputes/{int:dispute_id}/files/{int:file_id}")
def download_dispute_file(request: ApiRequest, dispute_id: int, file_id: int) -> HttpResponse:
    """A file of a dispute in reach, as a download; the look is recorded (QA7)."""
    found = actions.read_file(actor=request.actor, dispute_id=dispute_id, file_id=file_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response
