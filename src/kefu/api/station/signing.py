"""Sign-offs over the API (OPS3, O10). The lists are ``sign-offs`` and ``false-signs``."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any
from urllib.parse import quote

from django.http import HttpResponse
from ninja import File, Query, Router
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import AwareDatetime, ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.escalations.signing import escalate_signature
from kefu.kernel.actor import Actor
from kefu.kernel.files import SIZE_LIMIT
from kefu.station.signing import actions, examining, queries
from kefu.station.signing.drafts import SignDraft
from kefu.station.signing.queries import Suspicion

router = Router(tags=["station: signing (OPS3)"])
_Amount = Annotated[Decimal, Field(ge=0, le=9_999_999, decimal_places=2)]


class NewSignOff(Schema):
    """A sign-off. Amounts in yuan as collected; ``pieces`` of a partial one; ``courier`` from the delivery scan when empty."""

    model_config = ConfigDict(extra="forbid")
    waybill: str = Field(min_length=1, max_length=60)
    site: Id
    signed_at: AwareDatetime
    signer: str = Field("self", max_length=12)
    signer_name: str = Field("", max_length=40)
    relation: str = Field("", max_length=20)
    courier: str = Field("", max_length=20)
    situation: str = Field("normal", max_length=10)
    pieces: int = Field(0, ge=0, le=100_000)
    place: str = Field("", max_length=60)
    consent_by: str = Field("", max_length=60)
    consent_how: str = Field("", max_length=10)
    cod_collected: _Amount = Decimal(0)
    freight_collected: _Amount = Decimal(0)
    note: str = Field("", max_length=400)


class NewSignOffs(Schema):
    """Sign-offs to record at once."""

    model_config = ConfigDict(extra="forbid")
    sign_offs: list[NewSignOff] = Field(min_length=1, max_length=actions.MOST_AT_ONCE)


class SignOffShown(Schema):
    """A sign-off, names masked (R48). ``version`` goes back with the next write."""

    id: int
    version: int
    waybill: str
    piece: str
    site_id: int
    stage: str
    signed_at: datetime
    out_at: datetime | None
    courier: str
    signer: str
    signer_name: str
    relation: str
    situation: str
    part: int
    pieces: int
    place: str
    consent_by: str
    consent_how: str
    cod_collected: Decimal
    freight_collected: Decimal
    note: str
    entered_at: datetime
    entered_by: str
    undone_at: datetime | None
    undone_by: str
    undone_why: str


class SignRefusal(Schema):
    """What is wrong with one of many: its place from 0, code, field, words and the clause it rests on."""

    place: int
    code: str
    field: str
    message: str
    clause: str


class SignOffsDone(Schema):
    """Keys of the new sign-offs by their place, and everything wrong with the others."""

    stored: dict[int, int]
    refused: list[SignRefusal]


class SignEditShown(Schema):
    """A change: field to old and new value."""

    at: datetime
    by: str
    what: str
    changes: dict[str, tuple[str, str]]


class SignProofShown(Schema):
    """A picture."""

    id: int
    name: str
    size: int
    added_at: datetime
    added_by: str


class SignOffPage(Schema):
    """A sign-off with its changes and pictures."""

    sign_off: SignOffShown
    edits: list[SignEditShown]
    proofs: list[SignProofShown]


def _draft(one: NewSignOff) -> SignDraft:
    values: dict[str, Any] = one.model_dump(exclude={"site"})
    return SignDraft(**values, site_id=one.site)


def _shown(actor: Actor, sign_off_id: int) -> SignOffShown:
    return SignOffShown.model_validate(queries.one(actor, sign_off_id), from_attributes=True)


@router.post("/station/sign-offs", response={201: SignOffShown})
def record_sign_off(request: ApiRequest, body: NewSignOff) -> Status[SignOffShown]:
    """Record one sign-off; a refusal tells everything that is wrong, by field (OPS3, O10)."""
    row = actions.sign(actor=request.actor, draft=_draft(body), now=moment.now())
    return Status(201, _shown(request.actor, row.pk))


@router.post("/station/sign-offs/many", response=SignOffsDone)
def record_sign_offs(request: ApiRequest, body: NewSignOffs) -> SignOffsDone:
    """Record up to 1000 sign-offs, each for itself (OPS3)."""
    done = actions.sign_many(actor=request.actor, drafts=[_draft(one) for one in body.sign_offs], now=moment.now())
    refused = [
        SignRefusal(place=one.place, code=problem.code, field=problem.field, message=problem.words, clause=problem.clause)
        for one in done.refused
        for problem in one.problems
    ]
    return SignOffsDone(stored=dict(done.stored), refused=refused)


@router.get("/station/sign-offs/{int:sign_off_id}", response=SignOffPage)
def read_sign_off(request: ApiRequest, sign_off_id: int) -> SignOffPage:
    """A sign-off with every change made to it and its pictures (O10)."""
    actor = request.actor
    return SignOffPage(
        sign_off=_shown(actor, sign_off_id),
        edits=[SignEditShown.model_validate(one, from_attributes=True) for one in queries.history(actor, sign_off_id)],
        proofs=[SignProofShown.model_validate(one, from_attributes=True) for one in queries.proofs(actor, sign_off_id)],
    )


class SignChange(Schema):
    """Fields to correct; those left out stay. Time and signer are for undo and a new entry."""

    model_config = ConfigDict(extra="forbid")
    version: int = Field(ge=0)
    signer_name: str | None = Field(None, max_length=40)
    relation: str | None = Field(None, max_length=20)
    situation: str | None = Field(None, max_length=10)
    place: str | None = Field(None, max_length=60)
    consent_by: str | None = Field(None, max_length=60)
    consent_how: str | None = Field(None, max_length=10)
    cod_collected: _Amount | None = None
    freight_collected: _Amount | None = None
    note: str | None = Field(None, max_length=400)


@router.patch("/station/sign-offs/{int:sign_off_id}", response=SignOffShown)
def change_sign_off(request: ApiRequest, sign_off_id: int, body: SignChange) -> SignOffShown:
    """Correct what was entered; every change is kept with who and when (O10)."""
    changes = {name: value for name, value in body.model_dump(exclude={"version"}).items() if value is not None}
    actions.change(actor=request.actor, sign_off_id=sign_off_id, version=body.version, changes=changes, now=moment.now())
    return _shown(request.actor, sign_off_id)


class HandOut(Schema):
    """When the parcel was taken out of locker, station or shop."""

    model_config = ConfigDict(extra="forbid")
    version: int = Field(ge=0)
    out_at: AwareDatetime


@router.post("/station/sign-offs/{int:sign_off_id}/out", response=SignOffShown)
def hand_out_parcel(request: ApiRequest, sign_off_id: int, body: HandOut) -> SignOffShown:
    """Taken out of store: the signature now (O10)."""
    actions.hand_out(actor=request.actor, sign_off_id=sign_off_id, version=body.version, out_at=body.out_at, now=moment.now())
    return _shown(request.actor, sign_off_id)


class SignUndo(Schema):
    """Why a sign-off is taken back."""

    model_config = ConfigDict(extra="forbid")
    version: int = Field(ge=0)
    reason: str = Field(min_length=1, max_length=200)


@router.post("/station/sign-offs/{int:sign_off_id}/undo", response=SignOffShown)
def undo_sign_off(request: ApiRequest, sign_off_id: int, body: SignUndo) -> SignOffShown:
    """Take a sign-off back with the reason; its scans become void and the state follows (SIGN_UNDO, O10)."""
    actions.undo(actor=request.actor, sign_off_id=sign_off_id, version=body.version, reason=body.reason, now=moment.now())
    return _shown(request.actor, sign_off_id)


@router.post("/station/sign-offs/{int:sign_off_id}/proofs", response={201: SignProofShown})
def upload_sign_proof(request: ApiRequest, sign_off_id: int, file: File[UploadedFile]) -> Status[SignProofShown]:
    """Keep a picture of up to 20 MB with the sign-off, encrypted (O10, SEC1)."""
    row = actions.attach(
        actor=request.actor,
        sign_off_id=sign_off_id,
        name=file.name or "",
        content=file.read(SIZE_LIMIT + 1),
        content_type=file.content_type or "",
        now=moment.now(),
    )
    return Status(201, SignProofShown(id=row.pk, name=row.name, size=row.size, added_at=row.added_at, added_by=row.added_by))


@router.get("/station/sign-offs/{int:sign_off_id}/proofs/{int:proof_id}", response={200: None})
def download_sign_proof(request: ApiRequest, sign_off_id: int, proof_id: int) -> HttpResponse:
    """The picture, as a download; the read is audited (SEC2, SEC3)."""
    found = actions.proof(actor=request.actor, sign_off_id=sign_off_id, proof_id=proof_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


class SiteDay(Schema):
    """A site and a day."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    day: date


