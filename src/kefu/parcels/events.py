"""What happens to parcels."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class ParcelStateChanged(Event):
    """A parcel came into another state; cases and monitors may follow."""

    type: ClassVar[str] = "parcel.state_changed"
    parcel_id: int
    waybill: str
    site_id: int
    state: str
    previous: str

    @property
    def subject(self) -> tuple[str, int]:
        """The parcel."""
        return "parcel", self.parcel_id
