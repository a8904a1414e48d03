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
    # Whom and what it is about: pages of these follow. ``waybill_topic`` is ``parcels.waybills.topic``, 0 without a waybill.
    customer_id: int | None = None
    waybill_topic: int = 0


class CaseChanged(_CaseEvent):
    """Anything about a case changed; ``what`` is the kind of its timeline entry."""

    type: ClassVar[str] = "case.changed"
    what: str


# Kinds of ``CaseChanged`` that leave the words search knows of the case as they were.
WORDLESS = frozenset({"clock", "level", "assigned", "linked", "attached", "urged", "reopened", "task"})


class TaskChanged(Event):
    """Something happened to a task of a department; the site is that of the department, whose people follow it (CASE9)."""

    type: ClassVar[str] = "task.changed"
    task_id: int
    site_id: int

    @property
    def subject(self) -> tuple[str, int]:
        """The task."""
        return "task", self.task_id


class CaseEnded(_CaseEvent):
    """A case was closed: it can be inspected and counted."""

    type: ClassVar[str] = "case.closed"


class CaseMerged(_CaseEvent):
    """A case was merged into another, or taken out again."""

    type: ClassVar[str] = "case.merged"
    into_id: int
    undone: bool = False
