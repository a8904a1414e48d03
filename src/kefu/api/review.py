"""Sampling and scoring over the API: plans, tasks, scores, coverage, workload (QA6). The list of tasks is `/lists/review-tasks`.

A person scores; a token of a program may read and plan, and is refused where somebody has to judge.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from ninja import Query, Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.review import actions, coverage, queries
from kefu.review.drafts import PlanDraft, Terms
from kefu.review.scoring import Verdict

router = Router(tags=["review (QA6)"])
Version = Annotated[int | None, Field(ge=0, description="The version the caller saw; what changed since then is refused as stale.")]


class PlanTerms(Schema):
    """Numbers of a plan; `triggers`: words, silence, low_rating, complaint, failed, unsure."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)
    amount: int = Field(0, ge=0, le=1000)
    percent: float = Field(0, ge=0, le=100)
    new_amount: int = Field(0, ge=0, le=1000)
    new_days: int = Field(0, ge=0, le=3650)
    triggers: list[str] = Field(default_factory=list, max_length=20)
    words: list[str] = Field(default_factory=list, max_length=100)
    silence: int = Field(0, ge=0, le=3600)
    rating: float = Field(0, ge=0, le=10)
    due_days: int = Field(2, ge=1, le=60)


class NewPlan(Schema):
    """`method`: per_agent, percent, all, spot, must; `period`: day, week; `channel` empty: all."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(max_length=60)
    site: Id
    method: str = Field(max_length=10)
    period: str = Field("week", max_length=5)
    channel: str = Field("", max_length=8)
    terms: PlanTerms = Field(default_factory=PlanTerms)


class ChangedPlan(NewPlan):
    """A plan as it is to be from now on."""

    version: Version = None


class ReviewPlan(Schema):
    """A plan; `next_at` is null while it is paused."""

    id: int
    site_id: int
    name: str
    method: str
    period: str
    channel: str
    terms: PlanTerms
    clause: str
    drawn_through: date
    next_at: datetime | None
    version: int


class DrawnOne(Schema):
    """A conversation a draw gives, and why."""

    conversation_id: int
    staff_id: int | None
    why: list[str]


class PlanSample(Schema):
    """What a plan would draw of so many conversations of its period so far."""

    of: int
    rows: list[DrawnOne]


class PlanPaused(Schema):
    """Stop or go on."""

    model_config = ConfigDict(extra="forbid")
    paused: bool
    version: Version = None


class DrawnCount(Schema):
    """How many tasks a draw made."""

    tasks: int


class ReviewItem(Schema):
    """An item: what the machine said, what the person says so far, where. `settled`: a dispute has decided it."""

    key: str
    clause: str
    title: str
    automatic: str
    verdict: str
    reason: str
    line: int | None
    settled: bool


class ReviewTask(Schema):
    """A task with its card; `auto_score` and `score` are those of the moment it was scored."""

    id: int
    conversation_id: int
    inspection_id: int | None
    site_id: int
    staff_id: int | None
    state: str
    why: list[dict[str, Any]]
    inspector_id: int | None
    due_at: datetime
    auto_score: Decimal | None
    score: Decimal | None
    comment: str
    items: list[ReviewItem]
    version: int


class ReviewSeen(Schema):
    """What the caller saw."""

    model_config = ConfigDict(extra="forbid")
    version: Version = None


class ReviewHanded(ReviewSeen):
    """To whom."""

    inspector: Id


class ReviewDropped(ReviewSeen):
    """Why not."""

    reason: str = Field(max_length=400)


class ReviewVerdict(Schema):
    """`verdict`: breached, passed, not_applicable; `line` from 0."""

    model_config = ConfigDict(extra="forbid")
    verdict: str = Field("", max_length=20)
    reason: str = Field("", max_length=600)
    line: int | None = Field(None, ge=0, le=100_000)


class ReviewMarks(ReviewSeen):
    """Marks by item, and words for the agent."""

    verdicts: dict[str, ReviewVerdict] = Field(default_factory=dict, max_length=300)
    comment: str = Field("", max_length=2200)


class ReviewScore(ReviewMarks):
    """The same, for good; `inspection` is the card the caller saw."""

    inspection: Id


class ReviewCoverageRow(Schema):
    """Of a day, team or agent: `key` is the day or the id (0: none)."""

    key: str
    title: str
    conversations: int
    automatic: int
    scored: int


class ReviewCoverage(Schema):
    """Rows of coverage."""

    rows: list[ReviewCoverageRow]


class ReviewWorkload(Schema):
    """An inspector's work."""

    inspector_id: int
    name: str
    in_hand: int
    late: int
    scored: int
    minutes: float | None
    changed_share: float | None
    mean_gap: Decimal | None


