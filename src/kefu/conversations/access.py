"""Who may see conversations (SEC2): agents their own, leads, inspectors and managers those of the sites in reach."""

from django.db.models import QuerySet

from kefu.conversations.models import Conversation, Reception
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission


def visible_to(actor: Actor) -> QuerySet[Conversation]:
    """Conversations in reach; none at all without the permission."""
    if not actor.may(Permission.CONVERSATION_VIEW):
        return Conversation.objects.none()
    rows = people.in_reach(Conversation.objects.all(), actor)
    return rows.filter(staff_id=actor.staff_id or 0) if actor.own_only else rows


def get_for(actor: Actor, conversation_id: int) -> Conversation:
    """One conversation in reach, or ``NotFound``."""
    found = visible_to(actor).filter(pk=conversation_id).first()
    if found is None:
        raise NotFound
    return found


def visible_receptions(actor: Actor) -> QuerySet[Reception]:
    """Customers in hand and talks that ended: agents their own, leads and managers those of the sites in reach."""
    if not actor.may(Permission.CASE_WORK):
        return Reception.objects.none()
    rows = people.in_reach(Reception.objects.all(), actor)
    return rows.filter(staff_id=actor.staff_id or 0) if actor.own_only else rows


def get_reception(actor: Actor, reception_id: int) -> Reception:
    """One reception in reach, or ``NotFound``."""
    found = visible_receptions(actor).select_related("site", "staff").filter(pk=reception_id).first()
    if found is None:
        raise NotFound
    return found
