"""Who sees which case. One predicate for page, list, search, export, attachment, API and live update (SEC2)."""

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from kefu.cases.models import Case, Member, Task
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


def visible_in_order(actor: Actor) -> QuerySet[Case]:
    """The same cases for a list that nothing else narrows.

    Of several sites SQLite takes the rows site by site and sorts them all, ten thousands for a page of fifty; with the sites said in a way
    no index knows it walks the index of the order and stops when the page is full.
    """
    if actor.sites is None or len(actor.sites) < 2 or not actor.may(Permission.CASE_VIEW):
        return visible_to(actor)
    return Case.objects.alias(own_site=F("site_id") + 0).filter(own_site__in=sorted(actor.sites))


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
    """Tasks asked of one's own departments, of the sites in reach, and for who assigns work those of the departments there (CASE9)."""
    wanted = Q(pk__in=())
    if actor.may(Permission.TASK_ANSWER) and actor.staff_id is not None:
        own = Member.objects.filter(staff_id=actor.staff_id, department=OuterRef("department"), site_id=OuterRef("site_id"))
        wanted |= Q(Exists(own))
    if actor.may(Permission.CASE_VIEW):
        here = Q() if actor.sites is None else Q(site_id__in=sorted(actor.sites))
        wanted |= here if actor.may(Permission.CASE_ASSIGN) else here & Q(department="")
    return Task.objects.filter(wanted)


def get_task(actor: Actor, task_id: int) -> Task:
    """The task, or ``NotFound`` for who sees neither it nor its case. Who sees it may still not see the case."""
    task = Task.objects.select_related("case__site", "site", "assignee").filter(pk=task_id).first()
    if task is None:
        raise NotFound
    if not (visible_tasks(actor).filter(pk=task_id).exists() or visible_to(actor).filter(pk=task.case_id).exists()):
        raise NotFound
    return task
