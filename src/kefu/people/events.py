"""Events of people."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class StaffNoted(Event):
    """Somebody was taken on, changed post, or was let in or out."""

    type: ClassVar[str] = "staff.noted"
    staff_id: int
    site_id: int

    @property
    def subject(self) -> tuple[str, int]:
        """The person."""
        return "staff", self.staff_id
