"""Who sees alarms and what went out in spite of a warning (SEC2)."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people.access import in_reach
from kefu.people.permissions import Permission
from kefu.watch.models import Alarm


def visible_alarms(actor: Actor) -> QuerySet[Alarm]:
    """Alarms of the sites in reach; none without the permission."""
    if not actor.may(Permission.WATCH_ALARM):
        return Alarm.objects.none()
    return in_reach(Alarm.objects.all(), actor)


def get_alarm(actor: Actor, alarm_id: int) -> Alarm:
    """One alarm in reach, or ``NotFound``."""
    found = visible_alarms(actor).filter(pk=alarm_id).first()
    if found is None:
        raise NotFound
    return found
