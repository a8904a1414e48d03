"""The manager's figures: totals, shares with their formula, by hour or day, by site and by person; every number opens (PERF1, PERF4)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.db.models.functions import ExtractHour
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kefu.cases import access as cases
from kefu.console import times
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import inspection_words as words
from kefu.console.views.inspection_filters import Asked, Filter, Period, address, period, site_choices
from kefu.console.views.scorecards import presets
from kefu.conversations import access as conversations
from kefu.kernel.actor import Actor
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.performance import queries as performance
from kefu.quality import access as quality

_NOTHING = Decimal(0)
# Figures at the top, in the order people look at them; the others stand in the tables.
SHOWN = ("conversations", "cases_opened", "cases_closed", "clocks_met", "clocks_breached", "inspected", "findings", "reviews")
TABLE = ("conversations", "cases_opened", "cases_closed", "clocks_breached", "inspected", "findings", "reviews", "points", "money")
BAD = {"clocks_breached"}
_MOST_ITEMS = 10


@dataclass(frozen=True, slots=True)
class Cell:
    """A number, in words, and where it leads."""

    value: Decimal
    words: str
    address: str


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table of figures."""

    name: str
    note: str
    address: str
    cells: tuple[Cell, ...]


class Openings:
    """Addresses of the lists behind the numbers."""

    def __init__(self, actor: Actor, span: Period) -> None:
        self._actor, self._span = actor, span
        self._measures = {measure.key: measure for measure in performance.MEASURES}

    def of(self, key: str, *, site: int | None = None, staff: int | None = None, span: Period | None = None) -> str:
        """The rows a measure counts, as far as a list can show them."""
        measure = self._measures.get(key)
        # The list of cases knows the day of opening alone, so only what is counted by it opens there.
        if measure is None or (measure.opens == "cases" and key != "cases_opened") or measure.opens == "clocks":
            return ""
        query = {**dict(measure.filters), **(span or self._span).query, "site": str(site or "")}
        if key == "inspected":
            query["result"] = "done"
        query["assignee" if measure.opens == "cases" else "staff"] = str(staff or "")
        return address(measure.opens, self._actor, query)


def worded(key: str, value: Decimal) -> str:
    """A figure as it is printed."""
    return times.money(value) if key == "money" else times.number(value, 0 if value == value.to_integral_value() else 1)


@page("day", "day", permission=Permission.PERFORMANCE_VIEW)
def day(request: ConsoleRequest) -> HttpResponse:
    """Today, or the days chosen."""
    actor = request.actor
    span = period(request, days=1)
    wanted = Asked.of(
        request,
        reverse("console:day"),
        [Filter("site", _("站点"), site_choices(actor)), Filter("since", _("从"), kind="day"), Filter("until", _("到"), kind="day")],
    )
    site = wanted.id("site")
    found = performance.figures(actor, since=span.since, until=span.until, site_id=site)
    before = _before(actor, span, site)
    opens = Openings(actor, span)
    context = {
        "asked": wanted,
        "span": span,
        "presets": presets(wanted, span),
        "totals": _totals(found, before, opens, site),
        "ratios": _ratios(found, before),
        "chart": _by_hour(actor, span, site) if span.days == 1 else _by_day(found, opens, site),
        "sites": _sites(actor, found, opens) if site is None else [],
        "staff": _staff(actor, found, opens, site, span),
        "columns": [{"label": ""}, *({"label": str(_title(key)), "num": True} for key in TABLE)],
        "items": _items(actor, span, site),
        "nothing": not any(found.totals.values()),
    }
    return render(request, "day/page.jinja", context, part="lists" if request.headers.get("HX-Target") == "day-lists" else "figures")


def _title(key: str) -> Any:
    return next(measure.title for measure in performance.MEASURES if measure.key == key)


def _before(actor: Actor, span: Period, site: int | None) -> performance.Figures:
    """The same number of days just before, to compare with."""
    until = span.since - timedelta(days=1)
    return performance.figures(actor, since=until - timedelta(days=span.days - 1), until=until, site_id=site)


@dataclass(frozen=True, slots=True)
class Total:
    """A figure with its name; ``before`` is the same of the days before."""

    title: str
    cell: Cell
    before: str
    tone: str | None


def _totals(found: performance.Figures, before: performance.Figures, opens: Openings, site: int | None) -> list[Total]:
    out = []
    for key in SHOWN:
        value = found.totals.get(key, _NOTHING)
        cell = Cell(value, worded(key, value), opens.of(key, site=site) if value else "")
        out.append(Total(str(_title(key)), cell, worded(key, before.totals.get(key, _NOTHING)), "bad" if key in BAD and value else None))
    return out


def _ratios(found: performance.Figures, before: performance.Figures) -> list[dict[str, str]]:
    titles = {measure.key: str(measure.title) for measure in performance.MEASURES} | {"score": _("质检分合计")}
    out = []
    for ratio in performance.RATIOS:
        whole = sum((found.totals.get(key, _NOTHING) for key in ratio.whole), _NOTHING)
        out.append({
            "title": str(ratio.title),
            "value": _share(ratio.key, found.ratios.get(ratio.key)),
            "before": _share(ratio.key, before.ratios.get(ratio.key)),
            "formula": str(ratio.formula),
            "filled": f"{worded('', found.totals.get(ratio.part, _NOTHING))} ÷ {worded('', whole)}",
            "part": titles.get(ratio.part, ratio.part),
        })  # fmt: skip
    return out


def _share(key: str, value: Decimal | None) -> str:
    return times.number(value, 1) if key == "mean_score" else times.percent(value)


