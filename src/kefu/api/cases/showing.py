"""From what the queries of cases give to what answers hold; personal data masked on the way (SEC1)."""

from collections.abc import Mapping
from typing import Any

from kefu.api.cases import shapes
from kefu.cases.queries import CaseDetail, TimelineRow
from kefu.clocks.queries import ClockView, Explanation
from kefu.customers import queries as customers
from kefu.kernel.masking import mask_phone, mask_text

# Deadlines of this year stand for "none": keyset pages need a value in each row.
_NO_DEADLINE_YEAR = 9999


def masked(value: Any) -> Any:
    """Free text of any depth, masked."""
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {str(key): masked(one) for key, one in value.items()}
    return [masked(one) for one in value] if isinstance(value, list | tuple) else value


def _answers(detail: CaseDetail, values: Mapping[str, Any]) -> dict[str, Any]:
    phones = {key for key, field in detail.procedure.fields().items() if field.type == "phone"}
    return {key: mask_phone(str(value)) if key in phones else masked(value) for key, value in values.items()}


def _row_values(case: Any) -> dict[str, Any]:
    plain = (
        "id", "number", "site_id", "kind", "status", "is_open", "level", "tier", "channel", "waybill", "order_no", "urge_count",
        "repeat_count", "reopen_count", "opened_at", "updated_at", "solved_at", "closed_at", "version",
    )  # fmt: skip
    return {
        **{name: getattr(case, name) for name in plain},
        "site": case.site.name,
        "title": mask_text(case.title),
        "assignee": shapes.Person(id=case.assignee.pk, name=case.assignee.name) if case.assignee_id else None,
        "next_due_at": None if case.next_due_at.year >= _NO_DEADLINE_YEAR else case.next_due_at,
    }


def row(case: Any) -> shapes.CaseRow:
    """A case in a list; its site and assignee are loaded."""
    return shapes.CaseRow(**_row_values(case))


def refusal(one: Any) -> shapes.Refusal:
    """A reason against a step."""
    return shapes.Refusal(code=one.code, message=str(one.message), field=one.field, clause=one.clause)


def _option(option: Any) -> shapes.StepOption:
    step = option.step
    return shapes.StepOption(
        step=step.id,
        title=step.title,
        title_en=step.title_en,
        stage=step.stage,
        status=step.status,
        say=step.say,
        instructions=step.instructions,
        instructions_en=step.instructions_en,
        open=option.open,
        fields=[
            shapes.FormField(
                id=field.id,
                label=field.label,
                label_en=field.label_en,
                type=field.type,
                required=field.required,
                choices=[shapes.Choice(id=one.id, label=one.label, label_en=one.label_en) for one in field.choices],
                help=field.help,
                help_en=field.help_en,
                computed=option.computed.get(field.id),
            )
            for field in step.fields
        ],
        refusals=[refusal(one) for one in option.refusals],
    )


def clock(view: ClockView) -> shapes.CaseClock:
    """A clock with its clause in words."""
    pause = view.clause.pause
    return shapes.CaseClock(
        id=view.id,
        key=view.key,
        title=view.clause.title,
        title_en=view.clause.title_en,
        clause=view.clause_ref,
        family=view.family,
        state=view.state,
        level=view.level,
        started_at=view.started_at,
        due_at=view.due_at,
        warn_at=view.warn_at,
        met_at=view.met_at,
        breached_at=view.breached_at,
        target_seconds=view.target_seconds,
        may_pause=view.may_pause,
        pause_reasons=[shapes.PauseReason(id=one.id, title=one.title, title_en=one.title_en) for one in pause.reasons] if pause else [],
    )


def explanation(found: Explanation) -> shapes.ClockExplanation:
    """The reckoning of a clock."""
    steps = [
        shapes.ExplanationStep(
            kind=step.kind.value, code=step.code, start=step.start, end=step.end, seconds=step.seconds, params=dict(step.params)
        )
        for step in found.steps
    ]
    return shapes.ClockExplanation(
        clock=clock(found.clock),
        calendar=found.calendar_name,
        elapsed_seconds=found.elapsed_seconds,
        paused_seconds=found.paused_seconds,
        steps=steps,
    )


