"""What a manager changes of a procedure in a form: titles, who, what must be filled in, what is said, guards, limits (CASE1). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kefu.handbook.conditions import sentence
from kefu.handbook.pieces import piece_of, with_piece, written
from kefu.handbook.schema import Clock, Handbook
from kefu.handbook.tree import plain, read_tree


@dataclass(frozen=True, slots=True)
class StepChange:
    """A step as the form sent it. ``required`` and ``labels`` are of its fields by id; ``guards`` are the ids that stay."""

    title: str
    instructions: str
    who: tuple[str, ...]
    say: str
    labels: Mapping[str, str]
    required: frozenset[str]
    guards: frozenset[str]
    added_guard: str = ""


@dataclass(frozen=True, slots=True)
class GuardChoice:
    """A guard another step has, to be asked for here too: its id, what it asks, what it says."""

    key: str
    words: str
    guard: Mapping[str, Any]


def reshaped(procedure: Mapping[str, Any], steps: Mapping[str, StepChange], guards: Mapping[str, GuardChoice]) -> dict[str, Any]:
    """The procedure with the changes; steps that are not named stay as they are."""
    changed = [_step(step, steps[step["id"]], guards) if step["id"] in steps else step for step in procedure["steps"]]
    return {**procedure, "steps": changed}


def _step(step: Mapping[str, Any], change: StepChange, guards: Mapping[str, GuardChoice]) -> dict[str, Any]:
    who = list(step["who"]) if set(step["who"]) == set(change.who) else list(change.who)
    found: dict[str, Any] = {**step, "title": change.title, "who": who}
    for name, value in (("instructions", change.instructions), ("say", change.say)):
        if value:
            found[name] = value
        else:
            found.pop(name, None)
    if found.get("fields"):
        found["fields"] = [_field(one, change) for one in found["fields"]]
    kept = [one for one in found.get("guards", []) if one["id"] in change.guards]
    if change.added_guard in guards:
        added = dict(guards[change.added_guard].guard)
        kept = [*kept, added] if added["id"] not in {one["id"] for one in kept} else kept
    found.pop("guards", None)
    return {**found, **({"guards": kept} if kept else {})}


def _field(field: Mapping[str, Any], change: StepChange) -> dict[str, Any]:
    found = {**field, "label": change.labels.get(field["id"]) or field["label"]}
    found.pop("required", None)
    return {**found, **({"required": True} if field["id"] in change.required else {})}


def guard_choices(book: Handbook, key: str) -> dict[str, GuardChoice]:
    """Guards of all procedures that may be asked in this one too: they ask about the case, the parcel, or fields this one has."""
    known = {f"data.{name}" for name in book.procedures[key].fields()}
    found: dict[str, GuardChoice] = {}
    for other, procedure in book.procedures.items():
        for step in procedure.steps:
            for guard in step.guards:
                asked = {leaf.fact or "" for leaf in guard.when.leaves()}
                if all(not name.startswith("data.") or name in known for name in asked):
                    value = guard.model_dump(mode="json", by_alias=True, exclude_defaults=True)
                    name = f"{other}.{step.id}.{guard.id}"
                    found.setdefault(guard.message, GuardChoice(name, f"{sentence(guard.when)}：{guard.message}", value))
    return {one.key: one for one in found.values()}


def limits_of(book: Handbook, key: str) -> dict[str, Clock]:
    """Clocks that cases of the procedure's kinds are under."""
    kinds = set(book.procedures[key].kinds)
    return {name: clock for name, clock in book.clocks.items() if not clock.applies.kinds or kinds & set(clock.applies.kinds)}


def with_limit(text: str, name: str, target: str) -> str:
    """The text with another target for a clock; of an inherited clock nothing else is written."""
    piece = piece_of(text, "clocks", name)
    own: dict[str, Any] = plain(read_tree(piece.text, "clocks.yaml")[0]) if piece is not None else {}
    return with_piece(text, "clocks", name, written({**own, "target": target}))
