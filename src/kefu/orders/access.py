"""Who sees which order: the people of the site that looks after the shop (SEC2)."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.orders.models import Order, Refund
from kefu.people import access as people
from kefu.people.permissions import Permission


def visible_to(actor: Actor) -> QuerySet[Order]:
    """Orders in reach; none without the permission."""
    if not actor.may(Permission.ORDER_VIEW):
        return Order.objects.none()
    return people.in_reach(Order.objects.all(), actor)


def visible_refunds(actor: Actor) -> QuerySet[Refund]:
    """Refunds in reach; none without the permission."""
    if not actor.may(Permission.ORDER_VIEW):
        return Refund.objects.none()
    return people.in_reach(Refund.objects.all(), actor)


def get_for(actor: Actor, order_id: int) -> Order:
    """One order in reach with its shop, or ``NotFound``."""
    found = visible_to(actor).select_related("shop").filter(pk=order_id).first()
    if found is None:
        raise NotFound
    return found


def get_refund(actor: Actor, refund_id: int) -> Refund:
    """One refund in reach with its order, or ``NotFound``."""
    found = visible_refunds(actor).select_related("order__shop").filter(pk=refund_id).first()
    if found is None:
        raise NotFound
    return found
