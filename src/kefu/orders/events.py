"""What happens to orders and refunds."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class OrdersStored(Event):
    """Orders of a site came or changed; ``order_ids`` of one batch."""

    type: ClassVar[str] = "orders.stored"
    site_id: int
    order_ids: list[int]

    @property
    def subject(self) -> tuple[str, int]:
        """The first of them."""
        return "order", self.order_ids[0]


class RefundsStored(Event):
    """Refunds of a site came or changed; ``refund_ids`` of one batch."""

    type: ClassVar[str] = "refunds.stored"
    site_id: int
    refund_ids: list[int]

    @property
    def subject(self) -> tuple[str, int]:
        """The first of them."""
        return "refund", self.refund_ids[0]
