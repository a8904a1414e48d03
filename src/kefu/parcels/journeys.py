"""Where waybills have been and what is to be collected on them, many at a time: plain values for the rooms that decide by them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kefu.kernel.actor import Actor
from kefu.parcels import access, lookups
from kefu.parcels.lookups import ParcelCard, ScanLine
from kefu.parcels.models import Parcel, Scan
from kefu.parcels.vocabulary import StateCode
from kefu.people import access as people


@dataclass(frozen=True, slots=True)
class Node:
    """A scan of a journey: what, when, where, and where to."""

    code: str
    at: datetime
    site_id: int
    next_site_id: int | None = None


@dataclass(frozen=True, slots=True)
class Journey:
    """A waybill with the scans that count, in order; ``parcel_id`` is none for a number nobody registered.

    Of amounts it is only said that there are any: goods to collect (代收), freight to collect (到付).
    """

    waybill: str
    nodes: tuple[Node, ...] = ()
    parcel_id: int | None = None
    state: str = StateCode.ORDERED.value
    site_id: int | None = None
    origin_site_id: int | None = None
    cod: bool = False
    freight_collect: bool = False
    product: str = ""
    destination: str = ""
    cancelled: bool = False

    @property
    def known(self) -> bool:
        """Whether it was registered or scanned at all."""
        return self.parcel_id is not None or bool(self.nodes)

    @property
    def codes(self) -> frozenset[str]:
        """Kinds of scans it has."""
        return frozenset(node.code for node in self.nodes)

    @property
    def sites(self) -> frozenset[int]:
        """Sites that scanned it."""
        return frozenset(node.site_id for node in self.nodes)


def journeys(waybills: Collection[str]) -> Mapping[str, Journey]:
    """Journeys by clean number. For rules; what a reader may see, ``in_sight`` says."""
    numbers = sorted(set(waybills))
    heads, scans = lookups.cards_of(numbers), lookups.scans_of(numbers)
    return {number: _journey(number, scans[number], heads.get(number)) for number in numbers}


def _journey(waybill: str, scans: Sequence[ScanLine], head: ParcelCard | None) -> Journey:
    nodes = tuple(Node(scan.code, scan.scanned_at, scan.site_id, scan.next_site_id) for scan in scans)
    if head is None:
        return Journey(waybill, nodes)
    return Journey(
        waybill,
        nodes,
        parcel_id=head.id,
        state=head.state,
        site_id=head.site_id,
        origin_site_id=head.origin_site_id,
        cod=head.cod_amount > 0,
        freight_collect=head.freight_amount > 0,
        product=head.product,
        destination=head.destination,
        cancelled=head.cancelled_at is not None,
    )


def numbers_of(parcel_ids: Collection[int]) -> dict[int, str]:
    """Waybills by parcel."""
    return dict(Parcel.objects.filter(pk__in=list(parcel_ids)).values_list("pk", "waybill"))


def in_sight(actor: Actor, waybills: Collection[str]) -> frozenset[str]:
    """Those of the numbers the actor may look at: registered ones in reach, and ones a site in reach scanned."""
    numbers = sorted(set(waybills))
    seen = set(access.visible_to(actor).filter(waybill__in=numbers).values_list("waybill", flat=True))
    scans = people.in_reach(Scan.objects.filter(waybill__in=numbers), actor)
    return frozenset(seen | set(scans.values_list("waybill", flat=True).distinct()))
