"""Inspection over the API: inspections, findings, cards of agents, coverage."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Query, Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.kernel.errors import NotFound
from kefu.quality import acknowledging, actions, queries

router = Router(tags=["quality"])


class InspectionRow(Schema):
    """An inspection in a list. Points and money are of automatic breaches; nothing is a penalty before the appeal window ends (QA8)."""

    id: int
    subject_kind: str
    subject_id: int
    site_id: int
    site: str
    staff_id: int | None
    staff: str
    channel: str
    at: datetime
    day: date
    handbook: str
    scorecard: str
    score: Decimal
    passed: bool
    fatal: bool
    points: Decimal
    money: Decimal
    finding_count: int
    review_count: int
    inspected_at: datetime


class Finding(Schema):
    """One hit with its evidence: clause, line, span in the line's original text, matched words (masked), confidence (QA5)."""

    id: int
    inspection_id: int
    subject_kind: str
    subject_id: int
    site_id: int
    staff_id: int | None
    day: date
    clause: str
    item: str
    detector: str
    code: str
    mode: str
    state: str
    line: int | None
    start: int
    end: int
    matched: str
    points: Decimal
    money: Decimal
    confidence: float
    detail: dict[str, Any]


class CardItem(Schema):
    """An item of a card: its state, and why it was not judged."""

    key: str
    clause: str
    title: str
    title_en: str
    state: str
    why: str
    points: Decimal
    money: Decimal


class Card(Schema):
    """The current inspection of a conversation or case with every item and finding."""

    inspection: InspectionRow
    items: list[CardItem]
    findings: list[Finding]


def _inspection(one: Any) -> InspectionRow:
    plain = (
        "subject_kind", "subject_id", "site_id", "staff_id", "channel", "at", "day", "scorecard", "score", "passed", "fatal", "points",
        "money", "finding_count", "review_count", "inspected_at",
    )  # fmt: skip
    return InspectionRow(
        id=one.pk,
        site=one.site.name,
        staff=one.staff.name if one.staff_id else "",
        handbook=f"{one.handbook}@{one.version}",
        **{name: getattr(one, name) for name in plain},
    )


def _finding(one: Any) -> Finding:
    plain = (
        "inspection_id", "subject_kind", "subject_id", "site_id", "staff_id", "day", "detector", "code", "mode", "state", "line", "start",
        "end", "matched", "points", "money", "confidence", "detail",
    )  # fmt: skip
    return Finding(id=one.pk, clause=one.item, item=one.item_key, **{name: getattr(one, name) for name in plain})


class InspectionsWanted(Paged):
    """Which inspections."""

    staff: Id | None = None
    site: Id | None = None
    day: date | None = None


@router.get("/inspections", response=PageOf[InspectionRow])
def list_inspections(request: ApiRequest, wanted: Query[InspectionsWanted]) -> PageOf[InspectionRow]:
    """Current inspections, newest day first; agents see their own (QA2, SEC2)."""
    page = queries.inspections_page(
        request.actor, staff_id=wanted.staff, site_id=wanted.site, day=wanted.day, cursor=wanted.cursor, size=wanted.size
    )
    return shown(page, _inspection)


class FindingsWanted(Paged):
    """Which findings; days are both included."""

    item: str = Field("", max_length=60)
    staff: Id | None = None
    site: Id | None = None
    day_from: date | None = None
    day_to: date | None = None
    mode: Literal["", "auto", "review"] = ""
    state: Literal["", "open", "acknowledged", "confirmed", "dismissed"] = ""
    detector: str = Field("", max_length=40)


@router.get("/findings", response=PageOf[Finding])
def list_findings(request: ApiRequest, wanted: Query[FindingsWanted]) -> PageOf[Finding]:
    """Current findings with their evidence, newest day first; agents see their own (QA5, SEC2)."""
    filters = queries.Filters(
        item=wanted.item,
        staff_id=wanted.staff,
        site_id=wanted.site,
        day_from=wanted.day_from,
        day_to=wanted.day_to,
        mode=wanted.mode,
        state=wanted.state,
        detector=wanted.detector,
    )
    return shown(queries.findings_page(request.actor, filters, cursor=wanted.cursor, size=wanted.size), _finding)


@router.post("/findings/{int:finding_id}/acknowledge", response=Finding)
def acknowledge_finding(request: ApiRequest, finding_id: int) -> Finding:
    """Take note of a finding about oneself; twice is the same, no score changes and no appeal is given up (QA5, QA8)."""
    return _finding(acknowledging.acknowledge(actor=request.actor, finding_id=finding_id, now=moment.now()))


