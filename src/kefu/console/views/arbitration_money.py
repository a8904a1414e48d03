"""Money of arbitration: a site's month with its lock, and the division of work among arbiters (O6)."""

from collections import defaultdict
from collections.abc import Mapping

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.arbitration import actions, queries, statements
from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import arbitration_given as given
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid, NotFound
from kefu.lists.arbitration import MOVES, month_of
from kefu.people import queries as people
from kefu.people.permissions import Permission


@page("arbitrations/moves", "arbitration-moves", permission=Permission.ARBITRATION_VIEW)
def arbitration_moves(request: ConsoleRequest) -> HttpResponse:
    """Every move; with a site and a month chosen its statement stands above."""
    site_id, month = given.whole(request.GET.get("site", "")), month_of(request.GET.get("month", ""))
    reached = site_id is not None and month is not None and request.actor.reaches(site_id) and site_id in people.sites_by_id()
    statement = statements.statement(request.actor, site_id, month) if reached and site_id and month else None
    over = month is not None and month < timezone.localdate(moment.now()).replace(day=1)
    extra = {
        "statement": statement,
        "can_lock": over and statement is not None and not statement.locked_at and request.actor.may(Permission.ARBITRATION_DIVIDE),
    }
    head = Head(
        lead=_("赔款归申报网点，罚款归总部；每月锁账后不再变动。选好网点和月份可看账单。"),
        crumbs=[(_("仲裁"), reverse("console:arbitrations"))],
    )
    return listing.show(request, MOVES, template="arbitration/moves.jinja", head=head, extra=extra)


@page("arbitrations/moves/lock", "arbitration-lock", permission=Permission.ARBITRATION_DIVIDE, methods=("POST",))
def arbitration_lock(request: ConsoleRequest) -> HttpResponse:
    """Lock a site's month."""
    site_id, month = given.whole(request.POST.get("site", "")), month_of(request.POST.get("month", ""))
    if site_id is None or month is None or site_id not in people.sites_by_id():
        raise NotFound
    try:
        actions.lock_month(actor=request.actor, site_id=site_id, month=month, now=moment.now())
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(month)s 已锁账。") % {"month": f"{month:%Y-%m}"})
    return redirect(request, f"{reverse('console:arbitration-moves')}?site={site_id}&month={month:%Y-%m}")


@page("arbitrations/arbiters", "arbitration-arbiters", permission=Permission.ARBITRATION_DIVIDE, methods=("GET", "POST"))
def arbitration_arbiters(request: ConsoleRequest) -> HttpResponse:
    """Who is given filings of which region and types by themselves."""
    if request.method == "GET":
        return _division(request, {}, {})
    values = {name: given.text(request, name) for name in ("staff", "region", "weight")}
    try:
        actions.set_arbiter(
            actor=request.actor,
            staff_id=given.whole(values["staff"]) or 0,
            region_id=given.whole(values["region"]) or 0,
            kinds=request.POST.getlist("kinds")[:50],
            weight=given.whole(values["weight"]) or 0,
            now=moment.now(),
        )
    except Invalid as error:
        return _division(request, values, {name: str(text) for name, text in error.fields.items()}, status=422)
    messages.success(request, _("分工已保存，之后的申报按此分配。"))
    return redirect(request, reverse("console:arbitration-arbiters"))


@page(
    "arbitrations/arbiters/<int:arbiter_id>/drop", "arbitration-arbiter-drop", permission=Permission.ARBITRATION_DIVIDE, methods=("POST",)
)
def arbitration_arbiter_drop(request: ConsoleRequest, arbiter_id: int) -> HttpResponse:
    """Take somebody out of the division."""
    actions.drop_arbiter(actor=request.actor, arbiter_id=arbiter_id, now=moment.now())
    messages.success(request, _("已移出分工，手上的仲裁不变。"))
    return redirect(request, reverse("console:arbitration-arbiters"))


def _judges(actor: Actor) -> list[tuple[str, str]]:
    found = [one for role in ("manager", "admin") for one in people.staff_rows(actor, role=role, state="active")[:200]]
    return [(str(one.pk), f"{one.name} {one.staff_no}") for one in found]


def _division(request: ConsoleRequest, values: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200) -> HttpResponse:
    actor, now = request.actor, moment.now()
    types = queries.types_here(actor, now=now)
    context = {
        "rows": queries.arbiters(actor),
        "types": [(one.key, one.name()) for one in types],
        "type_names": {one.key: one.name() for one in types},
        "judges": _judges(actor),
        "regions": [(str(site.pk), site.name) for site in people.sites(actor)],
        "values": defaultdict(str, {"weight": "1", **values}),
        "errors": defaultdict(str, errors),
    }
    return render(request, "arbitration/arbiters.jinja", context, status=status)
