"""One clause as a page: rows of label and words, with links to the clauses it names."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from pydantic import BaseModel

from kefu.handbook.check.references import DETECTOR_REFERENCES, procedure_facts
from kefu.handbook.conditions import sentence
from kefu.handbook.reader.words import LABELS, VALUES, duration_words, english, event_words, value_words
from kefu.handbook.schema import FormField, Handbook, Lexicon, Notice, Scorecard, ScoreItem, Step, Way
from kefu.handbook.schema.condition import Condition
from kefu.handbook.schema.contact import Disposition, Guide
from kefu.handbook.schema.facts import Fact
from kefu.handbook.schema.posts import Duties
from kefu.handbook.schema.procedures import Procedure
from kefu.handbook.schema.timing import DAYS, Calendar, Clock
from kefu.kernel.wording import listed

_HEAD = {"title", "title_en", "source", "id", "note_en", "note"}
_LINKED = {
    "calendar": "calendars",
    "role": "roles",
    "who": "roles",
    "procedure": "procedures",
    "audience": "roles",
    "kinds": "kinds",
    "avoid": "lexicons",
    "answer_by": "clocks",
}
_ENGLISH = ("text", "formula", "instructions", "help", "note")
_DAYS = ("一", "二", "三", "四", "五", "六", "日")
_DAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True, slots=True)
class Row:
    """A label, the lines that stand under it, and clauses to link to, line by line (empty: no link)."""

    label: str
    lines: tuple[str, ...]
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClausePage:
    """A clause to show: ``origin`` is the handbook whose text it comes from; ``parts`` are clauses inside it."""

    id: str
    title: str
    title_en: str
    source: str
    note: str
    origin: str
    rows: tuple[Row, ...]
    parts: tuple[tuple[str, str], ...]
    value: Any


def page(book: Handbook, clause_id: str) -> ClausePage | None:
    """The page of a clause in the active language, or ``None`` when there is no such clause."""
    value = book.clause(clause_id)
    if value is None:
        return None
    language = "en" if english() else "zh"
    parts = tuple((one, part.name(language)) for one, part in book.clauses() if one.startswith(f"{clause_id}."))
    note = _translated(value, "note") or str(getattr(value, "note", ""))
    return ClausePage(
        id=clause_id,
        title=value.title,
        title_en=value.title_en,
        source=getattr(value, "source", ""),
        note=note,
        origin=book.origin(clause_id),
        rows=tuple(rows(book, clause_id, value)),
        parts=parts,
        value=value,
    )


def _label(field: str) -> str:
    return str(LABELS.get(field, field))


def rows(book: Handbook, clause_id: str, value: BaseModel) -> Iterator[Row]:
    """Rows of a clause; fields at their default are left out."""
    special = _SPECIAL.get(type(value))
    if special is not None:
        yield from special(book, clause_id, value)
        return
    for field in type(value).model_fields:
        content = getattr(value, field)
        if field in _HEAD or field.endswith("_en") or content in (None, "", (), {}):
            continue
        yield _row(book, field, _translated(value, field) or content)


def _translated(value: BaseModel, field: str) -> str:
    return str(getattr(value, f"{field}_en", "")) if english() and field in _ENGLISH else ""


def _row(book: Handbook, field: str, content: Any, facts: dict[str, Fact] | None = None) -> Row:
    if isinstance(content, Condition):
        return Row(_label(field), (sentence(content, facts),))
    if isinstance(content, dict):
        return Row(_label(field), tuple(f"{key}: {_inline(inner)}" for key, inner in content.items()))
    if isinstance(content, tuple):
        section = _LINKED.get(field)
        if section:
            return Row(_label(field), tuple(_name(book, section, key) for key in content), tuple(f"{section}.{key}" for key in content))
        return Row(_label(field), tuple(_inline(one) if isinstance(one, BaseModel) else value_words(field, one) for one in content))
    if isinstance(content, BaseModel):
        return Row(_label(field), (_inline(content),))
    if field in _LINKED and content in book.section(_LINKED[field]):
        return Row(_label(field), (_name(book, _LINKED[field], content),), (f"{_LINKED[field]}.{content}",))
    return Row(_label(field), (value_words(field, content),))


def _name(book: Handbook, section: str, key: str) -> str:
    found = book.section(section).get(key)
    return found.name("en" if english() else "zh") if found else key


def _inline(value: Any) -> str:
    if not isinstance(value, BaseModel):
        return value_words("", value)
    parts = []
    for field in type(value).model_fields:
        content = getattr(value, field)
        if content in (None, "", (), {}, False) or field in {"id", "title_en", "label_en"}:
            continue
        words = listed(_inline(one) for one in content) if isinstance(content, tuple) else _inline(content)
        parts.append(words if field in {"title", "label", "text"} else f"{_label(field)}: {words}")
    return listed(parts, "；")


def _scorecard(book: Handbook, clause_id: str, card: Any) -> Iterator[Row]:
    assert isinstance(card, Scorecard)
    yield _row(book, "channels", card.channels)
    yield _row(book, "base_score", card.base_score)
    yield _row(book, "pass_score", card.pass_score)
    for group in card.groups:
        name = group.name("en" if english() else "zh")
        lines = tuple(f"{item.name('en' if english() else 'zh')}: {_penalty(item)}" for item in group.items)
        yield Row(name, lines, tuple(f"{clause_id}.items.{item.id}" for item in group.items))


def _penalty(item: ScoreItem) -> str:
    words = _("%(points)s 分") % {"points": value_words("", item.penalty.points)}
    if item.penalty.money:
        words += _("，%(money)s 元") % {"money": value_words("", item.penalty.money)}
    return words + (_("，致命") if item.fatal else "")


def _score_item(book: Handbook, _clause_id: str, item: Any) -> Iterator[Row]:
    assert isinstance(item, ScoreItem)
    yield Row(_label("definition"), (item.definition,))
    yield Row(_label("penalty"), (_penalty(item),))
    yield _row(book, "mode", item.mode)
    yield _row(book, "channels", item.channels)
    if item.detector and item.detector.kind != "manual":
        lines, links = [item.detector.kind], [""]
        for name, value in item.detector.params.items():
            section = DETECTOR_REFERENCES.get(name, "")
            for one in value if isinstance(value, list) else [value]:
                linked = bool(section) and str(one) in book.section(section)
                lines.append(f"{name}: {_name(book, section, str(one)) if linked else one}")
                links.append(f"{section}.{one}" if linked else "")
        yield Row(_label("detector"), tuple(lines), tuple(links))


def _lexicon(book: Handbook, _clause_id: str, lexicon: Any) -> Iterator[Row]:
    assert isinstance(lexicon, Lexicon)
    yield _row(book, "use", lexicon.use)
    yield _row(book, "side", lexicon.side)
    yield _row(book, "channels", lexicon.channels)
    yield Row(_label("words"), tuple(f"{word.term} → {word.better}" if word.better else word.term for word in lexicon.words))


def _calendar(book: Handbook, _clause_id: str, calendar: Any) -> Iterator[Row]:
    assert isinstance(calendar, Calendar)
    names = _DAYS_EN if english() else tuple(f"周{day}" for day in _DAYS)
    closed = pgettext("calendar", "休息")
    yield Row(_label("week"), tuple(f"{names[index]}: {listed(calendar.day(index)) or closed}" for index in range(len(DAYS))))
    yield _row(book, "holidays", calendar.holidays)


def _notice(book: Handbook, _clause_id: str, notice: Any) -> Iterator[Row]:
    assert isinstance(notice, Notice)
    yield Row(_label("text"), (notice.text,))
    if notice.upon:
        yield Row(_label("upon"), tuple(event_words(event) for event in notice.upon))
    if notice.steps:
        links = tuple("procedures.{}.steps.{}".format(*one.split(".", 1)) for one in notice.steps)
        titles = tuple(found.name("en" if english() else "zh") if (found := book.clause(one)) else one for one in links)
        yield Row(_label("steps"), titles, links)
    if notice.kinds:
        yield _row(book, "kinds", notice.kinds)
    if notice.families:
        yield Row(_label("family"), tuple(value_words("family", one) for one in notice.families))


def _clock(book: Handbook, _clause_id: str, clock: Any) -> Iterator[Row]:
    assert isinstance(clock, Clock)
    for field in ("target", "calendar", "kind"):
        yield _row(book, field, getattr(clock, field))
    yield Row(_label("starts_on"), tuple(event_words(event) for event in clock.starts_on))
    yield Row(_label("meets_on"), tuple(event_words(event) for event in clock.meets_on))
    if clock.warn_before:
        yield _row(book, "warn_before", clock.warn_before)
    if clock.pause:
        who = listed(_name(book, "roles", role) for role in clock.pause.who)
        reasons = tuple(reason.name("en" if english() else "zh") for reason in clock.pause.reasons)
        cap = _("由%(who)s暂停，合计不超过 %(cap)s") % {"who": who, "cap": duration_words(clock.pause.cap)}
        yield Row(_label("pause"), (cap, *reasons))
    if clock.ladder:
        yield Row(_label("ladder"), tuple(_rung(rung) for rung in clock.ladder))
    kinds = clock.applies.kinds
    yield Row(
        _label("applies"), tuple(_name(book, "kinds", kind) for kind in kinds) or (_("全部"),), tuple(f"kinds.{kind}" for kind in kinds)
    )
    for field, section in (("levels", "levels"), ("tiers", "tiers")):
        if chosen := getattr(clock.applies, field):
            yield Row(_label(field), tuple(_name(book, section, key) for key in chosen), tuple(f"{section}.{key}" for key in chosen))


def _rung(rung: Any) -> str:
    moment = {"warn": _("预警时"), "breach": _("超时时")}.get(rung.at) or _("超时 %(after)s 后") % {"after": duration_words(rung.after)}
    words = _("%(moment)s通知%(who)s") % {"moment": moment, "who": listed(VALUES[one] for one in rung.notify)}
    return words + (_("，级别提高") if rung.raise_level else "")


def _guide(book: Handbook, clause_id: str, guide: Any) -> Iterator[Row]:
    assert isinstance(guide, Guide)
    language = "en" if english() else "zh"
    for field in ("moments", "branches"):
        parts = getattr(guide, field)
        if parts:
            yield Row(
                _label(field), tuple(part.name(language) for part in parts), tuple(f"{clause_id}.{field}.{part.id}" for part in parts)
            )
    yield Row(_label("wrap_up"), (duration_words(guide.wrap_up),))
    yield _row(book, "channels", guide.channels)


def _disposition(book: Handbook, _clause_id: str, clause: Any) -> Iterator[Row]:
    assert isinstance(clause, Disposition)
    yield Row(_label("outcomes"), tuple(one.name("en" if english() else "zh") for one in clause.outcomes))
    if clause.kinds:
        yield _row(book, "kinds", clause.kinds)


def _procedure(book: Handbook, clause_id: str, procedure: Any) -> Iterator[Row]:
    assert isinstance(procedure, Procedure)
    yield _row(book, "kinds", procedure.kinds)
    for field in ("audience", "text"):
        if getattr(procedure, field):
            yield Row(_label(field), (getattr(procedure, field),))
    lines = tuple(step.name("en" if english() else "zh") for step in procedure.steps)
    yield Row(_label("steps"), lines, tuple(f"{clause_id}.steps.{step.id}" for step in procedure.steps))


def _step(book: Handbook, clause_id: str, step: Any) -> Iterator[Row]:
    assert isinstance(step, Step)
    procedure = book.clause(clause_id.rpartition(".steps.")[0])
    language = "en" if english() else "zh"
    facts = procedure_facts(procedure, language)
    yield _row(book, "who", step.who)
    if step.say:
        script = book.clause(step.say) if step.say.startswith("scripts.") else None
        yield Row(_label("say"), (script.text if script else step.say,), (step.say if script else "",))
    for field in ("instructions",):
        words = step.instructions_en if english() and step.instructions_en else step.instructions
        if words:
            yield Row(_label(field), (words,))
    if step.fields:
        yield Row(_label("fields"), tuple(_field(field) for field in step.fields))
    if step.guards:
        lines = tuple(
            f"{sentence(one.when, facts)}: {one.message_en if english() and one.message_en else one.message}" for one in step.guards
        )
        yield Row(_label("guards"), lines)
    if step.events:
        yield Row(_label("emits"), tuple(event_words(event) for event in step.events))
    yield _row(book, "status", step.status)
    if step.next:
        base = clause_id.rpartition(".steps.")[0]
        ways = tuple(_way(procedure, way, facts, language) for way in step.next)
        yield Row(_label("next"), ways, tuple(f"{base}.steps.{way.to}" for way in step.next))


def _field(field: FormField) -> str:
    label = field.label_en if english() and field.label_en else field.label
    choices = "/".join(choice.label_en if english() and choice.label_en else choice.label for choice in field.choices)
    return label + (f" ({choices})" if choices else "") + (_("（必填）") if field.required else "")


def _way(procedure: Procedure, way: Way, facts: dict[str, Fact], language: str) -> str:
    step = procedure.step(way.to)
    words = step.name(language) if step else way.to
    return f"{words}: {sentence(way.when, facts)}" if way.when else words


def _duties(book: Handbook, clause_id: str, duties: Any) -> Iterator[Row]:
    assert isinstance(duties, Duties)
    yield _row(book, "role", duties.role)
    lines = tuple(f"{value_words('period', duty.period)} · {duty.text}" for duty in duties.items)
    yield Row(_label("do"), lines, tuple(f"{clause_id}.items.{duty.id}" for duty in duties.items))


_SPECIAL: dict[type, Callable[[Handbook, str, Any], Iterator[Row]]] = {
    Scorecard: _scorecard,
    ScoreItem: _score_item,
    Notice: _notice,
    Lexicon: _lexicon,
    Calendar: _calendar,
    Clock: _clock,
    Procedure: _procedure,
    Step: _step,
    Duties: _duties,
    Guide: _guide,
    Disposition: _disposition,
}
