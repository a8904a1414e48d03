"""Conversations for tests, written short: ``C: 谢谢 | 不客气`` (agent by default, C customer, S system; ``@3-5`` gives seconds)."""

import re
from functools import cache
from pathlib import Path
from typing import Any

from kefu.handbook import builtin, loader
from kefu.handbook.schema import Handbook, Scorecard
from kefu.quality.dialogue import Dialogue, Line, Side
from kefu.quality.inspector import Inspector, compile_card

_SIDES: dict[str, Side] = {"A": "agent", "C": "customer", "S": "system"}
_LINE = re.compile(r"^(?:([ACS])(?:@([\d.]+)(?:-([\d.]+))?)?:)?\s*(.*?)\s*$", re.DOTALL)
EXAMPLES = Path(__file__).parent / "examples"


def lines(text: str) -> list[Line]:
    """Lines from the short form."""
    out = []
    for index, part in enumerate(text.split("|")):
        found = _LINE.match(part.strip())
        assert found
        side, at, end, said = found.groups()
        out.append(Line(index, _SIDES[side or "A"], said, float(at) if at else None, float(end) if end else None))
    return out


def dialogue(text: str, channel: Any = "chat", **more: Any) -> Dialogue:
    """A conversation at 南市分部 by 1086 李晓."""
    return Dialogue(channel, lines(text), **{"site_name": "南市分部", "staff_no": "1086", "staff_name": "李晓", **more})


@cache
def best() -> Handbook:
    """The built-in handbook, read without a database."""
    reading = loader.read(builtin.text("best") or "", bases=builtin.text)
    assert reading.handbook is not None, [str(problem) for problem in reading.problems]
    return reading.handbook


def with_item(kind: str, mode: str = "auto", **params: Any) -> Handbook:
    """``best`` with a card of one item, judged by this detector."""
    item = {"id": "item", "title": "项", "source": "B", "definition": "项", "penalty": {"points": 5, "money": 50}, "mode": mode}
    item["detector"] = {"kind": kind, **params}
    card = Scorecard.model_validate({"title": "卡", "source": "B", "groups": [{"id": "g", "title": "组", "items": [item]}]})
    return best().model_copy(update={"scorecards": {"test": card}})


def inspector(kind: str, **params: Any) -> Inspector:
    """A card of one item."""
    return compile_card(with_item(kind, **params), "test")


def service() -> Inspector:
    """The whole card of ``best``."""
    return compile_card(best(), "service")


def table(name: str) -> list[tuple[str, str]]:
    """Examples of a file: ``(expected, text)`` with expected ``hit``, ``breached``, ``review`` or ``miss``.

    After ``== hit`` every line must hit, ``!`` before it means breached, ``~`` for review; after ``== miss`` none may.
    """
    return rows_of(EXAMPLES / f"{name}.txt")


def rows_of(path: Path) -> list[tuple[str, str]]:
    """Examples of any file in that form."""
    out: list[tuple[str, str]] = []
    section = ""
    for raw in path.read_text(encoding="utf-8").splitlines():
        row = raw.strip()
        if row.startswith("=="):
            section = row.removeprefix("==").strip()
        elif row and not row.startswith("#"):
            expected = {"!": "breached", "~": "review"}.get(row[0], section) if section == "hit" else section
            out.append((expected, row.lstrip("!~").strip()))
    return out


def judged(expected: str, state: str, hits: int) -> bool:
    """Whether a state is what the table wants."""
    if expected == "miss":
        return hits == 0
    return hits > 0 and (expected == "hit" or state == expected)
