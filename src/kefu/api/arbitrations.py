"""Arbitration over the API: types, filing, answers, verdicts by two people, appeal, statements (CASE7, O6).

The lists are `/lists/arbitrations` and `/lists/arbitration-moves`.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated
from urllib.parse import quote

from django.http import HttpResponse
from ninja import File, Query, Router
from ninja.files import UploadedFile
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.arbitration import actions, queries, statements
from kefu.arbitration.drafts import FilingDraft, Ruling, ShareDraft, Upload
from kefu.kernel.files import SIZE_LIMIT

router = Router(tags=["arbitration (CASE7)"])
Version = Annotated[int | None, Field(ge=0, description="The version the caller saw; a filing changed since then is refused as stale.")]
Yuan = Annotated[Decimal, Field(max_digits=12, decimal_places=2, description="Yuan.")]


class ArbitrationType(Schema):
    """A type of the handbook: what its window counts from, and the window in hours."""

    key: str
    title: str
    counts_from: str
    opens_after_hours: float | None
    closes_after_hours: float | None
    after_sign: bool
    proof: bool
    fine: Decimal
    clause: str


class SiteWanted(Schema):
    """The site that files."""

    model_config = ConfigDict(extra="forbid")
    site: Id


@router.get("/arbitrations/types", response=list[ArbitrationType])
def list_arbitration_types(request: ApiRequest, wanted: Query[SiteWanted]) -> list[ArbitrationType]:
    """Types in force at a site, with their windows (O6)."""
    found = queries.terms_for(request.actor, wanted.site, now=moment.now()).types.values()
    return [
        ArbitrationType(
            key=one.key,
            title=one.name(),
            counts_from=one.counts_from,
            opens_after_hours=one.opens_after.total_seconds() / 3600 if one.opens_after else None,
            closes_after_hours=one.closes_after.total_seconds() / 3600 if one.closes_after else None,
            after_sign=one.after_sign,
            proof=one.proof,
            fine=one.fine,
            clause=one.clause,
        )
        for one in found
    ]


class NewArbitration(Schema):
    """A filing. `accused` are sites or hubs; `pieces` empty: those of the waybill; evidence is sent afterwards."""

    model_config = ConfigDict(extra="forbid")
    waybill: str = Field(min_length=1, max_length=60)
    kind: str = Field(min_length=1, max_length=40)
    accused: list[Id] = Field(min_length=1, max_length=50)
    reason: str = Field(max_length=8000)
    claimed: Yuan
    site: Id | None = None
    case: Id | None = None
    complainant: str = Field("", max_length=200)
    phone: str = Field("", max_length=40)
    proof: str = Field("", max_length=2000)
    proof_amount: Yuan | None = None
    pieces: int | None = None
    abnormal: int = 1
    packing: str = Field("", max_length=200)


class EvidenceFile(Schema):
    """A file one of the sides handed in; `side`: applicant, accused, desk."""

    id: int
    name: str
    size: int
    side: str
    site: str
    added_by: str
    added_at: datetime


class AccusedAnswer(Schema):
    """An accused site and what it said; `silent`: it let the time pass."""

    site_id: int
    site: str
    statement: str
    replied_by: str
    replied_at: datetime | None
    silent: bool
    files: list[EvidenceFile]


class LiabilityShare(Schema):
    """What one site bears."""

    site_id: int
    site: str
    percent: Decimal
    amount: Decimal
    fine: Decimal


class ArbitrationVerdict(Schema):
    """A verdict of round 1, or 2 on appeal; `confirmed` null: it waits for the second person, and only the desk sees it."""

    round: int
    outcome: str
    awarded: Decimal
    reason: str
    clause: str
    ruled_by: str
    ruled_at: datetime
    confirmed: bool | None
    audited_by: str
    audited_at: datetime | None
    audit_note: str
    shares: list[LiabilityShare]


class ArbitrationAppeal(Schema):
    """The appeal."""

    site: str
    reason: str
    made_by: str
    made_at: datetime


class Arbitration(Schema):
    """A filing with both sides' words, its verdicts, and what the caller may do now (`may`). Names and phone are masked."""

    id: int
    number: str
    waybill: str
    kind: str
    clause: str
    site_id: int
    site: str
    state: str
    claimed: Decimal
    awarded: Decimal | None
    arbiter: str
    due_at: datetime | None
    filed_by: str
    filed_at: datetime
    ended_at: datetime | None
    case_id: int | None
    version: int
    reason: str
    complainant: str
    phone: str
    proof: str
    proof_amount: Decimal | None
    pieces: int
    abnormal: int
    packing: str
    remark: str
    answers: list[AccusedAnswer]
    files: list[EvidenceFile]
    verdicts: list[ArbitrationVerdict]
    appeal: ArbitrationAppeal | None
    may: list[str]


