"""Events of cases."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class _CaseEvent(Event):
    case_id: int
    site_id: int

    @property
    def subject(self) -> tuple[str, int]:
        """The case."""
        return "case", self.case_id


class CaseOpened(_CaseEvent):
    """A case was opened."""

    type: ClassVar[str] = "case.opened"
    kind: str
    previous_id: int | None = None


class CaseChanged(_CaseEvent):
    """Anything about a case changed; ``what`` is the kind of its timeline entry."""

    type: ClassVar[str] = "case.changed"
    what: str


# Kinds of ``CaseChanged`` that leave the words search knows of the case as they were.
WORDLESS = frozenset({"clock", "level", "assigned", "linked", "attached", "urged", "reopened", "task"})


class CaseEnded(_CaseEvent):
    """A case was closed: it can be inspected and counted."""

    type: ClassVar[str] = "case.closed"


class CaseMerged(_CaseEvent):
    """A case was merged into another, or taken out again."""

    type: ClassVar[str] = "case.merged"
    into_id: int
    undone: bool = False