class Examined(Schema):
    """How many signatures that look false are new."""

    found: int


@router.post("/station/false-signs/examine", response=Examined)
def examine_signatures(request: ApiRequest, body: SiteDay) -> Examined:
    """Look for signs of false signatures at a site on a day; the same is never found twice (O10, R45)."""
    return Examined(found=examining.examine(actor=request.actor, site_id=body.site, day=body.day, now=moment.now()))


class Clearing(Schema):
    """What looking into it gave."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=1, max_length=200)


class SuspicionShown(Schema):
    """A signature a pattern speaks of, with its evidence as codes and values."""

    id: int
    waybill: str
    pattern: str
    day: date
    courier: str
    evidence: dict[str, Any]
    clause: str
    cleared_at: datetime | None
    cleared_by: str
    cleared_why: str


def _suspicion(row: Suspicion) -> SuspicionShown:
    return SuspicionShown(id=row.pk, **{name: getattr(row, name) for name in SuspicionShown.model_fields if name != "id"})


@router.post("/station/false-signs/{int:suspicion_id}/clear", response=SuspicionShown)
def clear_false_sign(request: ApiRequest, suspicion_id: int, body: Clearing) -> SuspicionShown:
    """Looked into, nothing wrong: kept with who and why (O10)."""
    return _suspicion(examining.clear(actor=request.actor, suspicion_id=suspicion_id, reason=body.reason, now=moment.now()))


class FalseSignCase(Schema):
    """The case of a signature that looks false; ``fresh`` when it was opened just now."""

    case_id: int
    fresh: bool


@router.post("/station/false-signs/{int:suspicion_id}/case", response=FalseSignCase)
def open_case_of_false_sign(request: ApiRequest, suspicion_id: int) -> FalseSignCase:
    """Open a case with the evidence, or give the one there is (O10, R45)."""
    done = escalate_signature(actor=request.actor, suspicion_id=suspicion_id, now=moment.now())
    return FalseSignCase(case_id=done.case_id, fresh=done.fresh)


class SignRate(Schema):
    """当日签收率 = (当日签收 + 驿站入库未出库) / 中心发出; ``rate`` is null when nothing was sent or the handbook sets no hour."""

    sent: int = 0
    signed: int = 0
    stored: int = 0
    rate: float | None = None
    cutoff_hour: int | None = None
    clause: str = ""


@router.get("/station/sign-rate", response=SignRate)
def read_sign_rate(request: ApiRequest, wanted: Query[SiteDay]) -> SignRate:
    """The rate of signatures of a site-day, what waits in store counted apart (O10)."""
    found = queries.rate(request.actor, wanted.site, wanted.day, now=moment.now())
    if found is None:
        return SignRate()
    counts = found.counts
    return SignRate(
        sent=counts.sent, signed=counts.signed, stored=counts.stored, rate=found.share, cutoff_hour=found.cutoff, clause=found.clause
    )
