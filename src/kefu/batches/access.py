"""Who sees and stops which batch (SEC2): everybody their own, auditors those of the sites in reach."""

from django.db.models import Q, QuerySet

from kefu.batches.models import Batch
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people.permissions import Permission


def visible_to(actor: Actor) -> QuerySet[Batch]:
    """Batches the actor may see."""
    own = Q(actor_kind=actor.kind, actor_id=actor.id)
    if not actor.may(Permission.AUDIT_VIEW):
        return Batch.objects.filter(own)
    if actor.sites is None:
        return Batch.objects.all()
    return Batch.objects.filter(own | Q(site_id__in=sorted(actor.sites)))


def get_for(actor: Actor, batch_id: int) -> Batch:
    """The batch, or ``NotFound`` whether it is unknown or not for this actor."""
    found = visible_to(actor).select_related("undo_of").filter(pk=batch_id).first()
    if found is None:
        raise NotFound
    return found
