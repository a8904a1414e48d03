"""Money of final verdicts: booked once, never changed; a site's month is locked when it is over (O6)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from kefu.arbitration import rules
from kefu.arbitration.errors import MonthLocked, MonthNotOver
from kefu.arbitration.models import Filing, Lock, Move, Verdict
from kefu.arbitration.vocabulary import MoveKind
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission

_CENT = Decimal("0.01")


def book(row: Filing, verdict: Verdict, *, now: datetime) -> None:
    """Book the money of a final verdict, in the transaction that made it final. A closed site's part falls to the site above it."""
    shares = [rules.Borne(one.site_id, one.amount, one.fine) for one in verdict.shares.all()]
    found = rules.bookings(row.site_id, shares, _payers({row.site_id, *(one.site_id for one in shares)}))
    month = timezone.localdate(now).replace(day=1)
    Move.objects.bulk_create(
        [
            Move(
                filing=row, site_id=one.site_id, for_site_id=one.for_site, kind=one.kind, amount=one.amount,
                month=month, booked_at=now, clause=verdict.clause,
            )
            for one in found
        ]
    )  # fmt: skip


def _payers(site_ids: set[int]) -> dict[int, int]:
    """Who stands in for those that are closed: the nearest open site above."""
    sites, found = people.sites_by_id(), {}
    for pk in site_ids:
        at = sites[pk]
        while not at.is_active and at.parent_id is not None:
            at = sites[at.parent_id]
        found[pk] = at.pk
    return found


@dataclass(frozen=True, slots=True)
class Sums:
    """A site's month in yuan: compensation that came and went, fines paid, and what remains."""

    received: Decimal
    paid: Decimal
    fines: Decimal

    @property
    def total(self) -> Decimal:
        """What the month comes to: positive is owed to the site."""
        return self.received + self.paid + self.fines


def sums(rows: QuerySet[Move]) -> Sums:
    """Sums of moves, one statement."""
    compensation = Q(kind=MoveKind.COMPENSATION)
    found = rows.order_by().aggregate(
        received=Sum("amount", filter=compensation & Q(amount__gt=0)),
        paid=Sum("amount", filter=compensation & Q(amount__lt=0)),
        fines=Sum("amount", filter=Q(kind=MoveKind.FINE)),
    )
    # SQLite adds in floating point: to the cent it is right again.
    return Sums(*((found[name] or Decimal(0)).quantize(_CENT) for name in ("received", "paid", "fines")))


def lock_month(*, actor: Actor, site_id: int, month: date, now: datetime) -> Lock:
    """Lock a site's month that is over, with its sums. Raises ``MonthNotOver``, ``MonthLocked``, ``NotFound``."""
    people_access.require(actor, Permission.ARBITRATION_DIVIDE)
    people_access.require_site(actor, site_id)
    month = month.replace(day=1)
    if month >= timezone.localdate(now).replace(day=1):
        raise MonthNotOver(month=f"{month:%Y-%m}")
    found = sums(Move.objects.filter(site_id=site_id, month=month))
    try:
        with transaction.atomic():
            row = Lock.objects.create(
                site_id=site_id, month=month, received=found.received, paid=found.paid, fines=found.fines,
                locked_by=actor.name[:80], locked_at=now,
            )  # fmt: skip
            data = {"month": f"{month:%Y-%m}", "total": str(found.total)}
            audit.record(actor, "arbitration.month_locked", Ref("site", site_id), now=now, site_id=site_id, data=data)
    except IntegrityError as error:
        raise MonthLocked(month=f"{month:%Y-%m}") from error
    return row
