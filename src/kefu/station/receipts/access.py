"""Who may see receipts: people of any site on their way (SEC2)."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.receipts.models import Receipt


def visible_to(actor: Actor) -> QuerySet[Receipt]:
    """Receipts in reach; none without the permission."""
    if not actor.may(Permission.RECEIPT_VIEW):
        return Receipt.objects.none()
    return people.in_reach(Receipt.objects.all(), actor, "site_id", "origin_site_id", "hub_id", "origin_hub_id")


def get_for(actor: Actor, receipt_id: int) -> Receipt:
    """One receipt in reach, or ``NotFound``."""
    found = visible_to(actor).filter(pk=receipt_id).first()
    if found is None:
        raise NotFound
    return found
