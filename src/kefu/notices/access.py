"""Who sees what customers are told, and may do something about it (SEC2)."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.notices.models import Notice
from kefu.people import access as people
from kefu.people.permissions import Permission


def visible_to(actor: Actor) -> QuerySet[Notice]:
    """Notices of the sites in reach; none without the permission."""
    if not actor.may(Permission.NOTICE_VIEW):
        return Notice.objects.none()
    return people.in_reach(Notice.objects.all(), actor)


def get_for(actor: Actor, notice_id: int) -> Notice:
    """One notice in reach, or ``NotFound``."""
    found = visible_to(actor).filter(pk=notice_id).first()
    if found is None:
        raise NotFound
    return found
