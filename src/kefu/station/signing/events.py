"""What happens to sign-offs."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class SignedOff(Event):
    """Parcels were signed for, put into store, taken out, or a sign-off was changed or undone; one event tells of many."""

    type: ClassVar[str] = "signing.recorded"
    site_id: int
    # Sign-off, waybill, stage.
    rows: tuple[tuple[int, str, str], ...]
    what: str = "signed"

    @property
    def subject(self) -> tuple[str, int]:
        """The first of them."""
        return "sign_off", self.rows[0][0]
