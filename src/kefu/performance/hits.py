"""Figures of inspection for the dashboard, summed from daily facts: by item, team, person, hour, handbook version; shares (QA2, QA6, QA7).

Every number opens its rows: the list of findings takes the same filter.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Sum

from kefu.disputes import queries as disputes
from kefu.kernel.actor import Actor
from kefu.people.access import in_reach, require
from kefu.people.permissions import Permission
from kefu.performance.models import DayFact, HitFact

SIDES = ("item", "team", "staff", "hour", "version")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a side: breaches, findings that wait for a person, points and money of the clauses."""

    key: str
    count: int
    waiting: int
    points: Decimal
    money: Decimal


@dataclass(frozen=True, slots=True)
class Board:
    """A period. ``first_pass``: passed when first judged; ``overturned`` of ``disputed`` disputes decided; ``coverage``: judged of held."""

    since: date
    until: date
    sides: dict[str, list[Line]]
    conversations: int
    inspected: int
    first_pass: int
    ruled: int
    changed: int
    disputed: int
    overturned: int

    @property
    def coverage(self) -> Decimal | None:
        """Share of conversations a card has judged."""
        return _share(min(self.inspected, self.conversations), self.conversations)

    @property
    def first_pass_rate(self) -> Decimal | None:
        """Share that passed when first judged."""
        return _share(self.first_pass, self.inspected)

    @property
    def overturn_rate(self) -> Decimal | None:
        """Share of decided disputes that were upheld, in part or whole."""
        return _share(self.overturned, self.disputed)

    @property
    def agreement(self) -> Decimal | None:
        """Of the cards people looked at, how many came out as the machine had them."""
        return _share(self.ruled - self.changed, self.ruled)


def _share(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal("0.0001")) if whole else None


def board(actor: Actor, *, since: date, until: date, site_id: int | None = None) -> Board:
    """The dashboard of the days ``since`` to ``until`` (both counted) for the sites in reach, or one of them; three queries."""
    require(actor, Permission.PERFORMANCE_VIEW)
    require(actor, Permission.QUALITY_VIEW)
    rows = in_reach(HitFact.objects.filter(day__gte=since, day__lte=until), actor)
    talks = in_reach(DayFact.objects.filter(day__gte=since, day__lte=until, measure="conversations"), actor)
    if site_id is not None:
        rows, talks = rows.filter(site_id=site_id), talks.filter(site_id=site_id)
    sides: dict[str, list[Line]] = {side: [] for side in SIDES}
    cards: dict[str, int] = {}
    grouped = rows.order_by().values_list("by", "key")
    sums = grouped.annotate(n=Sum("count"), waits=Sum("waiting"), points_sum=Sum("points"), money_sum=Sum("money"))
    for by, key, count, waiting, points, money in sums:
        if by == "card":
            cards[key] = count
        else:
            sides[by].append(Line(key, count, waiting, points, money))
    for side, lines in sides.items():
        lines.sort(key=(lambda one: int(one.key)) if side == "hour" else (lambda one: (-one.count, -one.waiting, one.key)))
    held = int(talks.aggregate(n=Sum("value"))["n"] or 0)
    tally = disputes.tally(actor, since=since, until=until)
    decided = sum(count for key, count in tally.items() if key != "open")
    return Board(
        since, until, sides, held, cards.get("inspected", 0), cards.get("first_pass", 0), cards.get("ruled", 0), cards.get("changed", 0),
        decided, decided - tally.get("rejected", 0),
    )  # fmt: skip
