"""Who sees which lines of the ledger (SEC2): people their own, leads and managers those of the sites in reach."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.penalties.models import Entry, Month, Objection, Sheet
from kefu.people.access import in_reach
from kefu.people.permissions import Permission

M = TypeVar("M", bound=Model)
VIEWERS = (Permission.PENALTY_VIEW, Permission.QUALITY_OWN)
"""Who may open the pages: the first sees those in reach, the other their own."""


def _visible(rows: QuerySet[M], actor: Actor, staff: str) -> QuerySet[M]:
    if actor.may(Permission.PENALTY_VIEW):
        return in_reach(rows, actor)
    if actor.may(Permission.QUALITY_OWN) and actor.staff_id is not None:
        return rows.filter(**{staff: actor.staff_id})
    return rows.none()


def visible_entries(actor: Actor) -> QuerySet[Entry]:
    """Lines the actor may see."""
    return _visible(Entry.objects.all(), actor, "staff_id")


def visible_sheets(actor: Actor) -> QuerySet[Sheet]:
    """Months of people the actor may see."""
    return _visible(Sheet.objects.all(), actor, "staff_id")


def visible_months(actor: Actor) -> QuerySet[Month]:
    """Months of sites in reach; for who sees others' lines."""
    if not actor.may(Permission.PENALTY_VIEW):
        return Month.objects.none()
    return in_reach(Month.objects.all(), actor)


def get_entry(actor: Actor, entry_id: int) -> Entry:
    """One line, or ``NotFound`` whether it is unknown or not for this actor."""
    found = visible_entries(actor).select_related("sheet", "staff", "site").filter(pk=entry_id).first()
    if found is None:
        raise NotFound
    return found


def get_objection(actor: Actor, objection_id: int) -> Objection:
    """One objection to a line the actor may see, or ``NotFound``."""
    found = Objection.objects.select_related("entry").filter(pk=objection_id, entry__in=visible_entries(actor)).first()
    if found is None:
        raise NotFound
    return found