def _shown(request: ApiRequest, filing_id: int) -> Arbitration:
    found = queries.get(request.actor, filing_id, now=moment.now())
    row = {name: getattr(found.row, name) for name in Arbitration.model_fields if hasattr(found.row, name)}
    rest = ("reason", "complainant", "phone", "proof", "proof_amount", "pieces", "abnormal", "packing", "remark")
    return Arbitration(
        **row,
        **{name: getattr(found, name) for name in rest},
        answers=[AccusedAnswer.model_validate(one) for one in found.answers],
        files=[EvidenceFile.model_validate(one) for one in found.files],
        verdicts=[ArbitrationVerdict.model_validate(one) for one in found.verdicts],
        appeal=ArbitrationAppeal.model_validate(found.appeal) if found.appeal else None,
        may=sorted(found.may),
    )


@router.post("/arbitrations", response=Arbitration)
def file_arbitration(request: ApiRequest, body: NewArbitration) -> Arbitration:
    """File a waybill against one or several sites; once for a waybill, unless the earlier filing was refused (O6)."""
    given = body.model_dump(exclude={"site", "case", "accused"})
    draft = FilingDraft(**given, accused=tuple(body.accused), site_id=body.site, case_id=body.case)
    return _shown(request, actions.file_arbitration(actor=request.actor, draft=draft, now=moment.now()).pk)


@router.get("/arbitrations/{int:filing_id}", response=Arbitration)
def read_arbitration(request: ApiRequest, filing_id: int) -> Arbitration:
    """A filing (CASE7). The accused see it once it is accepted."""
    return _shown(request, filing_id)


class Seen(Schema):
    """What the caller saw."""

    model_config = ConfigDict(extra="forbid")
    version: Version = None


class Said(Seen):
    """Words that belong to the step."""

    text: str = Field(min_length=1, max_length=8000)


@router.post("/arbitrations/{int:filing_id}/accept", response=Arbitration)
def accept_arbitration(request: ApiRequest, filing_id: int, body: Seen) -> Arbitration:
    """Take a filing up; the accused have 72 hours from now, or what the handbook says (O6)."""
    actions.accept(actor=request.actor, filing_id=filing_id, expected_version=body.version, now=moment.now())
    return _shown(request, filing_id)


@router.post("/arbitrations/{int:filing_id}/refuse", response=Arbitration)
def refuse_arbitration(request: ApiRequest, filing_id: int, body: Said) -> Arbitration:
    """Do not take it up 不予受理; the waybill may be filed again (O6)."""
    actions.refuse(actor=request.actor, filing_id=filing_id, text=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, filing_id)


@router.post("/arbitrations/{int:filing_id}/withdraw", response=Arbitration)
def withdraw_arbitration(request: ApiRequest, filing_id: int, body: Said) -> Arbitration:
    """Take a filing back before it is accepted (O6)."""
    actions.withdraw(actor=request.actor, filing_id=filing_id, text=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, filing_id)


@router.post("/arbitrations/{int:filing_id}/reply", response=Arbitration)
def reply_arbitration(request: ApiRequest, filing_id: int, body: Said) -> Arbitration:
    """An accused site answers, once (O6)."""
    actions.reply(actor=request.actor, filing_id=filing_id, text=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, filing_id)


@router.post("/arbitrations/{int:filing_id}/evidence", response=Arbitration)
def add_arbitration_evidence(request: ApiRequest, filing_id: int, file: File[UploadedFile]) -> Arbitration:
    """Hand in a file for one's own side while the filing is open; kept encrypted (O6, SEC1)."""
    upload = Upload(file.name or "", file.read(SIZE_LIMIT + 1))
    actions.add_evidence(actor=request.actor, filing_id=filing_id, uploads=[upload], now=moment.now())
    return _shown(request, filing_id)


