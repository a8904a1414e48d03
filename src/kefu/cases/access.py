"""Who sees which case. One predicate for page, list, search, export, attachment, API and live update (SEC2)."""

from django.db.models import QuerySet

from kefu.cases.models import Case, Task
from kefu.kernel import prepared
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.kernel.rows import read
from kefu.people.access import in_reach
from kefu.people.permissions import Permission


def visible_to(actor: Actor) -> QuerySet[Case]:
    """Cases of the sites in reach; nobody without the permission sees any."""
    if not actor.may(Permission.CASE_VIEW):
        return Case.objects.none()
    return in_reach(Case.objects.all(), actor)


def get_for(actor: Actor, case_id: int) -> Case:
    """The case, or ``NotFound`` whether it is unknown or out of reach."""
    case = prepared.first(_one, actor.as_reader(), case_id=case_id)
    if case is None:
        raise NotFound
    return case


def _one(reader: Actor, *, case_id: int) -> QuerySet[Case]:
    return visible_to(reader).select_related("site", "assignee", "customer", "team").filter(pk=case_id)[:1]


def get_to_change(actor: Actor, case_id: int) -> Case:
    """The same for a write, which needs nothing of the people and sites around the case: reading them costs more than the write."""
    found = read(Case, id=case_id) if actor.may(Permission.CASE_VIEW) else []
    if not found or not actor.reaches(found[0].site_id):
        raise NotFound
    return found[0]


def get_own(actor: Actor, case_id: int) -> Case:
    """A customer's own case, or ``NotFound``; nobody but a customer has any."""
    rows = Case.objects.filter(pk=case_id, customer_id=actor.id) if actor.kind == "customer" else Case.objects.none()
    case = rows.select_related("site", "assignee", "customer", "team").first()
    if case is None:
        raise NotFound
    return case


def visible_tasks(actor: Actor) -> QuerySet[Task]:
    """Tasks asked of the sites in reach."""
    if not actor.may(Permission.CASE_VIEW):
        return Task.objects.none()
    return in_reach(Task.objects.all(), actor)
