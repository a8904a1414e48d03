"""Deliveries that ended in a signature, as fees and receipts are worked out from them (O11, O13). For jobs: nothing personal.

A parcel counts for the site that signed, whatever site its waybill was for; one that went on under another number counts there.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Q

from kefu.parcels.models import Parcel, ParcelLink, Standing
from kefu.parcels.states import live_scans
from kefu.parcels.vocabulary import LinkKind, ScanCode, StateCode

_SIGNATURES = (ScanCode.SIGN, ScanCode.AGENT_SIGN, ScanCode.OUT_STORE)
_BACK = (StateCode.RETURNING, StateCode.RETURNED)


@dataclass(frozen=True, slots=True)
class Handover:
    """A parcel and how its delivery stands. Weights in kilograms, nothing when not weighed.

    ``signed_at`` and ``signed_site_id`` are nothing while it is not signed, or no longer. ``returned``: it went back to the sender.
    ``forwarded``: it goes on under another number.
    """

    id: int
    waybill: str
    site_id: int
    origin_site_id: int | None
    signed_site_id: int | None
    signed_at: datetime | None
    returned: bool
    forwarded: bool
    own_weight: Decimal | None
    hub_weight: Decimal | None
    pieces: int
    product: str
    destination: str
    receipt_kind: str


def handovers(parcel_ids: Collection[int]) -> list[Handover]:
    """How these deliveries stand, in the order of their keys: three queries however many. Unknown keys are left out."""
    parcels = list(Parcel.objects.filter(pk__in=list(parcel_ids)).select_related("standing").order_by("pk"))
    waybills = [parcel.waybill for parcel in parcels]
    links = ParcelLink.objects.filter(from_waybill__in=waybills, kind=LinkKind.FORWARD)
    onward = set(links.values_list("from_waybill", flat=True)) if waybills else set()
    signers = _signers([parcel.waybill for parcel in parcels if parcel.standing.state == StateCode.SIGNED])
    return [_handover(parcel, signers, forwarded=parcel.waybill in onward) for parcel in parcels]


def _signers(waybills: Sequence[str]) -> dict[tuple[str, datetime], int]:
    """Signing site by waybill and moment."""
    if not waybills:
        return {}
    found = live_scans().filter(waybill__in=waybills, code__in=_SIGNATURES).order_by("pk")
    return {(waybill, at): site_id for waybill, at, site_id in found.values_list("waybill", "scanned_at", "site_id")}


def _handover(parcel: Parcel, signers: Mapping[tuple[str, datetime], int], *, forwarded: bool) -> Handover:
    signed = parcel.standing.signed_at if parcel.standing.state == StateCode.SIGNED else None
    return Handover(
        id=parcel.pk,
        waybill=parcel.waybill,
        site_id=parcel.site_id,
        origin_site_id=parcel.origin_site_id,
        signed_site_id=None if signed is None else signers.get((parcel.waybill, signed), parcel.site_id),
        signed_at=signed,
        returned=parcel.standing.state in _BACK,
        forwarded=forwarded or parcel.standing.state == StateCode.FORWARDED,
        own_weight=parcel.weight if parcel.billing_weight is None else parcel.billing_weight,
        hub_weight=parcel.hub_weight,
        pieces=parcel.pieces,
        product=parcel.product,
        destination=parcel.destination,
        receipt_kind=parcel.receipt_kind,
    )


def signed_between(site_ids: Collection[int], first: datetime, last: datetime, *, after: int = 0, most: int = 500) -> list[int]:
    """Keys of parcels of these sites, or last scanned there, that were signed in ``[first, last)``, behind the key ``after``."""
    wanted = sorted(site_ids)
    near = Q(parcel__site_id__in=wanted) | Q(last_scan_site_id__in=wanted)
    rows = Standing.objects.filter(near, state=StateCode.SIGNED, signed_at__gte=first, signed_at__lt=last, pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])
