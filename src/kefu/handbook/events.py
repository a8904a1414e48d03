"""What happens to handbooks."""

from datetime import datetime
from typing import ClassVar

from kefu.kernel.outbox import Event


class HandbookPutInForce(Event):
    """A version applies from ``effective_from`` on."""

    type: ClassVar[str] = "handbook.put_in_force"
    version_id: int
    key: str
    number: int
    effective_from: datetime

    @property
    def subject(self) -> tuple[str, int]:
        """The version."""
        return "handbook", self.version_id


class HandbookRetired(Event):
    """A version applies no longer, and none follows it."""

    type: ClassVar[str] = "handbook.retired"
    version_id: int
    key: str
    number: int
    effective_until: datetime

    @property
    def subject(self) -> tuple[str, int]:
        """The version."""
        return "handbook", self.version_id
