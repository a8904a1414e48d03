"""Monthly statements, and the network's own beside ours (O11)."""

from datetime import timedelta

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.station import board, given
from kefu.console.views.station.given import Refusal
from kefu.kernel import moment
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.lists.station.fees import NETWORK_FEES, STATEMENTS
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.fees import queries, statements
from kefu.station.fees.vocabulary import StatementState


def _crumbs() -> list[tuple[str, str]]:
    return [(_("派费"), reverse("console:station-fees"))]


@page("station/fees/statements", "station-fees-statements", permission=Permission.FEE_VIEW)
def all_statements(request: ConsoleRequest) -> HttpResponse:
    """Statements by month and site, and the form that puts one together."""
    now = moment.now()
    last_month = statements.first_of(statements.first_of(timezone.localdate(now)) - timedelta(days=1))
    extra = {"sites": [site for site in people.sites(request.actor) if site.kind != "shop"], "month": f"{last_month:%Y-%m}"}
    head = Head(lead=_("每个网点每月一份；结算后锁定，之后的变化进入下一份。"), crumbs=_crumbs())
    return listing.show(
        request, STATEMENTS, template="station/fees/statements.jinja", tabs=board.tabs(request), head=head, extra=extra, now=now
    )


@page("station/fees/statements/collect", "station-fees-collect", permission=Permission.FEE_SETTLE, methods=("POST",))
def collect(request: ConsoleRequest) -> HttpResponse:
    """Put a site's statement together, or bring it up to date."""
    month = given.month(given.text(request, "month"))
    if month is None:
        messages.error(request, _("请填写月份，如 2026-10。"))
        return redirect(request, reverse("console:station-fees-statements"))
    try:
        row = statements.collect(actor=request.actor, site_id=given.whole(request, "site", 0), month=month, now=moment.now())
    except (Conflict, Stale) as error:
        messages.error(request, str(error))
        return redirect(request, reverse("console:station-fees-statements"))
    messages.success(request, _("账单已生成，共 %(count)s 票。") % {"count": row.count})
    return redirect(request, reverse("console:station-fees-statement", kwargs={"statement_id": row.pk}))


@page("station/fees/statements/<int:statement_id>", "station-fees-statement", permission=Permission.FEE_VIEW)
def statement(request: ConsoleRequest, statement_id: int) -> HttpResponse:
    """One statement: its sums open down to waybills; what stays out of it and why."""
    return _show(request, statement_id, Refusal())


def _show(request: ConsoleRequest, statement_id: int, refused: Refusal) -> HttpResponse:
    found = queries.statement(request.actor, statement_id)
    may = request.actor.may(Permission.FEE_SETTLE)
    context = {
        "tabs": board.tabs(request),
        "found": found,
        "state": StatementState(found.state).label,
        "until": statements.last_of(found.month),
        "over": timezone.localdate(moment.now()) > statements.last_of(found.month),
        "may_settle": may and found.state == StatementState.DRAFT,
        "may_pay": may and found.state == StatementState.SETTLED,
        "refused": refused,
    }
    return render(request, "station/fees/statement.jinja", context, status=refused.status)


@page("station/fees/statements/<int:statement_id>/settle", "station-fees-settle", permission=Permission.FEE_SETTLE, methods=("POST",))
def settle(request: ConsoleRequest, statement_id: int) -> HttpResponse:
    """Lock it, or note that it was paid (``paid``)."""
    version, now = given.whole(request, "version"), moment.now()
    try:
        if request.POST.get("paid") == "1":
            statements.pay(actor=request.actor, statement_id=statement_id, expected_version=version, now=now)
            messages.success(request, _("已登记付款。"))
        else:
            statements.settle(actor=request.actor, statement_id=statement_id, expected_version=version, now=now)
            messages.success(request, _("账单已结算并锁定。"))
    except (Invalid, Conflict, Stale) as error:
        return _show(request, statement_id, given.refusal(request, "settle", error))
    return redirect(request, reverse("console:station-fees-statement", kwargs={"statement_id": statement_id}))


@page("station/fees/network", "station-fees-network", permission=Permission.FEE_VIEW)
def network(request: ConsoleRequest) -> HttpResponse:
    """Their statement line by line beside ours."""
    head = Head(lead=_("总部的派费报表与我方计算逐票核对；不一致的点开可提出争议。"), crumbs=_crumbs())
    return listing.show(request, NETWORK_FEES, template="station/fees/network.jinja", tabs=board.tabs(request), head=head)
