"""Figures of complaints, claims, returns and first plans of a period, each by what people ask for (SHOP8, CASE6, CASE4, PERF1).

Counted from the rows themselves with the reader's own reach, so that a figure and the list it opens never differ. Rates per 10,000
parcels compare with the parcels registered on the same days by the same sites; where nothing is compared with, the rate is ``None``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal, TypeAlias, get_args

from django.db.models import Count, QuerySet
from django.db.models.functions import TruncDate

from kefu.cases import families
from kefu.cases import figures as cases
from kefu.claims import figures as claims
from kefu.clocks import access as clocks
from kefu.clocks import figures as outcomes
from kefu.kernel.actor import Actor
from kefu.kernel.moment import day_bounds
from kefu.parcels import queries as parcels
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.shop import figures as shop

About: TypeAlias = Literal["complaints", "claims", "returns", "plans"]
ABOUT: tuple[About, ...] = get_args(About)
NEEDS: Mapping[About, Permission] = {
    "complaints": Permission.CASE_VIEW, "claims": Permission.CLAIM_VIEW, "returns": Permission.ORDER_VIEW, "plans": Permission.CASE_VIEW,
}  # fmt: skip
"""Besides the figures themselves one may see the rows they count: no number without its list."""
BY: Mapping[About, tuple[str, ...]] = {
    "complaints": ("kind", "site", "day"),
    "claims": ("cause", "loss", "party", "item", "carrier", "courier", "site", "day"),
    "returns": ("shop", "product", "reason", "day"),
    "plans": ("kind", "site", "day"),
}
PLAN_GIVEN = "plan.given"
_PLACES = ("site", "day")
_TEN_THOUSAND = Decimal(10000)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose figures of which local days (both included), of one site or all in reach; ``now`` decides which handbook says what counts."""

    actor: Actor
    since: date
    until: date
    site_id: int | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Line:
    """One line. ``key`` is what it counts ("": nothing was filled in), ``name`` what the rows call it, where they do.

    ``count``: complaints opened, claims paid, orders refunded, first plans in time. ``of``: parcels, parcels, orders paid, first plans
    due. ``rate``: per 10,000 parcels for complaints and claims, else a share of 1. ``amount``: yuan paid, ``amount_rate`` the same per
    10,000 parcels. ``returned`` of ``sent`` orders gives ``return_rate``. ``None``: not of this figure, or nothing to compare with.
    """

    key: str
    count: int
    of: int
    rate: Decimal | None
    name: str = ""
    amount: Decimal | None = None
    amount_rate: Decimal | None = None
    returned: int | None = None
    sent: int | None = None
    return_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """The line of the whole and its lines, days in order, everything else the most first.

    Lines may add up to more than the whole: a claim has several parties, an order several products.
    """

    total: Line
    lines: tuple[Line, ...]


def per_ten_thousand(value: Decimal | int, parcels: int) -> Decimal | None:
    """万件率: per 10,000 parcels to two decimals; ``None`` without parcels."""
    return (Decimal(value) * _TEN_THOUSAND / parcels).quantize(Decimal("0.01"), ROUND_HALF_UP) if parcels else None


def share(part: int, whole: int) -> Decimal | None:
    """A share of 1 to four decimals; ``None`` of nothing."""
    return (Decimal(part) / whole).quantize(Decimal("0.0001"), ROUND_HALF_UP) if whole else None


def may_see(actor: Actor, about: About) -> bool:
    """Whether the actor sees these figures."""
    return actor.may(Permission.PERFORMANCE_VIEW) and actor.may(NEEDS[about])


def figures(asked: Asked, about: About, by: str) -> Figures:
    """A figure of a period by one of its ``BY``. Raises ``MissingPermission``."""
    require(asked.actor, Permission.PERFORMANCE_VIEW)
    require(asked.actor, NEEDS[about])
    lines = _LINES[about](asked, by)
    ordered = sorted(lines, key=lambda one: one.key) if by == "day" else sorted(lines, key=lambda one: (-one.count, -one.of, one.key))
    return Figures(_LINES[about](asked, "")[0], tuple(ordered))


