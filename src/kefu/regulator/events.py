"""What happens to appeals."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class AppealChanged(Event):
    """An appeal was filed or came further."""

    type: ClassVar[str] = "appeal.changed"
    appeal_id: int
    case_id: int
    site_id: int
    what: str

    @property
    def subject(self) -> tuple[str, int]:
        """The appeal."""
        return "appeal", self.appeal_id