@router.get("/arbitrations/{int:filing_id}/evidence/{int:evidence_id}", response={200: None})
def download_arbitration_evidence(request: ApiRequest, filing_id: int, evidence_id: int) -> HttpResponse:
    """A piece of evidence, as a download; the read is audited (SEC2, SEC3)."""
    found = actions.read_evidence(actor=request.actor, filing_id=filing_id, evidence_id=evidence_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response


class NewShare(Schema):
    """What one site is to bear: percent with two decimals at most, and a fine in yuan."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    percent: Annotated[Decimal, Field(max_digits=7)]
    fine: Yuan = Decimal(0)


class NewVerdict(Seen):
    """A verdict: outcome accused, shared, applicant or nobody; shares add to 100."""

    outcome: str = Field(max_length=20)
    awarded: Yuan
    reason: str = Field(max_length=8000)
    shares: list[NewShare] = Field(default_factory=list, max_length=50)


@router.post("/arbitrations/{int:filing_id}/verdicts", response=Arbitration)
def rule_arbitration(request: ApiRequest, filing_id: int, body: NewVerdict) -> Arbitration:
    """Propose a verdict; it counts once another arbiter confirms it (O6)."""
    shares = [ShareDraft(one.site, one.percent, one.fine) for one in body.shares]
    ruling = Ruling(body.outcome, body.awarded, body.reason, shares)
    actions.rule(actor=request.actor, filing_id=filing_id, ruling=ruling, expected_version=body.version, now=moment.now())
    return _shown(request, filing_id)


@router.post("/arbitrations/{int:filing_id}/confirm", response=Arbitration)
def confirm_arbitration(request: ApiRequest, filing_id: int, body: Seen) -> Arbitration:
    """Confirm a verdict somebody else proposed; on appeal it is final and money moves (O6)."""
    actions.confirm(actor=request.actor, filing_id=filing_id, expected_version=body.version, now=moment.now())
    return _shown(request, filing_id)


@router.post("/arbitrations/{int:filing_id}/send-back", response=Arbitration)
def send_back_arbitration(request: ApiRequest, filing_id: int, body: Said) -> Arbitration:
    """Send a verdict back to be ruled again (O6)."""
    actions.send_back(actor=request.actor, filing_id=filing_id, text=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, filing_id)


@router.post("/arbitrations/{int:filing_id}/appeal", response=Arbitration)
def appeal_arbitration(request: ApiRequest, filing_id: int, body: Said) -> Arbitration:
    """Appeal 复议, once, within the window after the verdict (O6)."""
    actions.appeal(actor=request.actor, filing_id=filing_id, text=body.text, expected_version=body.version, now=moment.now())
    return _shown(request, filing_id)


class NewArbiter(Seen):
    """To whom."""

    staff: Id


@router.post("/arbitrations/{int:filing_id}/assign", response=Arbitration)
def assign_arbitration(request: ApiRequest, filing_id: int, body: NewArbiter) -> Arbitration:
    """Give an open filing to another arbiter (O6)."""
    actions.assign(actor=request.actor, filing_id=filing_id, staff_id=body.staff, expected_version=body.version, now=moment.now())
    return _shown(request, filing_id)


class MonthWanted(Schema):
    """A site and any day of the month."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    month: date


class ArbitrationStatement(Schema):
    """A site's month in yuan: compensation received and paid, fines, what remains; `locked_at` null while it may still change."""

    site_id: int
    month: date
    received: Decimal
    paid: Decimal
    fines: Decimal
    total: Decimal
    locked_by: str
    locked_at: datetime | None


def _statement(request: ApiRequest, site: int, month: date) -> ArbitrationStatement:
    found = statements.statement(request.actor, site, month)
    sums = {name: getattr(found.sums, name) for name in ("received", "paid", "fines", "total")}
    return ArbitrationStatement(site_id=found.site_id, month=found.month, **sums, locked_by=found.locked_by, locked_at=found.locked_at)


@router.get("/arbitration-statement", response=ArbitrationStatement)
def read_arbitration_statement(request: ApiRequest, wanted: Query[MonthWanted]) -> ArbitrationStatement:
    """The statement of a site's month (O6)."""
    return _statement(request, wanted.site, wanted.month)


@router.post("/arbitration-statement/lock", response=ArbitrationStatement)
def lock_arbitration_month(request: ApiRequest, body: MonthWanted) -> ArbitrationStatement:
    """Lock a site's month that is over (O6)."""
    actions.lock_month(actor=request.actor, site_id=body.site, month=body.month, now=moment.now())
    return _statement(request, body.site, body.month)
