"""Events of exports."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class ExportChanged(Event):
    """A file in the making moved on. ``staff_id`` is whose it is."""

    type: ClassVar[str] = "export.changed"
    export_id: int
    site_id: int | None
    staff_id: int | None
    state: str

    @property
    def subject(self) -> tuple[str, int]:
        """The file."""
        return "export", self.export_id
