"""Who held a parcel last: the link of the chain where it went no further (O3, O5), and weight lost on the way (O4). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from kefu.parcels.vocabulary import ScanCode


class Scanned(Protocol):
    """What is looked at of a scan."""

    @property
    def code(self) -> str: ...
    @property
    def site_id(self) -> int: ...
    @property
    def next_site_id(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Holding:
    """The link and the place in the chain (``LINKS`` and ``POSITIONS`` of the handbook's facts), with the two scans as evidence.

    ``position`` is empty once the parcel was delivered.
    """

    link: str
    position: str
    last: Scanned
    before: Scanned | None = None


# A parcel that was only put in a bag or on a truck, or held back, has not left the site.
_IN_HOUSE = (ScanCode.ARRIVE, ScanCode.BAG, ScanCode.UNBAG, ScanCode.LOAD, ScanCode.HOLD)
_LINK = {
    ScanCode.COLLECT: "collected_not_in",
    ScanCode.SEND: "sent_not_arrived",
    ScanCode.RETURN: "sent_not_arrived",
    ScanCode.TRANSFER: "sent_not_arrived",
    ScanCode.DELIVER: "handed_not_delivered",
    ScanCode.IN_STORE: "handed_not_delivered",
    ScanCode.SELF: "handed_not_delivered",
    ScanCode.SIGN: "after_delivery",
    ScanCode.AGENT_SIGN: "after_delivery",
    ScanCode.OUT_STORE: "after_delivery",
}
_POSITION = {
    "collected_not_in": "not_sent",
    "in_not_sent": "stuck",
    "sent_not_arrived": "not_arrived",
    "arrived_not_handed": "not_out",
    "handed_not_delivered": "not_signed",
}
# Reports about a parcel; they do not move it.
_MOVES = (*_IN_HOUSE, *_LINK)


def holding_of(scans: Sequence[Scanned], *, site_id: int | None) -> Holding | None:
    """By the last two scans that moved it, oldest first; ``site_id`` is the site that delivers. None when nothing moved it yet."""
    moves = [scan for scan in scans if scan.code in _MOVES]
    if not moves:
        return None
    last, before = moves[-1], moves[-2] if len(moves) > 1 else None
    link = _LINK.get(ScanCode(last.code)) or ("arrived_not_handed" if last.site_id == site_id else "in_not_sent")
    return Holding(link, _position(link, last, before), last, before)


def _position(link: str, last: Scanned, before: Scanned | None) -> str:
    if last.code == ScanCode.HOLD:
        return "held"
    sent_elsewhere = before is not None and before.code == ScanCode.SEND and before.next_site_id not in (None, last.site_id)
    return "missent" if sent_elsewhere and last.code == ScanCode.ARRIVE else _POSITION.get(link, "")


@dataclass(frozen=True, slots=True)
class WeightLimits:
    """Lighter by more than both of these is a sign that something is missing; ``clause`` states them."""

    kilograms: Decimal
    share: Decimal
    clause: str


@dataclass(frozen=True, slots=True)
class WeightLoss:
    """How much lighter the parcel was weighed on the way than at collection, and whether that is beyond what scales differ by."""

    kilograms: Decimal
    beyond: bool
    clause: str


def weight_loss(collected: Decimal | None, later: Decimal | None, limits: WeightLimits | None) -> WeightLoss | None:
    """Nothing when one of the weights, or the limit, is not known. A heavier parcel has lost nothing."""
    if collected is None or later is None or limits is None or collected <= 0:
        return None
    lost = max(collected - later, Decimal(0))
    return WeightLoss(lost, lost > max(limits.kilograms, collected * limits.share), limits.clause)
