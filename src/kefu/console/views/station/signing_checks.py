"""Signatures that look false: looked for by site and day, cleared or made a case (O10, R45)."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console import listing
from kefu.console.listing import Bulk, BulkAction, Head
from kefu.console.rendering import redirect
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.cases_words import clause_title, clause_url
from kefu.console.views.station import board
from kefu.escalations.signing import escalate_signatures
from kefu.kernel import moment
from kefu.kernel.errors import KefuError
from kefu.lists.definition import day as day_of
from kefu.lists.definition import whole
from kefu.lists.station.signing import FALSE_SIGNS
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.signing import examining, queries

_BULK = Bulk(
    "station-signing-checks-bulk",
    (
        BulkAction("case", gettext_lazy("建工单"), "case", "primary"),
        BulkAction("clear", gettext_lazy("核查无误"), "accept", confirm=gettext_lazy("确认这些签收已核查、没有问题？")),
    ),
)


@page("station/signing/checks", "station-signing-checks", permission=Permission.MONITOR_VIEW)
def checks(request: ConsoleRequest) -> HttpResponse:
    """The list, the day to look into, and the day's rate of signatures with its formula."""
    actor, now = request.actor, moment.now()
    own = [(site.pk, site.name) for site in people.sites(actor) if site.kind == "station"]
    site_id = whole(request.GET.get("site", "")) or actor.site_id or (own[0][0] if own else None)
    site_id = site_id if site_id in dict(own) else (own[0][0] if own else None)
    day = day_of(request.GET.get("since", "")) or timezone.localdate(now) - timedelta(days=1)
    rate = queries.rate(actor, site_id, day, now=now) if site_id else None
    extra = {
        "own_sites": own,
        "site_id": site_id,
        "site_name": dict(own).get(site_id or 0, ""),
        "day": day,
        "rate": rate,
        "cited": (clause_title(rate.clause), clause_url(rate.clause, actor)) if rate and rate.clause else None,
        "share": "—" if rate is None or rate.share is None else f"{rate.share:.1%}",
        "most": examining.MOST_A_DAY,
    }
    crumbs = [(_("签收查询"), reverse("console:station-signing-list"))]
    head = Head(lead=_("每一条都是线索和依据，不是结论；核查后写结果，或建工单。"), crumbs=crumbs)
    bulk = _BULK if actor.may(Permission.MONITOR_WORK) else None
    return listing.show(
        request, FALSE_SIGNS, template="station/signing/checks.jinja", tabs=board.tabs(request), head=head, bulk=bulk, extra=extra, now=now
    )


@page("station/signing/examine", "station-signing-examine", permission=Permission.MONITOR_VIEW, methods=("POST",))
def examine(request: ConsoleRequest) -> HttpResponse:
    """Look into a site-day now."""
    now = moment.now()
    site_id = whole(request.POST.get("site", "")) or request.actor.site_id or 0
    day = day_of(request.POST.get("day", "")) or timezone.localdate(now)
    found = examining.examine(actor=request.actor, site_id=site_id, day=day, now=now)
    words = _("%(day)s 新发现 %(count)s 条线索。") if found else _("%(day)s 没有新的线索。")
    messages.success(request, words % {"day": day.isoformat(), "count": found})
    home = reverse("console:station-signing-checks")
    return HttpResponseRedirect(f"{home}?since={day}&until={day}&site={site_id}")


@page("station/signing/checks/bulk", "station-signing-checks-bulk", permission=Permission.MONITOR_WORK, methods=("POST",))
def checks_bulk(request: ConsoleRequest) -> HttpResponse:
    """Clear those ticked, or open cases for them."""
    chosen, now = listing.chosen(request, FALSE_SIGNS), moment.now()
    keys = [found for key in chosen.keys(FALSE_SIGNS, now) if (found := whole(key))]
    if chosen.do == "case":
        _to_cases(request, keys)
    elif chosen.do == "clear":
        _clear(request, keys)
    return redirect(request, chosen.back(FALSE_SIGNS))


def _to_cases(request: ConsoleRequest, keys: list[int]) -> None:
    done, refused = escalate_signatures(actor=request.actor, suspicion_ids=keys, now=moment.now())
    fresh = sum(one.fresh for one in done.values())
    words = _("新建工单 %(fresh)s 张，已有工单 %(old)s 条。") % {"fresh": fresh, "old": len(done) - fresh}
    if refused:
        words += " " + _("没有建成：%(why)s") % {"why": next(iter(refused.values()))}
    (messages.warning if refused else messages.success)(request, words)


def _clear(request: ConsoleRequest, keys: list[int]) -> None:
    done, why = 0, ""
    for key in keys:
        try:
            examining.clear(actor=request.actor, suspicion_id=key, reason=request.POST.get("reason", ""), now=moment.now())
            done += 1
        except KefuError as error:
            why = why or str(error)
    words = _("已核查 %(done)s 条。") % {"done": done}
    (messages.warning if why else messages.success)(request, f"{words} {why}".strip())
