"""Who sees which inspection and finding (SEC2): agents their own, others those of the sites in reach."""

from typing import TypeVar

from django.db.models import Model, QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people.access import in_reach, require
from kefu.people.permissions import Permission
from kefu.quality.models import Finding, Inspection

M = TypeVar("M", bound=Model)

__all__ = ["get_inspection", "require", "visible_findings", "visible_inspections"]


def _visible(rows: QuerySet[M], actor: Actor) -> QuerySet[M]:
    if actor.may(Permission.QUALITY_VIEW):
        return in_reach(rows, actor)
    if actor.may(Permission.QUALITY_OWN) and actor.staff_id is not None:
        return in_reach(rows.filter(staff_id=actor.staff_id), actor)
    return rows.none()


def visible_inspections(actor: Actor) -> QuerySet[Inspection]:
    """Inspections the actor may see."""
    return _visible(Inspection.objects.all(), actor)


def visible_findings(actor: Actor) -> QuerySet[Finding]:
    """Findings the actor may see."""
    return _visible(Finding.objects.all(), actor)


def get_inspection(actor: Actor, inspection_id: int) -> Inspection:
    """One inspection, or ``NotFound`` whether it is unknown or not for this actor."""
    found = visible_inspections(actor).select_related("site", "staff").filter(pk=inspection_id).first()
    if found is None:
        raise NotFound
    return found
