"""What platforms push: new orders, changes, withdrawals, each of them any number of times (O2, O16).

The same order again is an update or nothing, never a second order. The answers carry the gateway's own codes (B01-B08, B99, S05).
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction

from kefu.handbook.settings import setting
from kefu.kernel.actor import Actor
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Message, NotFound
from kefu.kernel.masking import phone_key
from kefu.parcels.drafts import Party
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.areas import queries as areas
from kefu.station.areas.addresses import split
from kefu.station.pickups import deadlines, moving, rules
from kefu.station.pickups.checks import order_problem
from kefu.station.pickups.drafts import OrderDraft
from kefu.station.pickups.errors import GATEWAY, REASONS
from kefu.station.pickups.limits import KEY, limits_of
from kefu.station.pickups.models import PickupOrder
from kefu.station.pickups.vocabulary import GATEWAY_STATE, State, What

_TRIES = 3
_FUTURE = timedelta(minutes=5)
_UPDATED = ("slot_from", "slot_to", "parties", "sender_phone_index", "sender_region", "goods", "weight", "pieces", "payment",
            "insured_amount", "cod_amount", "remark")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What the platform is told. ``outcome``: stored, updated, present, withdrawn or refused; ``code`` is empty when it was taken."""

    outcome: str
    code: str = ""
    message: Message = ""
    order_id: int | None = None
    reason: str = ""
    """Code of ``errors.REASONS`` for content that cannot be taken."""

    @property
    def success(self) -> bool:
        """Whether the platform may go on."""
        return not self.code


def _refused(code: str, order: PickupOrder | None = None, *, reason: str = "") -> Answer:
    return Answer("refused", code, REASONS[reason] if reason else GATEWAY[code], order.pk if order else None, reason)


def parties_json(sender: Party, receiver: Party) -> str:
    """Both sides as they are kept."""
    sides = {"sender": sender, "receiver": receiver}
    return json.dumps(
        {key: {"name": one.name, "phone": one.phone, "address": one.address} for key, one in sides.items()}, ensure_ascii=False
    )


def parties_of(order: PickupOrder) -> dict[str, Party]:
    """Sender and receiver in the clear; for couriers' lists and masks, never for a screen as they are."""
    return {key: Party(**one) for key, one in json.loads(order.parties).items()}


def _columns(draft: OrderDraft) -> dict[str, Any]:
    key = phone_key(draft.sender.phone)
    return {
        "slot_from": draft.slot_from,
        "slot_to": draft.slot_to,
        "parties": parties_json(draft.sender, draft.receiver),
        "sender_phone_index": keyring().index("phone", key) if key else "",
        "sender_region": split(draft.sender.address).path[:120],
        "goods": draft.goods.strip(),
        "weight": draft.weight,
        "pieces": draft.pieces,
        "payment": draft.payment,
        "insured_amount": draft.insured_amount,
        "cod_amount": draft.cod_amount,
        "remark": draft.remark.strip(),
    }


def push(*, actor: Actor, draft: OrderDraft, now: datetime) -> Answer:
    """Take an order in, or bring a known one up to date. Raises ``Denied``, and ``NotFound`` for a hub out of reach."""
    people.require(actor, Permission.PICKUP_WORK)
    people.require_site(actor, draft.hub_id)
    future = limits_of(deadlines.book_at(draft.hub_id, now)).future_minutes
    reason = order_problem(draft, now, future=future.span(timedelta(minutes=1)) if future else _FUTURE)
    if reason is None and draft.site_id is not None and not actor.reaches(draft.site_id):
        reason = "no_site"
    if reason is not None:
        return _refused("S05", reason=reason)
    for _try in range(_TRIES):
        known = PickupOrder.objects.filter(platform=draft.platform, order_no=draft.order_no.strip()).first()
        if known is not None:
            return _update(actor, known, draft, now)
        try:
            with transaction.atomic():
                return _store(actor, draft, now)
        except IntegrityError:
            continue  # the same push came twice at once: look again
    raise NotFound


