"""What somebody does with findings about themselves: take note. It changes no score and gives up no right to appeal (QA5, QA8)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, NotFound
from kefu.people.permissions import Permission
from kefu.quality import access
from kefu.quality.models import Finding


def to_acknowledge(actor: Actor, *, limit: int = 10) -> list[Finding]:
    """Current findings about oneself that one has not taken note of, newest first."""
    rows = access.visible_findings(actor).filter(staff_id=actor.own_id, current=True, state=Finding.State.OPEN)
    return list(rows.order_by("-at", "-pk")[:limit])


def acknowledge(*, actor: Actor, finding_id: int, now: datetime) -> Finding:
    """Take note of a finding about oneself; twice is the same. Those about others are not found."""
    access.require(actor, Permission.QUALITY_OWN)
    row = access.visible_findings(actor).filter(pk=finding_id, staff_id=actor.own_id, current=True).first()
    if row is None:
        raise NotFound
    if row.state == Finding.State.ACKNOWLEDGED:
        return row
    if row.state != Finding.State.OPEN:
        raise Conflict(_("这条命中已复核，无需再确认。"), code="finding_reviewed")
    with transaction.atomic():
        save_claimed(row, state=Finding.State.ACKNOWLEDGED)
        audit.record(actor, "finding.acknowledged", Ref("finding", row.pk), now=now, site_id=row.site_id, clause=row.item)
    return row
