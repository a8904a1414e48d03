"""Delivery fees: the query of O11, one fee with its sum written out, its dispute, and what is noted by hand."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kefu.console import listing, routes
from kefu.console.listing import Bulk, BulkAction, Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_words as words
from kefu.console.views.station import board, given
from kefu.console.views.station.given import Refusal
from kefu.escalations import queries as escalations
from kefu.escalations.fees import KIND, NewDispute, dispute_fee
from kefu.kernel import moment
from kefu.kernel.errors import Conflict, Invalid, KefuError, Stale
from kefu.lists.definition import Ask
from kefu.lists.station.fees import FEES, STATE_TONES, fees_wanted
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.fees import actions, disputes, queries
from kefu.station.fees.queries import FeeDetail
from kefu.station.fees.reckoning import spelled
from kefu.station.fees.vocabulary import REVISIONS, UNSETTLED, Charge, Compared, DisputeReason, FeeState, Trouble, Verdict

_LONGEST_SPAN = timedelta(days=366)
_BULK = Bulk("station-fees-bulk", (BulkAction("dispute", gettext_lazy("提出争议"), "alert"),))


@page("station/fees", "station-fees", permission=Permission.FEE_VIEW)
def fees(request: ConsoleRequest) -> HttpResponse:
    """Fees by date, waybill, site, weight, state and difference; the sums of what the filter holds stand above."""
    now = moment.now()
    asked = Ask(request.actor, FEES.kept(request.GET.dict()), now)
    today = timezone.localdate(now)
    extra = {
        "sums": queries.sums(request.actor, fees_wanted(asked)) if asked.wanted else None,
        "sites": [(site.pk, site.name) for site in people.sites(request.actor) if site.kind != "shop"],
        "first": today.replace(day=1),
        "today": today,
        "may_import": routes.route("import-tables") is not None,
    }
    head = Head(lead=_("快件签收后派费自动计算；点运单号看每一项怎么算出来。"))
    return listing.show(
        request, FEES, template="station/fees/list.jinja", tabs=board.tabs(request), head=head, bulk=_BULK, extra=extra, now=now
    )


@page("station/fees/reckon", "station-fees-reckon", permission=Permission.FEE_SETTLE, methods=("POST",))
def reckon(request: ConsoleRequest) -> HttpResponse:
    """Look again at what a site signed on some days."""
    first, last = given.day(given.text(request, "first")), given.day(given.text(request, "last"))
    back = reverse("console:station-fees")
    if first is None or last is None or not first <= last <= first + _LONGEST_SPAN:
        messages.error(request, _("请选择日期，起始日在前，最多一年。"))
        return redirect(request, back)
    worked = actions.reckon(actor=request.actor, site_id=given.whole(request, "site", 0), first=first, last=last, now=moment.now())
    told = {"made": worked.made, "changed": worked.changed, "void": worked.void}
    messages.success(request, _("已计算：新增 %(made)s 票，更新 %(changed)s 票，取消 %(void)s 票。") % told)
    if worked.more:
        messages.warning(request, _("还有没算完的，请再点一次“计算”。"))
    return redirect(request, f"{back}?first={first}&last={last}")


@page("station/fees/<int:fee_id>", "station-fee", permission=Permission.FEE_VIEW)
def fee(request: ConsoleRequest, fee_id: int) -> HttpResponse:
    """One fee: its lines, what it was made from, how it came to its amount, its disputes."""
    return show_fee(request, fee_id, Refusal())


def show_fee(request: ConsoleRequest, fee_id: int, refused: Refusal) -> HttpResponse:
    """The page of a fee, perhaps with a form that was refused."""
    detail = queries.detail(request.actor, fee_id)
    row = detail.row
    cases = escalations.cases_of(KIND, [one.pk for one in detail.disputes])
    unsettled = row.state in UNSETTLED and row.state != FeeState.VOID
    may_settle = request.actor.may(Permission.FEE_SETTLE)
    kind, clause = queries.case_kind(row.site_id, moment.now())
    context = {
        "tabs": board.tabs(request),
        "detail": detail,
        "row": row,
        "lines": [(Charge(line["charge"]).label, spelled(line), line["amount"]) for line in detail.lines],
        "state": (FeeState(row.state).label, STATE_TONES[row.state]),
        "trouble": Trouble(row.trouble).label if row.trouble else "",
        "compared": Compared(row.compared).label if row.compared else "",
        "revisions": [(one, str(REVISIONS.get(one.why, one.why))) for one in detail.revisions],
        "disputes": [_dispute(one, cases.get(one.pk)) for one in detail.disputes],
        "reasons": DisputeReason.choices,
        "verdicts": Verdict.choices,
        "may_dispute": unsettled and row.state != FeeState.DISPUTED and request.actor.may(Permission.CASE_OPEN),
        "may_decide": row.state == FeeState.DISPUTED and may_settle,
        "may_note": unsettled and row.state != FeeState.DISPUTED and not detail.fixed and may_settle,
        "clause": clause,
        "clause_url": words.clause_url(clause, request.actor) if clause else "",
        "case_kind": kind,
        "refused": refused,
        "state_title": lambda code: FeeState(code).label,
    }
    return render(request, "station/fees/fee.jinja", context, status=refused.status)


def _dispute(one: Any, case_id: int | None) -> dict[str, Any]:
    return {
        "row": one,
        "reason": DisputeReason(one.reason).label,
        "verdict": Verdict(one.verdict).label if one.verdict else "",
        "case_id": case_id,
    }


def _done(request: ConsoleRequest, detail: FeeDetail | int, said: str) -> HttpResponse:
    messages.success(request, said)
    fee_id = detail if isinstance(detail, int) else detail.row.id
    return redirect(request, reverse("console:station-fee", kwargs={"fee_id": fee_id}))


@page("station/fees/<int:fee_id>/dispute", "station-fee-dispute", permission=Permission.FEE_VIEW, methods=("POST",))
def dispute(request: ConsoleRequest, fee_id: int) -> HttpResponse:
    """Dispute it: a case is opened, the fee is held."""
    new = NewDispute(given.text(request, "reason", 20), given.text(request, "note"), given.amount(request, "wanted"))
    try:
        done = dispute_fee(actor=request.actor, fee_id=fee_id, new=new, expected_version=given.whole(request, "version"), now=moment.now())
    except (Invalid, Conflict, Stale) as error:
        return show_fee(request, fee_id, given.refusal(request, "dispute", error))
    said = _("已提出争议并新建工单，处理前这笔派费不进账单。") if done.fresh else _("已提出争议，并入该运单已有的工单。")
    return _done(request, fee_id, said)


@page("station/fees/<int:fee_id>/decide", "station-fee-decide", permission=Permission.FEE_SETTLE, methods=("POST",))
def decide(request: ConsoleRequest, fee_id: int) -> HttpResponse:
    """End its dispute."""
    try:
        disputes.decide(
            actor=request.actor,
            fee_id=fee_id,
            verdict=given.text(request, "verdict", 20),
            amount=given.amount(request, "amount"),
            answer=given.text(request, "note"),
            expected_version=given.whole(request, "version"),
            now=moment.now(),
        )
    except (Invalid, Conflict, Stale) as error:
        return show_fee(request, fee_id, given.refusal(request, "decide", error))
    return _done(request, fee_id, _("争议已处理，这笔派费可以进账单了。"))


@page("station/fees/<int:fee_id>/extras", "station-fee-extras", permission=Permission.FEE_SETTLE, methods=("POST",))
def extras(request: ConsoleRequest, fee_id: int) -> HttpResponse:
    """Note floors and a second way."""
    try:
        disputes.note_extras(
            actor=request.actor,
            fee_id=fee_id,
            floors=given.whole(request, "floors"),
            round_trip=request.POST.get("round_trip") == "1",
            expected_version=given.whole(request, "version"),
            now=moment.now(),
        )
    except (Invalid, Conflict, Stale) as error:
        return show_fee(request, fee_id, given.refusal(request, "extras", error))
    return _done(request, fee_id, _("已补记并重新计算。"))


@page("station/fees/bulk", "station-fees-bulk", permission=Permission.FEE_VIEW, methods=("POST",))
def bulk(request: ConsoleRequest) -> HttpResponse:
    """Dispute many at once, each for itself; what was refused is counted with its first reason."""
    now = moment.now()
    chosen = listing.chosen(request, FEES)
    new = NewDispute(given.text(request, "reason", 20), given.text(request, "note"))
    done, first_refusal, count = 0, "", 0
    for key in chosen.keys(FEES, now):
        try:
            row = queries.detail(request.actor, int(key) if key.isdecimal() else 0).row
            dispute_fee(actor=request.actor, fee_id=row.id, new=new, expected_version=row.version, now=now)
            done += 1
        except KefuError as error:
            count += 1
            fields = getattr(error, "fields", {})
            first_refusal = first_refusal or " ".join(map(str, fields.values())) or str(error)
    if done:
        messages.success(request, ngettext("%(done)s 笔派费已提出争议。", "%(done)s 笔派费已提出争议。", done) % {"done": done})
    if count:
        messages.error(request, _("%(count)s 笔没有提出：%(why)s") % {"count": count, "why": first_refusal})
    return redirect(request, chosen.back(FEES))
