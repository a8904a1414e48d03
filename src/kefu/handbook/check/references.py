"""Everything a clause names must be there: sources, calendars, kinds, roles, events, facts, scripts, variables."""

import re
from collections.abc import Iterable, Iterator, Mapping

import re2
from django.utils.translation import gettext_lazy as _

from kefu.handbook.problems import Problem
from kefu.handbook.schema.book import Handbook
from kefu.handbook.schema.condition import Condition
from kefu.handbook.schema.facts import FACTS, Fact, fact_of_field
from kefu.handbook.schema.procedures import Procedure, Step
from kefu.handbook.schema.scoring import ScoreItem
from kefu.handbook.schema.vocabulary import NOTICE_VARIABLES, STAGES, VARIABLES, Event, known_event
from kefu.handbook.schema.wording import Script
from kefu.kernel.errors import Message
from kefu.kernel.wording import listed_later

_SOURCE = re.compile(r"[A-Z]+")
_BRACES = re.compile(r"\{([^{}]*)\}")
_FITTING: Mapping[str, tuple[str, ...]] = {
    "bool": ("is", "is_not", "set"),
    "number": ("at_least", "at_most", "more_than", "less_than", "is", "is_not", "in", "set"),
    "text": ("is", "is_not", "in", "set", "matches"),
}

# Parameters of detectors that name clauses, and the section they name.
DETECTOR_REFERENCES: Mapping[str, str] = {
    "script": "scripts",
    "scripts": "scripts",
    "lexicon": "lexicons",
    "lexicons": "lexicons",
    "complaint": "lexicons",
    "apology": "lexicons",
    "soothing": "lexicons",
    "positive": "lexicons",
    "insults": "lexicons",
    "customer_cues": "lexicons",
    "fillers": "lexicons",
    "thanks": "lexicons",
    "thanks_answers": "lexicons",
    "ask_politely": "lexicons",
    "rude": "lexicons",
    "clock": "clocks",
}


def reference_problems(handbook: Handbook) -> Iterator[Problem]:
    """All names that lead nowhere."""
    yield from _sources(handbook)
    yield from _clocks(handbook)
    yield from _posts(handbook)
    yield from _words(handbook)
    yield from _guides(handbook)
    yield from _notices(handbook)
    yield from _detectors(handbook)
    for key, procedure in handbook.procedures.items():
        yield from _procedure(handbook, f"procedures.{key}", procedure)
    for path, condition in _conditions(handbook):
        yield from condition_problems(path, condition, {})


def _unknown(path: str, section: str, key: str) -> Problem:
    return Problem(path, "reference_unknown", _("“%(section)s”里没有“%(key)s”。"), {"section": section, "key": key})


def _each(handbook: Handbook, path: str, section: str, keys: Iterable[str]) -> Iterator[Problem]:
    known = handbook.section(section)
    for index, key in enumerate(keys):
        if key not in known:
            yield _unknown(f"{path}.{index}", section, key)


def _sources(handbook: Handbook) -> Iterator[Problem]:
    for clause_id, clause in handbook.clauses():
        source = getattr(clause, "source", "")
        for part in re.split(r"[;；]", source):
            found = _SOURCE.match(part.strip())
            if source and (not found or found[0] not in handbook.sources):
                message = _("来源“%(source)s”没有在 sources 中说明。")
                yield Problem(f"{clause_id}.source", "source_unknown", message, {"source": part.strip()})
            elif found and found[0] == "GK" and getattr(clause, "since", True) is None:
                yield Problem(f"{clause_id}.source", "since_missing", _("来源为 GK（自定设定）的条款要写明 since 日期。"))
        chapter = getattr(clause, "chapter", None)
        if chapter and chapter not in handbook.chapters:
            yield _unknown(f"{clause_id}.chapter", "chapters", chapter)


def _events(path: str, names: Iterable[str]) -> Iterator[Problem]:
    for index, name in enumerate(names):
        if not known_event(name):
            yield Problem(f"{path}.{index}", "event_unknown", _("没有“%(event)s”这个事件。"), {"event": name})


def _clocks(handbook: Handbook) -> Iterator[Problem]:
    for key, clock in handbook.clocks.items():
        path = f"clocks.{key}"
        if clock.calendar not in handbook.calendars:
            yield _unknown(f"{path}.calendar", "calendars", clock.calendar)
        yield from _events(f"{path}.starts_on", clock.starts_on)
        yield from _events(f"{path}.meets_on", clock.meets_on)
        yield from _each(handbook, f"{path}.applies.kinds", "kinds", clock.applies.kinds)
        yield from _each(handbook, f"{path}.applies.levels", "levels", clock.applies.levels)
        yield from _each(handbook, f"{path}.applies.tiers", "tiers", clock.applies.tiers)
        if clock.pause:
            yield from _each(handbook, f"{path}.pause.who", "roles", clock.pause.who)
    for key, tier in handbook.tiers.items():
        yield from (_unknown(f"tiers.{key}.clocks.{clock}", "clocks", clock) for clock in tier.clocks if clock not in handbook.clocks)


