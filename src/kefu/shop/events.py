"""What happens in a shop's daily work."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class ShopWorked(Event):
    """Something was done about an order: ``what`` (reminded, explained, messaged, voided, agreed, paid ...); pages may follow."""

    type: ClassVar[str] = "shop.worked"
    site_id: int
    order_id: int
    what: str

    @property
    def subject(self) -> tuple[str, int]:
        """The order."""
        return "order", self.order_id


class UnsentFound(Event):
    """The day's check of a site found orders paid but unsent."""

    type: ClassVar[str] = "shop.unsent_found"
    site_id: int
    check_id: int
    found: int

    @property
    def subject(self) -> tuple[str, int]:
        """The check."""
        return "unsent_check", self.check_id
