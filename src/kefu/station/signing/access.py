"""Which sign-offs an actor sees: those of the sites in reach (SEC2)."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.signing.models import SignOff, Suspicion


def visible_to(actor: Actor) -> QuerySet[SignOff]:
    """Sign-offs in reach; none without the permission to see parcels."""
    if not actor.may(Permission.PARCEL_VIEW):
        return SignOff.objects.none()
    return people.in_reach(SignOff.objects.all(), actor)


def get_for(actor: Actor, sign_off_id: int) -> SignOff:
    """One sign-off in reach, or ``NotFound``."""
    found = visible_to(actor).filter(pk=sign_off_id).select_related("site").first()
    if found is None:
        raise NotFound
    return found


def suspicions(actor: Actor) -> QuerySet[Suspicion]:
    """Signatures that look false, of sites in reach; for who works with monitors."""
    if not actor.may(Permission.MONITOR_VIEW):
        return Suspicion.objects.none()
    return people.in_reach(Suspicion.objects.all(), actor)


def get_suspicion(actor: Actor, suspicion_id: int) -> Suspicion:
    """One of them in reach, or ``NotFound``."""
    found = suspicions(actor).filter(pk=suspicion_id).select_related("site").first()
    if found is None:
        raise NotFound
    return found
