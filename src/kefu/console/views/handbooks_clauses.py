"""Clauses of a handbook as its reader shows them: scripts with their slots, clocks as a sentence, procedures drawn (HB4)."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.cases import drawing
from kefu.console.views import cases_drawing
from kefu.console.views.inspection_words import either, english
from kefu.handbook import queries as handbooks
from kefu.handbook.reader import SECTION_TITLES
from kefu.handbook.reader.words import LABELS, duration_words, event_words, value_words
from kefu.handbook.schema import Handbook
from kefu.handbook.schema.vocabulary import NOTICE_VARIABLES, VARIABLES
from kefu.kernel.errors import Message
from kefu.kernel.wording import listed

_VARIABLE = re.compile(r"\{(\w+)\}")
# What a kind of clause shows in its own form, so the plain rows leave it out.
_OWN_FORM: dict[str, tuple[str, ...]] = {
    "texts": ("text", "points", "chapter", "values"),
    "scripts": ("text", "slots", "within"),
    "phrases": ("text",),
    "notices": ("text",),
    "lexicons": ("words", "use"),
    "clocks": ("target", "starts_on", "meets_on"),
    "procedures": ("steps", "text"),
    "scenarios": ("say", "do"),
    "kpis": ("formula", "numerator", "denominator", "target", "unit", "weight"),
    "duties": ("do",),
    "penalties": ("text",),
    "ledgers": ("text", "columns"),
}
_POSITIONS: dict[str, str | Promise] = {"start": gettext_lazy("句首"), "alone": gettext_lazy("单独成句")}
_UNLESS: dict[str, str | Promise] = {
    "question": gettext_lazy("疑问句除外"),
    "quoting": gettext_lazy("转述除外"),
    "negated": gettext_lazy("否定除外"),
}


@dataclass(frozen=True, slots=True)
class Run:
    """A run of a text; ``variable`` when it stands for a value that is filled in."""

    text: str
    variable: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """A word of a list."""

    term: str
    better: str
    severe: bool
    notes: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A clause ready to draw. ``section`` says which form it takes; ``extra`` holds what that form needs."""

    id: str
    section: str
    part: bool
    title: str
    address: str
    source: str
    origin: str
    note: str
    since: str
    value: Any
    rows: Sequence[Any]
    parts: Sequence[tuple[str, str]]
    extra: dict[str, Any] = field(default_factory=dict)


Address = Callable[[str], str]


def addresses(key: str, number: int) -> Address:
    """Addresses of the clauses of one version."""
    return lambda clause_id: reverse("console:handbook-clause", kwargs={"key": key, "number": number, "clause_id": clause_id})


def shown(book: Handbook, clause_id: str, to: Address, *, whole: bool = True) -> Shown | None:
    """The clause, or nothing when there is none. ``whole``: with drawings, for the page of its own."""
    found = handbooks.page(book, clause_id)
    if found is None:
        return None
    section = clause_id.partition(".")[0]
    part = clause_id.count(".") > 1
    value = found.value
    hidden = {str(LABELS.get(name, name)) for name in _OWN_FORM.get(section, ())} if not part else set()
    return Shown(
        id=clause_id,
        section=section,
        part=part,
        title=either(found.title, found.title_en),
        address=to(clause_id),
        source=found.source,
        origin="" if found.origin == book.handbook else found.origin,
        note=found.note,
        since=value.since.isoformat() if getattr(value, "since", None) else "",
        value=value,
        rows=[row for row in found.rows if row.label not in hidden],
        parts=found.parts,
        extra=_EXTRA[section](book, clause_id, value, whole) if section in _EXTRA and not part else {},
    )


def section_title(section: str) -> str:
    """Name of a section."""
    return str(SECTION_TITLES[section])


def runs(text: str, names: Mapping[str, Message] = VARIABLES) -> list[Run]:
    """A text with its variables named."""
    out, last = [], 0
    for match in _VARIABLE.finditer(text):
        out += [Run(text[last : match.start()]), Run(str(names.get(match[1], match[1])), variable=True)]
        last = match.end()
    return [run for run in (*out, Run(text[last:])) if run.text]


def _text(_book: Handbook, _clause: str, value: Any, _whole: bool) -> dict[str, Any]:
    return {"runs": runs(either(value.text, getattr(value, "text_en", "")))}


def _script(_book: Handbook, _clause: str, value: Any, _whole: bool) -> dict[str, Any]:
    slots = [
        (
            either(slot.title, slot.title_en),
            listed(slot.any_of) if slot.any_of else str(VARIABLES[slot.variable]) if slot.variable else (slot.pattern or ""),
            _("说到其一") if slot.any_of else _("应含") if slot.variable else _("格式"),
            slot.required,
        )
        for slot in value.slots
    ]
    return {"runs": runs(value.text), "slots": slots, "within": _within(value.within)}


def _within(place: Any) -> str:
    if place.first is not None:
        return _("客服的前 %(count)s 句里") % {"count": place.first}
    if place.last is not None:
        return _("客服的最后 %(count)s 句里") % {"count": place.last}
    return ""


