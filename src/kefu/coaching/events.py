"""What happens in coaching."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class NoteChanged(Event):
    """A coaching note was written, answered or done."""

    type: ClassVar[str] = "coaching.changed"
    note_id: int
    site_id: int
    staff_id: int
    state: str

    @property
    def subject(self) -> tuple[str, int]:
        """The note."""
        return "coaching", self.note_id
