"""What happens to calibration sessions. No event says what anybody marked."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class CalibrationChanged(Event):
    """A session was opened, somebody handed in, marks were shown, it was closed."""

    type: ClassVar[str] = "calibration.changed"
    session_id: int
    site_id: int
    what: str

    @property
    def subject(self) -> tuple[str, int]:
        """The session."""
        return "calibration", self.session_id
