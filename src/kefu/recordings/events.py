"""What happens to recordings."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class RecordingChanged(Event):
    """A recording was received, came further, failed, or was removed. ``state`` as in the table."""

    type: ClassVar[str] = "recording.changed"
    recording_id: int
    conversation_id: int
    site_id: int
    state: str

    @property
    def subject(self) -> tuple[str, int]:
        """The recording."""
        return "recording", self.recording_id


class RecordingHeard(Event):
    """There is something new to judge its call by: measured, or written down."""

    type: ClassVar[str] = "recording.heard"
    recording_id: int
    conversation_id: int
    site_id: int

    @property
    def subject(self) -> tuple[str, int]:
        """The recording."""
        return "recording", self.recording_id
