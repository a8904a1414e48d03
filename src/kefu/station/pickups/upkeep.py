"""Orders follow their parcels: signed, returned (OPS9)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Stale
from kefu.parcels.journeys import numbers_of
from kefu.parcels.vocabulary import StateCode
from kefu.station.pickups import moving, rules
from kefu.station.pickups.models import PickupOrder
from kefu.station.pickups.vocabulary import State, What

_FOLLOWER = Actor.system("pickup-follower")
_ENDS = {
    StateCode.SIGNED.value: "sign",
    StateCode.REFUSED.value: "fail",
    StateCode.RETURNING.value: "fail",
    StateCode.RETURNED.value: "fail",
}


def follow(moves: Sequence[tuple[int, str]], *, now: datetime) -> int:
    """Bring the orders of parcels that moved up to date (parcel and new state); returns how many. Doing it twice is the same."""
    ended = {parcel_id: _ENDS[state] for parcel_id, state in moves if state in _ENDS}
    if not ended:
        return 0
    by_waybill = {number: ended[pk] for pk, number in numbers_of(list(ended)).items()}
    followed = 0
    for order in PickupOrder.objects.filter(waybill__in=list(by_waybill), state__in=[State.COLLECTED, State.FAILED]):
        move = by_waybill[order.waybill]
        if not rules.allowed(move, order.state):
            continue
        try:
            with transaction.atomic():
                moving.write(_FOLLOWER, order, What.FOLLOWED, now, state=rules.after(move), due_at=None)
        except Stale:
            continue  # somebody else was faster; the next move of the parcel is looked at again
        followed += 1
    return followed
