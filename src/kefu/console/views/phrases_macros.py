"""A macro as a form and in words: what is filled in is what it does, in the order it stands there (CASE8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kefu.cases import replies
from kefu.console.routes import ConsoleRequest
from kefu.console.views import cases_words as words
from kefu.desk import macros
from kefu.desk.macros import NewMacro
from kefu.desk.parts import TITLES
from kefu.handbook import queries as handbooks
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.wording import listed
from kefu.people import queries as people

FIELDS = (
    *("name", "note", "reply", "channel", "awaiting", "urge", "level", "level_reason"),
    *("assign", "follow", "step", "task", "task_hours"),
)
_STATUSES = ("open", "waiting_customer", "waiting_other", "solved", "closed")
Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Line:
    """A macro of the list: what it does and for which cases, in words; ``values`` fill its form."""

    macro: Any
    does: str
    meant: str
    changeable: bool
    values: Mapping[str, Any]


def choices(actor: Actor) -> dict[str, Choices]:
    """What a macro can be meant for and can do, by the handbooks of the sites in reach."""
    books = handbooks.books_at((site.handbook for site in people.sites(actor)), moment.now())
    levels = {key: (level.rank, words.name(level)) for book in books for key, level in book.levels.items()}
    steps: dict[str, str] = {}
    for book in books:
        for procedure in book.procedures.values():
            for step in procedure.steps:
                steps.setdefault(step.id, f"{words.name(step)}（{words.name(procedure)}）")
    return {
        "kinds": list({key: words.name(kind) for book in books for key, kind in book.kinds.items()}.items()),
        "statuses": [(key, str(words.STATUS_TITLES[key])) for key in _STATUSES],
        "levels": [(key, title) for key, (_rank, title) in sorted(levels.items(), key=lambda item: item[1][0])],
        "steps": list(steps.items()),
        "channels": [(key, str(words.TALK_TITLES[key])) for key in replies.CHANNELS],
    }


def lines(actor: Actor, known: Mapping[str, Choices]) -> list[Line]:
    """The macros one has."""
    return [_line(actor, row, known) for row in macros.macros(actor)]


def _line(actor: Actor, row: Any, known: Mapping[str, Choices]) -> Line:
    kinds, statuses = dict(known["kinds"]), dict(known["statuses"])
    meant = [*(kinds.get(one, one) for one in row.kinds), *(statuses.get(one, one) for one in row.statuses)]
    return Line(row, listed(str(TITLES[part["do"]]) for part in row.parts), listed(meant), macros.may_change(actor, row), _values(row))


def _values(row: Any) -> dict[str, Any]:
    """A macro as its form takes it. What the form cannot say (answers of a step, another site) is kept by ``_parts``."""
    found: dict[str, Any] = {"name": row.name, "kinds": row.kinds, "statuses": row.statuses}
    for part in row.parts:
        match part["do"]:
            case "note" | "urge":
                found[part["do"]] = part["text"]
            case "reply":
                found |= {"reply": part["text"], "channel": part["channel"], "awaiting": "1" if part["awaiting"] else ""}
            case "level":
                found |= {"level": part["level"], "level_reason": part["reason"]}
            case "assign":
                found["assign"] = str(part["to"])
            case "follow":
                found["follow"] = "1"
            case "step":
                found["step"] = part["step"]
            case "task":
                found |= {"task": part["title"], "task_hours": str(part["hours"])}
    return found


def _parts(given: Mapping[str, str], before: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Parts of a macro from the form: what is filled in, in the order it stands there."""
    old = {part["do"]: part for part in before}
    hours = given["task_hours"]
    answers = old["step"]["answers"] if "step" in old and old["step"]["step"] == given["step"] else {}
    found: list[dict[str, Any] | None] = [
        {"do": "note", "text": given["note"]} if given["note"] else None,
        {"do": "reply", "text": given["reply"], "channel": given["channel"], "awaiting": given["awaiting"] == "1"}
        if given["reply"]
        else None,
        {"do": "urge", "text": given["urge"]} if given["urge"] else None,
        {"do": "level", "level": given["level"], "reason": given["level_reason"]} if given["level"] else None,
        {"do": "assign", "to": int(given["assign"]) if given["assign"].isdecimal() else given["assign"]} if given["assign"] else None,
        {"do": "follow"} if given["follow"] == "1" else None,
        {"do": "step", "step": given["step"], "answers": answers} if given["step"] else None,
        {
            "do": "task",
            "title": given["task"],
            "hours": int(hours) if hours.isdecimal() and len(hours) < 4 else 4,
            "site": old.get("task", {}).get("site"),
        }
        if given["task"]
        else None,
    ]
    return [one for one in found if one]


def given(request: ConsoleRequest, before: Sequence[Mapping[str, Any]] = ()) -> NewMacro:
    """The macro a form sent; ``before`` are the parts it had."""
    sent = {name: request.POST.get(name, "").replace("\0", "").strip() for name in FIELDS}
    return NewMacro(sent["name"], _parts(sent, before), request.POST.getlist("kinds"), request.POST.getlist("statuses"))
