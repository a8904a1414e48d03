"""Who sees labels and trials (SEC2): labels of the sites in reach; trials of one's own, and for managers of the sites in reach."""

from django.db.models import Q, QuerySet

from kefu.bench.models import Label, Trial
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people.access import in_reach, require
from kefu.people.permissions import Permission

__all__ = ["get_trial", "require", "visible_labels", "visible_trials"]


def visible_labels(actor: Actor) -> QuerySet[Label]:
    """Labels of the sites in reach; none without the permission."""
    if not actor.may(Permission.BENCH_VIEW):
        return Label.objects.none()
    return in_reach(Label.objects.all(), actor)


def visible_trials(actor: Actor) -> QuerySet[Trial]:
    """One's own trials, and those begun at a site in reach: their rows are of that site's reach, never more than the reader's."""
    if not actor.may(Permission.BENCH_VIEW):
        return Trial.objects.none()
    own = Q(actor_kind=actor.kind, actor_id=actor.id)
    if actor.sites is None:
        return Trial.objects.all()
    return Trial.objects.filter(own | Q(site_id__in=actor.sites))


def get_trial(actor: Actor, trial_id: int) -> Trial:
    """One trial, or ``NotFound`` whether it is unknown or not for this actor."""
    found = visible_trials(actor).filter(pk=trial_id).first()
    if found is None:
        raise NotFound
    return found
