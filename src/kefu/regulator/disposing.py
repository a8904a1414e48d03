"""Disposing of old files: never before the time the handbook says is over (R27)."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from kefu.kernel import audit
from kefu.kernel.actor import Actor
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.regulator import access, rules
from kefu.regulator.errors import KeptUntil, StillOpen
from kefu.regulator.models import Answer, AnswerFile, Appeal
from kefu.regulator.moving import ref
from kefu.regulator.terms import terms_at


def kept_until(row: Appeal, now: datetime) -> datetime | None:
    """Until when the file of a closed appeal is kept; ``None`` while it is open, or for ever."""
    return rules.kept_until(row.closed_at, terms_at(row.site.handbook, now).kept_for) if row.closed_at else None


def dispose(*, actor: Actor, appeal_id: int, now: datetime) -> None:
    """Delete an appeal with its answers; the audit keeps that it was there. Raises ``StillOpen``, ``KeptUntil``."""
    require(actor, Permission.REGULATOR_APPROVE)
    row = access.get_for(actor, appeal_id)
    if row.closed_at is None:
        raise StillOpen
    until, clause = kept_until(row, now), terms_at(row.site.handbook, now).kept_clause
    if until is None or now < until:
        day = timezone.localtime(until).strftime("%Y-%m-%d") if until else "—"
        raise KeptUntil(day=day, clause=clause or "retention_appeals")
    with transaction.atomic():
        AnswerFile.objects.filter(answer__appeal=row).delete()
        Answer.objects.filter(appeal=row).delete()
        audit.record(actor, "appeal.disposed", ref(row), now=now, site_id=row.site_id, clause=clause, data={"number": row.number})
        row.delete()