def _posts(handbook: Handbook) -> Iterator[Problem]:
    for key, duties in handbook.duties.items():
        if duties.role not in handbook.roles:
            yield _unknown(f"duties.{key}.role", "roles", duties.role)
    for key, department in handbook.departments.items():
        yield from _each(handbook, f"departments.{key}.answer_by", "clocks", department.answer_by)
    for key, course in handbook.courses.items():
        yield from _each(handbook, f"courses.{key}.audience", "roles", course.audience)
    for key, scenario in handbook.scenarios.items():
        yield from _each(handbook, f"scenarios.{key}.kinds", "kinds", scenario.kinds)
        if scenario.procedure and scenario.procedure not in handbook.procedures:
            yield _unknown(f"scenarios.{key}.procedure", "procedures", scenario.procedure)
    for key, ledger in handbook.ledgers.items():
        yield from _each(handbook, f"ledgers.{key}.kinds", "kinds", ledger.kinds)
        for column in ledger.columns:
            yield from _each(handbook, f"ledgers.{key}.columns.{column.id}.edit", "roles", column.edit)


def _variables(path: str, text: str, known: Mapping[str, Message] = VARIABLES) -> Iterator[Problem]:
    for name in _BRACES.findall(text):
        if name not in known:
            message = _("没有变量“{%(name)s}”。可用：%(known)s。")
            yield Problem(path, "variable_unknown", message, {"name": name, "known": listed_later(known)})


def _notices(handbook: Handbook) -> Iterator[Problem]:
    """Notices that name what there is not, and steps that inform a customer of whom nobody wrote what they are told (CASE5)."""
    for key, notice in handbook.notices.items():
        path = f"notices.{key}"
        yield from _variables(f"{path}.text", notice.text, NOTICE_VARIABLES)
        yield from _events(f"{path}.upon", notice.upon)
        yield from _each(handbook, f"{path}.kinds", "kinds", notice.kinds)
        for index, step in enumerate(notice.steps):
            procedure, _dot, step_id = step.partition(".")
            if procedure not in handbook.procedures or handbook.procedures[procedure].step(step_id) is None:
                yield Problem(f"{path}.steps.{index}", "step_unknown", _("没有“%(step)s”这一步，请写成“流程.步骤”。"), {"step": step})
    if handbook.notices and not handbook.abstract:
        yield from _untold(handbook)


def _untold(handbook: Handbook) -> Iterator[Problem]:
    for key, procedure in handbook.procedures.items():
        for step in procedure.steps:
            named = f"{key}.{step.id}"
            told = all(handbook.notice_for(kind=kind, step=named, events=step.events) for kind in procedure.kinds)
            if Event.CUSTOMER_INFORMED in step.events and not told:
                message = _("这一步告知客户结果，但没有告知模板，请在 notices 里加一个。")
                yield Problem(f"procedures.{key}.steps.{step.id}", "notice_missing", message, {})


def _pattern(path: str, pattern: str) -> Iterator[Problem]:
    options = re2.Options()
    options.log_errors = False
    try:
        re2.compile(pattern, options)
    except re2.error as error:
        yield Problem(path, "pattern", _("格式“%(pattern)s”写错了：%(reason)s"), {"pattern": pattern, "reason": str(error)[:120]})


def _words(handbook: Handbook) -> Iterator[Problem]:
    for section in ("scripts", "phrases"):
        for key, clause in handbook.section(section).items():
            yield from _variables(f"{section}.{key}.text", getattr(clause, "text", ""))
            if isinstance(clause, Script):
                for slot in clause.slots:
                    yield from _pattern(f"{section}.{key}.slots.{slot.id}.pattern", slot.pattern) if slot.pattern else ()


def _guides(handbook: Handbook) -> Iterator[Problem]:
    """Guides and outcomes of its own. What an inherited guide names and this handbook has not is left out of the talk."""
    for key, guide in handbook.guides.items():
        if handbook.abstract or handbook.origin(f"guides.{key}") != handbook.handbook:
            continue
        for moment in guide.moments:
            here = f"guides.{key}.moments.{moment.id}"
            if moment.say and handbook.clause(moment.say if moment.say.startswith("scripts.") else "") is None:
                yield _unknown(f"{here}.say", "scripts", moment.say.removeprefix("scripts."))
            yield from _each(handbook, f"{here}.avoid", "lexicons", moment.avoid)
        for branch in guide.branches:
            yield from _each(handbook, f"guides.{key}.branches.{branch.id}.kind", "kinds", [branch.kind])
    for key, disposition in handbook.dispositions.items():
        if handbook.origin(f"dispositions.{key}") == handbook.handbook:
            yield from _each(handbook, f"dispositions.{key}.kinds", "kinds", disposition.kinds)


