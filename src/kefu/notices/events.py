"""What happens to notices."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class NoticeChanged(Event):
    """A notice came into another state; its case hears of it."""

    type: ClassVar[str] = "notice.changed"
    notice_id: int
    case_id: int
    site_id: int
    state: str

    @property
    def subject(self) -> tuple[str, int]:
        """The notice."""
        return "notice", self.notice_id