def _lexicon(_book: Handbook, _clause: str, value: Any, _whole: bool) -> dict[str, Any]:
    entries = [Entry(word.term, word.better, word.severity == "severe", _word_notes(word)) for word in value.words]
    return {"entries": entries, "better": any(entry.better for entry in entries), "notes": any(entry.notes for entry in entries)}


def _word_notes(word: Any) -> str:
    parts = [str(_POSITIONS[word.position])] if word.position in _POSITIONS else []
    parts += [str(_UNLESS[one]) for one in word.unless]
    if word.not_in:
        parts.append(_("不含：%(words)s") % {"words": listed(word.not_in)})
    if word.channels:
        parts.append(_("只限%(channels)s") % {"channels": listed(value_words("channels", one) for one in word.channels)})
    return listed(parts, "；")


def _scorecard(_book: Handbook, clause: str, value: Any, _whole: bool) -> dict[str, Any]:
    groups = [
        (
            either(group.title, group.title_en),
            [
                (
                    f"{clause}.items.{item.id}",
                    either(item.title, item.title_en),
                    item,
                    value_words("mode", item.mode),
                    listed(value_words("channels", one) for one in item.channels) if len(item.channels) < 4 else "",
                    f"{item.penalty.points.normalize():f}",
                )
                for item in group.items
            ],
        )
        for group in value.groups
    ]
    return {"groups": groups, "money": any(item.penalty.money for item in value.items())}


def _clock(book: Handbook, _clause: str, value: Any, _whole: bool) -> dict[str, Any]:
    either_of = _(" 或 ")
    calendar = book.calendars.get(value.calendar)
    words = _("从%(start)s起，%(target)s内%(meets)s。") % {
        "start": either_of.join(f"“{event_words(one)}”" for one in value.starts_on),
        "target": duration_words(value.target),
        "meets": either_of.join(f"“{event_words(one)}”" for one in value.meets_on),
    }
    if calendar is not None:
        words += _("按“%(calendar)s”计时。") % {"calendar": either(calendar.title, calendar.title_en)}
    return {"words": words}


def _procedure(book: Handbook, clause: str, value: Any, whole: bool) -> dict[str, Any]:
    language = "en" if english() else "zh"
    steps = [
        {
            "number": number,
            "id": f"{clause}.steps.{step.id}",
            "title": step.name(language),
            "rows": handbooks_rows(book, f"{clause}.steps.{step.id}") if whole else (),
            "end": step.end,
        }
        for number, step in enumerate(value.steps, start=1)
    ]
    picture = cases_drawing.picture(drawing.draw(value, [])) if whole else None
    return {"steps": steps, "picture": picture}


def handbooks_rows(book: Handbook, clause_id: str) -> Sequence[Any]:
    """Rows of a part."""
    found = handbooks.page(book, clause_id)
    return found.rows if found is not None else ()


def _kpi(_book: Handbook, _clause: str, value: Any, _whole: bool) -> dict[str, Any]:
    unit = value_words("unit", value.unit)
    target = "" if value.target is None else f"{value.target.normalize():f}{'' if unit == '%' else ' '}{unit}"
    return {"formula": either(value.formula, value.formula_en), "target": target, "unit": unit}


def _notice(_book: Handbook, _clause: str, value: Any, _whole: bool) -> dict[str, Any]:
    return {"runs": runs(value.text, NOTICE_VARIABLES)}


def _duties(_book: Handbook, clause: str, value: Any, _whole: bool) -> dict[str, Any]:
    return {
        "duties": [
            (f"{clause}.items.{duty.id}", value_words("period", duty.period), either(duty.title, duty.title_en), duty.text, duty.proof)
            for duty in value.items
        ]
    }


def _scenario(_book: Handbook, _clause: str, value: Any, _whole: bool) -> dict[str, Any]:
    return {"say": [runs(one) for one in value.say], "do": list(value.do)}


def _ledger(_book: Handbook, _clause: str, value: Any, _whole: bool) -> dict[str, Any]:
    return {"runs": runs(value.text), "columns": [either(column.label, column.label_en) for column in value.columns]}


_EXTRA: dict[str, Callable[[Handbook, str, Any, bool], dict[str, Any]]] = {
    "texts": _text,
    "scripts": _script,
    "phrases": _text,
    "notices": _notice,
    "lexicons": _lexicon,
    "scorecards": _scorecard,
    "clocks": _clock,
    "procedures": _procedure,
    "kpis": _kpi,
    "duties": _duties,
    "scenarios": _scenario,
    "penalties": _text,
    "ledgers": _ledger,
}


def neighbours(book: Handbook, clause_id: str) -> tuple[str, str]:
    """Clauses before and behind this one in reading order; empty at the ends."""
    order = [entry.id for section in handbooks.toc(book) for entry in section.entries if entry.level == 0]
    here = clause_id if clause_id in order else ".".join(clause_id.split(".")[:2])
    place = order.index(here) if here in order else -1
    before = order[place - 1] if place > 0 else ""
    behind = order[place + 1] if 0 <= place < len(order) - 1 else ""
    return before, behind


def first_level(entries: Iterable[Any]) -> list[Any]:
    """Clauses without the parts they hold."""
    return [entry for entry in entries if entry.level == 0]
