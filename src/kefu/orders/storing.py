"""Taking orders in: new ones, changed ones, the same again; any number of times (SHOP1).

The key is (site, platform, number). A batch costs a fixed number of statements for what is new or unchanged, and a few for each changed
order, which leaves in the audit log what changed from what to what.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from kefu.customers import actions as customers
from kefu.customers.actions import CustomerDraft
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.encryption import keyring
from kefu.orders import rules
from kefu.orders.drafts import ItemDraft, OrderDraft
from kefu.orders.events import OrdersStored
from kefu.orders.models import Order, OrderItem, Shipment, Shop
from kefu.parcels.drafts import Party
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people.permissions import Permission

_PRIVATE = frozenset({"buyer", "receiver", "remark", "buyer_index", "phone_index", "customer_id"})
# A later file without these columns does not take away what an earlier one told.
_KEPT_WHEN_EMPTY = frozenset({"paid_at", "shipped_at", "signed_at", "finished_at", "waybill", "carrier", "remark", "buyer", "buyer_index",
                              "receiver", "phone_index", "customer_id", "goods", "pieces"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a draft. ``outcome``: stored, updated, present or refused, then with a ``reason`` of ``errors.REASONS``."""

    outcome: str
    id: int | None = None
    reason: str = ""


def ref(order: Order) -> Ref:
    """How other records point at an order."""
    return Ref("order", order.pk, order.number)


def receiver_of(order: Order) -> Party:
    """The receiver in the clear; for exports and masks, never for a screen as it is."""
    return Party(**json.loads(order.receiver)) if order.receiver else Party()


def store_orders(*, actor: Actor, drafts: Sequence[OrderDraft], now: datetime) -> list[Answer]:
    """Take orders in, each for itself, an answer for each in their order. All of one site, which must be in reach."""
    people.require(actor, Permission.ORDER_WORK)
    for site_id in {draft.site_id for draft in drafts}:
        people.require_site(actor, site_id)
    reasons = [rules.order_problem(draft, now) for draft in drafts]
    good = [draft for draft, reason in zip(drafts, reasons, strict=True) if reason is None]
    with transaction.atomic():
        batch = _Batch(actor, good, now)
        answers = {_key(draft): batch.take(draft) for draft in good}
        batch.write()
    return [Answer("refused", reason=reason) if reason else answers[_key(draft)] for draft, reason in zip(drafts, reasons, strict=True)]


_Key = tuple[int, str, str]


def _key(draft: OrderDraft) -> _Key:
    return draft.site_id, draft.platform, draft.number


class _Batch:
    """Orders taken in together: what is known of them is looked up once, what is new is written at the end."""

    def __init__(self, actor: Actor, drafts: Sequence[OrderDraft], now: datetime) -> None:
        self._actor, self._now = actor, now
        sites = {draft.site_id for draft in drafts}
        numbers = {draft.number for draft in drafts}
        rows = Order.objects.filter(site_id__in=sites, number__in=numbers).prefetch_related("items", "shipments")
        self._known = {(row.site_id, row.platform, row.number): row for row in rows}
        self._shops = _shops(actor, drafts, now)
        self._customers = _customers(actor, drafts, now)
        self._new: dict[_Key, tuple[Order, OrderDraft]] = {}
        self._touched: dict[int, list[int]] = {}

    def take(self, draft: OrderDraft) -> Answer:
        """A draft against what is known; a number that comes twice in a batch is taken as it comes first."""
        known = self._known.get(_key(draft))
        if known is not None:
            return self._update(known, draft)
        if _key(draft) not in self._new:
            shop = self._shops[draft.site_id, draft.platform, draft.shop]
            row = Order(
                site_id=draft.site_id, platform=draft.platform, number=draft.number, shop_id=shop, changed_at=self._now,
                **_columns(draft, self._customers),
            )  # fmt: skip
            self._new[_key(draft)] = (row, draft)
        return Answer("stored")

    def _update(self, row: Order, draft: OrderDraft) -> Answer:
        if not rules.order_move_allowed(row.state, draft.state):
            return Answer("refused", row.pk, "order_backwards")
        given = _columns(draft, self._customers)
        changed = {name: value for name, value in given.items() if _differs(name, getattr(row, name), value)}
        items = bool(draft.items) and _lines(draft) != _lines_of(row)
        parcels = _parcels(draft).items() - {(one.waybill, one.carrier) for one in row.shipments.all()}
        if not changed and not items and not parcels:
            return Answer("present", row.pk)
        diff = _diff(row, changed)
        save_claimed(row, changed_at=self._now, **changed)
        if items:
            row.items.all().delete()
            OrderItem.objects.bulk_create(_items(row, draft))
        for waybill, carrier in sorted(parcels):
            Shipment.objects.update_or_create(order=row, waybill=waybill, defaults={"carrier": carrier})
        data = {"diff": diff, "items": items, "parcels": len(parcels)}
        audit.record(self._actor, "order.changed", ref(row), now=self._now, site_id=row.site_id, data=data)
        self._touched.setdefault(row.site_id, []).append(row.pk)
        return Answer("updated", row.pk)

    def write(self) -> None:
        """The new ones with their lines and parcels, their audit entries, and one event a site."""
        pairs = list(self._new.values())
        Order.objects.bulk_create([row for row, _draft in pairs])
        OrderItem.objects.bulk_create([item for row, draft in pairs for item in _items(row, draft)])
        Shipment.objects.bulk_create(
            [Shipment(order=row, waybill=waybill, carrier=carrier) for row, draft in pairs for waybill, carrier in _parcels(draft).items()]
        )
        audit.record_many(
            [
                audit.entry(self._actor, "order.stored", ref(row), now=self._now, site_id=row.site_id, data={"state": row.state})
                for row, _draft in pairs
            ]
        )
        for row, _draft in pairs:
            self._touched.setdefault(row.site_id, []).append(row.pk)
        events = [OrdersStored(site_id=site_id, order_ids=ids) for site_id, ids in sorted(self._touched.items())]
        if events:
            outbox.emit_many(events, now=self._now)


