"""Who may see which clocks."""

from django.db.models import QuerySet

from kefu.clocks.models import Clock
from kefu.kernel.actor import Actor
from kefu.people.access import in_reach


def visible_to(actor: Actor) -> QuerySet[Clock]:
    """Clocks of the sites in reach. What they are about is seen by its own rule."""
    return in_reach(Clock.objects.all(), actor)