def totals(asked: Asked) -> dict[About, Line]:
    """The whole of each figure the actor may see."""
    require(asked.actor, Permission.PERFORMANCE_VIEW)
    return {about: _LINES[about](asked, "")[0] for about in ABOUT if may_see(asked.actor, about)}


def _carried(asked: Asked, by: str) -> dict[str, int]:
    place = by if by in _PLACES else ""
    return parcels.registered(asked.actor, asked.since, asked.until, by=place, site_id=asked.site_id)


def _complaints(asked: Asked, by: str) -> list[Line]:
    found = cases.complaints(asked.actor, since=asked.since, until=asked.until, by=by, site_id=asked.site_id, now=asked.now)
    carried = _carried(asked, by)
    if by in _PLACES:
        return [_of_parcels(key, found.get(key, 0), carried.get(key, 0)) for key in found.keys() | carried.keys()]
    return [_of_parcels(key, count, carried[""]) for key, count in found.items()]


def _of_parcels(key: str, count: int, carried: int) -> Line:
    return Line(key, count, carried, per_ten_thousand(count, carried))


def _claims(asked: Asked, by: str) -> list[Line]:
    paid = {one.key: one for one in claims.paid(asked.actor, since=asked.since, until=asked.until, by=by, site_id=asked.site_id)}
    carried = _carried(asked, by)
    out = []
    for key in paid.keys() | carried.keys() if by in _PLACES else paid.keys():
        one = paid.get(key, claims.Paid(key, 0, Decimal(0)))
        of = carried.get(key, 0) if by in _PLACES else carried[""]
        rate, money = per_ten_thousand(one.claims, of), per_ten_thousand(one.amount, of)
        out.append(Line(key, one.claims, of, rate, amount=one.amount, amount_rate=money))
    return out


def _returns(asked: Asked, by: str) -> list[Line]:
    found = shop.returns(asked.actor, since=asked.since, until=asked.until, by=by, site_id=asked.site_id)
    return [
        Line(
            one.key, one.refunded, one.paid, share(one.refunded, one.paid), name=one.name,
            returned=one.returned, sent=one.sent, return_rate=share(one.returned, one.sent),
        )
        for one in found
    ]  # fmt: skip


def plan_clocks(actor: Actor, now: datetime) -> QuerySet[Any]:
    """Clocks of complaints in reach that the first plan meets, whatever a handbook calls them; ``case_kind`` is the kind of the case."""
    keys = {key for book in families.books(now) for key, clock in book.clocks.items() if PLAN_GIVEN in clock.meets_on}
    rows = clocks.visible_to(actor).filter(subject_kind="case", key__in=keys).annotate(case_kind=cases.kind_of_subject())
    return rows.filter(case_kind__in=families.kinds_of(families.COMPLAINT, now))


def _plans(asked: Asked, by: str) -> list[Line]:
    rows = plan_clocks(asked.actor, asked.now)
    if asked.site_id is not None:
        rows = rows.filter(site_id=asked.site_id)
    start, end = day_bounds(asked.since)[0], day_bounds(asked.until)[1]
    met, due = (_counted(outcomes.decided(rows, outcome, start=start, end=end), by) for outcome in ("met", ""))
    return [Line(key, met.get(key, 0), of, share(met.get(key, 0), of)) for key, of in due.items()]


_PLAN_COLUMNS = {"kind": "case_kind", "site": "site_id", "day": "day"}


def _counted(rows: QuerySet[Any], by: str) -> dict[str, int]:
    if not by:
        return {"": rows.count()}
    rows = rows.annotate(day=TruncDate("due_at")) if by == "day" else rows
    return {str(key): count for key, count in rows.order_by().values_list(_PLAN_COLUMNS[by]).annotate(n=Count("pk"))}


_LINES: Mapping[About, Callable[[Asked, str], list[Line]]] = {
    "complaints": _complaints, "claims": _claims, "returns": _returns, "plans": _plans,
}  # fmt: skip
