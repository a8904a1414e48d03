"""Coverage by the machine and by people, and inspectors' workload; every number opens its rows (QA6)."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.inspection_filters import Period, period, site_choices, whole
from kefu.console.views.review import tabs
from kefu.kernel import moment
from kefu.people.permissions import Permission
from kefu.review import coverage
from kefu.review.coverage import CoverageRow

_DAYS = 14


@page("review/coverage", "review-coverage", permission=Permission.QUALITY_VIEW)
def review_coverage(request: ConsoleRequest) -> HttpResponse:
    """Of what was said: how much the machine judged, how much a person scored."""
    found = period(request, days=_DAYS)
    by = request.GET.get("by", "day")
    by = by if by in coverage.BY else "day"
    site = whole(request.GET.get("site", ""))
    rows = coverage.coverage(request.actor, by=by, since=found.since, until=found.until, site_id=site)
    total = CoverageRow(None, _("合计"))
    for one in rows:
        total.conversations += one.conversations
        total.automatic += one.automatic
        total.scored += one.scored
    context: dict[str, Any] = {
        "tabs": tabs(request, "review-coverage"),
        "period": found,
        "by": by,
        "site": site or "",
        "sites": site_choices(request.actor),
        "ways": [("day", _("按日")), ("team", _("按班组")), ("agent", _("按客服"))],
        "rows": [(one, *_opens(one, by, found, site)) for one in rows],
        "total": total,
    }
    return render(request, "review/coverage.jinja", context)


def _opens(one: CoverageRow, by: str, span: Period, site: int | None) -> tuple[str, str]:
    """Addresses of the conversations and of the scored tasks a row counts."""
    since, until = (one.key, one.key) if by == "day" else (span.since, span.until)
    talks: dict[str, Any] = {"since": since, "until": until}
    tasks: dict[str, Any] = {"state": "done", "from": since, "to": until}
    if by != "day" and one.key:
        name = "staff" if by == "agent" else "team"
        talks[name] = tasks[name] = one.key
    if site:
        talks["site"] = tasks["site"] = site
    return f"{reverse('console:conversations')}?{urlencode(talks)}", f"{reverse('console:review')}?{urlencode(tasks)}"


@page("review/workload", "review-workload", permission=Permission.PERFORMANCE_VIEW)
def review_workload(request: ConsoleRequest) -> HttpResponse:
    """Who has what in hand, what is overdue, how quickly and how differently they score."""
    found, now = period(request, days=_DAYS), moment.now()
    rows = coverage.workload(request.actor, since=found.since, until=found.until, now=now)
    base = reverse("console:review")
    days = {"done_from": found.since, "done_to": found.until, "state": "done"}
    context = {
        "tabs": tabs(request, "review-workload"),
        "period": found,
        "rows": [
            (
                one,
                f"{base}?{urlencode({'state': 'assigned', 'inspector': one.inspector_id})}",
                f"{base}?{urlencode({'late': 1, 'inspector': one.inspector_id})}",
                f"{base}?{urlencode({'inspector': one.inspector_id, **days})}",
            )
            for one in rows
        ],
        "today": timezone.localtime(now).date(),
        "opens": request.actor.may(Permission.REVIEW_WORK) or request.actor.may(Permission.REVIEW_PLAN),
    }
    return render(request, "review/workload.jinja", context)
