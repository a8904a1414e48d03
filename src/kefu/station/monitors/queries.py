"""Reads of the monitors for screens, files and the API (OPS5, O12)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import Max, QuerySet, Sum
from django.utils import timezone

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, NotFound
from kefu.kernel.moment import midnight
from kefu.kernel.paging import COUNT_CAP, CappedCount, Page, cursor_of, place_of
from kefu.parcels.waybills import clean_waybill
from kefu.people import queries as people
from kefu.station.monitors import access, reading, showing
from kefu.station.monitors.errors import NoSuchSet
from kefu.station.monitors.models import DayCount, Difference, LossNotice
from kefu.station.monitors.reading import Key, Mark, Narrow, Totals
from kefu.station.monitors.rules import MOST_DAYS, days_asked
from kefu.station.monitors.sets import FIRST, SETS, DifferenceSet, sets_for
from kefu.station.monitors.showing import Row
from kefu.station.monitors.statement import Span
from kefu.station.monitors.terms import Ground, grounds

_SOON = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which differences are asked for: a set, a site (all in reach when none), days, and what ``Narrow`` says."""

    kind: str = FIRST
    site_id: int | None = None
    since: date | None = None
    until: date | None = None
    previous_id: int | None = None
    truck: str = ""
    age: str = ""
    work: str = ""
    waybill: str = ""


