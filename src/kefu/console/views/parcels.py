"""Parcels: finding many at once, the latest ones, and the trace of one (OPS7, R21)."""

import re
from dataclasses import dataclass

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from kefu.cases import queries as case_queries
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_rows, parcels_trace
from kefu.console.views.cases_context import Talk, talk
from kefu.console.views.cases_words import Badge
from kefu.conversations import queries as conversations
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.paging import Page
from kefu.parcels import access, queries
from kefu.parcels.queries import ParcelRow
from kefu.parcels.vocabulary import ScanCode, StateCode
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import queries as people
from kefu.people.permissions import Permission

MOST_NUMBERS = 50
_SEPARATORS = re.compile(r"[\s,，;；、]+")


@dataclass(frozen=True, slots=True)
class Row:
    """A parcel in a list, in words."""

    parcel: ParcelRow
    state: Badge
    carrier: str
    last: str
    site: str


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


def _rows(parcels: list[ParcelRow]) -> list[Row]:
    names = {site.pk: site.name for site in people.sites_by_id().values()} if parcels else {}
    return [
        Row(
            parcel,
            parcels_trace.state_badge(parcel.state),
            parcels_trace.carrier_title(parcel.carrier),
            str(ScanCode(parcel.last_scan_code).label) if parcel.last_scan_code in ScanCode.values else "",
            names.get(parcel.site_id, ""),
        )
        for parcel in parcels
    ]


def _found(actor: Actor, numbers: list[str]) -> tuple[list[ParcelRow], list[Missing]]:
    rows: list[ParcelRow] = []
    missing: list[Missing] = []
    for number in numbers:
        found = queries.page(actor, waybill=number, size=1).rows
        rows += found
        if not found:
            missing.append(Missing(number, access.reaches_scan(actor, number), is_waybill(number)))
    return rows, missing


@page("parcels", "parcels", permission=Permission.PARCEL_VIEW, methods=("GET", "POST"))
def parcels(request: ConsoleRequest) -> HttpResponse:
    """Many numbers at once, or the latest parcels. A phone number is sent by POST, so that it stays out of the address."""
    actor = request.actor
    numbers = numbers_of(request.GET.get("q", "")[:4000])
    phone = request.POST.get("phone", "").replace("\0", "").strip()[:40] if request.method == "POST" else ""
    if len(numbers) == 1 and _reaches(actor, numbers[0]):
        return HttpResponseRedirect(reverse("console:parcel", kwargs={"waybill": numbers[0]}))
    state = request.GET.get("state", "")
    state = state if state in StateCode.values else ""
    sent = request.GET.get("sent") == "1"
    missing: list[Missing] = []
    found: Page[ParcelRow]
    if numbers:
        rows, missing = _found(actor, numbers)
        found = Page(rows, None, None)
    elif phone:
        found = queries.page(actor, phone=phone)
    else:
        found = queries.page(actor, state=state, sent=sent, cursor=request.GET.get("cursor") or None)
    context = {
        "rows": _rows(found.rows),
        "paging": found,
        "missing": missing,
        "numbers": numbers,
        "by_phone": bool(phone),
        "state": state,
        "sent": sent,
        "states": [(code, str(label)) for code, label in StateCode.choices],
        "query": {name: value for name, value in (("state", state), ("sent", "1" if sent else "")) if value},
        "most": MOST_NUMBERS,
    }
    return render(request, "parcels/list.jinja", context, part="list")


def _reaches(actor: Actor, number: str) -> bool:
    return access.visible_to(actor).filter(waybill=number).exists() or access.reaches_scan(actor, number)


@page("parcels/<str:waybill>", "parcel", permission=Permission.PARCEL_VIEW)
def parcel(request: ConsoleRequest, waybill: str) -> HttpResponse:
    """The trace of one waybill. Looking at it is written to its log of queries (R21)."""
    actor = request.actor
    found = parcels_trace.tracked(actor, waybill, now=moment.now())
    number = found.trace.waybill
    names = {site.pk: site.name for site in people.sites_by_id().values()}
    header = found.trace.header
    talks: list[Talk] = []
    if actor.may(Permission.CONVERSATION_VIEW):
        talks = [talk(actor, one) for one in conversations.of_waybill(actor, number)]
    context = {
        "found": found,
        "waybill": number,
        "header": header,
        "site": names.get(header.site_id, "") if header else "",
        "origin": names.get(header.origin_site_id or 0, "") if header else "",
        "cases": cases_rows.rows(case_queries.of_waybill(actor, number), with_customers=False),
        "talks": talks,
        "asked": queries.query_log(actor, number) if header and actor.may(Permission.AUDIT_VIEW) else None,
    }
    return render(request, "parcels/trace.jinja", context)
