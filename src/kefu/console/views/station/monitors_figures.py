"""Figures of the monitors as the page shows them: every number opens its rows."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console.views.cases_words import clause_title, clause_url
from kefu.console.views.station.figure import Figure
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.lists.station.monitors import AGES
from kefu.people import queries as people
from kefu.station.monitors import queries
from kefu.station.monitors.queries import Wanted
from kefu.station.monitors.sets import FIRST, SETS


def address(wanted: Wanted, **changed: object) -> str:
    """The list as it is asked for, but for what is changed."""
    held: dict[str, object] = {
        "set": wanted.kind,
        "site": wanted.site_id,
        "from": wanted.since,
        "to": wanted.until,
        "other": wanted.previous_id,
        "truck": wanted.truck,
        "age": wanted.age,
        "work": wanted.work,
    }
    query = {name: value for name, value in {**held, **changed}.items() if value not in (None, "")}
    return f"{reverse('console:station-monitors')}?{urlencode(query)}"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that opens its rows; ``current`` when it is what is shown."""

    label: Message
    value: int | None
    href: str
    tone: str = ""
    current: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A site of the matrix with its numbers."""

    name: str
    numbers: list[Number]


@dataclass(frozen=True, slots=True)
class Matrix:
    """The table site by set; one line of ``tabs`` for who reaches one site."""

    heads: list[Message]
    lines: list[Line]
    totals: list[Number]
    tabs: list[dict[str, object]]
    counted_at: datetime | None


def matrix(actor: Actor, wanted: Wanted, now: datetime) -> Matrix:
    """The sets with their numbers of the days asked, as last counted."""
    found = queries.matrix(actor, now=now, since=wanted.since, until=wanted.until)

    def number(kind: str, value: int | None, site_id: int | None, label: Message) -> Number:
        current = kind == wanted.kind and site_id == wanted.site_id
        return Number(label, value, address(wanted, set=kind, site=site_id, age="", work="", truck="", other=""), current=current)

    lines = [
        Line(name, [number(one.key, found.of(pk, one.key), pk, f"{name} {one.title}") for one in found.sets]) for pk, name in found.sites
    ]
    totals = [number(one.key, found.total(one.key), None, one.title) for one in found.sets]
    tabs: list[dict[str, object]] = []
    if len(lines) == 1:
        # Before anything was counted a tab has no number: a nought would say that all is well.
        counted = found.counted_at is not None
        tabs = [
            {"label": str(number.label), "href": number.href, "current": one.key == wanted.kind, "count": number.value if counted else None}
            for one, number in zip(found.sets, totals, strict=True)
        ]
    return Matrix([one.title for one in found.sets], lines, totals, tabs, found.counted_at)


@dataclass(frozen=True, slots=True)
class Totals:
    """The bar above a list."""

    numbers: list[Number]
    clauses: tuple[str, ...]
    days: tuple[date, date]


def totals(actor: Actor, wanted: Wanted, now: datetime) -> Totals:
    """Expected, standing, by age, and how far people are with them."""
    found = queries.summary(actor, wanted, now=now)
    whole = found.totals
    numbers = [Number(SETS[wanted.kind].title, whole.count, address(wanted, age="", work=""), "bad" if whole.count else "good")]
    for (age, title), count in zip(AGES, whole.ages, strict=True):
        tone = "bad" if age == "3" and count else "warn" if age != "0" and count else ""
        numbers.append(Number(title, count, address(wanted, age=age), tone, current=wanted.age == age))
    free = max(whole.count - whole.taken, 0)
    numbers.append(Number(_("未跟进"), free, address(wanted, work="new"), current=wanted.work == "new"))
    numbers.append(Number(_("已有结果"), whole.explained, address(wanted, work="done"), current=wanted.work == "done"))
    if SETS[wanted.kind].lost_after:
        numbers.append(Number(_("疑似遗失"), whole.lost, address(wanted, work="lost"), "bad" if whole.lost else ""))
    if found.expected:
        numbers.insert(0, Number(_("应有"), found.expected, ""))
    return Totals(numbers, tuple(clause_title(one) for one in found.clauses), found.days)


def trend(actor: Actor, wanted: Wanted, now: datetime) -> dict[str, Any] | None:
    """The last thirty days of the set as a chart; nothing before anything was counted."""
    days = queries.trend(actor, wanted.kind, now=now, site_id=wanted.site_id)
    if not any(one.expected for one in days):
        return None
    worst = max(days, key=lambda one: one.standing)
    bars = [
        {"value": one.standing, "href": address(wanted, **{"from": one.day, "to": one.day, "age": "", "work": ""}) if one.standing else ""}
        for one in days
    ]
    title = str(SETS[wanted.kind].title)
    right = {"type": "value", "minInterval": 1, "position": "right", "splitLine": {"show": False}}
    return {
        "title": _("%(title)s：近 30 天") % {"title": title},
        "summary": _("近 30 天差异最多的是 %(day)s，%(count)s 件。")
        % {"day": f"{worst.day.month}/{worst.day.day}", "count": worst.standing},
        "options": {
            "xAxis": {"type": "category", "data": [f"{one.day.month}/{one.day.day}" for one in days]},
            "yAxis": [{"type": "value", "minInterval": 1}, right],
            "legend": {},
            "series": [
                {"name": title, "type": "bar", "barMaxWidth": 18, "data": bars, "color": "@bad-fill"},
                {
                    "name": _("应有（右轴）"),
                    "type": "line",
                    "symbolSize": 5,
                    "yAxisIndex": 1,
                    "data": [one.expected for one in days],
                    "color": "@accent-fill",
                },
            ],
        },
    }


def waves(actor: Actor, wanted: Wanted, now: datetime) -> list[Number]:
    """Where most of them come from: the other site and the truck wave."""
    names = {pk: site.name for pk, site in people.sites_by_id().items()}
    found = queries.waves(actor, wanted, now=now, most=6)
    return [
        Number(
            " ".join(filter(None, (names.get(other or 0, _("上一站不详")), truck))),
            count,
            address(wanted, other=other, truck=truck) if other is not None or truck else "",
        )
        for other, truck, count in found
    ]


@dataclass(frozen=True, slots=True)
class LossWarning:
    """A warning of losses, in words."""

    id: int
    text: str
    cited: tuple[str, str] | None


def notices(actor: Actor) -> list[LossWarning]:
    """What a lead has to take note of."""
    names = {pk: site.name for pk, site in people.sites_by_id().items()}
    return [
        LossWarning(
            one.pk,
            _("%(site)s 有 %(count)s 件发出多日未到件，疑似遗失，请安排查找。") % {"site": names[one.site_id], "count": one.count},
            (clause_title(one.clause), clause_url(one.clause, actor)) if one.clause else None,
        )
        for one in queries.loss_notices(actor)
    ]


def today(actor: Actor, now: datetime) -> list[Figure]:
    """For the board: the sets that are followed up every day, and losses."""
    counts, lost = queries.today_figures(actor, now=now)
    since, until = queries.longest(now)
    found = [
        Figure(SETS[kind].title, counts[kind], address(Wanted(kind)), "warn" if counts[kind] else "")
        for kind in ("not_arrived", "undelivered", "unsigned")
        if kind in counts
    ]
    return [*found, Figure(_("疑似遗失"), lost, address(Wanted(FIRST, since=since, until=until), work="lost"), "bad" if lost else "")]
