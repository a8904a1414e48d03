"""The calculator: a claim made on a case, or changed, with its reckoning shown before anything is stored (CASE6)."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.claims import actions, queries
from kefu.claims.vocabulary import Basis, Cause, Channel, Claimant, Excuse, Loss
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import claims_given, claims_words
from kefu.kernel import moment
from kefu.kernel.errors import Invalid, KefuError, NotFound
from kefu.lists.parcel_words import carrier_title
from kefu.people.errors import MissingPermission
from kefu.people.permissions import Permission

_CHOICES: Mapping[str, Any] = {
    "losses": Loss.choices,
    "causes": Cause.choices,
    "claimants": Claimant.choices,
    "excuses": Excuse.choices,
    "bases": Basis.choices,
    "channels": Channel.choices,
}


@page("claims/new", "claim-new", permission=Permission.CLAIM_WORK, methods=("GET", "POST"))
def claim_new(request: ConsoleRequest) -> HttpResponse:
    """The calculator on a case: reckon as often as wanted, then make it a claim."""
    given = request.POST if request.method == "POST" else request.GET
    case_id = claims_given.whole(given.get("case", ""))
    if case_id is None:
        messages.warning(request, _("理赔要登记在工单上：请先打开工单，再点“计算赔偿”。"))
        return redirect(request, reverse("console:cases"))
    facts, known = queries.known_of_case(request.actor, case_id)
    if request.method == "GET":
        typed = {**dict.fromkeys(claims_given.FIELDS, ""), "loss": facts.loss, "fee": str(facts.fee), "insured": str(facts.insured)}
        return _form(request, {**typed, "claimant": Claimant.SENDER, "courier": known["courier"]}, case_id=case_id, known=known)
    typed = claims_given.values(given)
    draft = claims_given.draft(typed)
    try:
        if request.POST.get("do") != "file":
            return _form(request, typed, case_id=case_id, known=known, draft=draft)
        row = actions.file_claim(actor=request.actor, case_id=case_id, draft=draft, now=moment.now())
    except Invalid as error:
        return _form(request, typed, case_id=case_id, known=known, error=error)
    except (NotFound, MissingPermission):
        raise
    except KefuError as error:
        messages.error(request, str(error))
        return _form(request, typed, case_id=case_id, known=known, draft=draft, status=error.status)
    messages.success(request, _("已登记理赔 %(number)s，收齐材料后提交。") % {"number": row.number})
    return redirect(request, reverse("console:claim", kwargs={"claim_id": row.pk}))


@page("claims/change/<int:claim_id>", "claim-change", permission=Permission.CLAIM_WORK, methods=("GET", "POST"))
def claim_change(request: ConsoleRequest, claim_id: int) -> HttpResponse:
    """The same form for a claim that is there."""
    found = queries.detail(request.actor, claim_id, now=moment.now())
    row = found.claim
    known = {"waybill": row.waybill, "order_no": row.order_no, "carrier": row.carrier}
    there: dict[str, Any] = {"case_id": row.case_id, "known": known, "claim_id": claim_id, "version": row.version}
    if request.method == "GET":
        return _form(request, claims_given.typed_of(queries.draft_of(row)), **there)
    typed = claims_given.values(request.POST)
    draft = claims_given.draft(typed)
    version = claims_given.whole(request.POST.get("version", ""))
    try:
        if request.POST.get("do") != "file":
            return _form(request, typed, draft=draft, **there)
        actions.revise(actor=request.actor, claim_id=claim_id, draft=draft, expected_version=version, now=moment.now())
    except Invalid as error:
        return _form(request, typed, error=error, **there)
    except (NotFound, MissingPermission):
        raise
    except KefuError as error:
        messages.error(request, str(error))
        return _form(request, typed, draft=draft, status=error.status, **there)
    messages.success(request, _("已重新计算，请再次提交。"))
    return redirect(request, reverse("console:claim", kwargs={"claim_id": claim_id}))


def _form(
    request: ConsoleRequest,
    typed: Mapping[str, str],
    *,
    case_id: int,
    known: Mapping[str, str],
    draft: Any = None,
    error: Invalid | None = None,
    claim_id: int | None = None,
    version: int = 0,
    status: int = 200,
) -> HttpResponse:
    """The form with the reckoning of what was typed, when it can be reckoned."""
    reckoning = queries.reckon_for(request.actor, case_id, draft.facts, now=moment.now()) if draft is not None else None
    context = {
        **_CHOICES,
        "values": defaultdict(str, typed),
        "errors": defaultdict(str, {name: str(words) for name, words in error.fields.items()} if error else {}),
        "case_id": case_id,
        "case_number": f"K{case_id:07d}",
        "known": known,
        "carrier": str(carrier_title(known["carrier"])) if known["carrier"] else "",
        "claim_id": claim_id,
        "version": version,
        "reckoning": reckoning,
        "lines": claims_words.lines([(one.key, one.clause, one.figures, one.amount) for one in reckoning.lines], request.actor)
        if reckoning
        else [],
    }
    return render(request, "claims/form.jinja", context, status=error.status if error else status)
