"""Return receipts over the API: the chain of one, steps noted one or many at a time, pictures, loss (OPS6, O13).

The list with its reconciliation sets is `/lists/station-receipts`; steps also come in as a file of kind `receipts`.
"""

from datetime import datetime
from typing import Annotated
from urllib.parse import quote

from django.http import HttpResponse
from ninja import File, Router
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import AwareDatetime, ConfigDict, Field

from kefu.api import moment
from kefu.api.conversations import RefusedRow
from kefu.api.identity import ApiRequest
from kefu.api.schema import Schema
from kefu.escalations.receipts import report_lost
from kefu.kernel.files import SIZE_LIMIT
from kefu.station.receipts import actions, images, moves, queries
from kefu.station.receipts.moves import MoveDraft
from kefu.station.receipts.queries import ReceiptDetail

router = Router(tags=["station: receipts (OPS6)"])
MOST_STEPS = 500
Version = Annotated[int, Field(ge=0, description="The version the caller saw; a row changed since then is refused as stale.")]


class ReceiptStep(Schema):
    """A step of the chain. `mark`: done, next, later, passed (an early end went over it)."""

    state: int
    mark: str
    site: str
    at: datetime | None
    by: str
    courier_no: str


class ReceiptPicture(Schema):
    """A picture of the signed receipt."""

    id: int
    name: str
    size: int
    added_by: str
    added_at: datetime


class Receipt(Schema):
    """The receipt of a waybill. States: 0 not registered, 1–2 delivering station got/sent, 3–4 its hub, 5–6 the sender's hub, 7 back."""

    id: int
    waybill: str
    receipt_no: str
    kind: str
    copies: int
    site: str
    origin: str
    signed_at: datetime | None
    state: int
    next_state: int | None
    due_site: str
    step_due_at: datetime | None
    due_at: datetime | None
    days_over: int
    clause: str
    lost: bool
    closed_at: datetime | None
    version: int
    steps: list[ReceiptStep]
    pictures: list[ReceiptPicture]


def _receipt(detail: ReceiptDetail) -> Receipt:
    kept = {name: getattr(detail.row, name) for name in Receipt.model_fields if hasattr(detail.row, name)}
    steps = [
        ReceiptStep(state=one.state, mark=one.mark, site=site, at=one.at, by=one.by, courier_no=one.courier_no)
        for one, site in detail.steps
    ]
    return Receipt(**kept, steps=steps, pictures=[_picture(one) for one in detail.images])


def _picture(one: object) -> ReceiptPicture:
    return ReceiptPicture.model_validate(one)


def _shown(request: ApiRequest, receipt_id: int) -> Receipt:
    return _receipt(queries.detail(request.actor, receipt_id, moment.now()))


@router.get("/receipts/{int:receipt_id}", response=Receipt)
def read_receipt(request: ApiRequest, receipt_id: int) -> Receipt:
    """One receipt with its chain (O13)."""
    return _shown(request, receipt_id)


@router.get("/receipts/counts", response=dict[str, str])
def count_receipts(request: ApiRequest) -> dict[str, str]:
    """How many are in each set of the reconciliation, at most 1000 counted; the keys are values of the list's filter `due` (O13)."""
    return {name: str(count) for name, count in queries.counts(request.actor, moment.now()).items()}


class NewStep(Schema):
    """A step to note: waybill or receipt number and state 1–7; `courier_no` is the number it was sent under."""

    model_config = ConfigDict(extra="forbid")
    number: str = Field(min_length=1, max_length=60)
    state: int = Field(ge=1, le=7)
    at: AwareDatetime | None = None
    courier_no: str = Field("", max_length=40)
    note: str = Field("", max_length=200)
    receipt_no: str = Field("", max_length=40)
    copies: int = Field(1, ge=1, le=99)


class NewSteps(Schema):
    """Steps to note at once, as a gun hands them in."""

    model_config = ConfigDict(extra="forbid")
    steps: list[NewStep] = Field(min_length=1, max_length=MOST_STEPS)


class StepsNoted(Schema):
    """Steps noted now, steps that were noted before, steps refused with their reason."""

    stored: int
    present: int
    refused: list[RefusedRow]


@router.post("/receipts/steps", response=StepsNoted)
def note_receipt_steps(request: ApiRequest, body: NewSteps) -> StepsNoted:
    """Note up to 500 steps, each for itself, in the order of the chain (O13)."""
    drafts = [MoveDraft(**one.model_dump()) for one in body.steps]
    done = moves.note_moves(actor=request.actor, drafts=drafts, now=moment.now())
    refused = [RefusedRow(place=one.place, code=one.reason, message=one.message) for one in done.refused]
    return StepsNoted(stored=done.stored, present=done.present, refused=refused)


class Reason(Schema):
    """Why, and the version the caller saw."""

    model_config = ConfigDict(extra="forbid")
    version: Version
    reason: str = Field(max_length=500)


@router.post("/receipts/{int:receipt_id}/undo", response=Receipt)
def undo_receipt_step(request: ApiRequest, receipt_id: int, body: Reason) -> Receipt:
    """Take the last step back, with a reason; only the site that noted it may (O13)."""
    given = {"receipt_id": receipt_id, "reason": body.reason, "expected_version": body.version}
    actions.undo_move(actor=request.actor, now=moment.now(), **given)  # type: ignore[arg-type]
    return _shown(request, receipt_id)


class ReceiptLost(Schema):
    """The receipt and the case of its claim."""

    receipt: Receipt
    case: int
    fresh: bool


@router.post("/receipts/{int:receipt_id}/lost", response={201: ReceiptLost})
def report_receipt_lost(request: ApiRequest, receipt_id: int, body: Reason) -> Status[ReceiptLost]:
    """Declare a receipt lost: a case is opened for the claim (O13)."""
    done = report_lost(actor=request.actor, receipt_id=receipt_id, reason=body.reason, expected_version=body.version, now=moment.now())
    return Status(201, ReceiptLost(receipt=_shown(request, receipt_id), case=done.case_id, fresh=done.fresh))


class Seen(Schema):
    """The version the caller saw."""

    model_config = ConfigDict(extra="forbid")
    version: Version


@router.post("/receipts/{int:receipt_id}/found", response=Receipt)
def report_receipt_found(request: ApiRequest, receipt_id: int, body: Seen) -> Receipt:
    """A lost receipt turned up and goes on where it was (O13)."""
    actions.declare_found(actor=request.actor, receipt_id=receipt_id, expected_version=body.version, now=moment.now())
    return _shown(request, receipt_id)


@router.post("/receipts/{int:receipt_id}/pictures", response={201: ReceiptPicture})
def upload_receipt_picture(request: ApiRequest, receipt_id: int, file: File[UploadedFile]) -> Status[ReceiptPicture]:
    """Keep a picture of the signed receipt, encrypted; JPEG, PNG, WebP or PDF, up to 20 MB (O13, SEC1)."""
    content = file.read(SIZE_LIMIT + 1)
    row = images.add_image(actor=request.actor, receipt_id=receipt_id, name=file.name or "", content=content, now=moment.now())
    return Status(201, _picture(row))


@router.get("/receipts/{int:receipt_id}/pictures/{int:picture_id}", response={200: None})
def download_receipt_picture(request: ApiRequest, receipt_id: int, picture_id: int) -> HttpResponse:
    """The picture, as a download; the read is audited (SEC3)."""
    found = images.read_image(actor=request.actor, receipt_id=receipt_id, image_id=picture_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
