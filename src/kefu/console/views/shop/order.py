"""One order on one page: customer, items with what is known of them, payment, parcel, chats, refunds, cases, and its work (SHOP1)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.cases import queries as cases
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_rows
from kefu.console.views import cases_words as words
from kefu.console.views.cases_context import talk
from kefu.console.views.parcels_trace import Tracked, tracked
from kefu.console.views.shop import board, order_moves
from kefu.console.views.shop.order_moves import whole
from kefu.conversations import queries as conversations
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, KefuError, NotFound
from kefu.lists.shop import work as said
from kefu.lists.shop.orders import PLATFORMS, STATES, TONES
from kefu.orders import queries
from kefu.orders.queries import Detail
from kefu.people.permissions import Permission
from kefu.shop import queries as shop
from kefu.shop.vocabulary import Agreed, Party, Stop, UrgeCause

_STOPS = ("unpaid", "paid", "shipped", "signed", "finished")
_PARCELS_SHOWN = 3


@page("shop/orders/<int:order_id>", "shop-order", permission=Permission.ORDER_VIEW, methods=("GET", "POST"))
def order(request: ConsoleRequest, order_id: int) -> HttpResponse:
    """The page; sent as a form, one piece of work."""
    if request.method == "GET":
        return _show(request, order_id)
    move = request.POST.get("do", "")
    try:
        order_moves.do(request, order_id, move, moment.now())
    except Invalid as error:
        errors = {name: str(text) for name, text in error.fields.items()} or {"": str(error)}
        return _show(request, order_id, move=move, errors=errors, status=422)
    except KefuError as error:
        if error.status in (403, 404):
            raise
        return _show(request, order_id, move=move, errors={"": str(error)}, status=error.status)
    messages.success(request, _("已登记。"))
    return redirect(request, reverse("console:shop-order", kwargs={"order_id": order_id}))


def _show(
    request: ConsoleRequest, order_id: int, *, move: str = "", errors: Mapping[str, str] | None = None, status: int = 200
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    found = queries.detail(actor, order_id)
    row = found.row
    customer = row.customer_id
    talks = conversations.of_customer(actor, customer, limit=8) if customer and actor.may(Permission.CONVERSATION_VIEW) else []
    context = {
        "tabs": board.tabs(request),
        "found": found,
        "row": row,
        "state": (STATES.get(row.state, row.state), TONES.get(row.state, "quiet")),
        "platform": PLATFORMS.get(row.platform, row.platform),
        "stops": _stops(found),
        "parcels": _parcels(actor, [number for number, _carrier in found.parcels], now),
        "talks": [talk(actor, one) for one in talks],
        "cases": _cases(actor, found) if actor.may(Permission.CASE_VIEW) else [],
        "work": shop.of_order(actor, order_id, now=now),
        "said": said,
        "clause": lambda ref: (words.clause_title(ref), words.clause_url(ref, actor)),
        "choices": {
            "agreed": Agreed.choices,
            "stop": Stop.choices,
            "liable": Party.choices,
            "cause": UrgeCause.choices,
            "reply": [one for one in said.REPLIES.items() if one[0]],
        },
        "may_work": actor.may(Permission.ORDER_WORK),
        "move": move,
        "moved": whole(request.POST.get("id", "")) if move else 0,
        "errors": errors or {},
        "values": request.POST if move else {},
    }
    return render(request, "shop/order.jinja", context, status=status)


def _stops(found: Detail) -> list[dict[str, Any]]:
    """The order's way as stops; a closed one goes no further."""
    row = found.row
    at = {"unpaid": row.placed_at, "paid": row.paid_at, "shipped": row.shipped_at, "signed": row.signed_at, "finished": row.finished_at}
    titles = {"unpaid": _("下单"), "paid": _("付款"), "shipped": _("发货"), "signed": _("签收"), "finished": _("完成")}
    reached = _STOPS.index(row.state) if row.state in _STOPS else max(place for place, name in enumerate(_STOPS) if at[name] or not place)
    shown = []
    for place, name in enumerate(_STOPS):
        state = "done" if place < reached else "current" if place == reached else "ahead"
        shown.append({"state": state, "title": titles[name], "at": at[name], "place": ""})
    return shown


def _parcels(actor: Actor, numbers: Sequence[str], now: datetime) -> list[tuple[str, Tracked | None]]:
    """Traces of the order's parcels in the reader's sight."""
    shown: list[tuple[str, Tracked | None]] = []
    for number in numbers[:_PARCELS_SHOWN]:
        try:
            shown.append((number, tracked(actor, number, now=now) if actor.may(Permission.PARCEL_VIEW) else None))
        except NotFound:
            shown.append((number, None))
    return shown


def _cases(actor: Actor, found: Detail) -> Any:
    """Cases of the buyer, and of the parcel."""
    rows = {one.pk: one for one in cases.of_customer(actor, found.row.customer_id)} if found.row.customer_id else {}
    if found.row.waybill:
        rows |= {one.pk: one for one in cases.of_waybill(actor, found.row.waybill)}
    newest = sorted(rows.values(), key=lambda one: -one.pk)[:8]
    return cases_rows.rows(newest, with_customers=False)
