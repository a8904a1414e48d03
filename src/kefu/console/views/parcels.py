"""Parcels: finding many at once, the latest ones, and the trace of one (OPS7, R21)."""

import re
from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from kefu.cases import queries as case_queries
from kefu.console import listing
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_rows, parcels_told, parcels_trace
from kefu.console.views.cases_context import Talk, talk
from kefu.conversations import queries as conversations
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.lists.parcels import PARCELS
from kefu.parcels import access, queries
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import queries as people
from kefu.people.permissions import Permission

MOST_NUMBERS = 50
_SEPARATORS = re.compile(r"[\s,，;；、]+")


@dataclass(frozen=True, slots=True)
class Missing:
    """A number nobody registered: ``scanned`` when a site in reach scanned it all the same."""

    number: str
    scanned: bool
    valid: bool


def numbers_of(text: str) -> list[str]:
    """Waybill numbers in a text, cleaned, each once, at most ``MOST_NUMBERS``."""
    found = (clean_waybill(part) for part in _SEPARATORS.split(text.replace("\0", "")) if part)
    return list(dict.fromkeys(number for number in found if number))[:MOST_NUMBERS]


def _missing(actor: Actor, numbers: list[str]) -> list[Missing]:
    """Those of the numbers that nobody registered in reach."""
    known = set(access.visible_to(actor).filter(waybill__in=numbers).values_list("waybill", flat=True)) if numbers else set()
    return [Missing(number, access.reaches_scan(actor, number), is_waybill(number)) for number in numbers if number not in known]


@page("parcels", "parcels", permission=Permission.PARCEL_VIEW, methods=("GET", "POST"))
def parcels(request: ConsoleRequest) -> HttpResponse:
    """Many numbers at once, or the latest parcels. A phone number is sent by POST, so that it stays out of the address."""
    numbers = numbers_of(request.GET.get("q", "")[:4000])
    if len(numbers) == 1 and _reaches(request.actor, numbers[0]):
        return HttpResponseRedirect(reverse("console:parcel", kwargs={"waybill": numbers[0]}))
    extra = {
        "numbers": numbers,
        "missing": _missing(request.actor, numbers),
        "phone": request.POST.get("phone", "")[:40],
        "most": MOST_NUMBERS,
    }
    return listing.show(request, PARCELS, template="parcels/list.jinja", own_fields=("q", "phone"), extra=extra)


def _reaches(actor: Actor, number: str) -> bool:
    return access.visible_to(actor).filter(waybill=number).exists() or access.reaches_scan(actor, number)


@page("parcels/<str:waybill>", "parcel", permission=Permission.PARCEL_VIEW)
def parcel(request: ConsoleRequest, waybill: str) -> HttpResponse:
    """The trace of one waybill. Looking at it is written to its log of queries (R21)."""
    actor, now = request.actor, moment.now()
    try:
        found = parcels_trace.tracked(actor, waybill, now=now)
    except NotFound:
        return parcels_told.stranger(request, waybill, now)
    number = found.trace.waybill
    names = {site.pk: site.name for site in people.sites_by_id().values()}
    header = found.trace.header
    talks: list[Talk] = []
    if actor.may(Permission.CONVERSATION_VIEW):
        talks = [talk(actor, one) for one in conversations.of_waybill(actor, number)]
    context = {
        "found": found,
        "told": parcels_told.told(actor, found, now),
        "waybill": number,
        "header": header,
        "site": names.get(header.site_id, "") if header else "",
        "origin": names.get(header.origin_site_id or 0, "") if header else "",
        "cases": cases_rows.rows(case_queries.of_waybill(actor, number), with_customers=False),
        "talks": talks,
        "asked": queries.query_log(actor, number) if header and actor.may(Permission.AUDIT_VIEW) else None,
    }
    return render(request, "parcels/trace.jinja", context)
