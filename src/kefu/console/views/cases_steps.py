"""Next steps of a case as forms: fields from the handbook, the script with its blanks filled in, reasons that stand in the way."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from kefu.cases.errors import Refusal
from kefu.cases.queries import CaseDetail
from kefu.console.views import case_composer, cases_timeline
from kefu.console.views import cases_words as words
from kefu.desk import drafts
from kefu.desk.drafts import Kept
from kefu.handbook.schema import STAGES, VARIABLES, FormField, Handbook, Step
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_phone

_BLANK = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something cannot be done now, with the clause that says so."""

    text: str
    clause: str = ""
    clause_url: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A field of a step as the form draws it. ``name`` is unique on the page; a ``computed`` answer is shown, not asked."""

    name: str
    label: str
    type: str
    required: bool
    help: str
    choices: tuple[tuple[str, str], ...]
    value: Any
    known: str
    error: str
    computed: str = ""


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step that may come next."""

    id: str
    title: str
    way: str
    stage: str
    status: str
    ends: bool
    say: str
    instructions: str
    clause: str
    clause_url: str
    reasons: tuple[Reason, ...]
    questions: tuple[Question, ...]
    open: bool
    expanded: bool
    files: bool
    revision: int
    saved: str


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody sent that was not taken: the step, the answers as typed, refusals by field and those of the whole."""

    step: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    refusals: Sequence[Refusal] = ()


def forms(
    detail: CaseDetail, actor: Actor, staff: Any, typed: Typed | None = None, kept: Mapping[str, Kept] | None = None
) -> list[StepForm]:
    """All steps that may follow, those that can be taken first. A form somebody began is open and filled in from its draft in ``kept``."""
    typed = typed or Typed()
    said = variables(detail, staff)
    begun = {option.step.id: (kept or {}).get(drafts.step(detail.case.pk, option.step.id)) for option in detail.options}
    found = [_form(detail, option, actor, said, typed, begun[option.step.id]) for option in detail.options]
    found.sort(key=lambda form: not form.open)
    if any(form.expanded for form in found) or len([form for form in found if form.open]) != 1:
        return found
    return [replace(form, expanded=form.open) for form in found]


def _form(detail: CaseDetail, option: Any, actor: Actor, said: Mapping[str, str], typed: Typed, draft: Kept | None) -> StepForm:
    step: Step = option.step
    book, procedure = detail.book, detail.procedure
    sent = typed.step == step.id
    refusals = (*option.refusals, *(one for one in typed.refusals if sent and not one.field and one not in option.refusals))
    ref = str(book.ref(f"procedures.{detail.case.procedure}.steps.{step.id}"))
    here = procedure.step(detail.case.step) if detail.case.step else None
    way = next((way for way in here.next if way.to == step.id), None) if here else None
    answers = typed.answers if sent else (draft.fields if draft else {})
    errors = {one.field: str(one.message) for one in typed.refusals if one.field} if sent else {}
    return StepForm(
        id=step.id,
        title=words.name(step),
        way=words.name(way) if way and way.title else "",
        stage=_stage(detail, step),
        status=words.status_badge(step.status).text,
        ends=step.status == "closed",
        say=filled(book, step.say, said),
        instructions=words.either(step.instructions, step.instructions_en),
        clause=step.source,
        clause_url=words.clause_url(ref, actor),
        reasons=tuple(_reason(one, step, actor) for one in _once(refusals)),
        questions=tuple(_question(detail, step, one, answers, errors, sent or draft is not None, option.computed) for one in step.fields),
        open=option.open,
        expanded=sent or draft is not None,
        files=any(one.type == "attachment" for one in step.fields),
        revision=draft.revision if draft else 0,
        saved=case_composer.saved_words(draft) if draft else "",
    )


def _once(refusals: Sequence[Refusal]) -> list[Refusal]:
    return list({one.code: one for one in refusals}.values())


def _stage(detail: CaseDetail, step: Step) -> str:
    own = {stage.id: words.name(stage) for stage in detail.procedure.stages}
    return own.get(step.stage) or str(STAGES.get(step.stage, step.stage))


def _reason(refusal: Refusal, step: Step, actor: Actor) -> Reason:
    guard = next((one for one in step.guards if refusal.code == f"guard.{one.id}"), None)
    text = words.either(guard.message, guard.message_en) if guard else str(refusal.message)
    return Reason(text, words.clause_title(refusal.clause) if refusal.clause else "", words.clause_url(refusal.clause, actor))


def _question(
    detail: CaseDetail,
    step: Step,
    one: FormField,
    answers: Mapping[str, Any],
    errors: Mapping[str, str],
    sent: bool,
    computed: Mapping[str, Any],
) -> Question:
    """``sent``: the answers are what somebody typed, sent or kept as a draft."""
    before = detail.answers.get(one.id)
    # A number given before is not written into the page again; leaving the field empty keeps it.
    keeps = one.type == "phone" and before not in (None, "", [])
    value: Any = answers.get(one.id, "") if sent else ("" if keeps else before)
    if value in (None, "") and not sent and one.type == "waybill":
        value = detail.case.waybill
    return Question(
        name=field_name(step.id, one.id),
        label=words.either(one.label, one.label_en),
        type=one.type,
        required=one.required and not keeps,
        help=words.either(one.help, one.help_en),
        choices=tuple((choice.id, words.either(choice.label, choice.label_en)) for choice in one.choices),
        value=_shown(one, value),
        known=mask_phone(str(before)) if keeps else "",
        error=errors.get(one.id, ""),
        computed=cases_timeline.answer(one, computed[one.id]) if one.id in computed else "",
    )


def _shown(one: FormField, value: Any) -> Any:
    """The value as its input takes it."""
    if one.type == "multi":
        return [value] if isinstance(value, str) and value else list(value or [])
    if value is None:
        return ""
    if one.type == "bool":
        return {True: "true", False: "false"}.get(value, str(value))
    if one.type == "datetime":
        return _local(str(value))
    return str(value)


def _local(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (timezone.localtime(moment) if timezone.is_aware(moment) else moment).strftime("%Y-%m-%dT%H:%M")


def field_name(step: str, field_id: str) -> str:
    """Name of a field in the page: two steps may ask the same."""
    return f"{step}-{field_id}"


def answers_of(request: HttpRequest, step: Step) -> dict[str, Any]:
    """What the form of the step sent. A field left empty counts as not given."""
    found: dict[str, Any] = {}
    for one in step.fields:
        values = [value.replace("\0", "") for value in request.POST.getlist(field_name(step.id, one.id)) if value.strip()]
        if values:
            found[one.id] = values if one.type == "multi" else values[0]
    return found


def variables(detail: CaseDetail, staff: Any) -> dict[str, str]:
    """What the blanks of scripts stand for in this case; unknown ones are left out."""
    answers, case = detail.answers, detail.case
    found = {
        "site_name": case.site.name,
        "staff_no": staff.staff_no if staff else "",
        "staff_name": staff.name if staff else "",
        "customer_name": str(answers.get("caller_name", "")),
        "waybill": case.waybill or str(answers.get("waybill", "")),
        "order_no": case.order_no or str(answers.get("order_no", "")),
        "case_no": case.number,
        "promised_time": cases_timeline.moment_words(str(answers.get("promised_time", ""))),
        "last_scan": str(answers.get("last_scan", "")),
        "shop_name": case.site.name if case.site.kind == "shop" else "",
    }
    return {name: value for name, value in found.items() if value}


def filled(book: Handbook, path: str, said: Mapping[str, str]) -> str:
    """A script or phrase with its blanks filled; what is unknown is named in brackets for the agent to fill in."""
    clause = book.clause(path) if path else None
    text = getattr(clause, "text", "")
    return _BLANK.sub(lambda match: said.get(match[1]) or f"〔{VARIABLES.get(match[1], match[1])}〕", text)
