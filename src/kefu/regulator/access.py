"""Who sees appeals: permitted people of the sites in reach, and nobody else (R27: no unauthorised disclosure)."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.regulator.models import Appeal


def visible_to(actor: Actor) -> QuerySet[Appeal]:
    """Appeals of the sites in reach; none without the permission."""
    if not actor.may(Permission.REGULATOR_VIEW):
        return Appeal.objects.none()
    return people.in_reach(Appeal.objects.all(), actor)


def get_for(actor: Actor, appeal_id: int) -> Appeal:
    """One appeal in reach, or ``NotFound``."""
    found = visible_to(actor).select_related("site").filter(pk=appeal_id).first()
    if found is None:
        raise NotFound
    return found