def order(order_id: int) -> PickupOrder | None:
    """The order an answer speaks of, for jobs that go on with it."""
    return PickupOrder.objects.filter(pk=order_id).first()


def push_many(*, actor: Actor, drafts: Sequence[OrderDraft], now: datetime) -> list[Answer]:
    """Many orders, each for itself, in one transaction."""
    with transaction.atomic():
        return [push(actor=actor, draft=draft, now=now) for draft in drafts]


def _store(actor: Actor, draft: OrderDraft, now: datetime) -> Answer:
    order = PickupOrder.objects.create(
        platform=draft.platform,
        order_no=draft.order_no.strip(),
        hub_id=draft.hub_id,
        placed_at=draft.placed_at,
        changed_at=now,
        **_columns(draft),
    )
    station = draft.site_id or _nearest(draft, now)
    changes: dict[str, Any] = {}
    if station is not None:
        changes = {"site_id": station, "state": State.ASSIGNED, "due_at": moving.arrive(order, station, now)}
    moving.write(actor, order, What.PUSHED, now, data={"site": station}, **changes)
    return Answer("stored", order_id=order.pk)


def _nearest(draft: OrderDraft, now: datetime) -> int | None:
    """The station that serves the sender's address, where the hub's handbook gives orders out by itself."""
    book = deadlines.book_at(draft.hub_id, now)
    auto = setting(book, KEY, "assign_by_area") if book else None
    if auto is None or not auto.value:
        return None
    return next((one.site_id for one in areas.serving(draft.sender.address, now.date()) if one.answer.served), None)


def _update(actor: Actor, order: PickupOrder, draft: OrderDraft, now: datetime) -> Answer:
    """A known order: nothing when it says the same; refused with the gateway's code when it is past changing."""
    if not actor.reaches(order.hub_id):
        return _refused("B99")
    columns = _columns(draft)
    changed = {name: columns[name] for name in _UPDATED if not _same(getattr(order, name), columns[name])}
    if not changed:
        return Answer("present", order_id=order.pk)
    if not rules.allowed("update", order.state):
        return _refused(rules.refusal_code(order.state), order)
    with transaction.atomic():
        moving.write(actor, order, What.UPDATED, now, data={"fields": sorted(changed)}, **changed)
    return Answer("updated", order_id=order.pk)


def _same(stands: Any, given: Any) -> bool:
    if isinstance(given, Decimal) and stands is not None:
        return Decimal(stands) == given
    return bool(stands == given)


def withdraw(*, actor: Actor, platform: str, order_no: str, now: datetime) -> Answer:
    """The customer takes the order back; once collected the gateway says B04, and B08 again when it was cancelled before (success)."""
    people.require(actor, Permission.PICKUP_WORK)
    order = PickupOrder.objects.filter(platform=platform, order_no=order_no.strip()).first()
    if order is None or not actor.reaches(order.hub_id):
        return _refused("B99")
    if order.state == State.CANCELLED:
        return Answer("present", order_id=order.pk)
    if not rules.allowed("cancel", order.state):
        return _refused(rules.refusal_code(order.state), order)
    with transaction.atomic():
        moving.leave(order, now)
        moving.write(actor, order, What.CANCELLED, now, data={"reason": "customer_cancelled", "by": "platform"},
                     state=State.CANCELLED, due_at=None, last_reason="customer_cancelled")  # fmt: skip
    return Answer("withdrawn", order_id=order.pk)


def status(*, actor: Actor, platform: str, order_no: str) -> Mapping[str, str] | None:
    """How an order stands in the words of the gateway; ``None`` when it is not there (B99)."""
    people.require(actor, Permission.PICKUP_VIEW)
    order = PickupOrder.objects.filter(platform=platform, order_no=order_no.strip()).first()
    if order is None or not (actor.reaches(order.hub_id) or actor.reaches(order.site_id)):
        return None
    refused = order.state == State.POOL and order.refusals
    return {"state": "UNACCEPT" if refused else GATEWAY_STATE[State(order.state)], "waybill": order.waybill, "reason": order.last_reason}
