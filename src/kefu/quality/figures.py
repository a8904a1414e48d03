"""Sums of one day of a site, for the daily facts; each measure can be opened to the rows it counts."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import ExtractHour
from django.utils import timezone

from kefu.quality import overruling
from kefu.quality.models import Finding, Inspection, SubjectKind


def of_day(site_id: int, start: datetime, end: datetime) -> Iterator[tuple[str, int, Decimal]]:  # noqa: ARG001 (a local day is one date)
    """``(measure, staff id or 0, value)`` of the conversations inspected for the local day that begins at ``start``."""
    day = timezone.localtime(start).date()
    cards = Inspection.objects.filter(site_id=site_id, day=day, current=True, subject_kind=SubjectKind.CONVERSATION)
    for row in cards.order_by().values("staff_id").annotate(n=Count("pk"), points=Sum("points"), money=Sum("money"), score=Sum("score")):
        staff = row["staff_id"] or 0
        yield "inspected", staff, Decimal(row["n"])
        yield "points", staff, row["points"]
        yield "money", staff, row["money"]
        yield "score", staff, row["score"]
    found = Finding.objects.filter(site_id=site_id, day=day, current=True).exclude(state=Finding.State.DISMISSED)
    # What a person confirmed or saw is a breach like an automatic one; what waits for a person is counted apart.
    review = Q(mode=Finding.Mode.REVIEW) & ~Q(state=Finding.State.CONFIRMED)
    auto = ~review
    for group in found.order_by().values("staff_id").annotate(auto=Count("pk", filter=auto), review=Count("pk", filter=review)):
        yield "findings", group["staff_id"] or 0, Decimal(group["auto"])
        yield "reviews", group["staff_id"] or 0, Decimal(group["review"])


@dataclass(slots=True)
class Side:
    """Findings of a day by one side: ``count`` are breaches, ``waiting`` wait for a person. ``by`` card: how many cards ``key`` counts."""

    by: str
    key: str
    count: int = 0
    waiting: int = 0
    points: Decimal = field(default_factory=Decimal)
    money: Decimal = field(default_factory=Decimal)


def sides_of_day(site_id: int, day: date) -> list[Side]:
    """Findings of a day of a site by item, team, person, local hour and handbook version, and its cards; three queries."""
    found = Finding.objects.filter(site_id=site_id, day=day, current=True).exclude(state=Finding.State.DISMISSED)
    review = Q(mode=Finding.Mode.REVIEW) & ~Q(state=Finding.State.CONFIRMED)
    rows = found.order_by().values("item", "item_key", "staff_id", "staff__team_id", hour=ExtractHour("at"))
    sides: dict[tuple[str, str], Side] = {}
    for row in rows.annotate(n=Count("pk", filter=~review), waits=Count("pk", filter=review), points=Sum("points"), money=Sum("money")):
        keys = {
            "item": row["item_key"], "team": str(row["staff__team_id"] or 0), "staff": str(row["staff_id"] or 0), "hour": str(row["hour"]),
            "version": row["item"].partition("#")[0],
        }  # fmt: skip
        for by, key in keys.items():
            one = sides.setdefault((by, key), Side(by, key))
            one.count += row["n"]
            one.waiting += row["waits"]
            one.points += row["points"]
            one.money += row["money"]
    return [*sides.values(), *_cards(site_id, day)]


def _cards(site_id: int, day: date) -> Iterator[Side]:
    """How many conversations were inspected, how many passed when first judged, how many people ruled on, and how many scores changed."""
    rows = Inspection.objects.filter(site_id=site_id, day=day, current=True, subject_kind=SubjectKind.CONVERSATION)
    told = rows.aggregate(
        n=Count("pk"), passed=Count("pk", filter=Q(passed=True, auto_score=None)), ruled=Count("pk", filter=~Q(auto_score=None))
    )
    first = told["passed"]
    changed = 0
    for row in rows.exclude(auto_score=None):
        card = overruling.card_of(row)
        fatal = any(item.fatal and letter == "b" for item, letter in zip(card.items(), row.auto_states, strict=False))
        first += row.auto_score is not None and row.auto_score >= card.pass_score and not fatal
        changed += row.auto_score != row.score
    for key, count in (("inspected", told["n"]), ("first_pass", first), ("ruled", told["ruled"]), ("changed", changed)):
        if count:
            yield Side("card", key, count)
