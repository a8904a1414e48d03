"""What cases look like in answers."""

from datetime import datetime
from typing import Any

from pydantic import Field

from kefu.api.schema import Schema


class Person(Schema):
    """Somebody of the staff."""

    id: int
    name: str


class CaseRow(Schema):
    """A case in a list. ``next_due_at`` is the nearest deadline of its running clocks, ``null`` when none runs."""

    id: int
    number: str
    site_id: int
    site: str
    kind: str
    status: str
    is_open: bool
    level: str
    tier: str
    channel: str
    title: str
    waybill: str
    order_no: str
    assignee: Person | None
    urge_count: int
    repeat_count: int
    reopen_count: int
    next_due_at: datetime | None
    opened_at: datetime
    updated_at: datetime
    solved_at: datetime | None
    closed_at: datetime | None
    version: int


class ViewCount(Schema):
    """How many cases a view holds; ``capped`` means at least so many."""

    view: str
    value: int
    capped: bool


class Choice(Schema):
    """An answer to choose."""

    id: str
    label: str
    label_en: str


class FormField(Schema):
    """A question of a step's form. ``computed`` is what the product answers itself from the scans; send nothing for it."""

    id: str
    label: str
    label_en: str
    type: str
    required: bool
    choices: list[Choice]
    help: str
    help_en: str
    computed: str | bool | float | None = None


class Refusal(Schema):
    """Why something may not be done: code, words, the field and clause it concerns."""

    code: str
    message: str
    field: str
    clause: str


class StepOption(Schema):
    """A step the procedure leads to from here; it may be taken when ``open``, else ``refusals`` say why not."""

    step: str
    title: str
    title_en: str
    stage: str
    status: str
    say: str
    instructions: str
    instructions_en: str
    open: bool
    fields: list[FormField]
    refusals: list[Refusal]


class PauseReason(Schema):
    """A reason the handbook allows for a pause."""

    id: str
    title: str
    title_en: str


class CaseClock(Schema):
    """A clock of a case; ``level`` is met, late, breached, warned, paused, running or stopped."""

    id: int
    key: str
    title: str
    title_en: str
    clause: str
    family: str
    state: str
    level: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None
    met_at: datetime | None
    breached_at: datetime | None
    target_seconds: int
    may_pause: bool
    pause_reasons: list[PauseReason]


class ExplanationStep(Schema):
    """A line of the reckoning: what happened from ``start`` to ``end`` and how many working seconds ran."""

    kind: str
    code: str
    start: datetime
    end: datetime
    seconds: int
    params: dict[str, int | str]


class ClockExplanation(Schema):
    """Why a clock is due when it is; the seconds of the running steps add up to the target."""

    clock: CaseClock
    calendar: str
    elapsed_seconds: int
    paused_seconds: int
    steps: list[ExplanationStep]


class TimelineEntry(Schema):
    """One thing that happened. ``answers`` are those of a step; ``from_case`` names the merged case it comes from."""

    id: int
    kind: str
    at: datetime
    actor_kind: str
    actor_name: str
    text: str
    data: dict[str, Any]
    answers: dict[str, Any]
    clause: str
    from_case: str


class Timeline(Schema):
    """Entries, oldest first; ``more_before`` is the ``before`` of the part that came earlier."""

    entries: list[TimelineEntry]
    more_before: int | None


class CaseTask(Schema):
    """Work asked of a site, a team or a department inside a case; ``department`` and ``clause`` are empty for a site's."""

    id: int
    case_id: int
    case: str
    site_id: int
    site: str
    team: str
    department: str
    clause: str
    title: str
    question: str
    state: str
    assignee_id: int | None
    answer: str
    due_at: datetime
    asked_by: str
    asked_at: datetime
    done_by: str
    done_at: datetime | None


class TaskWord(Schema):
    """Something said on a department's task: asked, taken, said, answered, returned, cancelled."""

    id: int
    kind: str
    at: datetime
    by: str
    by_department: bool
    text: str


class TaskFile(Schema):
    """A file that was sent with a task."""

    id: int
    name: str
    size: int


class TaskDetail(Schema):
    """A department's task with its words, files and limits. Nothing else of the case is in it."""

    task: CaseTask
    words: list[TaskWord]
    files: list[TaskFile]
    clocks: list[CaseClock]


class DepartmentMember(Schema):
    """Somebody who answers for a department of a site."""

    id: int
    site_id: int
    site: str
    department: str
    staff_id: int
    staff_no: str
    name: str


class CaseLink(Schema):
    """A tie to another thing."""

    kind: str
    target_kind: str
    target_id: int


class CaseAttachment(Schema):
    """A file kept with the case."""

    id: int
    name: str
    size: int
    content_type: str
    sha256: str
    added_by: str
    added_at: datetime


class DrawnStep(Schema):
    """A box of the drawn procedure; ``state`` is current, done, next or ahead."""

    id: str
    title: str
    title_en: str
    stage: str
    state: str
    column: int
    row: int


class DrawnWay(Schema):
    """An arrow of the drawn procedure."""

    source: str
    target: str
    title: str
    taken: bool
    conditional: bool


class Drawing(Schema):
    """The procedure with the case's place on it."""

    nodes: list[DrawnStep]
    edges: list[DrawnWay]


class CaseCustomer(Schema):
    """The customer, name masked."""

    id: int
    name: str


class MergedCase(Schema):
    """A case merged into this one."""

    id: int
    number: str


class Case(CaseRow):
    """Everything about one case. Free text is masked; personal values are read in the clear only through the audited action."""

    handbook: str
    procedure: str
    procedure_title: str
    procedure_title_en: str
    step: str
    description: str
    customer: CaseCustomer | None
    opened_by: str
    previous_id: int | None
    merged_into_id: int | None
    external_id: str | None
    answers: dict[str, Any]
    options: list[StepOption]
    clocks: list[CaseClock]
    timeline: Timeline
    tasks: list[CaseTask]
    links: list[CaseLink]
    attachments: list[CaseAttachment]
    merged: list[MergedCase]
    drawing: Drawing


class Notice(Schema):
    """A line in one's own list: a clock warned or broke, a case was given or urged."""

    id: int
    case_id: int
    case: str
    title: str
    what: str
    clause: str
    at: datetime


class Seen(Schema):
    """How many notices were marked as seen."""

    seen: int = Field(ge=0)
