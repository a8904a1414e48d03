"""What was paid in a period, by loss, cause, party, courier, carrier, product or site; every figure opens to its claims (CASE6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import TruncDate

from kefu.claims import queries
from kefu.claims.models import LiabilityShare
from kefu.claims.queries import Wanted
from kefu.kernel.actor import Actor
from kefu.people import access as people_access
from kefu.people.permissions import Permission

COLUMNS: Mapping[str, str] = {"loss": "loss", "cause": "cause", "carrier": "carrier", "courier": "courier", "site": "site_id"}
BY = (*COLUMNS, "party")
_MORE: Mapping[str, str] = {"item": "item", "day": "day"}
MOST = 400


@dataclass(frozen=True, slots=True)
class Paid:
    """A line of the report: the key of what it counts, how many claims, how many yuan."""

    key: str
    claims: int
    amount: Decimal


def last_of(month: date) -> date:
    """The last day of a month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def paid_by(actor: Actor, month: date, by: str) -> list[Paid]:
    """What was paid in the month by one of ``BY``, the most first, at most 400 lines. Of a party only its shares count."""
    return paid(actor, since=month.replace(day=1), until=last_of(month), by=by)


def paid(actor: Actor, *, since: date, until: date, by: str, site_id: int | None = None) -> list[Paid]:
    """The same of the local days ``since`` to ``until``, also by ``item``, ``day`` or, with "", in one line; one query."""
    people_access.require(actor, Permission.CLAIM_VIEW)
    rows = queries.rows(actor, Wanted(paid_from=since, paid_to=until, site_id=site_id)).order_by()
    if by == "":
        whole = rows.aggregate(claims=Count("pk"), paid=Sum("amount"))
        return [Paid("", whole["claims"], whole["paid"] or Decimal(0))]
    if by == "party":
        shares = (
            LiabilityShare.objects.filter(claim__in=rows).values("party").annotate(claims=Count("claim", distinct=True), paid=Sum("amount"))
        )
        return [Paid(one["party"], one["claims"], one["paid"]) for one in shares.order_by("-paid", "party")[:MOST]]
    rows = rows.annotate(day=TruncDate("paid_at")) if by == "day" else rows
    column = _MORE.get(by) or COLUMNS[by]
    found = rows.values(column).annotate(claims=Count("pk"), paid=Sum("amount")).order_by("-paid", column)[:MOST]
    return [Paid(str(one[column]), one["claims"], one["paid"]) for one in found]
