"""What happens to claims."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class ClaimChanged(Event):
    """A claim was made, changed or came into another state."""

    type: ClassVar[str] = "claim.changed"
    claim_id: int
    case_id: int
    site_id: int
    what: str
    state: str

    @property
    def subject(self) -> tuple[str, int]:
        """The claim."""
        return "claim", self.claim_id
