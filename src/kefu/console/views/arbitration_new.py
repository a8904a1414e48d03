"""Filing an arbitration, from a case or by itself (O6)."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.arbitration import actions, queries
from kefu.arbitration.drafts import FilingDraft
from kefu.cases import access as cases
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import arbitration_given as given
from kefu.kernel import moment
from kefu.kernel.errors import Invalid
from kefu.people import queries as people
from kefu.people.permissions import Permission

_FIELDS = (
    "waybill", "kind", "site", "case", "reason", "complainant", "phone", "proof", "proof_amount", "claimed", "pieces", "abnormal",
    "packing",
)  # fmt: skip


@page("arbitrations/new", "arbitration-new", permission=Permission.ARBITRATION_FILE, methods=("GET", "POST"))
def arbitration_new(request: ConsoleRequest) -> HttpResponse:
    """The form. From a case it knows the waybill already."""
    if request.method == "GET":
        values = {name: request.GET.get(name, "").replace("\0", "")[:200] for name in ("waybill", "case", "site", "kind")}
        return _form(request, values | _of_case(request, values["case"]), [], {})
    values = {name: given.text(request, name) for name in _FIELDS}
    accused = [pk for one in request.POST.getlist("accused")[:50] if (pk := given.whole(one)) is not None]
    draft = FilingDraft(
        waybill=values["waybill"],
        kind=values["kind"],
        accused=accused,
        reason=values["reason"],
        claimed=given.amount(values["claimed"]),
        site_id=given.whole(values["site"]),
        case_id=given.whole(values["case"]),
        complainant=values["complainant"],
        phone=values["phone"],
        proof=values["proof"],
        proof_amount=given.amount(values["proof_amount"]) if values["proof_amount"].strip() else None,
        pieces=(given.whole(values["pieces"]) or 0) if values["pieces"].strip() else None,
        abnormal=given.whole(values["abnormal"]) or 0,
        packing=values["packing"],
        files=given.uploads(request),
    )
    try:
        row = actions.file_arbitration(actor=request.actor, draft=draft, now=moment.now())
    except Invalid as error:
        return _form(request, values, accused, {name: str(text) for name, text in error.fields.items()}, status=422)
    messages.success(request, _("仲裁 %(number)s 已申报，等待总部受理。") % {"number": row.number})
    return redirect(request, reverse("console:arbitration", kwargs={"filing_id": row.pk}))


def _of_case(request: ConsoleRequest, case: str) -> dict[str, str]:
    """What the case knows: its waybill and site."""
    case_id = given.whole(case)
    if case_id is None:
        return {}
    found = cases.get_for(request.actor, case_id)
    return {"waybill": found.waybill, "site": str(found.site_id), "case_no": found.number}


def _form(
    request: ConsoleRequest, values: Mapping[str, str], accused: list[int], errors: Mapping[str, str], *, status: int = 200
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    sites = [site for site in people.sites_by_id().values() if site.is_active and site.kind != "shop"]
    own = [(str(site.pk), site.name) for site in sites if actor.reaches(site.pk)]
    site_id = given.whole(values.get("site", "")) or actor.site_id
    if site_id is None or not actor.reaches(site_id):
        site_id = int(own[0][0]) if own else None
    terms = queries.terms_for(actor, site_id, now=now) if site_id is not None else None
    context: dict[str, Any] = {
        "values": defaultdict(str, {"abnormal": "1", **values, "site": str(site_id or "")}),
        "accused": accused,
        "errors": defaultdict(str, errors),
        "own": own,
        "sites": [(site.pk, f"{site.name} {site.code}") for site in sites if site.pk != site_id],
        "kinds": [(kind.key, kind.name()) for kind in terms.types.values()] if terms else [],
    }
    return render(request, "arbitration/new.jinja", context, status=status)
