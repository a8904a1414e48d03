"""What happens to parcels."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class ParcelEdited(Event):
    """What is registered of a parcel was changed, or the waybill declared void; fees, receipts and monitors follow.

    ``fields`` are those of ``ParcelDraft`` that differ, and ``cancelled_at``; ``sites`` deliver or delivered it.
    """

    type: ClassVar[str] = "parcels.edited"
    parcel_id: int
    sites: tuple[int, ...]
    fields: tuple[str, ...]

    @property
    def subject(self) -> tuple[str, int]:
        """The parcel."""
        return "parcel", self.parcel_id

    @property
    def site(self) -> int | None:
        """Who delivers it now."""
        return self.sites[-1]


class ParcelsMoved(Event):
    """Parcels came into other states; cases and monitors may follow. One event tells of many."""

    type: ClassVar[str] = "parcels.moved"
    # Parcel id, delivering site, new state, previous state.
    moves: tuple[tuple[int, int, str, str], ...]

    @property
    def subject(self) -> tuple[str, int]:
        """The first of them."""
        return "parcel", self.moves[0][0]

    @property
    def site(self) -> int | None:
        """The one site they are delivered by, if it is one."""
        sites = {site_id for _parcel, site_id, _state, _previous in self.moves}
        return next(iter(sites)) if len(sites) == 1 else None
