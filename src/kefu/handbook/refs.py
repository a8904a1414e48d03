"""References to clauses: what every automatic decision stores (HB2)."""

import re
from dataclasses import dataclass
from typing import Any

_FORM = re.compile(r"([a-z][a-z0-9_]*)@(\d+)#([a-z0-9_.]+)")


@dataclass(frozen=True, slots=True, order=True)
class ClauseRef:
    """Handbook, version number and clause id; written ``best@3#scorecards.service.items.taboo``."""

    handbook: str
    version: int
    clause: str

    def __str__(self) -> str:
        return f"{self.handbook}@{self.version}#{self.clause}"

    @classmethod
    def parse(cls, text: str) -> "ClauseRef":
        """Read the written form; ``ValueError`` when it is not one."""
        found = _FORM.fullmatch(text)
        if not found:
            msg = f"not a clause reference: {text!r}"
            raise ValueError(msg)
        return cls(found[1], int(found[2]), found[3])


@dataclass(frozen=True, slots=True)
class Cited:
    """A clause with the reference to store: ``value`` is the model of its section."""

    ref: ClauseRef
    value: Any
