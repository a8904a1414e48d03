"""Clocks met and broken: the rows behind the two figures of the day page (PERF4)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.cases import access as cases
from kefu.cases import figures as case_figures
from kefu.clocks import access as clocks
from kefu.clocks import figures
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import inspection_words as words
from kefu.console.views.inspection_filters import Asked, Filter, address, period, site_choices, staff_choices, team_choices
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.paging import Order, capped_count, keyset_page
from kefu.lists import figures as figures_words
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.performance import rates

_ORDER = (Order("due_at", descending=True), Order("pk", descending=True))


@dataclass(frozen=True, slots=True)
class Row:
    """A clock that was decided; ``case`` is nothing for who may not see it."""

    title: str
    clause: str
    met: bool
    due_at: datetime
    met_at: datetime | None
    late_seconds: float | None
    site: str
    case: Any
    address: str


@page("day/clocks", "clocks", permission=Permission.PERFORMANCE_VIEW)
def clock_list(request: ConsoleRequest) -> HttpResponse:
    """Clocks whose deadline fell on the days chosen, newest deadline first."""
    actor, span = request.actor, period(request, days=1)
    wanted = Asked.of(
        request,
        reverse("console:clocks"),
        [
            Filter("outcome", _("结果"), [("met", _("时限达成")), ("breached", _("时限超时"))]),
            Filter("plan", _("只看"), [("1", _("投诉的首次方案"))]),
            Filter("kind", _("工单类型"), list(figures_words.kind_titles(moment.now()).items())),
            Filter("site", _("站点"), site_choices(actor)),
            Filter("team", _("班组"), team_choices(actor)),
            Filter("staff", _("负责人"), staff_choices(actor)),
            Filter("since", _("从"), kind="day"),
            Filter("until", _("到"), kind="day"),
        ],
    )
    found = figures.decided(_chosen(actor, wanted), wanted.get("outcome"), start=span.start(), end=span.end())
    paging = keyset_page(found, _ORDER, size=50, cursor=request.GET.get("cursor") or None)
    context = {
        "asked": wanted,
        "span": span,
        "paging": paging,
        "count": capped_count(found),
        "rows": rows(actor, paging.rows),
        "day_address": address("day", actor, {**span.query, "site": wanted.get("site"), "team": wanted.get("team")}),
    }
    return render(request, "day/clocks.jinja", context, part="list")


def _chosen(actor: Actor, wanted: Asked) -> Any:
    found = rates.plan_clocks(actor, moment.now()) if wanted.get("plan") else clocks.visible_to(actor)
    if kind := wanted.get("kind"):
        found = found.annotate(kind=case_figures.kind_of_subject()).filter(kind=kind, subject_kind="case")
    if site := wanted.id("site"):
        found = found.filter(site_id=site)
    staff_id, team_id = wanted.id("staff"), wanted.id("team")
    if staff_id is not None or team_id is not None:
        staff = people_access.visible_staff(actor).filter(pk=staff_id) if staff_id is not None else people.members(team_id or 0)
        found = found.filter(subject_kind="case", subject_id__in=case_figures.in_hands(staff.order_by().values("pk")))
    return found


def rows(actor: Actor, found: list[Any]) -> list[Row]:
    """Clocks with their cases, sites and clauses, in two queries."""
    shown = cases.visible_to(actor).select_related("assignee").in_bulk([one.subject_id for one in found if one.subject_kind == "case"])
    sites = {site.pk: site.name for site in people.sites(actor)}
    out = []
    for one in found:
        case = shown.get(one.subject_id) if one.subject_kind == "case" else None
        late = (one.met_at - one.due_at).total_seconds() if one.breached_at and one.met_at else None
        out.append(
            Row(
                title=words.title_of(one.clause),
                clause=words.clause_address(one.clause, actor),
                met=one.state == one.State.MET and one.breached_at is None,
                due_at=one.due_at,
                met_at=one.met_at,
                late_seconds=late,
                site=sites.get(one.site_id, ""),
                case=case,
                address=address("case", actor, case_id=case.pk) if case is not None else "",
            )
        )
    return out
