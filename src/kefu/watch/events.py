"""What the watch tells."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class AlarmRaised(Event):
    """A talk goes wrong, or somebody looked at an alarm: leads' pages show it at once."""

    type: ClassVar[str] = "watch.alarm"
    alarm_id: int
    site_id: int
    what: str

    @property
    def subject(self) -> tuple[str, int]:
        """The alarm."""
        return "alarm", self.alarm_id
