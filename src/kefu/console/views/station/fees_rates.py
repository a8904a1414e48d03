"""Rate cards: versions by site, place and product; which one applies on a day; what a delivery would earn, the sum written out (O11)."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.station import board, given
from kefu.console.views.station.given import Refusal
from kefu.kernel import moment
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.fees import cards, cards_queries
from kefu.station.fees.cards import NewCard
from kefu.station.fees.cards_queries import CardRow, Trial
from kefu.station.fees.rates import STEPS
from kefu.station.fees.reckoning import Facts, spelled
from kefu.station.fees.vocabulary import BY_BANDS, Charge, Rule, When

_BANDS, _ITEMS = 6, 6
_BAND_FIELDS = ("from_kg", "base", "over_kg", "per_kg", "step", "cap")
_ITEM_FIELDS = ("charge", "rule", "amount", "when", "over_kg", "step", "cap")


def _states() -> Mapping[str, tuple[str, str]]:
    return {
        "coming": (_("未生效"), "accent"),
        "in_force": (_("生效中"), "good"),
        "ended": (_("已结束"), "quiet"),
        "withdrawn": (_("已撤回"), "bad"),
    }


def _sites(request: ConsoleRequest) -> list[tuple[int, str]]:
    return [(site.pk, site.name) for site in people.sites(request.actor) if site.kind != "shop"]


def _number(value: str) -> Decimal | None:
    try:
        found = Decimal(value.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 <= found <= 100_000 else None


def _trial(request: ConsoleRequest, today: date) -> Trial | None:
    """What the form above the cards asks for; nothing while it was not sent."""
    asked = request.GET
    sites = {str(pk): pk for pk, _name in _sites(request)}
    own, day = _number(asked.get("own", "")), given.day(asked.get("day", "")) or today
    if own is None or asked.get("site", "") not in sites:
        return None
    floors, pieces = asked.get("floors", ""), asked.get("pieces", "")
    facts = Facts(
        own=own,
        hub=_number(asked.get("hub", "")),
        pieces=int(pieces) if pieces.isdecimal() and 0 < len(pieces) < 5 else 1,
        receipt=asked.get("receipt") == "1",
        round_trip=asked.get("round_trip") == "1",
        floors=int(floors) if floors.isdecimal() and len(floors) < 3 else 0,
    )
    return cards_queries.what_if(
        request.actor,
        site_id=sites[asked["site"]],
        day=day,
        facts=facts,
        destination=asked.get("destination", "")[:120],
        product=asked.get("product", "")[:40],
        now=moment.now(),
    )


@page("station/fees/rates", "station-fees-rates", permission=Permission.FEE_VIEW)
def rates(request: ConsoleRequest) -> HttpResponse:
    """All cards with their days, and the calculator above them."""
    today = timezone.localdate(moment.now())
    trial = _trial(request, today)
    lines = (
        [(Charge(line.charge).label, spelled(line.stored()), line.amount) for line in trial.reckoned.lines]
        if trial and trial.reckoned
        else []
    )
    context = {
        "tabs": board.tabs(request),
        "cards": cards_queries.card_rows(request.actor, today=today, withdrawn=request.GET.get("withdrawn") == "1"),
        "states": _states(),
        "sites": _sites(request),
        "asked": request.GET,
        "today": today,
        "trial": trial,
        "lines": lines,
    }
    return render(request, "station/fees/rates.jinja", context)


@page("station/fees/rates/new", "station-fees-rate-new", permission=Permission.FEE_SETTLE, methods=("GET", "POST"))
def new_rate(request: ConsoleRequest) -> HttpResponse:
    """A new card, perhaps beginning from another (``like``)."""
    if request.method == "GET":
        return _form(request, Refusal(values=_like(request)))
    first = given.day(given.text(request, "valid_from"))
    until = given.text(request, "valid_until")
    try:
        if first is None or (until and given.day(until) is None):
            raise Invalid(fields={"valid_from" if first is None else "valid_until": _("请填写日期，如 2026-01-31。")})
        new = NewCard(
            site_id=given.whole(request, "site", 0),
            title=given.text(request, "title"),
            valid_from=first,
            valid_until=given.day(until) if until else None,
            source=given.text(request, "source"),
            area=given.text(request, "area"),
            product=given.text(request, "product"),
            follow=request.POST.get("follow") == "1",
            bands=_rows(request, "band", _BANDS, _BAND_FIELDS, "base"),
            items=_rows(request, "item", _ITEMS, _ITEM_FIELDS, "charge"),
        )
        made = cards.add_card(actor=request.actor, new=new, now=moment.now())
    except (Invalid, Conflict, Stale) as error:
        return _form(request, given.refusal(request, "new", error))
    messages.success(request, _("费率表已保存，有效期内未结算的派费会自动重新计算。"))
    return redirect(request, reverse("console:station-fees-rate", kwargs={"card_id": made.pk}))


def _rows(request: ConsoleRequest, kind: str, most: int, names: tuple[str, ...], leading: str) -> list[dict[str, Any]]:
    """Lines of the form whose leading field is filled."""
    rows = [{name: given.text(request, f"{kind}-{place}-{name}", 40) for name in names} for place in range(most)]
    return [row for row in rows if row[leading]]


def _like(request: ConsoleRequest) -> dict[str, str]:
    """What a new card begins with: that of another, or one empty band."""
    wanted = request.GET.get("like", "")
    if not wanted.isdecimal() or len(wanted) > 9:
        return {"band-0-from_kg": "0", "valid_from": timezone.localdate(moment.now()).isoformat(), "follow": "1"}
    card = cards_queries.card_row(request.actor, int(wanted), today=timezone.localdate(moment.now())).card
    bands, items = card.rates.stored()
    values = {
        "site": str(card.site_id),
        "title": card.title,
        "area": card.area,
        "product": card.product,
        "source": card.source,
        "follow": "1",
    }
    for kind, rows in (("band", bands), ("item", items)):
        for place, row in enumerate(rows):
            values |= {f"{kind}-{place}-{name}": "" if value is None else str(value) for name, value in row.items()}
    return values


def _form(request: ConsoleRequest, refused: Refusal) -> HttpResponse:
    context = {
        "tabs": board.tabs(request),
        "refused": refused,
        "sites": _sites(request),
        "bands": range(_BANDS),
        "items": range(_ITEMS),
        "charges": [one for one in Charge.choices if one[0] not in BY_BANDS],
        "rules": Rule.choices,
        "whens": When.choices,
        "steps": [(str(step), str(step)) for step in STEPS],
    }
    return render(request, "station/fees/rate_new.jinja", context, status=refused.status)


@page("station/fees/rates/<int:card_id>", "station-fees-rate", permission=Permission.FEE_VIEW)
def rate(request: ConsoleRequest, card_id: int) -> HttpResponse:
    """One card: what it says, its days, its source."""
    return _card(request, card_id, Refusal())


def _card(request: ConsoleRequest, card_id: int, refused: Refusal) -> HttpResponse:
    found: CardRow = cards_queries.card_row(request.actor, card_id, today=timezone.localdate(moment.now()))
    items = [(Charge(one.charge).label, Rule(one.rule).label, When(one.when).label, one) for one in found.card.rates.items]
    context = {
        "tabs": board.tabs(request),
        "found": found,
        "card": found.card,
        "state": _states()[found.state],
        "items": items,
        "refused": refused,
    }
    return render(request, "station/fees/rate.jinja", context, status=refused.status)


@page("station/fees/rates/<int:card_id>/end", "station-fees-rate-end", permission=Permission.FEE_SETTLE, methods=("POST",))
def end_rate(request: ConsoleRequest, card_id: int) -> HttpResponse:
    """Let it end on a day, or withdraw it while no fee stands on it (``withdraw``)."""
    version, now = given.whole(request, "version"), moment.now()
    try:
        if request.POST.get("withdraw") == "1":
            cards.withdraw_card(actor=request.actor, card_id=card_id, expected_version=version, now=now)
            messages.success(request, _("费率表已撤回。"))
        else:
            last = given.day(given.text(request, "valid_until"))
            if last is None:
                raise Invalid(fields={"valid_until": _("请填写日期，如 2026-01-31。")})
            cards.end_card(actor=request.actor, card_id=card_id, last=last, expected_version=version, now=now)
            messages.success(request, _("截止日已保存，之后的派费会按其他费率表重新计算。"))
    except (Invalid, Conflict, Stale) as error:
        return _card(request, card_id, given.refusal(request, "end", error))
    return redirect(request, reverse("console:station-fees-rate", kwargs={"card_id": card_id}))
