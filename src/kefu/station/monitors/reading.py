"""Reading the difference sets from the scans: which stand, how many, by age, by day. Whose they are to see ``access`` asks before."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from kefu.station.monitors.models import Difference
from kefu.station.monitors.phrasing import Sql, both, moment, sql
from kefu.station.monitors.rules import AGES, age_bounds
from kefu.station.monitors.sets import SETS, DifferenceSet
from kefu.station.monitors.statement import COLUMNS, Span, Statement
from kefu.station.monitors.terms import Ground, grounds

_FOLLOW = Difference._meta.db_table
_READ = ", ".join(f"r.{name}" for name in COLUMNS)
# How far back somebody may still work on a difference.
REACH = timedelta(days=120)


class Key(NamedTuple):
    """What names a difference within its set."""

    site_id: int
    waybill: str
    piece: str = ""

    def __str__(self) -> str:
        return f"{self.site_id}:{self.waybill}:{self.piece}"


@dataclass(frozen=True, slots=True)
class Standing:
    """A difference as the scans tell it. ``at`` is the expected scan, ``other_id`` the station before (or the next)."""

    id: int
    key: Key
    at: datetime
    code: str
    site_id: int | None
    other_id: int | None
    bag: str
    truck: str
    courier: str
    operator: str
    ground: Ground


@dataclass(frozen=True, slots=True)
class Narrow:
    """What of a set is asked for. ``work``: new, taken, done, mine (of ``staff_id``), lost (warned of); ``age`` of ``rules.AGES``."""

    other_id: int | None = None
    truck: str = ""
    age: str = ""
    work: str = ""
    staff_id: int = 0
    waybills: tuple[str, ...] = ()


class Mark(NamedTuple):
    """A place in the list: the moment and key of a row; ``backwards`` reads what stands before it."""

    at: datetime
    id: int
    backwards: bool


def other_column(one: DifferenceSet) -> str:
    """Which column names the other station of a row."""
    if one.expected.owner == "next_site":
        return "site_id"
    return "next_site_id" if one.settled.where == "next" else "previous_site_id"


def standing(
    one: DifferenceSet, found: Sequence[Ground], span: Span, narrow: Narrow, *, size: int, mark: Mark | None = None
) -> list[Standing]:
    """Differences in order of their time, oldest first, at most ``size``; from a mark on, or backwards from it."""
    rows: list[Standing] = []
    backwards = mark is not None and mark.backwards
    for ground in found:
        direction = "DESC" if backwards else "ASC"
        order = sql(f" ORDER BY r.at {direction}, r.id {direction} LIMIT {{}}", size)
        text = sql(f"{{}} SELECT {_READ} FROM {{}}{{}}", *_from(one, ground, span, narrow, mark), order)
        rows += [_row(one, ground, values) for values in _fetch(text)]
    rows.sort(key=lambda row: (row.at, row.id), reverse=backwards)
    return rows[:size]


def _row(one: DifferenceSet, ground: Ground, values: Sequence[Any]) -> Standing:
    by_name = dict(zip(COLUMNS, values, strict=True))
    return Standing(
        id=by_name["id"],
        key=Key(by_name["owner_id"], by_name["waybill"], by_name["piece"]),
        at=moment(by_name["at"]),
        code=by_name["code"],
        site_id=by_name["site_id"],
        other_id=by_name[other_column(one)],
        bag=by_name["bag"],
        truck=by_name["truck"],
        courier=by_name["courier"],
        operator=by_name["operator"],
        ground=ground,
    )


def _from(one: DifferenceSet, ground: Ground, span: Span, narrow: Narrow, mark: Mark | None = None) -> tuple[Sql, Sql]:
    """The ``WITH`` clause, and what follows ``FROM``: differences with their follow-up, narrowed."""
    follow = sql(
        f"found r LEFT JOIN {_FOLLOW} f ON f.kind = {{}} AND f.site_id = r.owner_id AND f.waybill = r.waybill"
        " AND f.piece = r.piece AND f.closed_at IS NULL WHERE {}",
        one.key,
        both([*_narrowed(one, narrow, span.now), _behind(mark)]),
    )
    return Statement(one, ground, span, narrow.waybills).rows(), follow


def _narrowed(one: DifferenceSet, narrow: Narrow, now: datetime) -> list[Sql | None]:
    since, until = age_bounds(narrow.age, now) if narrow.age else (None, None)
    work = {
        "new": sql("(f.id IS NULL OR (f.handler_id IS NULL AND f.result = ''))"),
        "taken": sql("f.handler_id IS NOT NULL AND f.result = ''"),
        "done": sql("f.result <> ''"),
        "mine": sql("f.handler_id = {}", narrow.staff_id),
        "lost": sql("f.lost_at IS NOT NULL"),
    }
    return [
        sql(f"r.{other_column(one)} = {{}}", narrow.other_id) if narrow.other_id is not None else None,
        sql("r.truck = {}", narrow.truck) if narrow.truck else None,
        sql("r.at > {}", since) if since else None,
        sql("r.at <= {}", until) if until else None,
        work.get(narrow.work),
    ]


def _behind(mark: Mark | None) -> Sql | None:
    if mark is None:
        return None
    sign = "<" if mark.backwards else ">"
    return sql(f"(r.at {sign} {{}} OR (r.at = {{}} AND r.id {sign} {{}}))", mark.at, mark.at, mark.id)


def _fetch(text: Sql) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text.text, list(text.values))
        return list(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Totals:
    """Counts of a set: all, by age (``rules.AGES``), and how many somebody has, has explained, or was warned of."""

    count: int = 0
    ages: tuple[int, ...] = (0,) * len(AGES)
    taken: int = 0
    explained: int = 0
    lost: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        ages = tuple(a + b for a, b in zip(self.ages, other.ages, strict=True))
        return Totals(self.count + other.count, ages, self.taken + other.taken, self.explained + other.explained, self.lost + other.lost)


def totals(one: DifferenceSet, found: Sequence[Ground], span: Span, narrow: Narrow) -> Totals:
    """Counts in one statement for each terms in force."""
    total = Totals()
    for ground in found:
        ages = []
        for age in AGES:
            since, until = age_bounds(age, span.now)
            bounds = both([sql("r.at > {}", since) if since else None, sql("r.at <= {}", until) if until else None])
            ages.append(sql("COUNT(CASE WHEN {} THEN 1 END)", bounds))
        head = sql("{}, {}, {}, {}", *ages)
        work = "COUNT(f.handler_id), COUNT(CASE WHEN f.result <> '' THEN 1 END), COUNT(f.lost_at)"
        row = _fetch(sql(f"{{}} SELECT COUNT(*), {{}}, {work} FROM {{}}", *_between(_from(one, ground, span, narrow), head)))[0]
        total += Totals(row[0], tuple(row[1:5]), row[5], row[6], row[7])
    return total


def _between(parts: tuple[Sql, Sql], middle: Sql) -> tuple[Sql, Sql, Sql]:
    return parts[0], middle, parts[1]


def count(one: DifferenceSet, found: Sequence[Ground], span: Span, narrow: Narrow, cap: int) -> int:
    """How many, up to ``cap``."""
    total = 0
    for ground in found:
        with_, follow = _from(one, ground, span, narrow)
        total += _fetch(sql("{} SELECT COUNT(*) FROM (SELECT 1 FROM {} LIMIT {}) AS counted", with_, follow, cap))[0][0]
    return min(total, cap)


def expected(one: DifferenceSet, found: Sequence[Ground], span: Span) -> int:
    """How many were expected in the time asked and are due by now: the first figure of 应到件."""
    return sum(
        int(
            _fetch(sql("{} SELECT COUNT(*) FROM (SELECT DISTINCT owner_id, waybill, piece FROM found) AS c", _all(one, ground, span)))[0][0]
        )
        for ground in found
    )


def _all(one: DifferenceSet, ground: Ground, span: Span) -> Sql:
    return Statement(one, ground, span).expected()


def standing_by_day(one: DifferenceSet, ground: Ground, span: Span) -> dict[tuple[int, date], tuple[int, int]]:
    """Standing by site and day only, in one statement; the first number is 0."""
    return _by_day([(1, Statement(one, ground, span).rows())])


def by_day(one: DifferenceSet, ground: Ground, span: Span) -> dict[tuple[int, date], tuple[int, int]]:
    """Expected and standing by site and day, in two statements for any number of sites and days."""
    statement = Statement(one, ground, span)
    return _by_day([(0, statement.expected()), (1, statement.rows())])


def _by_day(sources: Sequence[tuple[int, Sql]]) -> dict[tuple[int, date], tuple[int, int]]:
    counts: dict[tuple[int, date], list[int]] = {}
    for place, source in sources:
        day, values = connection.ops.datetime_cast_date_sql("r.at", (), timezone.get_current_timezone_name())
        grouped = sql("{} SELECT r.owner_id, {} AS day, COUNT(*) FROM found r GROUP BY r.owner_id, day", source, Sql(day, tuple(values)))
        for site_id, found, number in _fetch(grouped):
            counts.setdefault((site_id, _day(found)), [0, 0])[place] = number
    return {key: (values[0], values[1]) for key, values in counts.items()}


def _day(value: object) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def still_standing(kind: str, keys: Collection[Key], *, now: datetime, since: datetime | None = None) -> Mapping[Key, Standing]:
    """Which of the differences stand by the scans of this moment."""
    one = SETS[kind]
    found = grounds(one, {key.site_id for key in keys}, now)
    wanted, waybills = set(keys), tuple(sorted({key.waybill for key in keys}))
    span = Span((since or now) - (timedelta(seconds=1) if since else REACH), now + timedelta(seconds=1), now)
    rows: list[Standing] = []
    for start in range(0, len(waybills), 500):
        rows += standing(one, found, span, Narrow(waybills=waybills[start : start + 500]), size=5000)
    return {row.key: row for row in reversed(rows) if row.key in wanted}


def groups(one: DifferenceSet, ground: Ground, span: Span, narrow: Narrow, most: int) -> list[tuple[int | None, str, int]]:
    """Differences by the other station and truck wave, most first."""
    with_, follow = _from(one, ground, span, narrow)
    column = f"r.{other_column(one)}"
    text = sql(
        f"{{}} SELECT {column}, r.truck, COUNT(*) FROM {{}} GROUP BY {column}, r.truck ORDER BY 3 DESC LIMIT {{}}", with_, follow, most
    )
    return [(row[0], row[1], row[2]) for row in _fetch(text)]
