"""Who may see and change customers (SEC2)."""

from django.db.models import QuerySet

from kefu.customers.models import Customer
from kefu.kernel import prepared
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission


def visible_to(actor: Actor) -> QuerySet[Customer]:
    """Customers of the sites in reach; none at all without the permission."""
    if not actor.may(Permission.CUSTOMER_VIEW):
        return Customer.objects.none()
    return people.in_reach(Customer.objects.all(), actor)


def get_for(actor: Actor, customer_id: int) -> Customer:
    """One customer in reach, or ``NotFound``."""
    found = prepared.first(_one, actor.as_reader(), customer_id=customer_id)
    if found is None:
        raise NotFound
    return found


def _one(reader: Actor, *, customer_id: int) -> QuerySet[Customer]:
    return visible_to(reader).filter(pk=customer_id)[:1]


def require_remember(actor: Actor) -> None:
    """Who edits customers, and who imports the conversations they come with, may let one be remembered."""
    if not actor.may(Permission.CONVERSATION_IMPORT):
        people.require(actor, Permission.CUSTOMER_EDIT)
