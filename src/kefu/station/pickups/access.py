"""Who sees which order: the people of the site that holds it, and of the hub whose pool it came to (SEC2)."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.pickups.models import PickupOrder


def visible_to(actor: Actor) -> QuerySet[PickupOrder]:
    """Orders in reach; none without the permission."""
    if not actor.may(Permission.PICKUP_VIEW):
        return PickupOrder.objects.none()
    return people.in_reach(PickupOrder.objects.all(), actor, "site_id", "hub_id")


def get_for(actor: Actor, order_id: int) -> PickupOrder:
    """One order in reach, or ``NotFound``."""
    found = visible_to(actor).select_related("site", "hub").filter(pk=order_id).first()
    if found is None:
        raise NotFound
    return found
