"""What happens in ledgers."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class CellKept(Event):
    """Somebody wrote into a cell that ledgers keep."""

    type: ClassVar[str] = "ledger.cell_kept"
    site_id: int
    kept_over: str
    row_id: int
    column: str

    @property
    def subject(self) -> tuple[str, int]:
        """The row."""
        return f"ledger_{self.kept_over}"[:30], self.row_id
