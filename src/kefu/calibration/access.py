"""Who sees a session (SEC2): inspectors and leaders of the sites in reach. Whose marks they see says the state, in ``queries``."""

from django.db.models import QuerySet

from kefu.calibration.models import Session
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people.access import in_reach
from kefu.people.permissions import Permission


def visible_to(actor: Actor) -> QuerySet[Session]:
    """Sessions of the sites in reach."""
    if not (actor.may(Permission.REVIEW_WORK) or actor.may(Permission.CALIBRATION_LEAD)):
        return Session.objects.none()
    return in_reach(Session.objects.all(), actor)


def get_for(actor: Actor, session_id: int) -> Session:
    """One session in reach, or ``NotFound``."""
    found = visible_to(actor).select_related("site", "leader").filter(pk=session_id).first()
    if found is None:
        raise NotFound
    return found
