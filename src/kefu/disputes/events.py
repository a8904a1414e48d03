"""What happens to disputes."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class _OfDispute(Event):
    """What all of them say."""

    dispute_id: int
    site_id: int
    staff_id: int
    inspected_kind: str
    inspected_id: int

    @property
    def subject(self) -> tuple[str, int]:
        """The dispute."""
        return "dispute", self.dispute_id


class DisputeFiled(_OfDispute):
    """An agent disputes items of a verdict about themselves."""

    type: ClassVar[str] = "dispute.filed"
    items: tuple[str, ...]


class DisputeDecided(_OfDispute):
    """Somebody, or the clock, decided. ``final``: nothing can be brought against it any more."""

    type: ClassVar[str] = "dispute.decided"
    stage: str
    outcome: str
    final: bool
    items: tuple[str, ...]


class DisputeChanged(_OfDispute):
    """Another step: a lead's comment, a final instance asked for, a withdrawal, a file."""

    type: ClassVar[str] = "dispute.changed"
    what: str
