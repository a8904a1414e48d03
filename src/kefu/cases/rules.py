"""The procedure engine: which steps are open from here, and why a step is refused. Pure (CASE1)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.cases.errors import Refusal
from kefu.handbook.check.references import procedure_facts
from kefu.handbook.conditions import evaluate, render
from kefu.handbook.posts import may_act_as, titles_of
from kefu.handbook.reader.words import english
from kefu.handbook.schema import FormField, Handbook, Procedure, Step
from kefu.kernel.masking import phone_key
from kefu.kernel.wording import listed

TEXT_LIMIT = 2000
LONG_TEXT_LIMIT = 20000


@dataclass(frozen=True, slots=True)
class Option:
    """A step that the procedure leads to from here, with what stands in the way (nothing: it may be taken)."""

    step: Step
    title: str
    refusals: tuple[Refusal, ...]
    computed: Mapping[str, Any] = field(default_factory=dict)
    """Answers of its form that the product gives itself, by field."""

    @property
    def open(self) -> bool:
        """Whether it may be taken."""
        return not self.refusals


def reachable(procedure: Procedure, current: str) -> tuple[str, ...]:
    """Ids of the steps that follow the current one; before the first step that is the start."""
    if not current:
        return (procedure.start,)
    step = procedure.step(current)
    return tuple(way.to for way in step.next) if step else ()


def options(book: Handbook, key: str, current: str, *, facts: Mapping[str, Any], role: str) -> list[Option]:
    """Steps that follow, each with its refusals apart from those of a form not yet filled in."""
    procedure = book.procedures[key]
    found = []
    for step_id in reachable(procedure, current):
        step = procedure.step(step_id)
        if step is not None:
            refusals = (*_role(book, step, role), *_guards(book, key, step, facts, data_known=False))
            judged = {one.id: answer for one in step.fields if (answer := computed(one, facts)) is not None}
            found.append(Option(step, step.title, refusals, judged))
    return found


def check_step(
    book: Handbook, key: str, current: str, wanted: str, *, answers: Mapping[str, Any], facts: Mapping[str, Any], role: str
) -> tuple[dict[str, Any], list[Refusal]]:
    """Cleaned answers and every reason against taking the step now. ``facts`` hold all that is known besides ``answers``."""
    procedure = book.procedures[key]
    step = procedure.step(wanted)
    if step is None:
        return {}, [Refusal("step_unknown", _("流程中没有这一步骤。"))]
    refusals = [*_order(procedure, current, step), *_role(book, step, role)]
    cleaned, wrong = clean_answers(step, answers, facts)
    refusals.extend(wrong)
    known = {**facts, **{f"data.{name}": value for name, value in cleaned.items()}}
    refusals.extend(_way(procedure, current, step, known))
    refusals.extend(_guards(book, key, step, known, data_known=True))
    return cleaned, refusals


def _order(procedure: Procedure, current: str, step: Step) -> list[Refusal]:
    following = reachable(procedure, current)
    if step.id in following:
        return []
    names = [found.name("en" if english() else "zh") for name in following if (found := procedure.step(name))]
    if not names:
        return [Refusal("procedure_ended", _("流程已走完，没有后续步骤。"))]
    message = _("不能跳过步骤，当前应先进行：%(steps)s。") % {"steps": listed(names)}
    return [Refusal("step_skipped", message)]


def _role(book: Handbook, step: Step, role: str) -> list[Refusal]:
    if may_act_as(book, step.who, role):
        return []
    message = _("此步骤由 %(roles)s 进行。") % {"roles": titles_of(book, step.who)}
    return [Refusal("step_role", message)]


def _way(procedure: Procedure, current: str, step: Step, facts: Mapping[str, Any]) -> list[Refusal]:
    """A branch with a condition is open only when the condition holds."""
    here = procedure.step(current) if current else None
    ways = [way for way in here.next if way.to == step.id] if here else []
    closed = [way.when for way in ways if way.when is not None and not evaluate(way.when, facts)]
    if len(closed) < len(ways) or not ways:
        return []
    language = "en" if english() else "zh"
    known = procedure_facts(procedure, language)
    words = {"step": step.name(language), "condition": _(" 或 ").join(render(when, known) for when in closed)}
    return [Refusal("way_closed", _("“%(step)s”的前提是：%(condition)s。请先核对前面步骤的填写。") % words)]


def _guards(book: Handbook, key: str, step: Step, facts: Mapping[str, Any], *, data_known: bool) -> list[Refusal]:
    """Guards that do not hold. Those that ask about the form wait until it is filled in."""
    own = {f"data.{field.id}" for field in step.fields}
    found = []
    for guard in step.guards:
        asks_form = any(leaf.fact in own for leaf in guard.when.leaves())
        if (data_known or not asks_form) and not evaluate(guard.when, facts):
            found.append(Refusal(f"guard.{guard.id}", guard.message, clause=str(book.ref(f"procedures.{key}.steps.{step.id}"))))
    return found


def clean_answers(step: Step, answers: Mapping[str, Any], facts: Mapping[str, Any]) -> tuple[dict[str, Any], list[Refusal]]:
    """Answers in their types. A required answer given in an earlier step need not be given again; unknown names are refused."""
    known = {one.id for one in step.fields}
    wrong = [
        Refusal("field_unknown", _("此步骤没有“%(name)s”这一项。") % {"name": name}, field=name) for name in answers if name not in known
    ]
    cleaned: dict[str, Any] = {}
    for question in step.fields:
        value = answers.get(question.id)
        judged = computed(question, facts)
        if judged is not None:
            cleaned[question.id] = judged
            wrong.extend(_contradicts(question, value, judged))
            continue
        if value is None or (isinstance(value, str) and not value.strip()) or value == []:
            if question.required and facts.get(f"data.{question.id}") in (None, "", []):
                wrong.append(Refusal("field_required", _("请填写“%(label)s”。") % {"label": question.label}, field=question.id))
            continue
        try:
            cleaned[question.id] = _typed(question, value)
        except (ValueError, InvalidOperation, TypeError):
            wrong.append(Refusal("field_form", _WRONG[question.type] % {"label": question.label}, field=question.id))
    return cleaned, wrong


def computed(field: FormField, facts: Mapping[str, Any]) -> Any:
    """What the product itself answers to the field, ``None`` when it is asked of people or the fact is not known."""
    known = facts.get(field.computed) if field.computed else None
    if known is None:
        return None
    return _typed(field, round(known, 2) if isinstance(known, float) else known)


def _contradicts(field: FormField, value: Any, judged: Any) -> list[Refusal]:
    """An answer typed over a computed one is refused rather than dropped unseen."""
    if value in (None, "", []):
        return []
    try:
        same = _typed(field, value) == judged
    except (ValueError, InvalidOperation, TypeError):
        same = False
    message = _("“%(label)s”由系统按轨迹判定，不能改填；有异议请写在备注里。") % {"label": field.label}
    return [] if same else [Refusal("field_computed", message, field=field.id)]


_WRONG = {
    "text": _("“%(label)s”过长，请精简。"),
    "long_text": _("“%(label)s”过长，请精简。"),
    "choice": _("请从列表中选择“%(label)s”。"),
    "multi": _("请从列表中选择“%(label)s”。"),
    "number": _("“%(label)s”请填写数字。"),
    "money": _("“%(label)s”请填写不小于 0 的金额，最多两位小数，例如 120.50。"),
    "datetime": _("“%(label)s”请填写日期时间，例如 2026-11-22 14:30。"),
    "bool": _("“%(label)s”请选择是或否。"),
    "waybill": _("“%(label)s”不是有效的运单号。"),
    "phone": _("“%(label)s”不是有效的电话号码。"),
    "attachment": _("“%(label)s”请先上传附件。"),
}


def _typed(field: FormField, value: Any) -> Any:
    return _READERS[field.type](field, value)


def _text(limit: int, value: Any) -> str:
    text = str(value).strip()
    if len(text) > limit:
        raise ValueError
    return text


def _choice(field: FormField, value: Any) -> str:
    if value not in {choice.id for choice in field.choices}:
        raise ValueError
    return str(value)


def _multi(field: FormField, value: Any) -> list[str]:
    values = value if isinstance(value, list | tuple) else [value]
    return [_choice(field, one) for one in values]


def _money(value: Any) -> str:
    amount = Decimal(str(value).replace(",", "").replace("¥", "").strip())
    exponent = amount.as_tuple().exponent
    if not amount.is_finite() or amount < 0 or amount > Decimal(10) ** 9 or (isinstance(exponent, int) and exponent < -2):
        raise ValueError
    return f"{amount:.2f}"


def _number(value: Any) -> int | float:
    number = float(value)
    if not abs(number) <= 1e12:
        raise ValueError
    return int(number) if number.is_integer() else number


def _moment(value: Any) -> str:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
    return moment.isoformat()


def _bool(value: Any) -> bool:
    found = {"true": True, "1": True, "on": True, "yes": True, "false": False, "0": False, "no": False}.get(str(value).strip().lower())
    if found is None:
        raise ValueError
    return found


def _waybill(value: Any) -> str:
    text = "".join(str(value).split()).upper()
    if not (6 <= len(text) <= 40 and text.isascii() and text.isalnum()):
        raise ValueError
    return text


def _phone(value: Any) -> str:
    key = phone_key(str(value))
    if key is None:
        raise ValueError
    return key


_READERS: dict[str, Any] = {
    "text": lambda _field, value: _text(TEXT_LIMIT, value),
    "long_text": lambda _field, value: _text(LONG_TEXT_LIMIT, value),
    "choice": _choice,
    "multi": _multi,
    "number": lambda _field, value: _number(value),
    "money": lambda _field, value: _money(value),
    "datetime": lambda _field, value: _moment(value),
    "bool": lambda _field, value: _bool(value),
    "waybill": lambda _field, value: _waybill(value),
    "phone": lambda _field, value: _phone(value),
    "attachment": lambda _field, value: _text(200, value),
}


@dataclass(frozen=True, slots=True)
class Node:
    """A step in the drawing of a procedure."""

    id: str
    title: str
    title_en: str
    stage: str
    state: str
    column: int
    row: int


@dataclass(frozen=True, slots=True)
class Edge:
    """A way between two steps of the drawing."""

    source: str
    target: str
    title: str
    title_en: str
    taken: bool
    conditional: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A procedure as boxes and arrows with the case's place on it."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    columns: int
    rows: int


def draw(procedure: Procedure, taken: list[str]) -> Drawing:
    """Lay the steps out by distance from the start. ``taken`` are the steps of the case in order; the last is its place."""
    column = _columns(procedure)
    used: dict[int, int] = {}
    current = taken[-1] if taken else ""
    following = set(reachable(procedure, current))
    nodes = []
    for step in procedure.steps:
        place = column.get(step.id, max(column.values(), default=0) + 1)
        row = used.get(place, 0)
        used[place] = row + 1
        state = "current" if step.id == current else "done" if step.id in taken else "next" if step.id in following else "ahead"
        nodes.append(Node(step.id, step.title, step.title_en, step.stage, state, place, row))
    walked = set(zip(["", *taken], taken, strict=False))
    edges = tuple(
        Edge(step.id, way.to, way.title, way.title_en, (step.id, way.to) in walked, way.when is not None)
        for step in procedure.steps
        for way in step.next
    )
    return Drawing(tuple(nodes), edges, max((n.column for n in nodes), default=0) + 1, max(used.values(), default=1))


def _columns(procedure: Procedure) -> dict[str, int]:
    """Shortest distance of each step from the start."""
    found, frontier = {procedure.start: 0}, [procedure.start]
    while frontier:
        step = procedure.step(frontier.pop(0))
        for way in step.next if step else ():
            if way.to not in found:
                found[way.to] = found[step.id] + 1  # type: ignore[union-attr]
                frontier.append(way.to)
    return found
