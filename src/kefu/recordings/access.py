"""Who may see and hear recordings (SEC2): whoever sees the call and may listen; agents their own."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.recordings.models import Recording


def visible_to(actor: Actor) -> QuerySet[Recording]:
    """Recordings in reach; none at all without the permissions to see the call and to listen."""
    if not (actor.may(Permission.CONVERSATION_VIEW) and actor.may(Permission.RECORDING_LISTEN)):
        return Recording.objects.none()
    rows = people.in_reach(Recording.objects.all(), actor)
    return rows.filter(staff_id=actor.staff_id or 0) if actor.own_only else rows


def get_for(actor: Actor, recording_id: int) -> Recording:
    """One recording in reach, or ``NotFound``."""
    found = visible_to(actor).select_related("site", "staff", "conversation").filter(pk=recording_id).first()
    if found is None:
        raise NotFound
    return found
