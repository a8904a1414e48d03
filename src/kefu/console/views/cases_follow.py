"""Parts of an open case page that follow what others do: the column beside it and the strip of its queue (docs/live.md).

Nobody looks anything up here: what the page was opened for is brought up to date, or nothing is sent when it is still right.
"""

from django.http import HttpResponse

from kefu.cases import access, queries
from kefu.console.rendering import fragment
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import case_queue, cases_context
from kefu.kernel import moment
from kefu.people.permissions import Permission

_LONGEST = 600


@page("cases/<int:case_id>/context", "case-context", permission=Permission.CASE_VIEW)
def case_context(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """The column beside a case. The parcel's log of queries was written when the page was opened, and is not written again (R21)."""
    case, links = queries.links(request.actor, case_id)
    found = cases_context.context(request.actor, case, links, now=moment.now(), follows=True)
    if request.headers.get("X-Kefu-Live") == found.mark():
        return HttpResponse(status=204)
    return fragment(request, "cases/case.jinja", {"case": case, "context": found}, part="column")


@page("cases/<int:case_id>/strip", "case-strip", permission=Permission.CASE_VIEW)
def case_strip(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Rows of the strip as they are now, in the order in which they stand on the page (``rows``: their keys)."""
    access.get_for(request.actor, case_id)
    keys = [int(one) for one in request.GET.get("rows", "")[:_LONGEST].split(",") if one.isdecimal() and len(one) < 18]
    found = case_queue.as_shown(request.actor, keys, request.GET.get("from", ""))
    if not found.rows or request.headers.get("X-Kefu-Live") == found.mark():
        return HttpResponse(status=204)
    return fragment(request, "cases/strip.jinja", {"queue": found, "case_id": case_id}, part="rows")
