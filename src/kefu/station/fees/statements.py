"""Monthly statements: put together, settled, paid. What is settled is locked (O11)."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, F, QuerySet, Sum
from django.utils import timezone

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Stale
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.fees import access
from kefu.station.fees.errors import MonthNotOver, StatementEmpty, StatementLocked, StatementNotSettled
from kefu.station.fees.events import StatementChanged
from kefu.station.fees.models import DeliveryFee, FeeStatement
from kefu.station.fees.vocabulary import FeeState, StatementState

_CENT = Decimal("0.01")


def first_of(day: date) -> date:
    """The first day of its month."""
    return day.replace(day=1)


def last_of(month: date) -> date:
    """The last day of a month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def totals(rows: QuerySet[DeliveryFee]) -> dict[str, Any]:
    """Number and sums of fees, one query."""
    found = rows.aggregate(count=Count("pk"), base=Sum("base"), heavy=Sum("heavy"), total=Sum("total"))
    # SQLite adds in floating point: to the cent it is right again.
    return {"count": found["count"]} | {name: (found[name] or Decimal(0)).quantize(_CENT) for name in ("base", "heavy", "total")}


def _ref(row: FeeStatement) -> Ref:
    return Ref("fee_statement", row.pk, f"{row.month:%Y-%m}")


def collect(*, actor: Actor, site_id: int, month: date, now: datetime) -> FeeStatement:
    """Put a site's statement together, or bring a draft up to date: every open fee signed until the end of the month, also late ones of
    months before. Disputed, void and troubled fees stay out. Raises ``StatementLocked``."""
    people.require(actor, Permission.FEE_SETTLE)
    people.require_site(actor, site_id)
    month = first_of(month)
    try:
        with transaction.atomic():
            row, _made = FeeStatement.objects.get_or_create(site_id=site_id, month=month, defaults={"made_at": now})
            if row.state != StatementState.DRAFT:
                raise StatementLocked
            fees = DeliveryFee.objects.filter(site_id=site_id, state=FeeState.OPEN, trouble="", signed_on__lte=last_of(month))
            added = fees.update(state=FeeState.COUNTED, statement=row, version=F("version") + 1)
            save_claimed(row, made_at=now, **totals(DeliveryFee.objects.filter(statement=row)))
            audit.record(actor, "fee_statement.collected", _ref(row), now=now, site_id=row.site_id, data={"added": added})
            _told(row, now)
    except IntegrityError as error:
        raise Stale from error
    return row


def settle(*, actor: Actor, statement_id: int, expected_version: int, now: datetime) -> FeeStatement:
    """Lock a statement and every fee in it. Raises ``StatementLocked``, ``StatementEmpty``, ``MonthNotOver``, ``Stale``."""
    people.require(actor, Permission.FEE_SETTLE)
    row = access.statement_for(actor, statement_id)
    if row.state != StatementState.DRAFT:
        raise StatementLocked
    if row.version != expected_version:
        raise Stale
    if timezone.localdate(now) <= last_of(row.month):
        raise MonthNotOver(month=f"{row.month:%Y-%m}")
    with transaction.atomic():
        fees = DeliveryFee.objects.filter(statement=row)
        # The rows first: who reworks one of them meanwhile meets another version, and what is summed up is what was locked.
        if not fees.filter(state=FeeState.COUNTED).update(state=FeeState.SETTLED, version=F("version") + 1):
            raise StatementEmpty
        sums = totals(fees.filter(state=FeeState.SETTLED))
        save_claimed(row, state=StatementState.SETTLED, settled_at=now, settled_by=actor.name[:80], **sums)
        audit.record(
            actor,
            "fee_statement.settled",
            _ref(row),
            now=now,
            site_id=row.site_id,
            data={"count": sums["count"], "total": str(sums["total"])},
        )
        _told(row, now)
    return row


def pay(*, actor: Actor, statement_id: int, expected_version: int, now: datetime) -> FeeStatement:
    """Note that a settled statement was paid. Raises ``StatementNotSettled``, ``Stale``."""
    people.require(actor, Permission.FEE_SETTLE)
    row = access.statement_for(actor, statement_id)
    if row.state != StatementState.SETTLED:
        raise StatementNotSettled
    if row.version != expected_version:
        raise Stale
    with transaction.atomic():
        save_claimed(row, state=StatementState.PAID, paid_at=now, paid_by=actor.name[:80])
        DeliveryFee.objects.filter(statement=row, state=FeeState.SETTLED).update(state=FeeState.PAID, version=F("version") + 1)
        audit.record(actor, "fee_statement.paid", _ref(row), now=now, site_id=row.site_id)
        _told(row, now)
    return row


def _told(row: FeeStatement, now: datetime) -> None:
    outbox.emit(StatementChanged(statement_id=row.pk, site_id=row.site_id, state=row.state), now=now)
