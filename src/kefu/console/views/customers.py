"""Customers: list, search by POST, card, one value in the clear for a reason (CRM1, SEC1, SEC3)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.cases import queries as case_queries
from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_rows
from kefu.console.views import cases_words as words
from kefu.console.views.cases_context import talk
from kefu.conversations import queries as conversations
from kefu.customers import actions, queries
from kefu.customers.queries import Card
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.kernel import moment
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.lists.customers import CUSTOMERS
from kefu.lists.notices import CHANNELS
from kefu.notices import queries as notices
from kefu.notices.queries import Choice
from kefu.people import queries as people
from kefu.people.permissions import Permission


def _book(handbook: str) -> Handbook | None:
    try:
        return handbooks.book_at(handbook, moment.now())
    except NotInForce:
        return None


@page("customers", "customers", permission=Permission.CUSTOMER_VIEW, methods=("GET", "POST"))
def customers(request: ConsoleRequest) -> HttpResponse:
    """The list. What is searched for is personal: it is sent by POST and never stands in an address."""
    return listing.show(request, CUSTOMERS, head=Head(lead=_("姓名、电话默认掩码显示，查看完整内容需要写明原因。")))


def show(request: ConsoleRequest, customer_id: int, *, status: int = 200, **more: Any) -> HttpResponse:
    """The card, with a form that was not taken where there is one."""
    actor = request.actor
    card = queries.card(actor, customer_id)
    site = people.sites_by_id()[card.site_id]
    book = _book(site.handbook)
    own = [(key, words.name(tier)) for key, tier in book.tiers.items()] if book else []
    talks = conversations.of_customer(actor, customer_id) if actor.may(Permission.CONVERSATION_VIEW) else []
    context = {
        "card": card,
        "site": site.name,
        "tier": words.tier_badge(book, card.tier),
        "tier_title": words.name(book.tiers[card.tier]) if book and card.tier in book.tiers else _("普通"),
        "tiers": own or [("ordinary", _("普通"))],
        "cases": cases_rows.rows(case_queries.of_customer(actor, customer_id), with_customers=False),
        "talks": [talk(actor, one) for one in talks],
        "choice": _choice(request, customer_id),
        "channels": list(CHANNELS.items()),
        "channel_names": CHANNELS,
        "form_name": "",
        "errors": {},
        "values": {},
        "stale": False,
        **more,
    }
    return render(request, "customers/card.jinja", context, status=status)


def _choice(request: ConsoleRequest, customer_id: int) -> Choice | None:
    try:
        return notices.choice(request.actor, customer_id, now=moment.now()) if request.actor.may(Permission.NOTICE_VIEW) else None
    except NotInForce:
        return None


@page("customers/<int:customer_id>", "customer", permission=Permission.CUSTOMER_VIEW)
def customer(request: ConsoleRequest, customer_id: int) -> HttpResponse:
    """One customer, everything personal masked."""
    return show(request, customer_id)


def _errors(error: Invalid) -> dict[str, str]:
    return {name: str(text) for name, text in error.fields.items()} or {"": str(error)}


@page("customers/<int:customer_id>/unmask", "customer-unmask", permission=Permission.PERSONAL_UNMASK, methods=("POST",))
def unmask(request: ConsoleRequest, customer_id: int) -> HttpResponse:
    """One value in the clear, once; why is written to the audit log (SEC3)."""
    field, reason = request.POST.get("field", "")[:40], request.POST.get("reason", "").replace("\0", "")
    context: dict[str, Any] = {"customer_id": customer_id, "field": field, "value": "", "error": "", "reason": reason[:200]}
    status = 200
    try:
        context["value"] = actions.unmask(actor=request.actor, customer_id=customer_id, field=field, reason=reason, now=moment.now())
    except Invalid as error:
        context["error"], status = next(iter(_errors(error).values())), 422
    response = render(request, "customers/clear.jinja", context, part="value", status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _saved(request: ConsoleRequest, customer_id: int, said: str) -> HttpResponse:
    messages.success(request, said)
    return redirect(request, reverse("console:customer", kwargs={"customer_id": customer_id}))


@page("customers/<int:customer_id>/edit", "customer-edit", permission=Permission.CUSTOMER_EDIT, methods=("POST",))
def edit(request: ConsoleRequest, customer_id: int) -> HttpResponse:
    """Change the name; left empty it stays."""
    name = request.POST.get("name", "").replace("\0", "").strip()[:60]
    note = request.POST.get("note", "").replace("\0", "").strip()[:5000]
    version = request.POST.get("version", "")
    queries.card(request.actor, customer_id)
    values = {"name": name, "note": note}
    try:
        actions.update(
            actor=request.actor,
            customer_id=customer_id,
            version=int(version) if version.isdecimal() and len(version) < 9 else -1,
            now=moment.now(),
            name=name or None,
            note=note or None,
        )
    except Stale:
        return show(request, customer_id, status=409, form_name="edit", values=values, stale=True)
    except Invalid as error:
        return show(request, customer_id, status=422, form_name="edit", values=values, errors=_errors(error))
    return _saved(request, customer_id, _("已保存。"))


@page("customers/<int:customer_id>/contacts", "customer-contact", permission=Permission.CUSTOMER_EDIT, methods=("POST",))
def contact(request: ConsoleRequest, customer_id: int) -> HttpResponse:
    """One more way to reach a customer."""
    values = {name: request.POST.get(name, "").replace("\0", "") for name in ("kind", "value", "label")}
    queries.card(request.actor, customer_id)
    try:
        actions.add_contact(actor=request.actor, customer_id=customer_id, now=moment.now(), **values)
    except Invalid as error:
        return show(request, customer_id, status=422, form_name="contact", values=values, errors=_errors(error))
    except Conflict as error:
        return show(request, customer_id, status=409, form_name="contact", values=values, errors={"value": str(error)})
    return _saved(request, customer_id, _("已添加联系方式。"))


@page("customers/<int:customer_id>/tier", "customer-tier", permission=Permission.CUSTOMER_EDIT, methods=("POST",))
def tier(request: ConsoleRequest, customer_id: int) -> HttpResponse:
    """Move a customer to another tier, saying why."""
    values = {name: request.POST.get(name, "").replace("\0", "") for name in ("tier", "reason")}
    card: Card = queries.card(request.actor, customer_id)
    book = _book(people.sites_by_id()[card.site_id].handbook)
    known = tuple(book.tiers) if book and book.tiers else ("ordinary",)
    try:
        actions.set_tier(actor=request.actor, customer_id=customer_id, now=moment.now(), tiers=known, **values)
    except Invalid as error:
        return show(request, customer_id, status=422, form_name="tier", values=values, errors=_errors(error))
    except Stale:
        return show(request, customer_id, status=409, form_name="tier", values=values, stale=True)
    return _saved(request, customer_id, _("客户等级已调整。"))