class ReviewSpan(Schema):
    """Local days, both included."""

    model_config = ConfigDict(extra="forbid")
    since: date
    until: date


class ReviewCoverageAsked(ReviewSpan):
    """By what, of which site."""

    by: Literal["day", "team", "agent"] = "day"
    site: Id | None = None


def _draft(body: NewPlan) -> PlanDraft:
    given = body.terms.model_dump()
    terms = Terms(**{**given, "triggers": tuple(given["triggers"]), "words": tuple(given["words"])})
    return PlanDraft(body.name, body.site, body.method, body.period, body.channel, terms)


def _plan(request: ApiRequest, plan_id: int) -> ReviewPlan:
    plan, terms = queries.plan(request.actor, plan_id)
    return _shown(plan, terms)


def _shown(plan: Any, terms: Terms) -> ReviewPlan:
    plain = ("site_id", "name", "method", "period", "channel", "clause", "drawn_through", "next_at", "version")
    numbers = PlanTerms(**terms.kept())
    return ReviewPlan(id=plan.pk, terms=numbers, **{name: getattr(plan, name) for name in plain})


def _task(request: ApiRequest, task_id: int) -> ReviewTask:
    found = queries.sheet(request.actor, task_id)
    plain = (
        "conversation_id",
        "site_id",
        "staff_id",
        "state",
        "why",
        "inspector_id",
        "due_at",
        "auto_score",
        "score",
        "comment",
        "version",
    )
    items = [
        ReviewItem(
            key=one.item.key, clause=one.item.ref, title=one.item.title, automatic=one.automatic, verdict=one.verdict, reason=one.reason,
            line=one.line, settled=one.settled,
        )
        for one in found.items
    ]  # fmt: skip
    return ReviewTask(
        id=found.task.pk, inspection_id=found.card.inspection.pk if found.card else None, items=items,
        **{name: getattr(found.task, name) for name in plain},
    )  # fmt: skip


def _said(body: ReviewMarks) -> dict[str, Verdict]:
    return {key: Verdict(one.verdict, one.reason, one.line) for key, one in body.verdicts.items()}


@router.get("/review-plans", response=list[ReviewPlan])
def list_review_plans(request: ApiRequest) -> list[ReviewPlan]:
    """Sampling plans of the sites in reach (QA6)."""
    return [_shown(one.plan, one.terms) for one in queries.plans(request.actor, now=moment.now())]


@router.post("/review-plans", response=ReviewPlan)
def create_review_plan(request: ApiRequest, body: NewPlan) -> ReviewPlan:
    """A new plan; it begins with the period under way (QA6)."""
    return _plan(request, actions.create_plan(actor=request.actor, draft=_draft(body), now=moment.now()).pk)


@router.post("/review-plans/preview", response=PlanSample)
def preview_review_plan(request: ApiRequest, body: NewPlan) -> PlanSample:
    """What such a plan would draw today; nothing is written (QA6)."""
    found = actions.preview(actor=request.actor, draft=_draft(body), now=moment.now())
    rows = [DrawnOne(conversation_id=one.id, staff_id=found.talks[one.id].staff_id, why=list(one.why)) for one in found.drawn]
    return PlanSample(of=found.of, rows=rows)


@router.get("/review-plans/{int:plan_id}", response=ReviewPlan)
def read_review_plan(request: ApiRequest, plan_id: int) -> ReviewPlan:
    """One plan (QA6)."""
    return _plan(request, plan_id)


@router.put("/review-plans/{int:plan_id}", response=ReviewPlan)
def change_review_plan(request: ApiRequest, plan_id: int, body: ChangedPlan) -> ReviewPlan:
    """Change it from the next draw on (QA6)."""
    actions.change_plan(actor=request.actor, plan_id=plan_id, draft=_draft(body), now=moment.now(), expected_version=body.version)
    return _plan(request, plan_id)


@router.post("/review-plans/{int:plan_id}/pause", response=ReviewPlan)
def pause_review_plan(request: ApiRequest, plan_id: int, body: PlanPaused) -> ReviewPlan:
    """Stop drawing, or go on (QA6)."""
    actions.pause_plan(actor=request.actor, plan_id=plan_id, paused=body.paused, now=moment.now(), expected_version=body.version)
    return _plan(request, plan_id)


