"""Monthly statements: of a person with every line, of a team with every person; the sums are those of the lines (QA8, PERF3)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q, QuerySet, Sum

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.kernel.moment import midnight
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.penalties import access, queries, rules, terms
from kefu.penalties.models import Entry, Month, Sheet
from kefu.penalties.queries import EntryRow
from kefu.penalties.rules import Floor
from kefu.penalties.vocabulary import Kind
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission

_ORDER = (Order("month", descending=True), Order("money"), Order("pk"))


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A person's month in a list. Amounts are signed; ``over`` is by how much the deductions go over the legal floor."""

    id: int
    staff_id: int
    staff: str
    staff_no: str
    site_id: int
    site: str
    team_id: int | None
    team: str
    month: date
    points: Decimal
    money: Decimal
    used_points: Decimal
    used_money: Decimal
    entries: int
    acknowledged_at: datetime | None
    acknowledged: bool
    locked_at: datetime | None
    over: Decimal
    wage_known: bool
    version: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A person's month with its lines. ``floor`` is what the law leaves, ``floor_clause`` where it is stated."""

    sheet: SheetRow
    lines: tuple[EntryRow, ...]
    floor: Floor
    floor_clause: str
    wage: str
    deducted: Decimal
    given: Decimal


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sheets."""

    month: date | None = None
    staff_id: int | None = None
    team_id: int | None = None
    site_id: int | None = None
    over: bool = False
    unread: bool = False


def rows(actor: Actor, wanted: Wanted) -> QuerySet[Sheet]:
    """Sheets of a filter the actor may see."""
    exact = {"month": wanted.month, "staff_id": wanted.staff_id, "team_id": wanted.team_id, "site_id": wanted.site_id}
    found = access.visible_sheets(actor).filter(entries__gt=0, **{name: value for name, value in exact.items() if value is not None})
    return found.filter(acknowledged_at=None) if wanted.unread else found


def page(actor: Actor, wanted: Wanted, *, cursor: str | None = None, size: int = 50) -> Page[SheetRow]:
    """A page of sheets, newest month first, the largest deduction first."""
    found = keyset_page(rows(actor, wanted).select_related("staff", "site"), _ORDER, size=size, cursor=cursor)
    return Page(_listed(actor, found.rows), found.next, found.previous)


def count(actor: Actor, wanted: Wanted) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted))


def _listed(actor: Actor, found: list[Sheet]) -> list[SheetRow]:
    teams = {team.pk: team.name for team in people.teams(actor)}
    locks = _locks({(one.site_id, one.month) for one in found})
    return [_row(one, teams, locks) for one in found]


def _locks(places: set[tuple[int, date]]) -> Mapping[tuple[int, date], datetime | None]:
    wanted = Q(pk__in=[])
    for month in {month for _site, month in places}:
        wanted |= Q(month=month, site_id__in=[site for site, one in places if one == month])
    return {(site, month): at for site, month, at in Month.objects.filter(wanted).values_list("site_id", "month", "locked_at")}


def _floor(one: Sheet) -> tuple[Floor, str]:
    found, clause = terms.floor_at(one.site.handbook, midnight(one.month))
    return rules.floor(max(Decimal(0), -one.money), Decimal(one.wage) if one.wage else None, found), clause


def _row(one: Sheet, teams: Mapping[int, str], locks: Mapping[tuple[int, date], datetime | None]) -> SheetRow:
    floor, _clause = _floor(one)
    return SheetRow(
        one.pk, one.staff_id, one.staff.name, one.staff.staff_no, one.site_id, one.site.name, one.team_id,
        teams.get(one.team_id or 0, ""), one.month, one.points, one.money, one.used_points, one.used_money, one.entries,
        one.acknowledged_at, one.acknowledged_at is not None and one.acknowledged_entries == one.entries,
        locks.get((one.site_id, one.month)), floor.over, bool(one.wage), one.version,
    )  # fmt: skip


def statement(actor: Actor, staff_id: int, month: date) -> Statement:
    """A person's month; ``NotFound`` out of reach, or when there is nothing."""
    first = rules.month_of(month)
    sheet = access.visible_sheets(actor).select_related("staff", "site").filter(staff_id=staff_id, month=first).first()
    if sheet is None:
        raise NotFound
    lines = queries.listed(Entry.objects.filter(sheet=sheet).order_by("day", "pk"))
    floor, clause = _floor(sheet)
    (row,) = _listed(actor, [sheet])
    return Statement(
        row, tuple(lines), floor, clause, sheet.wage if actor.may(Permission.PENALTY_MANAGE) or sheet.staff_id == actor.staff_id else "",
        deducted=sum((one.money for one in lines if one.money < 0), Decimal(0)),
        given=sum((one.money for one in lines if one.money > 0), Decimal(0)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sums:
    """What lines of a month come to, summed from the lines themselves."""

    entries: int
    people: int
    breaches: int
    merits: int
    reversals: int
    points: Decimal
    money: Decimal


def sums(actor: Actor, *, month: date | None, site_id: int | None = None, team_id: int | None = None, staff_id: int | None = None) -> Sums:
    """Figures of a month over the lines the actor may see; each opens the list with the same filter."""
    found = queries.rows(actor, queries.Wanted(month=month, site_id=site_id, team_id=team_id, staff_id=staff_id)).aggregate(
        n=Count("pk"), people=Count("staff_id", distinct=True), points=Sum("points"), money=Sum("money"),
        breaches=Count("pk", filter=Q(kind=Kind.BREACH)), merits=Count("pk", filter=Q(kind=Kind.MERIT)),
        reversals=Count("pk", filter=Q(kind=Kind.REVERSAL)),
    )  # fmt: skip
    nothing = Decimal(0)
    return Sums(
        found["n"], found["people"], found["breaches"], found["merits"], found["reversals"], found["points"] or nothing,
        found["money"] or nothing,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class MonthRow:
    """A month of a site: its lines, its sums, whether it is locked."""

    site_id: int
    site: str
    month: date
    entries: int
    points: Decimal
    money: Decimal
    locked_at: datetime | None
    locked_by: str


def months(actor: Actor, *, month: date) -> list[MonthRow]:
    """The months of the sites in reach that have lines, or could be locked."""
    people_access.require(actor, Permission.PENALTY_VIEW)
    held = {one.site_id: one for one in access.visible_months(actor).filter(month=rules.month_of(month))}
    totals = access.visible_entries(actor).filter(month=rules.month_of(month)).order_by().values("site_id")
    counted = {one["site_id"]: one for one in totals.annotate(n=Count("pk"), points=Sum("points"), money=Sum("money"))}
    out = []
    for site in people.sites(actor):
        one, lock = counted.get(site.pk), held.get(site.pk)
        if one or lock:
            out.append(
                MonthRow(
                    site.pk, site.name, rules.month_of(month), one["n"] if one else 0, one["points"] if one else Decimal(0),
                    one["money"] if one else Decimal(0), lock.locked_at if lock else None, lock.locked_by if lock else "",
                )
            )  # fmt: skip
    return out
