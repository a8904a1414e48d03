"""Reads of pick-up orders: the list, one order, who holds what, score cards (OPS9, O16)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from kefu.clocks import queries as clocks
from kefu.clocks.queries import ClockView
from kefu.kernel.actor import Actor
from kefu.kernel.encryption import keyring
from kefu.kernel.masking import mask_address, mask_name, mask_phone, phone_key
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.areas import queries as areas
from kefu.station.areas.queries import Serving
from kefu.station.pickups import access
from kefu.station.pickups.models import PickupOrder, Stay
from kefu.station.pickups.push import parties_of
from kefu.station.pickups.rules import Score, Spell, score
from kefu.station.pickups.vocabulary import OPEN, UNCOLLECTED, State

_SOON = timedelta(hours=1)
_MOST_NUMBERS = 500


@dataclass(frozen=True, slots=True)
class Wanted:
    """A choice of orders. ``numbers``: order numbers or waybills; days are those the order was placed on."""

    state: str = ""
    open_only: bool = False
    platform: str = ""
    site_id: int | None = None
    courier: str = ""
    numbers: Sequence[str] = ()
    phone: str = ""
    late: bool = False
    soon: bool = False
    wrong_claim: bool = False
    reason: str = ""
    day_from: date | None = None
    day_to: date | None = None


@dataclass(frozen=True, slots=True)
class OrderRow:
    """An order in a list, the sender masked. ``late`` when its nearest deadline has passed."""

    id: int
    platform: str
    order_no: str
    state: str
    site_id: int | None
    site: str
    courier: str
    sender_name: str
    sender_phone: str
    sender_region: str
    goods: str
    weight: Any
    pieces: int
    payment: str
    placed_at: datetime
    slot_from: datetime | None
    slot_to: datetime | None
    due_at: datetime | None
    late: bool
    waybill: str
    last_reason: str
    wrong_claim: bool
    transfers: int
    version: int


def _row(order: PickupOrder, now: datetime, *, clear: bool) -> OrderRow:
    sender = parties_of(order)["sender"]
    return OrderRow(
        id=order.pk,
        platform=order.platform,
        order_no=order.order_no,
        state=order.state,
        site_id=order.site_id,
        site=order.site.name if order.site else "",
        courier=order.courier,
        sender_name=sender.name if clear else mask_name(sender.name),
        sender_phone=sender.phone if clear else mask_phone(sender.phone),
        sender_region=order.sender_region.replace("/", ""),
        goods=order.goods,
        weight=order.weight,
        pieces=order.pieces,
        payment=order.payment,
        placed_at=order.placed_at,
        slot_from=order.slot_from,
        slot_to=order.slot_to,
        due_at=order.due_at,
        late=order.state in OPEN and order.due_at is not None and order.due_at < now,
        waybill=order.waybill,
        last_reason=order.last_reason,
        wrong_claim=order.wrong_claim,
        transfers=order.transfers,
        version=order.version,
    )


def _matching(actor: Actor, wanted: Wanted, now: datetime) -> QuerySet[PickupOrder]:
    rows = access.visible_to(actor)
    exact = {
        "state": wanted.state,
        "platform": wanted.platform,
        "site_id": wanted.site_id,
        "courier": wanted.courier,
        "last_reason": wanted.reason,
    }
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.open_only:
        rows = rows.filter(state__in=UNCOLLECTED)
    if wanted.late:
        rows = rows.filter(state__in=OPEN, due_at__lt=now)
    if wanted.soon:
        rows = rows.filter(state__in=OPEN, due_at__gte=now, due_at__lt=now + _SOON)
    if wanted.wrong_claim:
        rows = rows.filter(wrong_claim=True)
    if wanted.numbers:
        numbers = [one.strip() for one in wanted.numbers[:_MOST_NUMBERS]]
        rows = rows.filter(Q(order_no__in=numbers) | Q(waybill__in=[clean_waybill(one) for one in numbers if one]))
    if wanted.phone:
        key = phone_key(wanted.phone)
        rows = rows.filter(sender_phone_index=keyring().index("phone", key)) if key else rows.none()
    return rows.filter(**on_days("placed_at", wanted.day_from, wanted.day_to))


def page(actor: Actor, wanted: Wanted, *, now: datetime, cursor: str | None = None, size: int = 50, clear: bool = False) -> Page[OrderRow]:
    """Orders in reach, newest first; one query and the sites'."""
    rows = _matching(actor, wanted, now).select_related("site")
    found = keyset_page(rows, [Order("pk", descending=True)], size=size, cursor=cursor)
    return Page([_row(one, now, clear=clear) for one in found.rows], found.next, found.previous)


