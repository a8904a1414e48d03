"""Who may see entries (SEC2): whoever enters waybills or watches the monitors, for the sending sites in reach."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.entry.models import Collection, Entry, VoidNumber

READERS = (Permission.WAYBILL_ENTER, Permission.MONITOR_VIEW)


def may_read(actor: Actor) -> bool:
    """Whether the actor may look at entries."""
    return any(actor.may(permission) for permission in READERS)


def visible_to(actor: Actor) -> QuerySet[Entry]:
    """Entries of the sending sites in reach."""
    return people.in_reach(Entry.objects.all(), actor) if may_read(actor) else Entry.objects.none()


def collections_for(actor: Actor) -> QuerySet[Collection]:
    """What was taken over at the sites in reach."""
    return people.in_reach(Collection.objects.all(), actor) if may_read(actor) else Collection.objects.none()


def voids_for(actor: Actor) -> QuerySet[VoidNumber]:
    """Void numbers of the sites in reach."""
    return people.in_reach(VoidNumber.objects.all(), actor) if may_read(actor) else VoidNumber.objects.none()


def get_for(actor: Actor, waybill: str) -> Entry:
    """One entry in reach by its clean number, or ``NotFound``."""
    found = visible_to(actor).filter(waybill=waybill).first()
    if found is None:
        raise NotFound
    return found
