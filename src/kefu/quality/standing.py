"""Where a person stands in their team, without a colleague's figure (QA2)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Avg

from kefu.kernel.actor import Actor
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.quality import access
from kefu.quality.models import Inspection

LEAST_PEOPLE = 4
"""Fewer people with inspections than this, and a share would give a colleague's figure away."""


@dataclass(frozen=True, slots=True)
class Standing:
    """``percentile``: the share (0–100) of the others whose average is below; ``None`` in too small a team. ``average`` is one's own."""

    average: Decimal | None
    percentile: int | None


def standing_of(actor: Actor, staff_id: int, *, since: date, until: date) -> Standing:
    """By average score of a period; one's own, or those in reach with ``quality.view``."""
    if actor.staff_id != staff_id:
        access.require(actor, Permission.QUALITY_VIEW)
    staff = people.get_staff(actor, staff_id)
    rows = Inspection.objects.filter(current=True, day__gte=since, day__lte=until)
    rows = rows.filter(staff__team_id=staff.team_id) if staff.team_id else rows.filter(site_id=staff.site_id)
    averages = dict(rows.exclude(staff=None).order_by().values_list("staff_id").annotate(mean=Avg("score")))
    own = averages.pop(staff_id, None)
    if own is None:
        return Standing(None, None)
    shown = Decimal(own).quantize(Decimal("0.1"))
    if len(averages) + 1 < LEAST_PEOPLE:
        return Standing(shown, None)
    return Standing(shown, round(100 * sum(one < own for one in averages.values()) / len(averages)))