def count(actor: Actor, wanted: Wanted, *, now: datetime) -> CappedCount:
    """How many, up to 1000."""
    return capped_count(_matching(actor, wanted, now))


@dataclass(frozen=True, slots=True)
class MoveLine:
    """Something that happened to an order; ``data`` is put into words by who shows it."""

    what: str
    actor_name: str
    at: datetime
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Side:
    """Sender or receiver, masked."""

    name: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True)
class Detail:
    """One order: its row, both sides, its clocks, what happened to it, and which stations serve the sender's address."""

    row: OrderRow
    hub: str
    sender: Side
    receiver: Side
    remark: str
    insured_amount: Any
    cod_amount: Any
    clocks: tuple[ClockView, ...]
    moves: tuple[MoveLine, ...]
    serving: tuple[Serving, ...]


def detail(actor: Actor, order_id: int, *, now: datetime) -> Detail:
    """Everything about one order in reach, or ``NotFound``."""
    order = access.get_for(actor, order_id)
    sides = {key: Side(mask_name(one.name), mask_phone(one.phone), mask_address(one.address)) for key, one in parties_of(order).items()}
    serving = areas.serving(order.sender_region, now.date()) if order.sender_region and order.state in UNCOLLECTED else []
    return Detail(
        row=_row(order, now, clear=False),
        hub=order.hub.name,
        sender=sides["sender"],
        receiver=sides["receiver"],
        remark=order.remark,
        insured_amount=order.insured_amount,
        cod_amount=order.cod_amount,
        clocks=tuple(clocks.of_subject("pickup", order.pk, now=now)),
        moves=tuple(MoveLine(one.what, one.actor_name, one.at, one.data) for one in order.moves.order_by("-pk")[:100]),
        serving=tuple(serving[:5]),
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """What a courier of a site (or nobody yet, ``courier`` empty) holds now."""

    site_id: int
    site: str
    courier: str
    name: str
    open: int
    late: int
    soon: int


def holders(actor: Actor, *, now: datetime) -> list[Holder]:
    """Who holds what: open orders by site and courier, in two queries (issue: the map of who holds what)."""
    rows = access.visible_to(actor).filter(state__in=OPEN).values("site_id", "courier").order_by("site_id", "courier")
    late, soon = Q(due_at__lt=now), Q(due_at__gte=now, due_at__lt=now + _SOON)
    found = list(rows.annotate(open=Count("pk"), late=Count("pk", filter=late), soon=Count("pk", filter=soon)))
    sites = people_queries.sites_by_id()
    names = people_queries.staff_names_by_number({one["courier"] for one in found if one["courier"]})
    return [
        Holder(
            one["site_id"], sites[one["site_id"]].name, one["courier"], names.get(one["courier"], ""), one["open"], one["late"], one["soon"]
        )
        for one in found
    ]


def pool_count(actor: Actor) -> CappedCount:
    """How many wait in the pools in reach."""
    return capped_count(access.visible_to(actor).filter(state=State.POOL))


_SPELL = ("site_id", "assigned_at", "accept_due_at", "accepted_at", "collect_due_at", "collected_at", "refused_at", "left_at")


def scores(actor: Actor, *, since: date, until: date, now: datetime, site_id: int | None = None) -> Mapping[int, Score]:
    """Score cards by site of the orders assigned on these days, both included (接单率, 取件及时率, 拒绝率, 超时). One query."""
    people.require(actor, Permission.PICKUP_VIEW)
    rows = people.in_reach(Stay.objects.all(), actor)
    rows = rows.filter(**on_days("assigned_at", since, until))
    if site_id is not None:
        rows = rows.filter(site_id=site_id)
    spells: dict[int, list[Spell]] = {}
    for site, *moments in rows.values_list(*_SPELL).iterator():
        spells.setdefault(site, []).append(Spell(*moments))
    return {site: score(found, now) for site, found in sorted(spells.items())}
