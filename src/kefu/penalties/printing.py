"""Statements that leave on paper: who may take them along, and the record of it (SEC3)."""

from datetime import datetime

from django.db import transaction

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.penalties.statements import Statement
from kefu.people.access import require
from kefu.people.permissions import Permission


def record(*, actor: Actor, statement: Statement, now: datetime) -> None:
    """The audit row of a statement on paper; somebody else's needs the right to export. Raises ``MissingPermission``."""
    if statement.sheet.staff_id != actor.staff_id:
        require(actor, Permission.EXPORT)
    data = {"month": f"{statement.sheet.month:%Y-%m}", "entries": statement.sheet.entries}
    with transaction.atomic():
        audit.record(actor, "penalty.printed", Ref("staff", statement.sheet.staff_id), now=now, site_id=statement.sheet.site_id, data=data)
