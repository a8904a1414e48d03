"""One search over cases, conversations, parcels, customers, people and handbooks, each as far as the reader's rights go (SEC2)."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.http import HttpResponse
from django.urls import reverse

from kefu.cases import queries as cases
from kefu.cases.filters import CaseFilter
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_rows
from kefu.console.views.cases_context import talk
from kefu.console.views.inspection_words import either
from kefu.console.views.parcels_trace import state_badge
from kefu.conversations import queries as conversations
from kefu.conversations.queries import Filters
from kefu.customers import queries as customers
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.kernel import moment
from kefu.kernel import search as index
from kefu.kernel.actor import Actor
from kefu.lists import customers as customer_list
from kefu.parcels import access as parcel_access
from kefu.parcels import queries as parcels
from kefu.parcels.queries import ParcelRow
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission

SHOWN = 8
_NOTHING: dict[str, Any] = {"cases": None, "parcels": None, "talks": None, "customers": None, "staff": None, "clauses": None}


@dataclass(frozen=True, slots=True)
class ClauseHit:
    """A clause of a handbook in force that holds the words."""

    title: str
    book: str
    ref: str
    excerpt: str
    href: str


def found(actor: Actor, text: str) -> dict[str, Any]:
    """What holds the words, by kind; ``None`` for a kind that is not for this reader."""
    found: dict[str, Any] = dict(_NOTHING)
    if actor.may(Permission.CASE_VIEW):
        page = cases.page(actor, CaseFilter(view="all", text=text), now=moment.now(), size=SHOWN)
        found["cases"] = (cases_rows.rows(page.rows), page.next is not None or len(page.rows) == SHOWN)
    number = clean_waybill(text)
    if actor.may(Permission.PARCEL_VIEW):
        rows = parcels.page(actor, waybill=number, size=SHOWN).rows if is_waybill(number) else []
        if not rows and len(number) >= 4 and number.isascii() and number.isalnum():
            rows = _by_part(actor, number)
        if not rows and actor.may(Permission.CUSTOMER_VIEW) and _is_phone(text):
            rows = parcels.page(actor, phone=text, size=SHOWN).rows
        found["parcels"] = [(row, state_badge(row.state)) for row in rows]
    if actor.may(Permission.CONVERSATION_VIEW):
        talks = conversations.page(actor, Filters(text=text), size=SHOWN).rows
        if not talks and is_waybill(number):
            talks = conversations.of_waybill(actor, number, limit=SHOWN)
        found["talks"] = [talk(actor, row) for row in talks]
    if actor.may(Permission.CUSTOMER_VIEW):
        found["customers"] = customer_list.lines(customers.page(actor, query=text, size=SHOWN).rows, moment.now())
    if actor.may(Permission.PEOPLE_VIEW):
        named = Q(name__icontains=text) | Q(staff_no__istartswith=text) | Q(username__istartswith=text)
        found["staff"] = list(people_access.visible_staff(actor).filter(named, is_active=True).order_by("staff_no")[:SHOWN])
    if actor.may(Permission.HANDBOOK_VIEW):
        found["clauses"] = _clauses(actor, text)
    return found


def _clauses(actor: Actor, text: str) -> list[ClauseHit]:
    """Clauses of the handbooks that the reader's sites work by; one that several of them take over stands once."""
    hits: dict[str, ClauseHit] = {}
    for key in sorted({site.handbook for site in people.sites(actor)}):
        try:
            book = handbooks.book_at(key, moment.now())
        except NotInForce:
            continue
        for hit in handbooks.search(book, text)[:SHOWN]:
            href = reverse("console:handbook-clause", kwargs={"key": key, "number": book.version, "clause_id": hit.id})
            title = either(hit.title, hit.title_en)
            hits.setdefault(
                f"{hit.id} {title}", ClauseHit(title, either(book.title, book.title_en), str(book.ref(hit.id)), hit.excerpt, href)
            )
    return list(hits.values())[:SHOWN]


def _by_part(actor: Actor, part: str) -> list[ParcelRow]:
    """Parcels by a part of their number; at most ``SHOWN``."""
    ids = index.find("parcel", part, sites=actor.sites, limit=SHOWN).ids
    numbers = parcel_access.visible_to(actor).filter(pk__in=ids).order_by("-pk").values_list("waybill", flat=True)
    return [row for number in numbers for row in parcels.page(actor, waybill=number, size=1).rows]


def _is_phone(text: str) -> bool:
    digits = "".join(character for character in text if character.isdecimal())
    return 7 <= len(digits) <= 13 and not any(character.isalpha() for character in text)


@page("search", "search")
def search(request: ConsoleRequest) -> HttpResponse:
    """Everything within reach that holds the words or the number."""
    text = cleaned(request.GET.get("q", ""))
    rows = found(request.actor, text) if text else _NOTHING
    return render(request, "search/search.jinja", {"q": text, "none": not anything(rows), **rows}, part="found")


def cleaned(text: str) -> str:
    """What was typed, as it is searched for."""
    return text.replace("\0", "").strip()[:100]


def anything(rows: dict[str, Any]) -> bool:
    """Whether there is anything to show."""
    return any(rows["cases"][0] if name == "cases" and rows["cases"] else rows[name] for name in rows)