def _card(request: ApiRequest, kind: str, subject_id: int) -> Card:
    found = queries.card_of(request.actor, kind, subject_id)
    if found is None:
        raise NotFound
    return Card(
        inspection=_inspection(found.inspection),
        items=[
            CardItem(
                key=item.key,
                clause=item.ref,
                title=item.title,
                title_en=item.title_en,
                state=item.state,
                why=item.why,
                points=item.points,
                money=item.money,
            )
            for item in found.items
        ],
        findings=[_finding(one) for one in found.findings],
    )


@router.get("/conversations/{int:conversation_id}/card", response=Card)
def read_conversation_card(request: ApiRequest, conversation_id: int) -> Card:
    """The current card of a conversation: every item, every finding with its place in the lines (QA1, QA2, QA5)."""
    return _card(request, "conversation", conversation_id)


@router.get("/cases/{int:case_id}/card", response=Card)
def read_case_card(request: ApiRequest, case_id: int) -> Card:
    """The current card of a closed case, judged from its facts (QA4, QA5)."""
    return _card(request, "case", case_id)


class ToInspect(Schema):
    """Ids to inspect now; ``again`` judges anew what was judged under the version in force."""

    model_config = ConfigDict(extra="forbid")
    conversations: list[Id] = Field(default_factory=list, max_length=200)
    cases: list[Id] = Field(default_factory=list, max_length=200)
    again: bool = False


class Inspected(Schema):
    """What the run did; ``skipped`` have no card or handbook, ``unknown`` are not there or out of reach."""

    read: int
    inspected: int
    already: int
    skipped: int
    unknown: int
    findings: int
    reviews: int


@router.post("/inspections", response=Inspected)
def inspect(request: ApiRequest, body: ToInspect) -> Inspected:
    """Inspect conversations and cases now, under the handbook in force at their time (QA2, QA4). Safe to repeat."""
    now = moment.now()
    done = actions.inspect(actor=request.actor, conversation_ids=body.conversations, now=now, again=body.again)
    if body.cases:
        done = done.plus(actions.inspect_cases(actor=request.actor, case_ids=body.cases, now=now, again=body.again))
    return Inspected(**{name: getattr(done, name) for name in done.__slots__})


class Counted(Schema):
    """How often an item was judged and how it came out; ``rate`` is breached of applicable."""

    applicable: int
    passed: int
    breached: int
    review: int
    rate: float | None


class ItemFigures(Schema):
    """One item over the period: the agent's figures and the team's."""

    key: str
    clause: str
    title: str
    title_en: str
    total: Counted
    team: Counted
    points: Decimal
    money: Decimal
    findings: int


class StaffCard(Schema):
    """An agent's card over a period; no penalties yet (QA8)."""

    staff_id: int
    staff_no: str
    name: str
    inspections: int
    average: Decimal | None
    fatal: int
    points: Decimal
    money: Decimal
    items: list[ItemFigures]


class PeriodWanted(Schema):
    """A period, both days included."""

    model_config = ConfigDict(extra="forbid")
    since: date
    until: date


def _counted(one: queries.Tally) -> Counted:
    return Counted(applicable=one.applicable, passed=one.passed, breached=one.breached, review=one.review, rate=one.rate)


@router.get("/staff/{int:staff_id}/card", response=StaffCard)
def read_staff_card(request: ApiRequest, staff_id: int, wanted: Query[PeriodWanted]) -> StaffCard:
    """An agent's items over a period beside the team's average; one's own, or those in reach with `quality.view` (QA1)."""
    found = queries.scorecard_of(request.actor, staff_id, since=wanted.since, until=wanted.until)
    items = [
        ItemFigures(
            key=item.key,
            clause=item.ref,
            title=item.title,
            title_en=item.title_en,
            total=_counted(item.total),
            team=_counted(item.team),
            points=item.points,
            money=item.money,
            findings=item.findings,
        )
        for item in found.items
    ]
    plain = ("staff_id", "staff_no", "name", "inspections", "average", "fatal", "points", "money")
    return StaffCard(items=items, **{name: getattr(found, name) for name in plain})


class CoverageWanted(Schema):
    """Of which day, and which site; all in reach without one."""

    model_config = ConfigDict(extra="forbid")
    day: date
    site: Id | None = None


class Coverage(Schema):
    """Conversations of a day and how many a card has judged (QA6)."""

    conversations: int
    inspected: int
    breached: int
    review: int
    share: float | None


@router.get("/inspections/coverage", response=Coverage)
def read_coverage(request: ApiRequest, wanted: Query[CoverageWanted]) -> Coverage:
    """How much of a day was inspected (QA6)."""
    found = queries.coverage(request.actor, site_id=wanted.site, day=wanted.day)
    return Coverage(
        conversations=found.conversations, inspected=found.inspected, breached=found.breached, review=found.review, share=found.share
    )
