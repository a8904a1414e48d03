"""What is wrong with a handbook text, and where (HB3)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from kefu.kernel.errors import Message


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to mend. ``path`` is dotted (``clocks.call_back.target``); line and column count from 1, 0 when unknown.

    Checks of other floors make them with ``path, code, message``; the place in the file is filled in from the path.
    """

    path: str
    code: str
    message: Message
    params: Mapping[str, Any] = field(default_factory=dict)
    file: str = ""
    line: int = 0
    column: int = 0

    @property
    def text(self) -> str:
        """The message in the reader's language."""
        return str(self.message) % self.params if self.params else str(self.message)

    def at(self, file: str, line: int, column: int) -> "Problem":
        """The same problem with its place."""
        return replace(self, file=file, line=line, column=column)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.path}: {self.text} [{self.code}]" if self.path else f"{place}: {self.text} [{self.code}]"


def in_order(problems: list[Problem]) -> tuple[Problem, ...]:
    """Sorted by place, each once."""
    unique = {(p.file, p.line, p.column, p.path, p.code, str(p.text)): p for p in problems}
    return tuple(unique[key] for key in sorted(unique))