def _detectors(handbook: Handbook) -> Iterator[Problem]:
    for key, card in handbook.scorecards.items():
        for item in card.items():
            yield from _detector(handbook, f"scorecards.{key}.items.{item.id}", item)


def _detector(handbook: Handbook, path: str, item: ScoreItem) -> Iterator[Problem]:
    for name, value in (item.detector.params if item.detector else {}).items():
        section = DETECTOR_REFERENCES.get(name)
        if section is None:
            continue
        for given in value if isinstance(value, list | tuple) else [value]:
            if str(given) not in handbook.section(section):
                yield _unknown(f"{path}.detector.{name}", section, str(given))


def procedure_facts(procedure: Procedure, language: str = "zh") -> dict[str, Fact]:
    """Facts that the forms of a procedure make, titled in the language."""
    english = language.startswith("en")
    facts = {}
    for field_id, field in procedure.fields().items():
        names = {choice.id: (choice.label_en if english and choice.label_en else choice.label) for choice in field.choices}
        facts[f"data.{field_id}"] = fact_of_field(field.type, field.label_en if english and field.label_en else field.label, names)
    return facts


def _procedure(handbook: Handbook, path: str, procedure: Procedure) -> Iterator[Problem]:
    yield from _each(handbook, f"{path}.kinds", "kinds", procedure.kinds)
    facts = procedure_facts(procedure)
    stages = {stage.id for stage in procedure.stages} or set(STAGES)
    for step in procedure.steps:
        here = f"{path}.steps.{step.id}"
        if step.stage not in stages:
            yield _unknown(f"{here}.stage", "stages", step.stage)
        yield from _each(handbook, f"{here}.who", "roles", step.who)
        yield from _events(f"{here}.emits", step.emits)
        if step.say.startswith("scripts.") and step.say.removeprefix("scripts.") not in handbook.scripts:
            yield _unknown(f"{here}.say", "scripts", step.say.removeprefix("scripts."))
        yield from _step_conditions(here, step, facts)


def _step_conditions(here: str, step: Step, facts: Mapping[str, Fact]) -> Iterator[Problem]:
    for guard in step.guards:
        yield from condition_problems(f"{here}.guards.{guard.id}.when", guard.when, facts)
    for index, way in enumerate(step.next):
        if way.when:
            yield from condition_problems(f"{here}.next.{index}.when", way.when, facts)


def _conditions(handbook: Handbook) -> Iterator[tuple[str, Condition]]:
    for section, attribute in (("tiers", "when"), ("levels", "raise_when")):
        for key, clause in handbook.section(section).items():
            if (condition := getattr(clause, attribute)) is not None:
                yield f"{section}.{key}.{attribute}", condition


def condition_problems(path: str, condition: Condition, own: Mapping[str, Fact]) -> Iterator[Problem]:
    """Unknown facts, operators that do not fit their type, choices that do not exist."""
    for where, leaf in condition.leaves_at(path):
        name = leaf.fact or ""
        fact = own.get(name) or FACTS.get(name)
        if fact is None:
            yield Problem(where, "fact_unknown", _("没有“%(fact)s”这个事实。"), {"fact": name})
            continue
        operator = leaf.operator
        if operator not in _FITTING[fact.type]:
            yield Problem(where, "operator_unfit", _("“%(fact)s”不能用 %(operator)s 来比较。"), {"fact": name, "operator": operator})
        elif operator == "matches":
            yield from _pattern(where, leaf.matches or "")
        else:
            yield from _values(where, name, fact, leaf)


def _values(path: str, name: str, fact: Fact, leaf: Condition) -> Iterator[Problem]:
    if leaf.operator not in {"is", "is_not", "in"}:
        return
    given = leaf.value_of(leaf.operator)
    for value in given if isinstance(given, tuple) else (given,):
        if not _right_type(fact, value) or (fact.choices and value not in fact.choices):
            yield Problem(path, "value_unfit", _("“%(fact)s”不会是“%(value)s”。"), {"fact": name, "value": str(value)})


def _right_type(fact: Fact, value: object) -> bool:
    if fact.type == "bool":
        return isinstance(value, bool)
    return fact.type == "text" or (isinstance(value, int | float) and not isinstance(value, bool))
