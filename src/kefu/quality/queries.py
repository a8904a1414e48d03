"""Reads of inspections: findings of a conversation, an agent's card, lists, coverage."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, F, Q, QuerySet, Sum, Window
from django.db.models.functions import RowNumber

from kefu.conversations import access as conversation_access
from kefu.handbook import queries as handbooks
from kefu.kernel.actor import Actor
from kefu.kernel.moment import midnight, on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.quality import access
from kefu.quality.models import Finding, Inspection, Ruling, SubjectKind
from kefu.quality.results import STATES

_ORDER = (Order("at", descending=True), Order("pk", descending=True))


@dataclass(frozen=True, slots=True)
class Card:
    """One inspection with every item's state, and its findings in the order of the conversation."""

    inspection: Inspection
    items: tuple["CardItem", ...]
    findings: list[Finding]


@dataclass(frozen=True, slots=True)
class CardItem:
    """An item of a card: ``ref`` is its clause, ``why`` says why it was not judged."""

    key: str
    ref: str
    title: str
    title_en: str
    state: str
    why: str
    points: Decimal
    money: Decimal


def findings_of(actor: Actor, conversation_id: int) -> Card | None:
    """The current card of a conversation with its findings, for the page that shows them beside the lines; ``None`` when there is none."""
    return card_of(actor, SubjectKind.CONVERSATION, conversation_id)


def card_of(actor: Actor, kind: str, subject_id: int) -> Card | None:
    """The current card of a conversation or case in reach."""
    rows = access.visible_inspections(actor).filter(subject_kind=kind, subject_id=subject_id, current=True)
    inspection = rows.select_related("site", "staff").order_by("-pk").first()
    if inspection is None:
        return None
    findings = sorted(inspection.findings.all(), key=lambda f: (f.line is None, f.line or 0, f.start, f.pk))
    return Card(inspection, _items(inspection, findings), findings)


def _items(inspection: Inspection, findings: Iterable[Finding]) -> tuple[CardItem, ...]:
    book = handbooks.book(f"{inspection.handbook}@{inspection.version}")
    why: Mapping[str, str] = inspection.results.get("why", {})
    costs: dict[str, tuple[Decimal, Decimal]] = {}
    for finding in findings:
        points, money = costs.get(finding.item_key, (Decimal(0), Decimal(0)))
        costs[finding.item_key] = (points + finding.points, money + finding.money)
    card = book.scorecards[inspection.scorecard]
    return tuple(
        CardItem(
            item.id,
            str(book.ref(f"scorecards.{inspection.scorecard}.items.{item.id}")),
            item.title,
            item.title_en,
            STATES[letter],
            why.get(item.id, ""),
            *costs.get(item.id, (Decimal(0), Decimal(0))),
        )
        for item, letter in zip(card.items(), inspection.states, strict=False)
    )


def rulings_of(actor: Actor, inspection_id: int) -> list[Ruling]:
    """What people decided on a card, oldest first; ``standing`` marks what counts. ``NotFound`` out of reach."""
    row = access.get_inspection(actor, inspection_id)
    key = {name: getattr(row, name) for name in ("subject_kind", "subject_id", "handbook", "version", "scorecard")}
    return list(Ruling.objects.filter(**key).select_related("staff").order_by("at", "pk"))


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list of findings may be narrowed by; days are both included."""

    item: str = ""
    staff_id: int | None = None
    team_id: int | None = None
    site_id: int | None = None
    day_from: date | None = None
    day_to: date | None = None
    mode: str = ""
    state: str = ""
    detector: str = ""
    # Local hour of the day the conversation began in; handbook version that judged, as best@3.
    hour: int | None = None
    version: str = ""


def _filtered(actor: Actor, wanted: Filters) -> QuerySet[Finding]:
    exact = {
        "item_key": wanted.item,
        "staff_id": wanted.staff_id,
        "site_id": wanted.site_id,
        "state": wanted.state,
        "detector": wanted.detector,
    }
    rows = access.visible_findings(actor).filter(current=True)
    if wanted.team_id is not None:
        rows = rows.filter(staff_id__in=people_queries.members(wanted.team_id).values("pk"))
    rows = _of_mode(rows.filter(**on_days("at", wanted.day_from, wanted.day_to)), wanted)
    if wanted.hour is not None:
        rows = rows.filter(at__hour=wanted.hour)
    if wanted.version:
        rows = rows.filter(item__startswith=f"{wanted.version}#")
    return rows.filter(**{name: value for name, value in exact.items() if value not in ("", None)})


def _of_mode(rows: QuerySet[Finding], wanted: Filters) -> QuerySet[Finding]:
    """``auto`` counts as a breach: by the machine, or by a person's word. ``review`` waits for a person. What was dismissed is neither."""
    if not wanted.mode or wanted.mode == Finding.Mode.HAND or wanted.state == Finding.State.DISMISSED:
        return rows.filter(mode=wanted.mode) if wanted.mode else rows
    waiting = Q(mode=Finding.Mode.REVIEW) & ~Q(state=Finding.State.CONFIRMED)
    return rows.filter(waiting if wanted.mode == Finding.Mode.REVIEW else ~waiting).exclude(state=Finding.State.DISMISSED)


