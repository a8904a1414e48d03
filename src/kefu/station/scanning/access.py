"""Which answers of guns an actor sees: those of the sites in reach (SEC2)."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.scanning.models import Answer


def visible_to(actor: Actor) -> QuerySet[Answer]:
    """Answers in reach; none for who neither scans nor looks after the station."""
    if not (actor.may(Permission.PARCEL_SCAN) or actor.may(Permission.MONITOR_VIEW)):
        return Answer.objects.none()
    return people.in_reach(Answer.objects.all(), actor)
