"""The dashboard of inspection: hits by item, team, hour and handbook version, shares; every bar opens its findings (QA2, QA6, QA7)."""

from collections.abc import Callable, Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console import times
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import inspection_words as words
from kefu.console.views.inspection import item_choices, tabs
from kefu.console.views.inspection_filters import Asked, Filter, Period, address, period, site_choices
from kefu.console.views.scorecards import presets
from kefu.kernel.actor import Actor
from kefu.kernel.wording import listed
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.performance import hits
from kefu.performance.hits import Board, Line

_BARS = 20
_FILTER = {"item": "item", "team": "team", "hour": "hour", "version": "version"}


@page("scorecards/board", "inspection-board", permission=Permission.QUALITY_VIEW)
def inspection_board(request: ConsoleRequest) -> HttpResponse:
    """The board of a period, of one site or all in reach."""
    actor, span = request.actor, period(request, days=30)
    wanted = Asked.of(
        request,
        reverse("console:inspection-board"),
        [Filter("site", _("站点"), site_choices(actor)), Filter("since", _("从"), kind="day"), Filter("until", _("到"), kind="day")],
    )
    found = hits.board(actor, since=span.since, until=span.until, site_id=wanted.id("site"))
    context = {
        "asked": wanted,
        "span": span,
        "presets": presets(wanted, span),
        "tabs": tabs(actor, "inspection-board"),
        "board": found,
        "charts": _charts(actor, found, span, wanted.get("site")),
        "all": _findings(actor, span, wanted.get("site")),
        "talks": address("conversations", actor, {**_days(span), "result": "done"}),
        "disputes": address("disputes", actor, {"from": span.since.isoformat(), "to": span.until.isoformat()}),
        "calibration": address("calibration", actor),
        "review": address("review", actor),
        "opens": lambda side, key: _findings(actor, span, wanted.get("site"), **{_FILTER[side]: key}),
    }
    return render(request, "inspection/board.jinja", context)


def _days(span: Period) -> dict[str, str]:
    return {"since": span.since.isoformat(), "until": span.until.isoformat()}


def _findings(actor: Actor, span: Period, site: str, **more: str) -> str:
    return address("findings", actor, {**_days(span), "site": site, "mode": "auto", **more})


def _charts(actor: Actor, board: Board, span: Period, site: str) -> list[dict[str, Any]]:
    """One chart per side: its lines in words, and where each leads."""
    items = dict(item_choices(actor))
    teams = {str(team.pk): team.name for team in people.teams(actor)}
    named: list[tuple[str, str, Callable[[str], str]]] = [
        ("item", _("按检查项"), lambda key: items.get(key, key)),
        ("team", _("按班组"), lambda key: teams.get(key, _("没有班组"))),
        ("hour", _("按时段"), lambda key: f"{int(key):02d}"),
        ("version", _("按手册版本"), lambda key: key),
    ]
    out = []
    for side, title, name in named:
        lines = board.sides[side][:_BARS]
        if lines:
            rows = [(name(one.key), one, _opened(actor, span, site, side, one)) for one in lines]
            out.append({"id": side, "title": title, "options": _options(rows), "summary": _summary(title, rows), "rows": rows})
    return out


def _opened(actor: Actor, span: Period, site: str, side: str, one: Line) -> str:
    return "" if side == "team" and one.key == "0" else _findings(actor, span, site, **{_FILTER[side]: one.key})


def _options(rows: Sequence[tuple[str, Line, str]]) -> dict[str, Any]:
    bars = [{"value": one.count, "href": to} if to else {"value": one.count} for _name, one, to in rows]
    waits = [
        {"value": one.waiting, "href": to.replace("mode=auto", "mode=review")} if to else {"value": one.waiting} for _name, one, to in rows
    ]
    return {
        "xAxis": {"type": "category", "data": [name for name, _one, _to in rows], "axisLabel": {"interval": 0, "rotate": 30}},
        "yAxis": {"type": "value", "minInterval": 1},
        "legend": {},
        "series": [
            {"name": str(words.MODES["auto"]), "type": "bar", "stack": "all", "barMaxWidth": 30, "data": bars, "color": "@bad-fill"},
            {"name": str(words.MODES["review"]), "type": "bar", "stack": "all", "barMaxWidth": 30, "data": waits, "color": "@warn-fill"},
        ],
    }


def _summary(title: str, rows: Sequence[tuple[str, Line, str]]) -> str:
    said = [_("%(name)s %(count)s 处") % {"name": name, "count": times.number(one.count)} for name, one, _to in rows[:8]]
    return f"{title}{_('：')}{listed(said)}"
