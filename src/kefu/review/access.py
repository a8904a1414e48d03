"""Who sees plans and tasks (SEC2): inspectors and planners those of the sites in reach."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.review.models import Plan, Task


def visible_plans(actor: Actor) -> QuerySet[Plan]:
    """Plans of the sites in reach."""
    if not (actor.may(Permission.REVIEW_PLAN) or actor.may(Permission.REVIEW_WORK)):
        return Plan.objects.none()
    return people.in_reach(Plan.objects.all(), actor)


def visible_tasks(actor: Actor) -> QuerySet[Task]:
    """Tasks of the sites in reach, but those about oneself."""
    if not (actor.may(Permission.REVIEW_PLAN) or actor.may(Permission.REVIEW_WORK)):
        return Task.objects.none()
    rows = people.in_reach(Task.objects.all(), actor)
    return rows if actor.staff_id is None else rows.exclude(staff_id=actor.staff_id)


def get_plan(actor: Actor, plan_id: int) -> Plan:
    """One plan in reach, or ``NotFound``."""
    found = visible_plans(actor).select_related("site").filter(pk=plan_id).first()
    if found is None:
        raise NotFound
    return found


def get_task(actor: Actor, task_id: int) -> Task:
    """One task in reach, or ``NotFound``."""
    found = visible_tasks(actor).select_related("site", "staff", "inspector", "plan").filter(pk=task_id).first()
    if found is None:
        raise NotFound
    return found