def findings_page(actor: Actor, wanted: Filters | None = None, *, cursor: str | None = None, size: int = 50) -> Page[Finding]:
    """One page of current findings, newest first."""
    rows = _filtered(actor, wanted or Filters()).select_related("staff", "site")
    return keyset_page(rows, _ORDER, size=size, cursor=cursor)


def findings_count(actor: Actor, wanted: Filters | None = None) -> CappedCount:
    """How many the filters leave, counted up to a cap."""
    return capped_count(_filtered(actor, wanted or Filters()))


def inspections_page(
    actor: Actor,
    *,
    staff_id: int | None = None,
    site_id: int | None = None,
    day: date | None = None,
    cursor: str | None = None,
    size: int = 50,
) -> Page[Inspection]:
    """One page of current inspections, newest first."""
    exact = {"staff_id": staff_id, "site_id": site_id, "day": day}
    rows = access.visible_inspections(actor).filter(current=True, **{name: value for name, value in exact.items() if value is not None})
    return keyset_page(rows.select_related("staff", "site"), _ORDER, size=size, cursor=cursor)


@dataclass(slots=True)
class Tally:
    """How often an item was judged and how it came out; ``rate`` is breached of applicable, ``None`` when it never applied."""

    applicable: int = 0
    passed: int = 0
    breached: int = 0
    review: int = 0

    def add(self, letter: str, count: int) -> None:
        """Count one state ``count`` times; not applicable and manual are not judged."""
        self.passed += count * (letter == "p")
        self.breached += count * (letter == "b")
        self.review += count * (letter == "r")
        self.applicable += count * (letter in "pbr")

    @property
    def rate(self) -> float | None:
        """Share of breaches."""
        return self.breached / self.applicable if self.applicable else None


@dataclass(slots=True)
class ItemFigures:
    """One item over a period: the agent's figures, by week (Mondays), and the team's. ``Filters(item, staff_id, …)`` opens the findings."""

    key: str
    ref: str
    title: str
    title_en: str
    total: Tally = field(default_factory=Tally)
    weeks: dict[date, Tally] = field(default_factory=dict)
    team: Tally = field(default_factory=Tally)
    team_weeks: dict[date, Tally] = field(default_factory=dict)
    points: Decimal = Decimal(0)
    money: Decimal = Decimal(0)
    findings: int = 0


@dataclass(frozen=True, slots=True)
class StaffCard:
    """An agent's card over a period. Points and money are of automatic breaches and no penalties yet."""

    staff_id: int
    staff_no: str
    name: str
    inspections: int
    average: Decimal | None
    fatal: int
    points: Decimal
    money: Decimal
    items: tuple[ItemFigures, ...]


def scorecard_of(actor: Actor, staff_id: int, *, since: date, until: date) -> StaffCard:
    """Figures of an agent from ``since`` to ``until`` (both included), beside the average of their team (or site, without a team).

    Whole cards are grouped by their letters, so the cost depends on how many different outcomes there were, not on conversations.
    """
    if actor.staff_id != staff_id:
        access.require(actor, Permission.QUALITY_VIEW)
    staff = people.get_staff(actor, staff_id)
    own = access.visible_inspections(actor).filter(staff_id=staff_id, current=True, day__gte=since, day__lte=until)
    figures: dict[str, ItemFigures] = {}
    cards = _Cards(figures)
    for row in own.values("handbook", "version", "scorecard", "states", "day").annotate(n=Count("pk")).order_by("version", "day"):
        week = row["day"] - timedelta(days=row["day"].weekday())
        for item, letter in cards.of(row):
            item.total.add(letter, row["n"])
            item.weeks.setdefault(week, Tally()).add(letter, row["n"])
    team = _team(staff.team_id, staff.site_id, since, until).values("handbook", "version", "scorecard", "states", "day")
    for group in team.annotate(n=Count("pk")).order_by():
        week = group["day"] - timedelta(days=group["day"].weekday())
        for item, letter in cards.of(group):
            item.team.add(letter, group["n"])
            item.team_weeks.setdefault(week, Tally()).add(letter, group["n"])
    _add_findings(actor, staff_id, since, until, figures)
    total = own.aggregate(
        n=Count("pk"), average=Avg("score"), points=Sum("points"), money=Sum("money"), fatal=Count("pk", filter=Q(fatal=True))
    )
    average = None if total["average"] is None else Decimal(total["average"]).quantize(Decimal("0.1"))
    nothing = Decimal(0)
    return StaffCard(
        staff.pk,
        staff.staff_no,
        staff.name,
        total["n"],
        average,
        total["fatal"],
        total["points"] or nothing,
        total["money"] or nothing,
        tuple(figures.values()),
    )