def _by_day(found: performance.Figures, opens: Openings, site: int | None) -> dict[str, Any]:
    days = sorted(found.by_day)

    def bars(key: str) -> list[dict[str, Any]]:
        return [
            {"value": int(found.by_day[one].get(key, _NOTHING)), "href": opens.of(key, site=site, span=Period(one, one))} for one in days
        ]

    return {
        "title": _("按天"),
        "summary": _("每天的会话、新建工单和扣分项。"),
        "options": _bars(
            [f"{one.month}/{one.day}" for one in days],
            [
                (_("通话与会话"), bars("conversations"), "@accent-fill"),
                (pgettext("figure", "新建工单"), bars("cases_opened"), "@quiet-fill"),
            ],
            (_("质检扣分项"), bars("findings"), "@bad-fill"),
        ),
    }


def _by_hour(actor: Actor, span: Period, site: int | None) -> dict[str, Any]:
    """Load over the day, counted from the rows themselves: facts are kept by day."""
    talks = _hours(conversations.visible_to(actor), "started_at", span, site)
    opened = _hours(cases.visible_to(actor), "opened_at", span, site) if actor.may(Permission.CASE_VIEW) else Counter[int]()
    first = min([8, *talks, *opened])
    last = max([20, *talks, *opened])
    hours = range(first, last + 1)
    busiest = max(hours, key=lambda hour: talks[hour])
    return {
        "title": _("按小时"),
        "summary": _("会话最多的是 %(hour)s 点，%(count)s 通。") % {"hour": busiest, "count": talks[busiest]},
        "options": _bars(
            [f"{hour}:00" for hour in hours],
            [
                (_("通话与会话"), [{"value": talks[hour]} for hour in hours], "@accent-fill"),
                (pgettext("figure", "新建工单"), [{"value": opened[hour]} for hour in hours], "@quiet-fill"),
            ],
            None,
        ),
    }


def _hours(rows: Any, column: str, span: Period, site: int | None) -> Counter[int]:
    narrowed = rows.filter(**{f"{column}__gte": span.start(), f"{column}__lt": span.end()})
    if site is not None:
        narrowed = narrowed.filter(site_id=site)
    hour = ExtractHour(column, tzinfo=timezone.get_current_timezone())
    return Counter(dict(narrowed.order_by().annotate(hour=hour).values_list("hour").annotate(n=Count("pk"))))


def _bars(names: Sequence[str], bars: Sequence[tuple[str, list[Any], str]], line: tuple[str, list[Any], str] | None) -> dict[str, Any]:
    series: list[dict[str, Any]] = [
        {"name": name, "type": "bar", "barMaxWidth": 18, "data": data, "color": colour} for name, data, colour in bars
    ]
    if line is not None:
        name, data, colour = line
        series.append({"name": name, "type": "line", "symbolSize": 6, "data": data, "color": colour})
    return {
        "xAxis": {"type": "category", "data": list(names)},
        "yAxis": {"type": "value", "minInterval": 1},
        "legend": {},
        "series": series,
    }


def _cells(sums: Mapping[str, Decimal], opens: Openings, site: int | None, staff: int | None) -> tuple[Cell, ...]:
    out = []
    for key in TABLE:
        value = sums.get(key, _NOTHING)
        out.append(Cell(value, worded(key, value), opens.of(key, site=site, staff=staff) if value else ""))
    return tuple(out)


def _sites(actor: Actor, found: performance.Figures, opens: Openings) -> list[Line]:
    names = {site.pk: site for site in people_queries.sites(actor)}
    lines = [
        Line(names[pk].name, str(names[pk].get_kind_display()), opens_day(actor, pk, found), _cells(sums, opens, pk, None))
        for pk, sums in found.by_site.items()
        if pk in names
    ]
    return sorted(lines, key=lambda line: -line.cells[0].value)


def opens_day(actor: Actor, site: int, found: performance.Figures) -> str:
    """This page for one site."""
    return address("day", actor, {"site": str(site), "since": found.since.isoformat(), "until": found.until.isoformat()})


def _staff(actor: Actor, found: performance.Figures, opens: Openings, site: int | None, span: Period) -> list[Line]:
    names = {one.pk: one for one in people.visible_staff(actor).filter(pk__in=list(found.by_staff))}
    lines = [
        Line(
            names[pk].name,
            f"{names[pk].staff_no} · {names[pk].site.name}",
            address("scorecard", actor, span.query, staff_id=pk),
            _cells(sums, opens, site, pk),
        )
        for pk, sums in found.by_staff.items()
        if pk in names
    ]
    return sorted(lines, key=lambda line: -line.cells[0].value)


def _items(actor: Actor, span: Period, site: int | None) -> list[dict[str, Any]]:
    """Items breached most, with their findings."""
    rows = quality.visible_findings(actor).filter(current=True, mode="auto", at__gte=span.start(), at__lt=span.end())
    if site is not None:
        rows = rows.filter(site_id=site)
    counted: dict[str, list[Any]] = {}
    for item, key, count in rows.order_by().values_list("item", "item_key").annotate(n=Count("pk")):
        one = counted.setdefault(key, [0, item])
        one[0] += count
    ordered = sorted(counted.items(), key=lambda entry: -entry[1][0])[:_MOST_ITEMS]
    most = ordered[0][1][0] if ordered else 1
    return [
        {
            "title": words.title_of(item),
            "count": count,
            "share": round(100 * count / most),
            "clause": words.clause_address(item, actor),
            "address": address("findings", actor, {"item": key, "mode": "auto", "site": str(site or ""), **span.query}),
        }
        for key, (count, item) in ordered
    ]
