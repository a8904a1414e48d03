"""A procedure's drawing as coordinates for an inline SVG: boxes by column and row, ways as curves."""

from dataclasses import dataclass
from unicodedata import east_asian_width

from kefu.cases.drawing import Drawing, Node
from kefu.console.views import cases_words as words

BOX_WIDTH, BOX_HEIGHT = 118, 44
GAP_X, GAP_Y = 28, 18
PAD = 6
_UNITS = 15
"""Widest line in a box, in half-width characters; Chinese ones count two."""


@dataclass(frozen=True, slots=True)
class Box:
    """A step to draw."""

    id: str
    title: str
    lines: tuple[str, ...]
    state: str
    x: int
    y: int


@dataclass(frozen=True, slots=True)
class Line:
    """A way to draw: an SVG path."""

    path: str
    state: str
    conditional: bool
    title: str


@dataclass(frozen=True, slots=True)
class Picture:
    """The whole drawing."""

    width: int
    height: int
    boxes: tuple[Box, ...]
    lines: tuple[Line, ...]


def picture(drawing: Drawing) -> Picture:
    """Lay the drawing out in pixels."""
    boxes = {node.id: _box(node) for node in drawing.nodes}
    current = next((node.id for node in drawing.nodes if node.state == "current"), "")
    lines = []
    for edge in drawing.edges:
        state = "taken" if edge.taken else "next" if edge.source == current else "ahead"
        if edge.source in boxes and edge.target in boxes:
            lines.append(
                Line(_path(boxes[edge.source], boxes[edge.target]), state, edge.conditional, words.either(edge.title, edge.title_en))
            )
    # Ways walked are drawn last, over the others.
    lines.sort(key=lambda line: ("ahead", "next", "taken").index(line.state))
    back = any(boxes[edge.target].x <= boxes[edge.source].x for edge in drawing.edges if edge.target in boxes and edge.source in boxes)
    width = drawing.columns * (BOX_WIDTH + GAP_X) - GAP_X + 2 * PAD
    height = drawing.rows * (BOX_HEIGHT + GAP_Y) - GAP_Y + 2 * PAD + (GAP_Y if back else 0)
    return Picture(width, height, tuple(boxes.values()), tuple(lines))


def _box(node: Node) -> Box:
    title = words.either(node.title, node.title_en)
    x = PAD + node.column * (BOX_WIDTH + GAP_X)
    y = PAD + node.row * (BOX_HEIGHT + GAP_Y)
    return Box(node.id, title, _wrapped(title), node.state, x, y)


def _width(text: str) -> int:
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _wrapped(title: str) -> tuple[str, ...]:
    """One or two lines that fit the box; the whole title stays in its tooltip."""
    if _width(title) <= _UNITS:
        return (title,)
    pieces = title.split(" ") if " " in title else list(title)
    joint = " " if " " in title else ""
    found, line = [], ""
    for piece in pieces:
        longer = f"{line}{joint}{piece}" if line else piece
        if _width(longer) > _UNITS and line:
            found.append(line)
            line = piece
        else:
            line = longer
    found.append(line)
    if len(found) > 2:
        found = [found[0], f"{found[1]}…"]
    return tuple(found)


def _path(source: Box, target: Box) -> str:
    middle = BOX_HEIGHT // 2
    if target.x > source.x:
        x1, y1, x2, y2 = source.x + BOX_WIDTH, source.y + middle, target.x - 5, target.y + middle
        if target.x - source.x > BOX_WIDTH + GAP_X and source.y == target.y:
            # Over boxes in between: run along the gap below the row.
            low = source.y + BOX_HEIGHT + GAP_Y // 2
            return (
                f"M{x1} {y1}C{x1 + 10} {y1} {x1 + 4} {low} {x1 + GAP_X // 2} {low}L{x2 - GAP_X // 2} {low}"
                f"C{x2 - 4} {low} {x2 - 10} {y2} {x2} {y2}"
            )
        half = min((x2 - x1) // 2, GAP_X)
        return f"M{x1} {y1}C{x1 + half} {y1} {x2 - half} {y2} {x2} {y2}"
    if target.x == source.x and target.y != source.y:
        x = source.x + BOX_WIDTH // 2
        down = target.y > source.y
        return f"M{x} {source.y + (BOX_HEIGHT if down else 0)}L{x} {target.y - 5 if down else target.y + BOX_HEIGHT + 5}"
    # Back to an earlier step: below both.
    x1, x2 = source.x + BOX_WIDTH // 2 + 12, target.x + BOX_WIDTH // 2 - 12
    low = max(source.y, target.y) + BOX_HEIGHT + GAP_Y - 4
    return f"M{x1} {source.y + BOX_HEIGHT}C{x1} {low} {x2} {low} {x2} {target.y + BOX_HEIGHT + 5}"
