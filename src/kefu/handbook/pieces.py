"""One clause of a handbook's text, taken out and put back; the rest of the text stays as it was written (HB1). Pure.

So that a manager can change a procedure or a limit in a form, or in the YAML of that clause alone, and no other line moves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import StringIO
from typing import Any

from django.utils.translation import gettext_lazy as _
from ruamel.yaml import YAML

from kefu.handbook.merge import entries
from kefu.handbook.problems import Problem
from kefu.handbook.tree import Node, Unreadable, read_tree
from kefu.kernel.errors import Invalid


class PieceRefused(Invalid):
    """The text is written in a way that a single clause cannot be put into."""

    code = "handbook_piece"
    message = _("“%(section)s”写成了单行，不能单独修改其中一条。请在全文里改成分行写，或直接改全文。")


@dataclass(frozen=True, slots=True)
class Piece:
    """The text of a clause without its key: ``line`` is the first line of it in the whole text (from 1), ``indent`` what was taken away."""

    text: str
    line: int
    indent: int


@dataclass(frozen=True, slots=True)
class _Place:
    """Lines of the whole text (from 0, the end not included) that a clause takes, and the indent of its key."""

    first: int
    end: int
    indent: int


def piece_of(text: str, section: str, key: str) -> Piece | None:
    """The clause as it stands in this text; ``None`` when it is inherited or the text cannot be read."""
    place = _place(text, section, key)
    if place is None:
        return None
    lines = text.splitlines()[place.first : place.end]
    head = lines[0].split(":", 1)[1].strip() if ":" in lines[0] else ""
    if head and not head.startswith("#"):  # written on the line of the key
        rest = [line.strip() for line in lines[1:]]
        return Piece("\n".join([head, *rest]) + "\n", place.first + 1, 0)
    body = lines[1:]
    margin = min((len(line) - len(line.lstrip()) for line in body if line.strip()), default=place.indent + 2)
    return Piece("\n".join(line[margin:] for line in body) + "\n", place.first + 2, margin)


def with_piece(text: str, section: str, key: str, body: str) -> str:
    """The whole text with the clause replaced by ``body``, or added behind the last of its section.

    Raises ``PieceRefused`` when the section is written on one line.
    """
    lines = text.splitlines()
    place = _place(text, section, key)
    if place is not None:
        return _joined([*lines[: place.first], *_written(key, body, place.indent), *lines[place.end :]])
    node = entries(read_tree(text, "handbook.yaml")[0]).get(section)
    if node is None:
        return _joined([*lines, "", f"{section}:", *_written(key, body, 2)])
    if not isinstance(node.value, dict) or node.line == node.key_line:
        raise PieceRefused(section=section)
    indent = next(iter(node.value.values())).key_column - 1
    end = _end(lines, node.key_line, 0)
    return _joined([*lines[:end], *_written(key, body, indent), *lines[end:]])


def written(value: Mapping[str, Any]) -> str:
    """A clause as YAML, one thing to a line."""
    yaml = YAML()
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.width = 4096
    out = StringIO()
    yaml.dump(dict(value), out)
    return out.getvalue()


def problems_in(piece: Piece, problems: Sequence[Problem], section: str, key: str) -> list[Problem]:
    """Problems of the clause, their places told within the piece; those of the rest of the text are left out."""
    last = piece.line + len(piece.text.splitlines())
    found = []
    for one in problems:
        inside = piece.line <= one.line < last
        if one.path.startswith(f"{section}.{key}") or (inside and not one.path):
            line, column = (one.line - piece.line + 1, max(1, one.column - piece.indent)) if inside else (0, 0)
            found.append(replace(one, line=line, column=column))
    return found


def _place(text: str, section: str, key: str) -> _Place | None:
    try:
        root = read_tree(text, "handbook.yaml")[0]
    except Unreadable:
        return None
    holder = entries(root).get(section)
    found = holder.value.get(key) if holder is not None and isinstance(holder.value, dict) else None
    if holder is None or found is None or holder.line == holder.key_line:
        return None
    return _lines(text.splitlines(), found)


def _lines(lines: Sequence[str], node: Node) -> _Place:
    first, indent = node.key_line - 1, node.key_column - 1
    return _Place(first, _end(lines, node.key_line, indent), indent)


def _end(lines: Sequence[str], start: int, indent: int) -> int:
    """Behind the last line that belongs to the key of line ``start`` (from 1): what follows stands no deeper than the key."""
    end = last = start
    while end < len(lines):
        line = lines[end]
        if line.strip() and not line.lstrip().startswith("#"):
            if len(line) - len(line.lstrip()) <= indent:
                break
            last = end + 1
        end += 1
    return last


def _written(key: str, body: str, indent: int) -> list[str]:
    margin = " " * (indent + 2)
    return [f"{' ' * indent}{key}:", *(f"{margin}{line}".rstrip() for line in body.strip("\n").splitlines())]


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).rstrip("\n") + "\n"