def set_of(key: str) -> DifferenceSet:
    """A set by its key; raises ``NoSuchSet``."""
    if key not in SETS:
        raise NoSuchSet
    return SETS[key]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question in terms of the statement."""

    one: DifferenceSet
    grounds: list[Ground]
    span: Span
    narrow: Narrow


def _asked(actor: Actor, wanted: Wanted, now: datetime) -> _Asked:
    one = set_of(wanted.kind)
    found = grounds(one, access.sites(actor, wanted.site_id), now)
    numbers = tuple(number for part in wanted.waybill.replace(",", " ").split() if (number := clean_waybill(part)))[:500]
    narrow = Narrow(wanted.previous_id, wanted.truck, wanted.age, wanted.work, actor.own_id, numbers)
    if numbers and wanted.since is None and wanted.until is None:
        return _Asked(one, found, Span(now - reading.REACH, now + _SOON, now), narrow)
    return _Asked(one, found, span_of(wanted.since, wanted.until, now), narrow)


def span_of(since: date | None, until: date | None, now: datetime) -> Span:
    """The days asked as moments; raises ``SpanTooLong``."""
    first, last = days_asked(since, until, timezone.localtime(now).date())
    return Span(midnight(first), midnight(last + timedelta(days=1)), now)


def page(actor: Actor, wanted: Wanted, *, now: datetime, cursor: str | None = None, size: int = 50) -> Page[Row]:
    """Differences, oldest first. The set itself is one statement for each terms in force; scans and follow-ups of the page are two more."""
    asked = _asked(actor, wanted, now)
    mark = _mark(cursor)
    rows = reading.standing(asked.one, asked.grounds, asked.span, asked.narrow, size=size + 1, mark=mark)
    more, rows = len(rows) > size, rows[:size]
    backwards = mark is not None and mark.backwards
    if backwards:
        rows.reverse()
    if not rows:
        return Page([], None, None)
    has_next, has_previous = (True, more) if backwards else (more, mark is not None)
    return Page(
        showing.rows(asked.one, rows, now),
        cursor_of([rows[-1].at, rows[-1].id]) if has_next else None,
        cursor_of([rows[0].at, rows[0].id], backwards=True) if has_previous else None,
    )


def _mark(cursor: str | None) -> Mark | None:
    if not cursor:
        return None
    (at, id_), backwards = place_of(cursor, 2)
    if not isinstance(at, datetime) or not isinstance(id_, int):
        raise Invalid(code="bad_cursor")
    return Mark(at, id_, backwards)


def counted(actor: Actor, wanted: Wanted, *, now: datetime, cap: int = COUNT_CAP) -> CappedCount:
    """How many, capped."""
    asked = _asked(actor, wanted, now)
    found = reading.count(asked.one, asked.grounds, asked.span, asked.narrow, cap + 1)
    return CappedCount(min(found, cap), found > cap)


@dataclass(frozen=True, slots=True)
class Summary:
    """The figures above a list. ``expected``: scans of the days that should have been settled by now; ``clauses`` say how late is late."""

    totals: Totals
    expected: int
    clauses: tuple[str, ...]
    days: tuple[date, date]


def summary(actor: Actor, wanted: Wanted, *, now: datetime) -> Summary:
    """Figures of what is asked, exact, in two statements for each terms in force. The age filter does not narrow them: they offer it."""
    asked = _asked(actor, replace(wanted, age=""), now)
    days = timezone.localtime(asked.span.since).date(), timezone.localtime(asked.span.until - _SOON).date()
    plain = asked.narrow == Narrow(staff_id=actor.own_id)
    return Summary(
        reading.totals(asked.one, asked.grounds, asked.span, asked.narrow),
        reading.expected(asked.one, asked.grounds, asked.span) if plain else 0,
        tuple(dict.fromkeys(ground.terms.clause for ground in asked.grounds if ground.terms.clause)),
        days,
    )


def matching(actor: Actor, wanted: Wanted, *, now: datetime, most: int) -> list[Key]:
    """Keys of what is asked, oldest first, up to ``most``: for work on all of them."""
    asked = _asked(actor, wanted, now)
    return [row.key for row in reading.standing(asked.one, asked.grounds, asked.span, asked.narrow, size=most)]


@dataclass(frozen=True, slots=True)
class Matrix:
    """Differences by site and set over some days, as last counted; sites that have none of a set are left out of it."""

    sites: Sequence[tuple[int, str]]
    sets: Sequence[DifferenceSet]
    counts: Mapping[tuple[int, str], int]
    counted_at: datetime | None

    def of(self, site_id: int, kind: str) -> int | None:
        """How many; ``None`` where the set makes no sense or nothing was counted."""
        return self.counts.get((site_id, kind))

    def total(self, kind: str) -> int:
        """How many at all sites."""
        return sum(count for (_site, one), count in self.counts.items() if one == kind)


def matrix(actor: Actor, *, now: datetime, since: date | None = None, until: date | None = None, site_id: int | None = None) -> Matrix:
    """The small table site by set, from the counts kept by day: one statement."""
    reach = access.sites(actor, site_id)
    first, last = days_asked(since, until, timezone.localtime(now).date())
    rows = _counts(reach).filter(day__gte=first, day__lte=last).values_list("site_id", "kind")
    counts: dict[tuple[int, str], int] = {}
    counted_at: datetime | None = None
    for site, kind, number, at in rows.annotate(number=Sum("standing"), at=Max("counted_at")):
        counts[site, kind] = number
        counted_at = max(counted_at or at, at)
    known = people.sites_by_id()
    sites = [(pk, site.name) for pk, site in sorted(known.items(), key=lambda item: item[1].path) if (reach is None or pk in reach)]
    places = [(pk, name) for pk, name in sites if sets_for(known[pk].kind)]
    used = {kind for pk, _name in places for kind in (one.key for one in sets_for(known[pk].kind))}
    return Matrix(places, [one for one in SETS.values() if one.key in used], counts, counted_at)


def _counts(reach: Collection[int] | None) -> QuerySet[DayCount]:
    rows = DayCount.objects.all()
    return rows if reach is None else rows.filter(site_id__in=sorted(reach))


@dataclass(frozen=True, slots=True)
class TrendDay:
    """A day of the trend: what was expected of it and what is a difference still."""

    day: date
    expected: int
    standing: int


def trend(actor: Actor, kind: str, *, now: datetime, site_id: int | None = None, days: int = 30) -> list[TrendDay]:
    """The last days of a set, from the counts kept by day: one statement. Days without a count are left out as zero."""
    set_of(kind)
    reach = access.sites(actor, site_id)
    today = timezone.localtime(now).date()
    first = today - timedelta(days=min(days, MOST_DAYS) - 1)
    rows = _counts(reach).filter(kind=kind, day__gte=first, day__lte=today).values_list("day")
    known = {day: (whole, left) for day, whole, left in rows.annotate(whole=Sum("expected"), left=Sum("standing"))}
    span = (first + timedelta(days=place) for place in range((today - first).days + 1))
    return [TrendDay(day, *known.get(day, (0, 0))) for day in span]


def longest(now: datetime) -> tuple[date, date]:
    """The most days a list shows at once, up to today."""
    today = timezone.localtime(now).date()
    return today - timedelta(days=MOST_DAYS - 1), today


def today_figures(actor: Actor, *, now: datetime) -> tuple[Mapping[str, int], int]:
    """Differences of the usual days by set, and how many were warned of as lost: two statements, for the board."""
    found = matrix(actor, now=now)
    since = midnight(longest(now)[0])
    lost = access.visible_to(actor).filter(closed_at=None, result="", expected_at__gte=since).exclude(lost_at=None)
    return {one.key: found.total(one.key) for one in found.sets}, lost.count()


def follow_up(actor: Actor, difference_id: int) -> Difference:
    """One follow-up in reach, or ``NotFound``."""
    found = access.visible_to(actor).select_related("handler").filter(pk=difference_id).first()
    if found is None:
        raise NotFound
    return found


def problems_of(difference_ids: Collection[int]) -> Mapping[int, int]:
    """Problem parcels by follow-up; those without one are left out."""
    rows = Difference.objects.filter(pk__in=difference_ids).exclude(problem_id=None)
    return {pk: problem_id for pk, problem_id in rows.values_list("pk", "problem_id") if problem_id is not None}


def loss_notices(actor: Actor) -> list[LossNotice]:
    """What the leads of sites in reach have not yet taken note of, newest first."""
    return list(access.notices_for(actor).order_by("-pk")[:20])


def waves(actor: Actor, wanted: Wanted, *, now: datetime, most: int = 30) -> list[tuple[int | None, str, int]]:
    """Differences asked for by the other station and truck wave, with their numbers, most first: where to ask first."""
    asked = _asked(actor, wanted, now)
    found: dict[tuple[int | None, str], int] = {}
    for ground in asked.grounds:
        for other, truck, number in reading.groups(asked.one, ground, asked.span, asked.narrow, most):
            found[other, truck] = found.get((other, truck), 0) + number
    return sorted(((other, truck, number) for (other, truck), number in found.items()), key=lambda row: -row[2])[:most]
