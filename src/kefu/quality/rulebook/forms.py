"""A rule as rows of a form, and back; what a form cannot hold stays in its row as YAML (QA10). Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from ruamel.yaml import YAML

from kefu.handbook.tree import Unreadable, plain, read_tree
from kefu.quality.rulebook.operators import OPERATORS
from kefu.quality.rulebook.parsing import PLACING, RELATIONS

ROWS = 20
_PARTS = ("first", "last", "first_seconds", "last_seconds")
_NUMBERS = ("at_least", "at_most", "within_lines", "within_seconds")
_BREAKS = re.compile(r"[、，,;；\n]+")
OTHER = "yaml"
"""The operator of a row whose condition is written as YAML."""
# Between words of a field in the form, whatever the language: it is read back.
_WORD_MARK = "、"


@dataclass(slots=True)
class Row:
    """One named condition as a form shows it; every value is text."""

    name: str = ""
    operator: str = "words"
    value: str = ""
    side: str = "agent"
    part: str = ""
    part_value: str = ""
    relation: str = ""
    anchor_name: str = ""
    which: str = "any"
    within_lines: str = ""
    within_seconds: str = ""
    at_least: str = ""
    at_most: str = ""


@dataclass(slots=True)
class FormRule:
    """A whole rule as a form shows it."""

    rows: list[Row] = field(default_factory=list)
    line: str = ""
    required: bool = False
    rest: dict[str, Any] = field(default_factory=dict)


def read(detector: Mapping[str, Any]) -> FormRule:
    """The rows of a rule's parameters. A tree of all, any and not becomes one line of logic over names."""
    given = dict(detector)
    named: dict[str, Any] = dict(given.pop("let", None) or {})
    required = given.get("require") is not None
    tree = given.pop("require" if required else "when", None)
    given.pop("when", None)
    given.pop("require", None)
    given.pop("kind", None)
    line = tree if isinstance(tree, str | int) else _line(tree, named, top=True) if tree is not None else ""
    return FormRule([_row(str(name), value) for name, value in named.items()], str(line), required, given)


def _line(tree: Any, named: dict[str, Any], *, top: bool = False) -> str:
    if isinstance(tree, Mapping) and len(tree) == 1:
        (head, inner), *_ = tree.items()
        if head in ("all", "any") and isinstance(inner, list):
            joined = (" && " if head == "all" else " || ").join(_line(one, named) for one in inner)
            return joined if top or len(inner) == 1 else f"({joined})"
        if head == "not":
            return f"!{_line(inner, named)}"
        if head == "use":
            return str(inner)
    own = dict(tree) if isinstance(tree, Mapping) else tree
    name = str(own.pop("id", "")) if isinstance(own, dict) else ""
    name = name or next(f"c{number}" for number in range(1, 1000) if f"c{number}" not in named)
    named[name] = own
    return name


def _row(name: str, raw: Any) -> Row:
    heads = [key for key in raw if key in OPERATORS] if isinstance(raw, Mapping) else []
    part = raw.get("in") if isinstance(raw, Mapping) else None
    simple = len(heads) == 1 and all(key in OPERATORS or key in PLACING for key in raw) and sum(key in raw for key in RELATIONS) < 2
    if part is not None:
        simple = simple and isinstance(part, Mapping) and len(part) == 1 and next(iter(part)) in _PARTS
    if not simple:
        return Row(name, OTHER, _flow(raw))
    row = Row(name, heads[0], _value(heads[0], raw[heads[0]]), str(raw.get("side", "agent")))
    if part is not None:
        ((row.part, value),) = part.items()
        row.part_value = str(value)
    for relation in RELATIONS:
        if relation in raw:
            row.relation, row.anchor_name = relation, str(raw[relation])
    row.which = str(raw.get("anchor", "any"))
    for key in _NUMBERS:
        setattr(row, key, str(raw[key]) if key in raw else "")
    return row


def _value(operator: str, raw: Any) -> str:
    short = OPERATORS[operator].arguments.SHORT
    if isinstance(raw, Mapping) and set(raw) == {short}:
        raw = raw[short]
    if isinstance(raw, list | tuple) and all(isinstance(one, str) and not _BREAKS.search(one) for one in raw):
        return _WORD_MARK.join(raw)
    return _flow(raw) if isinstance(raw, Mapping | list | tuple) else _scalar(raw)


def _scalar(raw: Any) -> str:
    return str(raw).lower() if isinstance(raw, bool) else str(raw)


def _flow(raw: Any) -> str:
    if not isinstance(raw, Mapping | list | tuple):
        return _scalar(raw)
    yaml = YAML()
    yaml.default_flow_style = True
    yaml.width = 4096
    out = StringIO()
    yaml.dump(raw if isinstance(raw, dict | list) else dict(raw) if isinstance(raw, Mapping) else list(raw), out)
    return out.getvalue().strip()


def written(rule: FormRule) -> dict[str, Any]:
    """The detector's parameters of a form. What cannot be read as YAML stays text, and the check says what is wrong with it."""
    out: dict[str, Any] = {"kind": "rule"}
    named = {row.name.strip(): _condition(row) for row in rule.rows if row.name.strip()}
    if named:
        out["let"] = named
    out["require" if rule.required else "when"] = rule.line.strip() or " && ".join(named)
    return {**out, **rule.rest}


def _condition(row: Row) -> Any:
    if row.operator == OTHER:
        return _yaml(row.value)
    out: dict[str, Any] = {row.operator: _arguments(row.operator, row.value.strip())}
    kind = OPERATORS.get(row.operator)
    if row.side not in ("", "agent") and (kind is None or kind.sided):
        out["side"] = row.side
    if row.part:
        out["in"] = {row.part: _number(row.part_value)}
    if row.relation and row.anchor_name.strip():
        out[row.relation] = row.anchor_name.strip()
        if row.which not in ("", "any"):
            out["anchor"] = row.which
    for key in _NUMBERS:
        if text := str(getattr(row, key)).strip():
            out[key] = _number(text)
    return out


def _arguments(operator: str, text: str) -> Any:
    if text.startswith(("{", "[")):
        return _yaml(text)
    kind = OPERATORS.get(operator)
    short = kind.arguments.SHORT if kind is not None else ""
    if kind is not None and short and str(kind.arguments.model_fields[short].annotation).startswith("tuple"):
        return [text] if operator == "pattern" else [part.strip() for part in _BREAKS.split(text) if part.strip()]
    return {"true": True, "false": False}.get(text, _number(text)) if text else None


def _number(text: str) -> Any:
    try:
        value = float(text)
    except ValueError:
        return text
    return int(value) if value.is_integer() and abs(value) < 1e9 else value


def _yaml(text: str) -> Any:
    try:
        return plain(read_tree("x: " + text.strip(), "rule.yaml")[0])["x"] if text.strip() else None
    except (Unreadable, KeyError):
        return text
