"""The ledger of penalties over the API (QA8, PERF3). Lists: `/lists/penalties` and `/lists/penalty-statements`."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from ninja import Query, Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.kernel.errors import NotFound
from kefu.lists.arbitration import month_of
from kefu.penalties import actions, queries, statements

router = Router(tags=["penalties (QA8)"])
Month = Annotated[str, Field(pattern=r"^\d{4}-\d{2}$", description="A month, 2026-11.")]


class Penalty(Schema):
    """A line: amounts are signed, deductions below zero. `counted` are earlier lines that make it a repeat."""

    id: int
    number: str
    kind: str
    title: str
    said: str
    matched: str
    staff_id: int
    staff: str
    site_id: int
    team_id: int | None
    subject_kind: str
    subject_id: int
    inspection_id: int
    finding_id: int
    line: int | None
    item_key: str
    clause: str
    policy: str
    day: date
    month: date
    listed_points: Decimal
    listed_money: Decimal
    multiplier: Decimal
    counted: list[int]
    capped_points: Decimal
    capped_money: Decimal
    points: Decimal
    money: Decimal
    final_at: datetime
    entered_at: datetime
    reverses: int | None
    reversed_by: int | None
    cause: str
    reason: str
    by: str


class PenaltyObjection(Schema):
    """An objection to a line, with its answer."""

    id: int
    reason: str
    state: str
    at: datetime
    answer: str
    answered_by: str
    answered_at: datetime | None
    version: int


class PenaltyDetail(Schema):
    """A line with the earlier lines it counts, the line against it, and its objections."""

    line: Penalty
    earlier: list[Penalty]
    against: Penalty | None
    objections: list[PenaltyObjection]


class PenaltyStatement(Schema):
    """A person's month. `over`: by how much the deductions go over what the law leaves; `most`: what may be deducted at most."""

    staff_id: int
    staff: str
    site_id: int
    month: date
    points: Decimal
    money: Decimal
    deducted: Decimal
    given: Decimal
    entries: int
    acknowledged: bool
    locked_at: datetime | None
    most: Decimal | None
    over: Decimal
    wage_known: bool
    floor_clause: str
    lines: list[Penalty]


class PenaltyReason(Schema):
    """Why."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(max_length=1000)


class PenaltyAnswer(Schema):
    """What a manager answers; `upheld` reverses the line."""

    model_config = ConfigDict(extra="forbid")
    upheld: bool
    answer: str = Field(max_length=1000)
    version: int | None = None


class PenaltyMonthToLock(Schema):
    """Which month of which site."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    month: Month


class PenaltyMonth(Schema):
    """A month of a site."""

    site_id: int
    month: date
    entries: int
    locked_at: datetime | None
    locked_by: str


class PenaltyWage(Schema):
    """A wage in yuan; empty takes it away."""

    model_config = ConfigDict(extra="forbid")
    wage: str = Field(max_length=40)


class PenaltySums(Schema):
    """What lines come to."""

    entries: int
    people: int
    breaches: int
    merits: int
    reversals: int
    points: Decimal
    money: Decimal


class PenaltySumsWanted(Schema):
    """Of which month, site, team and person; all without one."""

    model_config = ConfigDict(extra="forbid")
    month: Month | None = None
    site: Id | None = None
    team: Id | None = None
    staff: Id | None = None


def _line(one: Any) -> Penalty:
    return Penalty.model_validate(one)


def _detail(request: ApiRequest, penalty_id: int) -> PenaltyDetail:
    found = queries.detail(request.actor, penalty_id)
    return PenaltyDetail(
        line=_line(found.row),
        earlier=[_line(one) for one in found.earlier],
        against=_line(found.against) if found.against else None,
        objections=[PenaltyObjection.model_validate(one) for one in found.objections],
    )


def _month(text: str) -> date:
    found = month_of(text)
    if found is None:
        raise NotFound
    return found


@router.get("/penalties/{int:penalty_id}", response=PenaltyDetail)
def read_penalty(request: ApiRequest, penalty_id: int) -> PenaltyDetail:
    """One line of the ledger: one's own, or in reach with `penalty.view` (QA8)."""
    return _detail(request, penalty_id)


