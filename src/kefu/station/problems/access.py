"""Who sees which problem: the people of the reporting and of the receiving site, nobody else (SEC2)."""

from django.db.models import QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.problems.models import Problem


def visible_to(actor: Actor) -> QuerySet[Problem]:
    """Problems from or to the sites in reach; none without the permission."""
    if not actor.may(Permission.PROBLEM_VIEW):
        return Problem.objects.none()
    return people.in_reach(Problem.objects.all(), actor, "receiver_site_id", "reporter_site_id")


def get_for(actor: Actor, problem_id: int) -> Problem:
    """One problem in reach, or ``NotFound``."""
    found = visible_to(actor).select_related("reporter_site", "receiver_site").filter(pk=problem_id).first()
    if found is None:
        raise NotFound
    return found


def side_of(actor: Actor, problem: Problem) -> int:
    """The site the actor speaks for in this thread: their own if it is one of the two, else the one in reach that was written to last."""
    both = (problem.receiver_site_id, problem.reporter_site_id)
    if actor.site_id in both:
        return int(actor.site_id or 0)
    reached = [site_id for site_id in both if actor.reaches(site_id)]
    if len(reached) == 2 and problem.reporter_unread and not problem.receiver_unread:
        return problem.reporter_site_id
    return reached[0] if reached else problem.receiver_site_id