def _shops(actor: Actor, drafts: Sequence[OrderDraft], now: datetime) -> Mapping[tuple[int, str, str], int]:
    """Shops by site, platform and name, made where there is none yet."""
    wanted = {(draft.site_id, draft.platform, draft.shop) for draft in drafts}
    rows = Shop.objects.filter(site_id__in={site for site, _platform, _name in wanted})
    found = {(row.site_id, row.platform, row.name): row.pk for row in rows}
    for site_id, platform, name in sorted(wanted - found.keys()):
        shop, made = Shop.objects.get_or_create(site_id=site_id, platform=platform, name=name, defaults={"created_at": now})
        if made:
            audit.record(actor, "shop.created", Ref("shop", shop.pk, name), now=now, site_id=site_id, data={"platform": platform})
        found[site_id, platform, name] = shop.pk
    return found


def _customers(actor: Actor, drafts: Sequence[OrderDraft], now: datetime) -> Mapping[tuple[int, str, str], int]:
    """Customers by site and contact: the platform's account when it tells one from another, else the phone."""
    found: dict[tuple[int, str, str], int] = {}
    for site_id in sorted({draft.site_id for draft in drafts}):
        people_ = [one for draft in drafts if draft.site_id == site_id and (one := _person(draft)) is not None]
        ids = customers.find_or_create_many(actor=actor, site_id=site_id, drafts=people_, now=now).ids if people_ else []
        found |= {(site_id, one.kind, one.value): pk for one, pk in zip(people_, ids, strict=True) if pk is not None}
    return found


def _person(draft: OrderDraft) -> CustomerDraft | None:
    name = "" if "*" in draft.receiver.name else draft.receiver.name
    if rules.named_buyer(draft.buyer):
        return CustomerDraft(draft.buyer, "platform_id", name)
    return CustomerDraft(draft.receiver.phone, "phone", name) if rules.whole_phone(draft.receiver.phone) else None


def _columns(draft: OrderDraft, known: Mapping[tuple[int, str, str], int]) -> dict[str, Any]:
    person, key = _person(draft), rules.whole_phone(draft.receiver.phone)
    waybill, carrier = next(iter(_parcels(draft).items()), ("", ""))
    party = {"name": draft.receiver.name, "phone": draft.receiver.phone, "address": draft.receiver.address}
    return {
        "state": draft.state,
        "said": draft.said[:60],
        "customer_id": known.get((draft.site_id, person.kind, person.value)) if person else None,
        "buyer": draft.buyer[:120],
        "buyer_index": keyring().index("buyer", draft.buyer) if rules.named_buyer(draft.buyer) else "",
        "receiver": json.dumps(party, ensure_ascii=False) if any(party.values()) else "",
        "phone_index": keyring().index("phone", key) if key else "",
        "placed_at": draft.placed_at,
        "paid_at": draft.paid_at,
        "shipped_at": draft.shipped_at,
        "signed_at": draft.signed_at,
        "finished_at": draft.finished_at,
        "total": draft.total,
        "paid": draft.paid,
        "freight": draft.freight,
        "goods": draft.items[0].name[:120] if draft.items else "",
        "pieces": sum(item.quantity for item in draft.items),
        "waybill": waybill,
        "carrier": carrier,
        "remark": draft.remark[:2000],
    }


def _parcels(draft: OrderDraft) -> dict[str, str]:
    cleaned = ((clean_waybill(waybill)[:40], carrier.strip()[:40]) for waybill, carrier in draft.parcels)
    return {waybill: carrier for waybill, carrier in cleaned if waybill}


def _lines(draft: OrderDraft) -> list[tuple[Any, ...]]:
    return [_line(item) for item in draft.items]


def _line(item: ItemDraft) -> tuple[Any, ...]:
    return item.name[:120], item.sku[:120], item.code[:60], item.quantity, item.price.quantize(Decimal("0.01"))


def _lines_of(row: Order) -> list[tuple[Any, ...]]:
    return [(one.name, one.sku, one.code, one.quantity, one.price) for one in sorted(row.items.all(), key=lambda one: one.position)]


def _items(row: Order, draft: OrderDraft) -> list[OrderItem]:
    return [
        OrderItem(order=row, position=place, name=name, sku=sku, code=code, quantity=quantity, price=price)
        for place, (name, sku, code, quantity, price) in enumerate(_lines(draft), start=1)
    ]


def _differs(name: str, stands: Any, given: Any) -> bool:
    if name in _KEPT_WHEN_EMPTY and given in (None, "", 0):
        return False
    return bool(stands != given)


def _diff(row: Order, changed: Mapping[str, Any]) -> dict[str, Any]:
    """What changed from what to what; of personal fields only that they did."""
    open_ = {name: [_plain(getattr(row, name)), _plain(value)] for name, value in changed.items() if name not in _PRIVATE}
    hidden = sorted({"buyer", "receiver", "remark"} & changed.keys())
    return open_ | ({"hidden": hidden} if hidden else {})


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else str(value) if isinstance(value, Decimal) else value
