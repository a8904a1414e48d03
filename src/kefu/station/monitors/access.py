"""Who sees and works on differences (SEC2): of the sites in reach, by permission."""

from collections.abc import Collection

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.monitors.models import Difference, LossNotice


def sites(actor: Actor, site_id: int | None = None) -> Collection[int] | None:
    """Sites whose differences the actor sees, ``None`` for all. Raises for a missing permission, ``NotFound`` for a site out of reach."""
    people.require(actor, Permission.MONITOR_VIEW)
    if site_id is None:
        return actor.sites
    people.require_site(actor, site_id)
    return (site_id,)


def visible_to(actor: Actor) -> QuerySet[Difference]:
    """Follow-ups in reach; none at all without the permission."""
    if not actor.may(Permission.MONITOR_VIEW):
        return Difference.objects.none()
    return people.in_reach(Difference.objects.all(), actor)


def notices_for(actor: Actor) -> QuerySet[LossNotice]:
    """Warnings nobody has seen yet, for who leads (they approve and undo); none for others."""
    if not (actor.may(Permission.MONITOR_WORK) and actor.may(Permission.SIGN_UNDO)):
        return LossNotice.objects.none()
    return people.in_reach(LossNotice.objects.filter(seen_at=None), actor)
