"""Taking the next case: the unassigned one of one's own site whose deadline is nearest (CASE8)."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from kefu.cases import filters, upkeep
from kefu.cases.filters import CaseFilter
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Denied, Stale
from kefu.people.access import require
from kefu.people.permissions import Permission

_LOOKED_AT = 20


def take_next(*, actor: Actor, now: datetime) -> int:
    """Take it and return its key. Of two who press at once each gets another case. Raises ``Conflict`` when none is left."""
    require(actor, Permission.CASE_WORK)
    if actor.staff_id is None or actor.site_id is None:
        raise Denied(_("只有登录的人员可以使用工作台。"), code="person_only")
    wanted = CaseFilter.of(filters.check({"view": "unassigned", "site": str(actor.site_id), "sort": "due"}))
    rows = filters.matching(actor, wanted, now).order_by("next_due_at", "pk").values_list("pk", "version")[:_LOOKED_AT]
    for case_id, version in list(rows):
        try:
            # Whoever was faster has moved the version on: nobody's case is taken away, not even by who may assign.
            upkeep.assign(actor=actor, case_id=case_id, staff_id=actor.staff_id, now=now, expected_version=version)
        except (Stale, Denied):
            continue
        return case_id
    raise Conflict(_("没有待领取的工单。"), code="desk.nothing_left")