def evidence_of(actor: Actor, staff_id: int, *, since: date, until: date, each: int = 3) -> dict[str, list[Finding]]:
    """The newest findings of an agent by item, at most ``each`` of every item, in one query."""
    rows = _filtered(actor, Filters(staff_id=staff_id, day_from=since, day_to=until)).annotate(
        place=Window(RowNumber(), partition_by=[F("item_key")], order_by=[F("at").desc(), F("pk").desc()])
    )
    found: dict[str, list[Finding]] = {}
    for row in rows.filter(place__lte=each).order_by("item_key", "place"):
        found.setdefault(row.item_key, []).append(row)
    return found


def _team(team_id: int | None, site_id: int, since: date, until: date) -> QuerySet[Inspection]:
    """Inspections of the agent's team: an average tells nothing of a single colleague, so it is not narrowed by the actor."""
    peers = Q(staff__team_id=team_id) if team_id is not None else Q(site_id=site_id)
    return Inspection.objects.filter(peers, current=True, day__gte=since, day__lte=until)


class _Cards:
    """Item figures in card order, by what a grouped row stands for."""

    def __init__(self, figures: dict[str, ItemFigures]) -> None:
        self._figures = figures
        self._items: dict[tuple[str, int, str], list[ItemFigures]] = {}

    def of(self, row: Mapping[str, Any]) -> Iterable[tuple[ItemFigures, str]]:
        """Items of the row's card with their letters."""
        key = (row["handbook"], row["version"], row["scorecard"])
        if key not in self._items:
            self._items[key] = self._read(*key)
        return zip(self._items[key], row["states"], strict=False)

    def _read(self, handbook: str, version: int, scorecard: str) -> list[ItemFigures]:
        book = handbooks.book(f"{handbook}@{version}")
        out = []
        for item in book.scorecards[scorecard].items():
            ref = str(book.ref(f"scorecards.{scorecard}.items.{item.id}"))
            out.append(self._figures.setdefault(item.id, ItemFigures(item.id, ref, item.title, item.title_en)))
        return out


def _add_findings(actor: Actor, staff_id: int, since: date, until: date, figures: Mapping[str, ItemFigures]) -> None:
    rows = _filtered(actor, Filters(staff_id=staff_id, day_from=since, day_to=until)).exclude(state=Finding.State.DISMISSED)
    for row in rows.values("item_key").annotate(n=Count("pk"), points=Sum("points"), money=Sum("money")).order_by():
        item = figures.get(row["item_key"])
        if item is not None:
            item.findings, item.points, item.money = row["n"], row["points"], row["money"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """Conversations of a day and how many of them a card has judged (QA6)."""

    conversations: int
    inspected: int
    breached: int
    review: int

    @property
    def share(self) -> float | None:
        """Inspected of all; ``None`` on a day without conversations."""
        return min(1.0, self.inspected / self.conversations) if self.conversations else None


def coverage(actor: Actor, *, site_id: int | None, day: date) -> Coverage:
    """Coverage of one site, or of all in reach, on one day."""
    access.require(actor, Permission.QUALITY_VIEW)
    start = midnight(day)
    held = conversation_access.visible_to(actor).filter(started_at__gte=start, started_at__lt=start + timedelta(days=1))
    rows = access.visible_inspections(actor).filter(subject_kind=SubjectKind.CONVERSATION, current=True, day=day)
    if site_id is not None:
        rows, held = rows.filter(site_id=site_id), held.filter(site_id=site_id)
    found = rows.aggregate(
        n=Count("pk"), breached=Count("pk", filter=Q(states__contains="b")), review=Count("pk", filter=Q(states__contains="r"))
    )
    return Coverage(held.count(), found["n"], found["breached"], found["review"])
