"""What happens in this room."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class CarriersTold(Event):
    """Carriers told something new of these numbers. One event tells of many."""

    type: ClassVar[str] = "tracking.told"
    standing_ids: tuple[int, ...]
    waybills: tuple[str, ...]

    @property
    def subject(self) -> tuple[str, int]:
        """The first of them."""
        return "carrier_standing", self.standing_ids[0]
