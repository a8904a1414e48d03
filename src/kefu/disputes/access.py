"""Who sees a dispute (SEC2): agents their own, others those of the sites in reach."""

from django.db.models import QuerySet

from kefu.disputes.models import Dispute
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people.access import in_reach
from kefu.people.permissions import Permission


def visible_to(actor: Actor) -> QuerySet[Dispute]:
    """Disputes the actor may see."""
    rows = in_reach(Dispute.objects.all(), actor)
    if actor.may(Permission.QUALITY_VIEW):
        return rows
    if actor.may(Permission.DISPUTE_FILE) and actor.staff_id is not None:
        return rows.filter(staff_id=actor.staff_id)
    return rows.none()


def get_for(actor: Actor, dispute_id: int) -> Dispute:
    """One dispute in reach, or ``NotFound``."""
    found = visible_to(actor).select_related("staff", "site").filter(pk=dispute_id).first()
    if found is None:
        raise NotFound
    return found