@router.post("/penalties/{int:penalty_id}/objections", response=PenaltyDetail)
def object_to_penalty(request: ApiRequest, penalty_id: int, body: PenaltyReason) -> PenaltyDetail:
    """Say why one's own line is wrong; a manager answers (QA8)."""
    actions.object_to(actor=request.actor, entry_id=penalty_id, reason=body.reason, now=moment.now())
    return _detail(request, penalty_id)


@router.post("/penalty-objections/{int:objection_id}/answer", response=PenaltyDetail)
def answer_penalty_objection(request: ApiRequest, objection_id: int, body: PenaltyAnswer) -> PenaltyDetail:
    """Uphold an objection, which reverses the line, or reject it (QA8)."""
    row = actions.answer_objection(
        actor=request.actor, objection_id=objection_id, upheld=body.upheld, answer=body.answer, now=moment.now(),
        expected_version=body.version,
    )  # fmt: skip
    return _detail(request, row.entry_id)


@router.post("/penalties/{int:penalty_id}/waive", response=PenaltyDetail)
def waive_penalty(request: ApiRequest, penalty_id: int, body: PenaltyReason) -> PenaltyDetail:
    """Let somebody off, with a reason: a line against the line (QA8)."""
    actions.waive(actor=request.actor, entry_id=penalty_id, reason=body.reason, now=moment.now())
    return _detail(request, penalty_id)


@router.get("/penalty-sums", response=PenaltySums)
def read_penalty_sums(request: ApiRequest, wanted: Query[PenaltySumsWanted]) -> PenaltySums:
    """What the lines the caller sees come to (QA8)."""
    month = _month(wanted.month) if wanted.month else None
    found = statements.sums(request.actor, month=month, site_id=wanted.site, team_id=wanted.team, staff_id=wanted.staff)
    return PenaltySums.model_validate(found)


@router.get("/staff/{int:staff_id}/penalty-statements/{month}", response=PenaltyStatement)
def read_penalty_statement(request: ApiRequest, staff_id: int, month: str) -> PenaltyStatement:
    """A person's month with every line; the sums are those of the lines (QA8, PERF3)."""
    return _statement(request, staff_id, month)


def _statement(request: ApiRequest, staff_id: int, month: str) -> PenaltyStatement:
    found = statements.statement(request.actor, staff_id, _month(month))
    names = ("staff_id", "staff", "site_id", "month", "points", "money", "entries", "acknowledged", "locked_at", "wage_known")
    return PenaltyStatement(
        deducted=found.deducted, given=found.given, most=found.floor.most, over=found.floor.over, floor_clause=found.floor_clause,
        lines=[_line(one) for one in found.lines], **{name: getattr(found.sheet, name) for name in names},
    )  # fmt: skip


@router.post("/penalty-statements/{month}/acknowledge", response=PenaltyStatement)
def acknowledge_penalty_statement(request: ApiRequest, month: str) -> PenaltyStatement:
    """Say that one has read one's own statement; no objection is given up (QA8)."""
    sheet = actions.acknowledge(actor=request.actor, month=_month(month), now=moment.now())
    return _statement(request, sheet.staff_id, month)


@router.put("/staff/{int:staff_id}/penalty-statements/{month}/wage", response=PenaltyStatement)
def note_penalty_wage(request: ApiRequest, staff_id: int, month: str, body: PenaltyWage) -> PenaltyStatement:
    """Note the wage of the month, for the legal floor (PERF3)."""
    actions.note_wage(actor=request.actor, staff_id=staff_id, month=_month(month), wage=body.wage, now=moment.now())
    return _statement(request, staff_id, month)


@router.post("/penalty-months/lock", response=PenaltyMonth)
def lock_penalty_month(request: ApiRequest, body: PenaltyMonthToLock) -> PenaltyMonth:
    """Lock a month of a site; nothing changes in it any more (QA8)."""
    return PenaltyMonth.model_validate(
        actions.lock_month(actor=request.actor, site_id=body.site, month=_month(body.month), now=moment.now())
    )
