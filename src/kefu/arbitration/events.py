"""What happens to filings."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class ArbitrationChanged(Event):
    """A filing was made or came into another state. One event for each site that may see it."""

    type: ClassVar[str] = "arbitration.changed"
    filing_id: int
    site_id: int
    what: str

    @property
    def subject(self) -> tuple[str, int]:
        """The filing."""
        return "arbitration", self.filing_id
