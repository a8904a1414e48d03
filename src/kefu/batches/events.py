"""Events of bulk work."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class BatchChanged(Event):
    """A batch moved on: at each turn of the worker and at each change of its state. ``staff_id`` is whose it is."""

    type: ClassVar[str] = "batch.changed"
    batch_id: int
    site_id: int | None
    staff_id: int | None
    state: str

    @property
    def subject(self) -> tuple[str, int]:
        """The batch."""
        return "batch", self.batch_id
