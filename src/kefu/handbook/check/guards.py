"""Guards and branches that can hold: what they ask is known by then, some answer lets them through, and some way is always open."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, product
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.handbook.check.walking import walk
from kefu.handbook.conditions import evaluate, missing, render
from kefu.handbook.problems import Problem
from kefu.handbook.schema.book import Handbook
from kefu.handbook.schema.condition import Condition
from kefu.handbook.schema.facts import FACTS, Fact, fact_of_field
from kefu.handbook.schema.procedures import FormField, Procedure, Step
from kefu.kernel.wording import listed_later

# Tried answers of one condition; beyond it, it is taken to be open.
_MOST_TRIED = 20_000
_FITTING_FIELDS = {"bool": ("bool",), "number": ("number", "money"), "text": ("choice", "text", "long_text")}


def guard_problems(handbook: Handbook) -> Iterator[Problem]:
    """Problems of the guards, branches and computed answers of all procedures."""
    for key, procedure in handbook.procedures.items():
        path = f"procedures.{key}"
        for step in procedure.steps:
            here = f"{path}.steps.{step.id}"
            yield from _computed(here, step)
            yield from _never_asked(here, procedure, step)
            yield from _never_open(here, procedure, step)
            yield from _no_way_for(here, procedure, step)


def steps_before(procedure: Procedure, step_id: str) -> set[str]:
    """Steps that can come before the step, itself among them when the procedure comes back to it."""
    return {step.id for step in procedure.steps if step_id in walk(procedure, [way.to for way in step.next])}


def _computed(here: str, step: Step) -> Iterator[Problem]:
    for field in step.fields:
        if not field.computed:
            continue
        fact = FACTS.get(field.computed)
        if fact is None:
            yield Problem(f"{here}.fields.{field.id}", "fact_unknown", _("没有“%(fact)s”这个事实。"), {"fact": field.computed})
        elif field.type not in _FITTING_FIELDS[fact.type] or not set(fact.choices) <= {choice.id for choice in field.choices}:
            message = _("“%(fact)s”答不了这一题，请换一种题型或补全选项。")
            yield Problem(f"{here}.fields.{field.id}", "computed_unfit", message, {"fact": field.computed})


def _conditions(here: str, step: Step) -> Iterator[tuple[str, Condition]]:
    """Conditions of a step with their places: its guards and its ways on. The step's own form is filled in by then."""
    yield from ((f"{here}.guards.{guard.id}.when", guard.when) for guard in step.guards)
    yield from ((f"{here}.next.{index}.when", way.when) for index, way in enumerate(step.next) if way.when is not None)


def _never_asked(here: str, procedure: Procedure, step: Step) -> Iterator[Problem]:
    """A question about an answer that no step on the way there asks for never holds."""
    before = steps_before(procedure, step.id) | {step.id}
    given = {f"data.{field.id}" for one in procedure.steps if one.id in before for field in one.fields}
    known = {f"data.{name}" for name in procedure.fields()}
    for path, condition in _conditions(here, step):
        for leaf in condition.leaves():
            if leaf.fact in known - given:
                message = _("走到这里之前，没有步骤填写“%(fact)s”。")
                yield Problem(path, "answer_never_given", message, {"fact": procedure.fields()[leaf.fact.removeprefix("data.")].label})


def _never_open(here: str, procedure: Procedure, step: Step) -> Iterator[Problem]:
    closed = False
    for path, condition in _conditions(here, step):
        if not holds_ever(procedure, condition):
            closed = True
            yield Problem(path, "never_holds", _("这个条件永远不会成立：%(condition)s。"), {"condition": render(condition)})
    if closed or not step.guards or step.id == procedure.start:
        return
    guards = tuple(guard.when for guard in step.guards)
    ways = [way for one in procedure.steps for way in one.next if way.to == step.id]
    if not any(holds_ever(procedure, Condition(all=(*guards, *((way.when,) if way.when else ())))) for way in ways):
        message = _("步骤“%(step)s”的各项条件互相矛盾，走不进来。")
        yield Problem(here, "never_open", message, {"step": step.title})