def entry(found: TimelineRow) -> shapes.TimelineEntry:
    """One entry of a timeline."""
    return shapes.TimelineEntry(
        id=found.entry.pk,
        kind=found.entry.kind,
        at=found.entry.at,
        actor_kind=found.entry.actor_kind,
        actor_name=found.entry.actor_name,
        text=mask_text(found.text),
        data=masked(found.entry.data),
        answers=masked(dict(found.answers)),
        clause=found.entry.clause,
        from_case=found.from_case,
    )


def timeline(rows: list[TimelineRow], more_before: int | None) -> shapes.Timeline:
    """A part of a timeline."""
    return shapes.Timeline(entries=[entry(one) for one in rows], more_before=more_before)


def task(one: Any, *, number: str) -> shapes.CaseTask:
    """A task; ``number`` is that of its case."""
    return shapes.CaseTask(
        id=one.pk,
        case_id=one.case_id,
        case=number,
        site_id=one.site_id,
        site=one.site.name,
        team=one.team.name if one.team_id else "",
        department=one.department,
        clause=one.clause,
        title=mask_text(one.title),
        question=mask_text(one.question),
        state=one.state,
        assignee_id=one.assignee_id,
        answer=mask_text(one.answer),
        due_at=one.due_at,
        asked_by=one.asked_by,
        asked_at=one.asked_at,
        done_by=one.done_by,
        done_at=one.done_at,
    )


def task_detail(found: Any) -> shapes.TaskDetail:
    """A department's task as its members see it."""
    return shapes.TaskDetail(
        task=task(found.task, number=found.task.case.number),
        words=[
            shapes.TaskWord(id=one.pk, kind=one.kind, at=one.at, by=one.by, by_department=one.by_department, text=mask_text(one.text))
            for one in found.words
        ],
        files=[shapes.TaskFile(id=one.pk, name=one.name, size=one.size) for one in found.files],
        clocks=[clock(one) for one in found.clocks],
    )


def attachment(one: Any) -> shapes.CaseAttachment:
    """A file, without its content."""
    return shapes.CaseAttachment(
        id=one.pk,
        name=one.name,
        size=one.size,
        content_type=one.content_type,
        sha256=one.sha256,
        added_by=one.added_by,
        added_at=one.added_at,
    )


def _drawing(detail: CaseDetail) -> shapes.Drawing:
    drawn = detail.drawing
    return shapes.Drawing(
        nodes=[shapes.DrawnStep.model_validate(node, from_attributes=True) for node in drawn.nodes],
        edges=[shapes.DrawnWay.model_validate(edge, from_attributes=True) for edge in drawn.edges],
    )


def case(detail: CaseDetail) -> shapes.Case:
    """The whole of one case."""
    one = detail.case
    customer = None
    if one.customer_id is not None:
        names = customers.labels([one.customer_id])
        customer = shapes.CaseCustomer(id=one.customer_id, name=names.get(one.customer_id, ""))
    return shapes.Case(
        **_row_values(one),
        handbook=one.handbook,
        procedure=one.procedure,
        procedure_title=detail.procedure.title,
        procedure_title_en=detail.procedure.title_en,
        step=one.step,
        description=mask_text(one.description),
        customer=customer,
        opened_by=one.opened_by,
        previous_id=one.previous_id,
        merged_into_id=one.merged_into_id,
        external_id=one.external_id,
        answers=_answers(detail, detail.answers),
        options=[_option(option) for option in detail.options],
        clocks=[clock(view) for view in detail.clocks],
        timeline=timeline(detail.timeline, detail.more_before),
        tasks=[task(item, number=one.number) for item in detail.tasks],
        links=[shapes.CaseLink(kind=link.kind, target_kind=link.target_kind, target_id=link.target_id) for link in detail.links],
        attachments=[attachment(item) for item in detail.attachments],
        merged=[shapes.MergedCase(id=other.pk, number=other.number) for other in detail.merged],
        drawing=_drawing(detail),
    )


def notice(one: Any) -> shapes.Notice:
    """A line of one's own list."""
    return shapes.Notice(
        id=one.pk,
        case_id=one.case_id,
        case=one.case.number,
        title=mask_text(one.case.title),
        what=one.what,
        clause=one.clause,
        at=one.at,
    )
