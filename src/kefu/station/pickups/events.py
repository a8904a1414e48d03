"""What happens to pick-up orders."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class PickupMoved(Event):
    """An order came, moved or changed; platforms and pages may follow. ``site_id`` is who holds it, or the hub of its pool."""

    type: ClassVar[str] = "pickup.moved"
    order_id: int
    site_id: int
    what: str
    state: str
    platform: str
    order_no: str
    gateway: str

    @property
    def subject(self) -> tuple[str, int]:
        """The order."""
        return "pickup", self.order_id
