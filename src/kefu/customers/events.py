"""What happens to customers."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class CustomerTierChanged(Event):
    """A customer moved to another tier; open cases may get other clocks."""

    type: ClassVar[str] = "customer.tier_changed"
    customer_id: int
    site_id: int
    tier: str
    previous: str

    @property
    def subject(self) -> tuple[str, int]:
        """The customer."""
        return "customer", self.customer_id