def _no_way_for(here: str, procedure: Procedure, step: Step) -> Iterator[Problem]:
    """All ways have conditions, and with some answer none of them holds: the case would be stuck."""
    conditions = [way.when for way in step.next if way.when is not None]
    if not conditions or len(conditions) < len(step.next):
        return
    guards = [guard.when for guard in step.guards]
    sure = {f"data.{name}" for name in procedure.fields() if surely_given(procedure, step.id, name)}
    for facts in _cases_of(procedure, [*conditions, *guards], sure):
        held = all(evaluate(guard, facts) for guard in guards)
        if held and not any(evaluate(condition, facts) for condition in conditions):
            asked = listed_later(f"{_label(procedure, name)} = {_value(procedure, name, value)}" for name, value in facts.items())
            yield Problem(here, "no_way_for", _("这样填写时没有下一步可走：%(asked)s。"), {"asked": asked})
            return


def surely_given(procedure: Procedure, step_id: str, name: str) -> bool:
    """Whether the answer is given on every way to the step, the step's own form included."""
    asking = [step.id for step in procedure.steps if any(field.id == name and field.required for field in step.fields)]
    return step_id in asking or step_id not in walk(procedure, [procedure.start], asking)


def holds_ever(procedure: Procedure, condition: Condition) -> bool:
    """Whether some answers and facts let the condition hold. What a pattern lets through is not worked out: it is taken to be open.

    So is a fact nobody knows, which is told elsewhere.
    """
    if any(leaf.operator == "matches" or _fact(procedure, leaf.fact or "") is None for leaf in condition.leaves()):
        return True
    return any(evaluate(condition, facts) for facts in _cases_of(procedure, [condition], set()))


def _cases_of(procedure: Procedure, conditions: Iterable[Condition], sure: set[str]) -> Iterator[Mapping[str, Any]]:
    """Every combination of values that could make a difference; of text only such as the conditions name, and another."""
    named: dict[str, list[Condition]] = {}
    for condition in conditions:
        for leaf in condition.leaves():
            named.setdefault(leaf.fact or "", []).append(leaf)
    values = [_values(_fact(procedure, name), leaves, known=name in sure) for name, leaves in named.items()]
    return (dict(zip(named, one, strict=True)) for one in islice(product(*values), _MOST_TRIED))


def _values(fact: Fact | None, leaves: list[Condition], *, known: bool) -> list[Any]:
    unknown = [] if known else [None]
    if fact is None:
        return unknown or [None]
    if fact.type == "bool":
        return [True, False, *unknown]
    if fact.choices:
        return [*fact.choices, *unknown]
    given = [leaf.value_of(leaf.operator) for leaf in leaves if leaf.operator != "set"]
    flat = [one for value in given for one in (value if isinstance(value, tuple) else (value,))]
    if fact.type == "number":
        around = {float(one) + by for one in flat for by in (-0.5, 0, 0.5)}
        return [*sorted(around | {0.0}), *unknown]
    return [*flat, "…", *unknown]


def _fact(procedure: Procedure, name: str) -> Fact | None:
    field = procedure.fields().get(name.removeprefix("data.")) if name.startswith("data.") else None
    if field is None:
        return FACTS.get(name)
    return fact_of_field(field.type, field.label, {choice.id: choice.label for choice in field.choices})


def _field(procedure: Procedure, name: str) -> FormField | None:
    return procedure.fields().get(name.removeprefix("data."))


def _label(procedure: Procedure, name: str) -> str:
    field = _field(procedure, name)
    return field.label if field else str(FACTS[name].title if name in FACTS else name)


def _value(procedure: Procedure, name: str, value: Any) -> str:
    field = _field(procedure, name)
    labels = {choice.id: choice.label for choice in field.choices} if field else {}
    if missing(value):
        return "—"
    return labels.get(str(value), {True: "是", False: "否"}.get(value, str(value)) if isinstance(value, bool) else str(value))
