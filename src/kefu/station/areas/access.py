"""Who may see and change served areas (SEC2). What a site publishes is public (R47): whoever works with parcels may look at any site's."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.areas.models import ServedArea

# Any of them opens the table.
READERS = (Permission.AREA_EDIT, Permission.WAYBILL_ENTER, Permission.FORWARD_VIEW, Permission.FORWARD_REQUEST, Permission.PICKUP_VIEW)


def may_read(actor: Actor) -> bool:
    """Whether the actor may look at area tables."""
    return any(actor.may(permission) for permission in READERS)


def visible_to(actor: Actor) -> QuerySet[ServedArea]:
    """Rows the actor may see: those of every site, for whoever has to tell a sender where parcels go."""
    return ServedArea.objects.all() if may_read(actor) else ServedArea.objects.none()


def get_for_change(actor: Actor, area_id: int) -> ServedArea:
    """One row of a site in reach, to change; out of reach looks like unknown."""
    people.require(actor, Permission.AREA_EDIT)
    found = people.in_reach(ServedArea.objects.all(), actor).filter(pk=area_id).first()
    if found is None:
        raise NotFound
    return found
