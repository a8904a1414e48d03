"""One item of a scorecard taken out of a handbook's text and put back; no other line moves (HB1, QA10). Pure.

A card that is inherited is first written out in full, since an item may only be changed where its card stands.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from kefu.handbook.merge import entries
from kefu.handbook.pieces import PieceRefused, piece_of, with_piece, written
from kefu.handbook.problems import Problem
from kefu.handbook.tree import Node, Unreadable, read_tree, step_into


@dataclass(frozen=True, slots=True)
class ItemPlace:
    """Lines of the text (from 0, the end not included) an item takes, and the column of its dash."""

    first: int
    end: int
    dash: int


def place_of(text: str, card: str, item: str) -> ItemPlace | None:
    """Where an item stands in this text; ``None`` when its card is inherited or the text cannot be read."""
    node = _node(text, card, "items", item)
    return _place(text.splitlines(), node) if node is not None else None


def with_item(
    text: str, card: str, whole: Mapping[str, Any], item: str, value: Mapping[str, Any], *, group: str = "", body: str = ""
) -> str:
    """The text with an item of a card replaced, or added at the end of ``group`` (else of the last one).

    ``whole`` is the card as it stands after extending, written out when the text does not hold it. ``body`` is the item as somebody wrote
    it, taken as it is, so that places told are those of their lines. Raises ``PieceRefused`` for a card on one line.
    """
    held = piece_of(text, "scorecards", card)
    if held is None or "groups" not in held.text:
        text = with_piece(text, "scorecards", card, written(whole))
    lines = text.splitlines()
    place = place_of(text, card, item)
    if place is None:
        place = _behind(text, lines, card, group)
    own = (body.strip() or written(value)).rstrip("\n").splitlines()
    margin = " " * (place.dash + 2)
    new = [f"{' ' * place.dash}- {own[0]}", *(f"{margin}{line}".rstrip() for line in own[1:])]
    return "\n".join([*lines[: place.first], *new, *lines[place.end :]]).rstrip("\n") + "\n"


def problems_of(text: str, card: str, item: str, problems: tuple[Problem, ...]) -> list[Problem]:
    """Problems of an item, their places told from its first line; those of the rest are left out."""
    place, path = place_of(text, card, item), f"scorecards.{card}.items.{item}"
    out = []
    for one in problems:
        inside = place is not None and place.first < one.line <= place.end
        if one.path == path or one.path.startswith(f"{path}.") or (inside and one.path.startswith("scorecards.")):
            line, column = (one.line - place.first, max(1, one.column - place.dash - 2)) if inside and place is not None else (0, 0)
            out.append(replace(one, line=line, column=column))
    return out


def _node(text: str, card: str, *path: str) -> Node | None:
    try:
        node: Node | None = entries(read_tree(text, "handbook.yaml")[0]).get("scorecards")
    except Unreadable:
        return None
    for part in (card, *path):
        node = step_into(node, part) if node is not None else None
    return node


def _place(lines: list[str], node: Node) -> ItemPlace | None:
    first = node.line - 1
    line = lines[first]
    dash = len(line) - len(line.lstrip())
    if not line.lstrip().startswith("- "):
        return None
    end = first + 1
    last = end
    while end < len(lines):
        if lines[end].strip() and not lines[end].lstrip().startswith("#"):
            if len(lines[end]) - len(lines[end].lstrip()) <= dash:
                break
            last = end + 1
        end += 1
    return ItemPlace(first, last, dash)


def _behind(text: str, lines: list[str], card: str, group: str) -> ItemPlace:
    groups = _node(text, card, "groups")
    found = groups.value if groups is not None and isinstance(groups.value, list) else []
    named = [one for one in found if (key := step_into(one, "id")) is not None and key.value == group]
    for one in reversed(named or found):
        items = step_into(one, "items")
        if items is not None and isinstance(items.value, list) and items.value:
            last = _place(lines, items.value[-1])
            if last is not None:
                return ItemPlace(last.end, last.end, last.dash)
    raise PieceRefused(section=f"scorecards.{card}.groups")
