"""What happens to return receipts."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class ReceiptsMoved(Event):
    """Steps of receipts were noted or taken back. One event tells of many."""

    type: ClassVar[str] = "receipts.moved"
    # Receipt id, new state.
    moves: tuple[tuple[int, int], ...]
    site_id: int | None = None

    @property
    def subject(self) -> tuple[str, int]:
        """The first of them."""
        return "receipt", self.moves[0][0]


class ReceiptLost(Event):
    """A receipt was declared lost, or found again."""

    type: ClassVar[str] = "receipt.lost"
    receipt_id: int
    site_id: int
    found: bool = False

    @property
    def subject(self) -> tuple[str, int]:
        """The receipt."""
        return "receipt", self.receipt_id
