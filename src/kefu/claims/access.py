"""Who sees which claim and payment: people of the sites in reach who may see claims (SEC2)."""

from django.db.models import QuerySet

from kefu.claims.models import Claim, Payment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people.access import in_reach
from kefu.people.permissions import Permission


def visible_to(actor: Actor) -> QuerySet[Claim]:
    """Claims of the sites in reach; none without the permission."""
    if not actor.may(Permission.CLAIM_VIEW):
        return Claim.objects.none()
    return in_reach(Claim.objects.all(), actor)


def get_for(actor: Actor, claim_id: int) -> Claim:
    """One claim in reach, or ``NotFound``."""
    found = visible_to(actor).filter(pk=claim_id).first()
    if found is None:
        raise NotFound
    return found


def payments(actor: Actor) -> QuerySet[Payment]:
    """Payments of the sites in reach; none without the permission."""
    if not actor.may(Permission.CLAIM_VIEW):
        return Payment.objects.none()
    return in_reach(Payment.objects.all(), actor)


def payment_for(actor: Actor, payment_id: int) -> Payment:
    """One payment in reach, or ``NotFound``."""
    found = payments(actor).select_related("claim").filter(pk=payment_id).first()
    if found is None:
        raise NotFound
    return found
