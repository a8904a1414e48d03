"""Pick-up orders: the list with work on many, one order with what may be done to it, who holds what, score cards (OPS9, O16)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kefu.console import listing
from kefu.console.listing import Bulk, BulkAction, Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.station import board, pickups_words
from kefu.escalations import queries as cases
from kefu.escalations.pickups import KIND, escalate_pickup
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, KefuError, NotFound
from kefu.kernel.wording import listed
from kefu.lists.definition import day
from kefu.lists.station.pickups import PICKUPS, PLATFORMS, STATES, TONES
from kefu.people import queries as people
from kefu.people.permissions import Permission, Role
from kefu.station.pickups import actions, queries
from kefu.station.pickups.actions import Collected
from kefu.station.pickups.rules import allowed
from kefu.station.pickups.vocabulary import Reason

_MOVES = ("assign", "accept", "dispatch", "collect", "refuse", "transfer", "cancel")
_COURIERS = [Role.CLERK, Role.AGENT, Role.LEAD, Role.MANAGER]
_DAYS = 30


def _bulk(actor: Actor) -> Bulk | None:
    """What may be done to many at once by this reader."""
    found = []
    if actor.may(Permission.PICKUP_WORK):
        found.append(BulkAction("accept", gettext_lazy("接单"), "accept", "primary"))
    if actor.may(Permission.PICKUP_ASSIGN):
        found.append(BulkAction("dispatch", gettext_lazy("派给业务员"), "person"))
        found.append(BulkAction("assign", gettext_lazy("分给网点"), "site"))
    return Bulk("station-pickups-bulk", tuple(found)) if found else None


def _couriers(site_id: int | None) -> list[tuple[str, str]]:
    if site_id is None:
        return []
    staff = people.active_staff(site_id, [role.value for role in _COURIERS])[:200]
    return [(one.staff_no, f"{one.name} {one.staff_no}") for one in staff]


def _sites(but: int | None = None) -> list[tuple[str, str]]:
    return [(str(pk), site.name) for pk, site in people.sites_by_id().items() if site.is_active and pk != but]


@page("station/pickups", "station-pickups", permission=Permission.PICKUP_VIEW, methods=("GET", "POST"))
def pickups(request: ConsoleRequest) -> HttpResponse:
    """The list; searching by a phone number comes by POST."""
    actor = request.actor
    extra = {"couriers": _couriers(actor.site_id), "sites": _sites()}
    return listing.show(
        request,
        PICKUPS,
        template="station/pickups/list.jinja",
        tabs=board.tabs(request),
        head=Head(lead=gettext_lazy("平台推送的取件订单：接单、派业务员、取件回填运单号。超时未接、未取会进评分卡。")),
        bulk=_bulk(actor),
        extra=extra,
    )


@page("station/pickups/bulk", "station-pickups-bulk", permission=(Permission.PICKUP_WORK, Permission.PICKUP_ASSIGN), methods=("POST",))
def pickups_bulk(request: ConsoleRequest) -> HttpResponse:
    """The same step for many; each for itself, refusals are counted by their reason."""
    now, actor, given = moment.now(), request.actor, request.POST
    chosen = listing.chosen(request, PICKUPS)
    if chosen.nothing:
        messages.warning(request, _("请先勾选订单。"))
        return redirect(request, chosen.back(PICKUPS))
    steps: dict[str, Callable[[int], Any]] = {
        "accept": lambda pk: actions.accept(actor=actor, order_id=pk, now=now),
        "dispatch": lambda pk: actions.dispatch(actor=actor, order_id=pk, courier=given.get("courier", ""), now=now),
        "assign": lambda pk: actions.assign(actor=actor, order_id=pk, site_id=_whole(given.get("site", "")), now=now),
    }
    step = steps.get(chosen.do)
    if step is None:
        raise NotFound
    _say(request, *_each(step, [_whole(key) for key in chosen.keys(PICKUPS, now)]))
    return redirect(request, chosen.back(PICKUPS))


def _each(step: Callable[[int], Any], keys: list[int]) -> tuple[int, dict[str, int]]:
    done, refused = 0, dict[str, int]()
    for key in keys:
        try:
            step(key)
            done += 1
        except KefuError as error:
            words = listed(error.fields.values(), "；") if isinstance(error, Invalid) and error.fields else str(error)
            refused[words] = refused.get(words, 0) + 1
    return done, refused


def _say(request: ConsoleRequest, done: int, refused: dict[str, int]) -> None:
    if done:
        messages.success(request, ngettext("已处理 %(count)s 张订单。", "已处理 %(count)s 张订单。", done) % {"count": done})
    for words, count in list(refused.items())[:5]:
        messages.warning(request, _("%(count)s 张没有处理：%(why)s") % {"count": count, "why": words})


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


@page("station/pickups/<int:order_id>", "station-pickups-order", permission=Permission.PICKUP_VIEW, methods=("GET", "POST"))
def order(request: ConsoleRequest, order_id: int) -> HttpResponse:
    """One order; sent as a form, one move of it."""
    if request.method == "GET":
        return _order(request, order_id)
    move = request.POST.get("do", "")
    try:
        said = _do(request, order_id, move, moment.now())
    except Invalid as error:
        errors = {name: str(text) for name, text in error.fields.items()} or {"": str(error)}
        return _order(request, order_id, move=move, errors=errors, status=422)
    except KefuError as error:
        if error.status in (403, 404):
            raise
        return _order(request, order_id, move=move, errors={"": str(error)}, status=error.status)
    messages.success(request, said)
    return redirect(request, reverse("console:station-pickups-order", kwargs={"order_id": order_id}))


def _do(request: ConsoleRequest, order_id: int, move: str, now: datetime) -> str:
    given, seen = request.POST, request.POST.get("version", "")
    about: dict[str, Any] = {"actor": request.actor, "order_id": order_id, "now": now, "expected_version": _whole(seen) if seen else None}
    note = given.get("note", "").replace("\0", "").strip()
    match move:
        case "assign":
            actions.assign(**about, site_id=_whole(given.get("site", "")))
        case "accept":
            actions.accept(**about)
        case "dispatch":
            actions.dispatch(**about, courier=given.get("courier", ""))
        case "collect":
            brought = Collected(given.get("waybill", "").replace("\0", "")[:60], _weight(given.get("weight", "")), given.get("courier", ""))
            actions.collect(**about, collected=brought)
        case "refuse":
            actions.refuse(**about, reason=given.get("reason", ""), note=note)
        case "transfer":
            actions.transfer(**about, site_id=_whole(given.get("site", "")), note=note)
        case "cancel":
            actions.cancel(**about, reason=given.get("reason", ""), note=note)
        case "case":
            escalate_pickup(actor=request.actor, order_id=order_id, now=now)
        case _:
            raise NotFound
    return pickups_words.done(move)


def _weight(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        found = Decimal(text.strip())
    except InvalidOperation:
        found = Decimal(-1)
    if not found.is_finite() or not 0 <= found < 100_000:
        raise Invalid(fields={"weight": _("重量请填公斤数，如 1.25。")})
    return found


def _order(
    request: ConsoleRequest, order_id: int, *, move: str = "", errors: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    found = queries.detail(actor, order_id, now=now)
    row = found.row
    may = {
        one: allowed(one, row.state) and actor.may(Permission.PICKUP_ASSIGN if one in ("assign", "dispatch") else Permission.PICKUP_WORK)
        for one in _MOVES
    }
    context = {
        "tabs": board.tabs(request),
        "found": found,
        "row": row,
        "state": (STATES.get(row.state, row.state), TONES.get(row.state, "quiet")),
        "platform": PLATFORMS.get(row.platform, row.platform),
        "steps": pickups_words.steps(row.state),
        "moves": [pickups_words.line(one) for one in found.moves],
        "clocks": [pickups_words.clock(one, actor) for one in found.clocks],
        "can": may,
        "couriers": _couriers(row.site_id),
        "sites": _sites(row.site_id),
        "reasons": [(code, str(title)) for code, title in Reason.choices],
        "case_id": cases.cases_of(KIND, [order_id]).get(order_id) if actor.may(Permission.CASE_VIEW) else None,
        "move": move,
        "errors": errors or {},
        "values": request.POST if move else {},
    }
    return render(request, "station/pickups/order.jinja", context, status=status)


@page("station/pickups/holders", "station-pickups-holders", permission=Permission.PICKUP_VIEW)
def holders(request: ConsoleRequest) -> HttpResponse:
    """Who holds what now, and the score cards of the days asked (接单率, 取件及时率, 拒绝率, 超时)."""
    actor, now = request.actor, moment.now()
    today = timezone.localdate(now)
    until = min(day(request.GET.get("to", "")) or today, today)
    since = min(day(request.GET.get("from", "")) or until - timedelta(days=_DAYS - 1), until)
    names = {pk: site.name for pk, site in people.sites_by_id().items()}
    scores = queries.scores(actor, since=since, until=until, now=now)
    context = {
        "tabs": board.tabs(request),
        "holders": queries.holders(actor, now=now),
        "pool": queries.pool_count(actor),
        "scores": [pickups_words.score(names[pk], pk, one, since, until) for pk, one in scores.items()],
        "since": since,
        "until": until,
    }
    return render(request, "station/pickups/holders.jinja", context)
