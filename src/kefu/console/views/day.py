"""The manager's figures: totals, shares with their formula, by hour or day, by site and by person; every number opens (PERF1, PERF4)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console import times
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import day_load
from kefu.console.views import day_wall as wall
from kefu.console.views import inspection_words as words
from kefu.console.views.day_openings import Cell, Choice, Openings, worded
from kefu.console.views.inspection_filters import Asked, Filter, Period, address, period, site_choices, team_choices
from kefu.console.views.scorecards import presets
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
COUNTED = {measure.key for measure in performance.MEASURES}
_MOST_ITEMS = 10


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table of figures."""

    name: str
    note: str
    address: str
    cells: tuple[Cell, ...]


@page("day", "day", permission=Permission.PERFORMANCE_VIEW)
def day(request: ConsoleRequest) -> HttpResponse:
    """Today, or the days chosen; with ``wall=1`` as a screen on the wall."""
    actor = request.actor
    span = period(request, days=1)
    wanted = Asked.of(
        request,
        reverse("console:day"),
        [
            Filter("site", _("站点"), site_choices(actor)),
            Filter("team", _("班组"), team_choices(actor)),
            Filter("since", _("从"), kind="day"),
            Filter("until", _("到"), kind="day"),
        ],
    )
    opens = Openings(actor, span, Choice(wanted.id("site"), wanted.id("team")))
    found, before = _figures(actor, span, opens.choice), _figures(actor, _before(span), opens.choice)
    if request.GET.get("wall") == "1":
        return render(request, "day/wall.jinja", wall.context(actor, wanted, opens, found, before), part="figures")
    load = day_load.load_of(actor, opens) if span.days == 1 else None
    context = {
        "asked": wanted,
        "span": span,
        "presets": presets(wanted, span),
        "totals": totals(found, before, opens),
        "ratios": _ratios(found, before, opens),
        "chart": day_load.by_hour(load, opens) if load else day_load.by_day(found, opens),
        "hours": load.hours() if load else (),
        "people_load": day_load.by_person(actor, load, opens) if load else [],
        "sites": _sites(actor, found, opens) if opens.choice.site is None and opens.choice.team is None else [],
        "staff": _staff(actor, found, opens),
        "columns": [{"label": ""}, *({"label": str(title_of(key)), "num": True} for key in TABLE)],
        "items": _items(actor, opens),
        "wall": wanted.address(wall="1"),
        "figures": address("figures", actor, {**span.query, "site": wanted.get("site")}),
        "nothing": not any(found.totals.values()),
    }
    return render(request, "day/page.jinja", context, part="figures")


def _figures(actor: Actor, span: Period, choice: Choice) -> performance.Figures:
    staff = list(people_queries.members(choice.team).values_list("pk", flat=True)) if choice.team is not None else None
    return performance.figures(actor, since=span.since, until=span.until, site_id=choice.site, staff_ids=staff)


def title_of(key: str) -> Any:
    return next(measure.title for measure in performance.MEASURES if measure.key == key)


def _before(span: Period) -> Period:
    """The same number of days just before, to compare with."""
    until = span.since - timedelta(days=1)
    return Period(until - timedelta(days=span.days - 1), until)


@dataclass(frozen=True, slots=True)
class Total:
    """A figure with its name; ``before`` is the same of the days before."""

    title: str
    cell: Cell
    before: str
    tone: str | None


def totals(found: performance.Figures, before: performance.Figures, opens: Openings) -> list[Total]:
    """The figures at the top, each with the rows it counts."""
    out = []
    for key in SHOWN:
        value = found.totals.get(key, _NOTHING)
        tone = "bad" if key in BAD and value else None
        out.append(Total(str(title_of(key)), opens.cell(key, value), worded(key, before.totals.get(key, _NOTHING)), tone))
    return out


def _ratios(found: performance.Figures, before: performance.Figures, opens: Openings) -> list[dict[str, Any]]:
    out = []
    for ratio in performance.RATIOS:
        part = found.totals.get(ratio.part, _NOTHING)
        whole = sum((found.totals.get(key, _NOTHING) for key in ratio.whole), _NOTHING)
        # A sum of two counts, and the sum of scores, open no one list: their parts do.
        one = ratio.whole[0] if len(ratio.whole) == 1 else ""
        out.append({
            "title": str(ratio.title),
            "value": share(ratio.key, found.ratios.get(ratio.key)),
            "before": share(ratio.key, before.ratios.get(ratio.key)),
            "formula": str(ratio.formula),
            "part": opens.cell(ratio.part, part) if ratio.part in COUNTED else Cell(part, worded("", part), ""),
            "whole": opens.cell(one, whole) if one else Cell(whole, worded("", whole), opens.of("clocks_met", outcome="") if whole else ""),
        })  # fmt: skip
    return out


def share(key: str, value: Decimal | None) -> str:
    return times.number(value, 1) if key == "mean_score" else times.percent(value)


def _cells(sums: Mapping[str, Decimal], opens: Openings, site: int | None, staff: int | None) -> tuple[Cell, ...]:
    return tuple(opens.cell(key, sums.get(key, _NOTHING), site=site, staff=staff) for key in TABLE)


def _sites(actor: Actor, found: performance.Figures, opens: Openings) -> list[Line]:
    names = {site.pk: site for site in people_queries.sites(actor)}
    lines = [
        Line(
            names[pk].name,
            str(names[pk].get_kind_display()),
            address("day", actor, {"site": str(pk), **opens.span.query}),
            _cells(sums, opens, pk, None),
        )
        for pk, sums in found.by_site.items()
        if pk in names
    ]
    return sorted(lines, key=lambda line: -line.cells[0].value)


def _staff(actor: Actor, found: performance.Figures, opens: Openings) -> list[Line]:
    names = {one.pk: one for one in people.visible_staff(actor).filter(pk__in=list(found.by_staff))}
    lines = [
        Line(
            names[pk].name,
            f"{names[pk].staff_no} · {names[pk].site.name}",
            address("scorecard", actor, opens.span.query, staff_id=pk),
            _cells(sums, opens, None, pk),
        )
        for pk, sums in found.by_staff.items()
        if pk in names
    ]
    return sorted(lines, key=lambda line: -line.cells[0].value)


def _items(actor: Actor, opens: Openings) -> list[dict[str, Any]]:
    """Items breached most, with their findings."""
    span, choice = opens.span, opens.choice
    rows = quality.visible_findings(actor).filter(current=True, mode="auto", at__gte=span.start(), at__lt=span.end())
    if choice.site is not None:
        rows = rows.filter(site_id=choice.site)
    if choice.team is not None:
        rows = rows.filter(staff_id__in=people_queries.members(choice.team).values("pk"))
    counted: dict[str, list[Any]] = {}
    for item, key, count in rows.order_by().values_list("item", "item_key").annotate(n=Count("pk")):
        one = counted.setdefault(key, [0, item])
        one[0] += count
    ordered = sorted(counted.items(), key=lambda entry: -entry[1][0])[:_MOST_ITEMS]
    most = ordered[0][1][0] if ordered else 1
    chosen = {"site": str(choice.site or ""), "team": str(choice.team or ""), **span.query}
    return [
        {
            "title": words.title_of(item),
            "count": count,
            "share": round(100 * count / most),
            "clause": words.clause_address(item, actor),
            "address": address("findings", actor, {"item": key, "mode": "auto", **chosen}),
        }
        for key, (count, item) in ordered
    ]
