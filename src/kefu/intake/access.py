"""Who sees which file: everybody their own, nobody else's; the audit log tells that there was one (SEC2)."""

from django.db.models import QuerySet

from kefu.intake.models import Intake
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound


def visible_to(actor: Actor) -> QuerySet[Intake]:
    """The actor's own files."""
    return Intake.objects.filter(actor_kind=actor.kind, actor_id=actor.id)


def get_for(actor: Actor, intake_id: int) -> Intake:
    """One's own file, or ``NotFound``."""
    found = visible_to(actor).filter(pk=intake_id).first()
    if found is None:
        raise NotFound
    return found
