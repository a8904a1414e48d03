"""Figures of complaints, claims, returns and first plans over days: chosen, drawn, and each number opening its rows (SHOP8, PERF1)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kefu.console import times
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.inspection_filters import Asked as Address
from kefu.console.views.inspection_filters import Filter, address, period, site_choices
from kefu.kernel import moment
from kefu.lists import figures as words
from kefu.lists.figures import Column
from kefu.people.permissions import Permission
from kefu.performance import rates
from kefu.performance.rates import About, Asked, Line

_DRAWN = 20
"""Bars of a chart; more stand in the table."""
_WORDED: Mapping[str, Callable[[Any], str]] = {
    "number": times.number,
    "money": times.money,
    "percent": times.percent,
    "rate": lambda value: times.number(value, 2),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """A number in words and where it leads."""

    label: str
    words: str
    address: str


@page("figures", "figures", permission=Permission.PERFORMANCE_VIEW)
def figures(request: ConsoleRequest) -> HttpResponse:
    """One figure by one grouping, beside it the whole of the others."""
    actor, span, now = request.actor, period(request, days=30), moment.now()
    seen = [one for one in rates.ABOUT if rates.may_see(actor, one)]
    if not seen:
        messages.info(request, _("统计里的数字来自工单、理赔和网店订单，您的岗位暂时都看不到。"))
        return redirect(request, reverse("console:day"))
    about = _about(request.GET.get("about", ""), seen)
    by = request.GET.get("by", "")
    by = by if by in rates.BY[about] else rates.BY[about][0]
    wanted = Address.of(
        request,
        reverse("console:figures"),
        [
            Filter("about", pgettext("figures", "指标"), [(one, str(words.TITLES[one])) for one in seen]),
            Filter("by", pgettext("figures", "分组"), [(one, str(words.BY_TITLES[one])) for one in rates.BY[about]]),
            Filter("site", _("站点"), site_choices(actor)),
            Filter("since", _("从"), kind="day"),
            Filter("until", _("到"), kind="day"),
        ],
    )
    asked = Asked(actor, span.since, span.until, wanted.id("site"), now)
    found, totals = rates.figures(asked, about, by), rates.totals(asked)
    rows = words.rows(asked, by, found.lines)
    context = {
        "asked": wanted,
        "span": span,
        "about": about,
        "by": by,
        "presets": _presets(wanted, asked),
        "tabs": [{"label": str(words.TITLES[one]), "href": wanted.address(about=one, by=""), "current": one == about} for one in seen],
        "cards": [_card(wanted, one, line) for one, line in totals.items()],
        "chart": _chart(asked, about, by, rows) if rows else None,
        "columns": [{"label": str(words.BY_TITLES[by])}, *({"label": str(one.title), "num": True} for one in words.NUMBERS[about])],
        "lines": [(row.title, _cells(asked, about, by, row.line)) for row in rows],
        "total": _cells(asked, about, "", found.total),
        "formula": str(words.FORMULAS[about]),
        "title": str(words.TITLES[about]),
        "source": words.key_of(about),
        "query": {"by": by, "site": wanted.get("site"), **span.query},
        "day_address": address("day", actor, {**span.query, "site": wanted.get("site")}),
    }
    return render(request, "figures/page.jinja", context, part="figures")


def _about(given: str, seen: list[About]) -> About:
    return given if given in seen else seen[0]


def _presets(wanted: Address, asked: Asked) -> list[dict[str, Any]]:
    today = timezone.localdate(asked.now)
    spans = (
        (_("今天"), today),
        (_("本周"), today - timedelta(days=today.weekday())),
        (_("本月"), today.replace(day=1)),
        (_("近 30 天"), today - timedelta(days=29)),
    )
    return [
        {
            "label": label,
            "href": wanted.address(since=since.isoformat(), until=today.isoformat()),
            "current": (since, today) == (asked.since, asked.until),
        }
        for label, since in spans
    ]


def _card(wanted: Address, about: About, line: Line) -> dict[str, Any]:
    """The headline of a figure; it leads to its own table."""
    first = next(one for one in words.NUMBERS[about] if one.key == "rate")
    notes = [f"{one.title} {_said(one, line)}" for one in words.NUMBERS[about] if one.key != "rate" and one.key in _NOTED[about]]
    return {
        "title": str(words.TITLES[about] if about == "plans" else first.title),
        "value": _said(first, line),
        "note": " · ".join(notes),
        "href": wanted.address(about=about, by=""),
    }


_NOTED: Mapping[About, tuple[str, ...]] = {
    "complaints": ("count",), "claims": ("amount_rate",), "returns": ("return_rate",), "plans": ("of",),
}  # fmt: skip


def _said(column: Column, line: Line) -> str:
    return _WORDED[column.kind](getattr(line, column.key))


def _cells(asked: Asked, about: About, by: str, line: Line) -> list[Cell]:
    return [Cell(str(one.title), _said(one, line), _href(asked, about, by, line, one)) for one in words.NUMBERS[about]]


def _href(asked: Asked, about: About, by: str, line: Line, column: Column) -> str:
    if not column.opens or not getattr(line, column.key):
        return ""
    name, query = words.opens(asked, about, by, line.key, column.opens)
    return address(name, asked.actor, query)


def _chart(asked: Asked, about: About, by: str, rows: list[words.Row]) -> dict[str, Any]:
    """Counts as bars that open their rows, the rate as a line on its own axis."""
    drawn = rows if by == "day" else rows[:_DRAWN]
    count = next(one for one in words.NUMBERS[about] if one.key == "count")
    rate = next(one for one in words.NUMBERS[about] if one.key == "rate")
    bars = [{"value": one.line.count, "href": _href(asked, about, by, one.line, count)} for one in drawn]
    line = [_point(rate, one.line.rate) for one in drawn]
    left: dict[str, Any] = {"type": "value", "minInterval": 1}
    right: dict[str, Any] = {"type": "value", "position": "right", "splitLine": {"show": False}}
    return {
        "title": _("%(what)s：按%(by)s") % {"what": words.TITLES[about], "by": words.BY_TITLES[by]},
        "summary": _("%(count)s 最多的是 %(name)s：%(value)s。") % _most(count, drawn),
        "options": {
            "xAxis": {"type": "category", "data": [one.title for one in drawn]},
            "yAxis": [left, right],
            "legend": {},
            "series": [
                {"name": str(count.title), "type": "bar", "barMaxWidth": 24, "data": bars, "color": "@accent-fill"},
                {
                    "name": _axis(rate), "type": "line", "symbolSize": 8, "yAxisIndex": 1, "data": line, "color": "@warn-fill",
                    # Only days follow one another; between kinds or causes there is no line to draw.
                    "lineStyle": {"width": 2 if by == "day" else 0},
                },
            ],
        },
    }  # fmt: skip


def _point(column: Column, value: Decimal | None) -> float | None:
    if value is None:
        return None
    return round(float(value) * (100 if column.kind == "percent" else 1), 2)


def _axis(column: Column) -> str:
    return f"{column.title} %" if column.kind == "percent" else str(column.title)


def _most(count: Column, drawn: list[words.Row]) -> dict[str, str]:
    most = max(drawn, key=lambda one: one.line.count)
    return {"count": str(count.title), "name": most.title, "value": times.number(most.line.count)}
