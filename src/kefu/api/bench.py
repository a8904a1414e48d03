"""The rule bench over the API: labels, how right each rule is, drafts tried over past conversations (QA10)."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal

from ninja import Query, Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.bench import actions, queries, scores
from kefu.handbook import queries as handbooks

router = Router(tags=["rule bench (QA10)"])


class BenchLabel(Schema):
    """What a person found; ``line`` counts from 0, null speaks of the whole."""

    id: int
    subject_kind: str
    subject_id: int
    site_id: int
    staff_id: int | None
    item: str
    line: int | None
    breached: bool
    source: str
    by: str
    labelled_at: datetime


def _label(one: Any) -> BenchLabel:
    plain = ("subject_kind", "subject_id", "site_id", "staff_id", "breached", "source", "labelled_at")
    line = one.line if one.line >= 0 else None
    return BenchLabel(id=one.pk, item=one.item_key, line=line, by=one.by_name, **{name: getattr(one, name) for name in plain})


class LabelsWanted(Paged):
    """Of which item; all without one."""

    item: str = Field("", max_length=60)


@router.get("/bench/labels", response=PageOf[BenchLabel])
def list_bench_labels(request: ApiRequest, wanted: Query[LabelsWanted]) -> PageOf[BenchLabel]:
    """Labels of the sites in reach, newest conversation first (QA10)."""
    return shown(queries.labels_page(request.actor, item=wanted.item, cursor=wanted.cursor, size=wanted.size), _label)


class ToLabel(Schema):
    """What was found of one item."""

    model_config = ConfigDict(extra="forbid")
    subject_kind: Literal["conversation", "case"] = "conversation"
    subject_id: Id
    item: str = Field(max_length=60)
    breached: bool
    line: int | None = Field(None, ge=0, le=20_000)
    source: Literal["hand", "calibration"] = "hand"


@router.post("/bench/labels", response=BenchLabel)
def add_bench_label(request: ApiRequest, body: ToLabel) -> BenchLabel:
    """Label one item of a conversation or case in reach; saying it again changes it (QA10)."""
    row = actions.label(
        actor=request.actor,
        subject_kind=body.subject_kind,
        subject_id=body.subject_id,
        item_key=body.item,
        breached=body.breached,
        line=body.line,
        source=body.source,
        now=moment.now(),
    )
    return _label(row)


class ScoreRow(Schema):
    """One item under one version: precision and recall are null when there is nothing to divide by."""

    item: str
    version: str
    precision: float | None
    recall: float | None
    reached: float | None
    hit_right: int
    hit_wrong: int
    missed: int
    passed_right: int
    asked_breached: int
    asked_fine: int
    none_breached: int
    none_fine: int


class ScoresWanted(Schema):
    """``draft``: id of a handbook version that judges the labelled conversations too."""

    model_config = ConfigDict(extra="forbid")
    item: str = Field("", max_length=60)
    draft: Id | None = None


class BenchScores(Schema):
    """The whole table; ``more`` when there are labels older than those looked at."""

    labels: int
    subjects: int
    more: bool
    rows: list[ScoreRow]


@router.get("/bench/scores", response=BenchScores)
def read_bench_scores(request: ApiRequest, wanted: Query[ScoresWanted]) -> BenchScores:
    """Machine beside people, by item and version (QA10)."""
    draft = handbooks.draft_book(request.actor, wanted.draft, now=moment.now()) if wanted.draft is not None else None
    found = scores.scores(request.actor, scores.Wanted(item=wanted.item), draft)
    names = [name for name in ScoreRow.model_fields if name not in ("item", "version")]
    rows = [ScoreRow(item=row.item, version=row.version, **{name: getattr(row.confusion, name) for name in names}) for row in found.rows]
    return BenchScores(labels=found.labels, subjects=found.subjects, more=found.more, rows=rows)


class TrialRow(Schema):
    """A draft tried; ``state`` is running, done, stopped or failed."""

    id: int
    handbook: str
    title: str
    since: datetime
    until: datetime
    total: int
    state: str
    by: str
    created_at: datetime
    finished_at: datetime | None


def _trial(one: Any) -> TrialRow:
    plain = ("handbook", "title", "since", "until", "total", "state", "created_at", "finished_at")
    return TrialRow(id=one.pk, by=one.actor_name, **{name: getattr(one, name) for name in plain})


@router.get("/bench/trials", response=PageOf[TrialRow])
def list_bench_trials(request: ApiRequest, wanted: Query[Paged]) -> PageOf[TrialRow]:
    """Trials in reach, newest first (QA10)."""
    return shown(queries.trials_page(request.actor, cursor=wanted.cursor, size=wanted.size), _trial)


class ToTry(Schema):
    """A draft by its id, over the conversations begun in ``since..until``."""

    model_config = ConfigDict(extra="forbid")
    draft: Id
    since: datetime
    until: datetime


@router.post("/bench/trials", response={201: TrialRow})
def begin_bench_trial(request: ApiRequest, body: ToTry) -> tuple[int, TrialRow]:
    """Try a draft; the worker does it, and several may share it (QA10)."""
    now = moment.now()
    info = handbooks.version(request.actor, body.draft, now=now)
    text = handbooks.text_of(request.actor, info.id)
    trial = actions.begin(actor=request.actor, text=text, title=info.name, since=body.since, until=body.until, now=now)
    return 201, _trial(trial)


class ItemChanged(Schema):
    """How often an item comes out otherwise, and what it costs more (or less)."""

    item: str
    more: int
    fewer: int
    other: int
    points: Decimal
    money: Decimal


class StaffChanged(Schema):
    """An agent before and after."""

    staff_id: int | None
    name: str
    staff_no: str
    conversations: int
    points_before: Decimal
    points_after: Decimal
    money_before: Decimal
    money_after: Decimal


class TrialStanding(Schema):
    """How far a trial is, and what it found so far."""

    trial: TrialRow
    done: int
    read: int
    changed: int
    items: list[ItemChanged]
    staff: list[StaffChanged]


@router.get("/bench/trials/{int:trial_id}", response=TrialStanding)
def read_bench_trial(request: ApiRequest, trial_id: int) -> TrialStanding:
    """What a draft would change, by item and by agent and money (QA10)."""
    found = queries.standing(request.actor, trial_id)
    items = [ItemChanged(**{name: getattr(one, name) for name in ItemChanged.model_fields}) for one in found.items]
    staff = [StaffChanged(**{name: getattr(one, name) for name in StaffChanged.model_fields}) for one in found.staff]
    return TrialStanding(trial=_trial(found.trial), done=found.done, read=found.read, changed=found.changed, items=items, staff=staff)


class TrialChange(Schema):
    """One item that comes out otherwise: b breached, r review, p passed, n not applicable, m manual, - absent."""

    id: int
    conversation_id: int
    site_id: int
    staff_id: int | None
    item: str
    before: str
    after: str
    points: Decimal
    money: Decimal
    line: int | None
    sentence: str


class ChangesWanted(Paged):
    """Of which item and agent."""

    item: str = Field("", max_length=60)
    staff: Id | None = None


def _change(one: Any) -> TrialChange:
    plain = ("conversation_id", "site_id", "staff_id", "before", "after", "points", "money", "line", "sentence")
    return TrialChange(id=one.pk, item=one.item_key, **{name: getattr(one, name) for name in plain})


@router.get("/bench/trials/{int:trial_id}/changes", response=PageOf[TrialChange])
def list_bench_changes(request: ApiRequest, trial_id: int, wanted: Query[ChangesWanted]) -> PageOf[TrialChange]:
    """Every change of a trial (QA10)."""
    found = queries.changes_page(request.actor, trial_id, item=wanted.item, staff_id=wanted.staff, cursor=wanted.cursor, size=wanted.size)
    return shown(found, _change)


@router.post("/bench/trials/{int:trial_id}/stop", response=TrialRow)
def stop_bench_trial(request: ApiRequest, trial_id: int) -> TrialRow:
    """Stop a running trial; what it found stays (QA10)."""
    return _trial(actions.stop(actor=request.actor, trial_id=trial_id, now=moment.now()))