@router.post("/review-plans/{int:plan_id}/draw", response=DrawnCount)
def draw_review_plan(request: ApiRequest, plan_id: int) -> DrawnCount:
    """Draw today so far (QA6)."""
    return DrawnCount(tasks=actions.draw_now(actor=request.actor, plan_id=plan_id, now=moment.now()))


@router.post("/conversations/{int:conversation_id}/review", response=ReviewTask)
def start_spot_check(request: ApiRequest, conversation_id: int) -> ReviewTask:
    """Choose a conversation to score by oneself (QA6)."""
    made = actions.start_spot_check(actor=request.actor, conversation_id=conversation_id, now=moment.now())
    return _task(request, made.pk)


@router.get("/review-tasks/{int:task_id}", response=ReviewTask)
def read_review_task(request: ApiRequest, task_id: int) -> ReviewTask:
    """One task with both verdicts of every item (QA6)."""
    return _task(request, task_id)


@router.post("/review-tasks/{int:task_id}/take", response=ReviewTask)
def take_review_task(request: ApiRequest, task_id: int, body: ReviewSeen) -> ReviewTask:
    """Take a waiting task (QA6)."""
    actions.take(actor=request.actor, task_id=task_id, now=moment.now(), expected_version=body.version)
    return _task(request, task_id)


@router.post("/review-tasks/{int:task_id}/release", response=ReviewTask)
def release_review_task(request: ApiRequest, task_id: int, body: ReviewSeen) -> ReviewTask:
    """Give one's own task back (QA6)."""
    actions.release(actor=request.actor, task_id=task_id, now=moment.now(), expected_version=body.version)
    return _task(request, task_id)


@router.post("/review-tasks/{int:task_id}/reassign", response=ReviewTask)
def reassign_review_task(request: ApiRequest, task_id: int, body: ReviewHanded) -> ReviewTask:
    """Hand it to an inspector who reaches its site (QA6)."""
    actions.reassign(actor=request.actor, task_id=task_id, inspector_id=body.inspector, now=moment.now(), expected_version=body.version)
    return _task(request, task_id)


@router.post("/review-tasks/{int:task_id}/drop", response=ReviewTask)
def drop_review_task(request: ApiRequest, task_id: int, body: ReviewDropped) -> ReviewTask:
    """Do not score it, with a reason (QA6)."""
    actions.drop(actor=request.actor, task_id=task_id, reason=body.reason, now=moment.now(), expected_version=body.version)
    return _task(request, task_id)


@router.put("/review-tasks/{int:task_id}/draft", response=ReviewTask)
def save_review_draft(request: ApiRequest, task_id: int, body: ReviewMarks) -> ReviewTask:
    """Keep what is marked so far (QA6)."""
    actions.save_draft(
        actor=request.actor, task_id=task_id, verdicts=_said(body), comment=body.comment, now=moment.now(), expected_version=body.version
    )
    return _task(request, task_id)


@router.post("/review-tasks/{int:task_id}/score", response=ReviewTask)
def submit_review(request: ApiRequest, task_id: int, body: ReviewScore) -> ReviewTask:
    """Score it: a verdict on every item, reasons where it differs from the machine's; both scores are kept (QA6)."""
    actions.submit(
        actor=request.actor, task_id=task_id, inspection_id=body.inspection, verdicts=_said(body), comment=body.comment,
        now=moment.now(), expected_version=body.version,
    )  # fmt: skip
    return _task(request, task_id)


@router.get("/review-coverage", response=ReviewCoverage)
def read_review_coverage(request: ApiRequest, wanted: Query[ReviewCoverageAsked]) -> ReviewCoverage:
    """What the machine judged and people scored of all conversations, by day, team or agent (QA6)."""
    rows = coverage.coverage(request.actor, by=wanted.by, since=wanted.since, until=wanted.until, site_id=wanted.site)
    return ReviewCoverage(
        rows=[
            ReviewCoverageRow(
                key=str(one.key), title=one.title, conversations=one.conversations, automatic=one.automatic, scored=one.scored
            )
            for one in rows
        ]
    )


@router.get("/review-workload", response=list[ReviewWorkload])
def read_review_workload(request: ApiRequest, wanted: Query[ReviewSpan]) -> list[ReviewWorkload]:
    """Inspectors' work in hand, overdue, done, and how quickly (QA6)."""
    found = coverage.workload(request.actor, since=wanted.since, until=wanted.until, now=moment.now())
    return [ReviewWorkload.model_validate(one) for one in found]
