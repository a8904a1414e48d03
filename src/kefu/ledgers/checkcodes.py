"""The check code 核对码 of a row in a file: which ledger, which row, and what stood in each cell when the file was made (SHOP7). Pure.

So a changed cell is told from one that somebody else changed meanwhile, without keeping the file. The marks are of what the file itself
shows, so they tell nobody more than the file does.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

_MARK = 6
_CODE = re.compile(r"([a-z][a-z0-9_]*):([a-z][a-z0-9_]*):(\d{1,18}):([a-z]{2}):((?:[0-9a-f]{6})*)")


@dataclass(frozen=True, slots=True)
class CheckCode:
    """A check code taken apart; ``marks`` of the cells in the ledger's order, ``language`` the file is written in."""

    handbook: str
    ledger: str
    row_id: int
    language: str
    marks: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.handbook}:{self.ledger}:{self.row_id}:{self.language}:{''.join(self.marks)}"


def mark(text: str) -> str:
    """What tells a cell's text from another."""
    return hashlib.sha256(text.encode()).hexdigest()[:_MARK]


def made(handbook: str, ledger: str, row_id: int, language: str, texts: Sequence[str]) -> CheckCode:
    """The code of a row with these cells."""
    return CheckCode(handbook, ledger, row_id, language[:2], tuple(map(mark, texts)))


def read(text: str) -> CheckCode | None:
    """The code somebody sent back, or ``None`` when it is none any more."""
    found = _CODE.fullmatch(text.strip())
    if found is None:
        return None
    handbook, ledger, row_id, language, marks = found.groups()
    return CheckCode(handbook, ledger, int(row_id), language, tuple(marks[place : place + _MARK] for place in range(0, len(marks), _MARK)))
