"""What happens in the ledger."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class PenaltyChanged(Event):
    """A line was entered or reversed, objected to or answered: statements and pages that show it may look again."""

    type: ClassVar[str] = "penalty.changed"
    entry_id: int
    site_id: int
    staff_id: int
    # ISO, the first of the month.
    month: str
    what: str

    @property
    def subject(self) -> tuple[str, int]:
        """The line."""
        return "penalty", self.entry_id


class MonthWasLocked(Event):
    """A month of a site will not change any more."""

    type: ClassVar[str] = "penalty.locked"
    site_id: int
    month: str

    @property
    def subject(self) -> tuple[str, int]:
        """The site."""
        return "penalty", 0
