"""Who sees which request: people of the asking site and of the one that takes the parcel over (SEC2)."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.forwarding.models import Forward


def visible_to(actor: Actor) -> QuerySet[Forward]:
    """Requests of and to the sites in reach; none without the permission."""
    if not actor.may(Permission.FORWARD_VIEW):
        return Forward.objects.none()
    return people.in_reach(Forward.objects.all(), actor, "site_id", "to_site_id")


def get_for(actor: Actor, forward_id: int) -> Forward:
    """One request in reach, or ``NotFound``."""
    found = visible_to(actor).select_related("site", "to_site").filter(pk=forward_id).first()
    if found is None:
        raise NotFound
    return found


def get_of_own(actor: Actor, forward_id: int) -> Forward:
    """One request of a site in reach, to change it: who takes the parcel over only reads."""
    found = get_for(actor, forward_id)
    if not actor.reaches(found.site_id):
        raise NotFound
    return found
