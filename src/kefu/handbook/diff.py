"""What differs between two handbooks, clause by clause, with old and new values (HB3)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from pydantic import BaseModel

from kefu.handbook.schema import Handbook
from kefu.kernel.wording import listed

Kind: TypeAlias = Literal["added", "removed", "changed"]

# Parts that are clauses of their own and therefore compared by themselves.
_PARTS = {"Scorecard": ("groups",), "Procedure": ("steps",), "Duties": ("items",), "Script": ("slots",), "ScoreGroup": ("items",)}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field with its values in words; empty when it was or is not there."""

    field: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Change:
    """A clause that came, went or is different."""

    clause: str
    kind: Kind
    title: str
    title_en: str
    fields: tuple[FieldChange, ...] = ()


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(value, list) and value and all(isinstance(one, dict) and ("id" in one or "term" in one) for one in value):
        for one in value:
            yield from _flat(f"{path}.{one.get('id', one.get('term'))}", {key: inner for key, inner in one.items() if key != "id"})
    elif isinstance(value, list):
        yield path, listed((_word(one) for one in value), "；")
    elif value is not None:
        yield path, _word(value)


def _word(value: Any) -> str:
    if isinstance(value, dict):
        return listed((f"{key}: {_word(inner)}" for key, inner in value.items() if inner not in (None, [], "")), "，")
    if isinstance(value, list):
        return listed(_word(one) for one in value)
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def fields_of(clause: BaseModel) -> dict[str, str]:
    """Fields of a clause as flat words, without the parts that are clauses themselves and without what is left at its default."""
    parts = set(_PARTS.get(type(clause).__name__, ()))
    return dict(_flat("", clause.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude=parts)))


def changes(old: Handbook, new: Handbook) -> tuple[Change, ...]:
    """Differences in the order of the new handbook, what is gone at the end; the header is the clause ``handbook``."""
    before, after = _all(old), _all(new)
    found = [
        change for clause_id, (title, title_en, fields) in after.items() if (change := _change(clause_id, title, title_en, before, fields))
    ]
    gone = [
        Change(clause_id, "removed", title, title_en) for clause_id, (title, title_en, _fields) in before.items() if clause_id not in after
    ]
    return (*found, *gone)


def _change(
    clause_id: str, title: str, title_en: str, before: dict[str, tuple[str, str, dict[str, str]]], fields: dict[str, str]
) -> Change | None:
    if clause_id not in before:
        return Change(clause_id, "added", title, title_en)
    old = before[clause_id][2]
    names = [*fields, *(name for name in old if name not in fields)]
    changed = tuple(FieldChange(name, old.get(name, ""), fields.get(name, "")) for name in names if old.get(name) != fields.get(name))
    return Change(clause_id, "changed", title, title_en, changed) if changed else None


def _all(book: Handbook) -> dict[str, tuple[str, str, dict[str, str]]]:
    header = book.model_dump(
        mode="json", include={"title", "title_en", "edition", "effective_from", "extends", "abstract", "sources", "chapters"}
    )
    found = {"handbook": (book.title, book.title_en, dict(_flat("", header)))}
    for clause_id, clause in book.clauses():
        found[clause_id] = (str(getattr(clause, "title", clause_id)), str(getattr(clause, "title_en", "")), fields_of(clause))
    return found
