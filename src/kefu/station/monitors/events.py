"""What happens to differences."""

from typing import ClassVar

from kefu.kernel.outbox import Event


class DifferencesWorked(Event):
    """Differences of a site were taken, noted, or closed; pages that show them may look again."""

    type: ClassVar[str] = "differences.worked"
    site_id: int
    ids: tuple[int, ...]
    what: str

    @property
    def subject(self) -> tuple[str, int]:
        """The first of them."""
        return "difference", self.ids[0]


class DifferencesReported(Event):
    """Somebody wants differences taken up with another site: ``way`` is ``problem`` (a problem parcel) or ``urge`` (催).

    A reaction writes the problem items in the name of who asked (``actor_kind``, ``actor_id``).
    """

    type: ClassVar[str] = "differences.reported"
    site_id: int
    way: str
    # Key, set, waybill, site it is about (0: unknown).
    items: tuple[tuple[int, str, str, int], ...]
    actor_kind: str
    actor_id: int

    @property
    def subject(self) -> tuple[str, int]:
        """The first of them."""
        return "difference", self.items[0][0]


class LossSuspected(Event):
    """Parcels sent to a site are missing as long as its handbook says; told once for each (O5)."""

    type: ClassVar[str] = "differences.loss_suspected"
    site_id: int
    ids: tuple[int, ...]
    clause: str

    @property
    def subject(self) -> tuple[str, int]:
        """The first of them."""
        return "difference", self.ids[0]
