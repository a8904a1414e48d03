"""What happens to conversations."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class ConversationsStored(Event):
    """New conversations are there: to be indexed, inspected and counted. One event tells of many."""

    type: ClassVar[str] = "conversations.stored"
    conversation_ids: tuple[int, ...]
    # Sites and local days (ISO) whose figures change.
    days: tuple[tuple[int, str], ...]
    run_id: int | None = None
    # What they are about (``parcels.waybills.topic``): pages of these waybills follow. Left out of large imports.
    waybill_topics: tuple[int, ...] = ()

    @property
    def subject(self) -> tuple[str, int]:
        """The first of them."""
        return "conversation", self.conversation_ids[0]

    @property
    def site(self) -> int | None:
        """The one site they belong to, if it is one."""
        sites = {site_id for site_id, _day in self.days}
        return next(iter(sites)) if len(sites) == 1 else None


class ReceptionChanged(Event):
    """A customer was taken in hand, put aside, taken up again, or let go."""

    type: ClassVar[str] = "reception.changed"
    reception_id: int
    site_id: int
    staff_id: int
    state: str
    parked: bool

    @property
    def subject(self) -> tuple[str, int]:
        """The reception."""
        return "reception", self.reception_id
