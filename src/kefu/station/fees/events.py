"""What happens to delivery fees."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class FeeChanged(Event):
    """A fee was disputed, decided, or corrected by hand."""

    type: ClassVar[str] = "fee.changed"
    fee_id: int
    site_id: int
    what: str

    @property
    def subject(self) -> tuple[str, int]:
        """The fee."""
        return "fee", self.fee_id


class StatementChanged(Event):
    """A statement was put together, settled or paid."""

    type: ClassVar[str] = "fee.statement"
    statement_id: int
    site_id: int
    state: str

    @property
    def subject(self) -> tuple[str, int]:
        """The statement."""
        return "fee_statement", self.statement_id


class RatesChanged(Event):
    """A rate card came, ended or was withdrawn. ``after``: the fees of parcels up to this key have followed it already."""

    type: ClassVar[str] = "fee.rates"
    card_id: int
    site_id: int
    after: int = 0

    @property
    def subject(self) -> tuple[str, int]:
        """The card."""
        return "rate_card", self.card_id
