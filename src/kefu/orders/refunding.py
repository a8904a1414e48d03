"""Taking refunds in as their platform tells them (E1, E2). What we do about one is the room ``shop``'s."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Sum

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.orders import rules
from kefu.orders.drafts import RefundDraft
from kefu.orders.events import RefundsStored
from kefu.orders.models import Order, Refund
from kefu.orders.storing import Answer
from kefu.orders.vocabulary import RefundState
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people.permissions import Permission

_KEPT_WHEN_EMPTY = frozenset({"goods", "reason", "return_waybill", "finished_at"})


def refund_ref(refund: Refund) -> Ref:
    """How other records point at a refund."""
    return Ref("refund", refund.pk, refund.number)


def store_refunds(*, actor: Actor, drafts: Sequence[RefundDraft], now: datetime) -> list[Answer]:
    """Take refunds in, each for itself; the same again is nothing, a changed one an update. Together never more than the buyer paid."""
    people.require(actor, Permission.ORDER_WORK)
    for site_id in {draft.site_id for draft in drafts}:
        people.require_site(actor, site_id)
    with transaction.atomic():
        orders = _orders(drafts)
        known = _known(drafts)
        others = _asked([order.pk for order in orders.values()])
        answers = [_take(actor, draft, orders, known, others, now) for draft in drafts]
        touched: dict[int, list[int]] = {}
        for draft, answer in zip(drafts, answers, strict=True):
            if answer.id is not None and answer.outcome in ("stored", "updated"):
                touched.setdefault(draft.site_id, []).append(answer.id)
        events = [RefundsStored(site_id=site_id, refund_ids=ids) for site_id, ids in sorted(touched.items())]
        if events:
            outbox.emit_many(events, now=now)
    return answers


_Key = tuple[int, str, str]


def _orders(drafts: Sequence[RefundDraft]) -> dict[_Key, Order]:
    rows = Order.objects.filter(site_id__in={one.site_id for one in drafts}, number__in={one.order_number for one in drafts})
    return {(row.site_id, row.platform, row.number): row for row in rows}


def _known(drafts: Sequence[RefundDraft]) -> dict[_Key, Refund]:
    rows = Refund.objects.filter(site_id__in={one.site_id for one in drafts}, number__in={one.number for one in drafts})
    return {(row.site_id, row.platform, row.number): row for row in rows}


def _asked(order_ids: Sequence[int]) -> dict[int, Decimal]:
    """What is refunded or asked for of each order."""
    rows = Refund.objects.filter(order_id__in=order_ids).exclude(state=RefundState.CLOSED)
    return {row["order_id"]: row["sum"] for row in rows.order_by().values("order_id").annotate(sum=Sum("amount"))}


def _take(
    actor: Actor, draft: RefundDraft, orders: dict[_Key, Order], known: dict[_Key, Refund], others: dict[int, Decimal], now: datetime
) -> Answer:
    reason = rules.refund_problem(draft, now)
    order = orders.get((draft.site_id, draft.platform, draft.order_number))
    if reason is None and order is None:
        reason = "unknown_order"
    if reason is not None or order is None:
        return Answer("refused", reason=reason or "unknown_order")
    row = known.get((draft.site_id, draft.platform, draft.number))
    own = row.amount if row is not None and row.state != RefundState.CLOSED else Decimal(0)
    if row is not None and not rules.refund_move_allowed(row.state, draft.state):
        return Answer("refused", row.pk, "refund_backwards")
    beside = others.get(order.pk, Decimal(0)) - own
    if wrong := rules.refund_against(draft, order.paid, beside):
        return Answer("refused", row.pk if row else None, wrong)
    answer, kept = _update(actor, row, draft, order, now) if row is not None else _store(actor, draft, order, now)
    known[draft.site_id, draft.platform, draft.number] = kept
    others[order.pk] = beside + (kept.amount if kept.state != RefundState.CLOSED else Decimal(0))
    return answer


def _columns(draft: RefundDraft, order: Order) -> dict[str, Any]:
    return {
        "kind": rules.refund_kind(draft, order.state),
        "state": draft.state,
        "said": draft.said[:60],
        "goods": draft.goods,
        "amount": draft.amount,
        "reason": draft.reason[:200],
        "return_waybill": clean_waybill(draft.return_waybill)[:40],
        "requested_at": draft.requested_at,
        "finished_at": draft.finished_at,
    }


def _store(actor: Actor, draft: RefundDraft, order: Order, now: datetime) -> tuple[Answer, Refund]:
    row = Refund.objects.create(
        site_id=draft.site_id,
        order=order,
        platform=draft.platform,
        number=draft.number,
        moved_at=draft.finished_at or draft.requested_at or now,
        **_columns(draft, order),
    )
    data = {"state": row.state, "kind": row.kind, "amount": str(row.amount)}
    audit.record(actor, "refund.stored", refund_ref(row), now=now, site_id=row.site_id, data=data)
    return Answer("stored", row.pk), row


def _update(actor: Actor, row: Refund, draft: RefundDraft, order: Order, now: datetime) -> tuple[Answer, Refund]:
    given = _columns(draft, order)
    if not draft.kind:
        given["kind"] = row.kind  # told when it came: the order may have been sent since
    changed = {
        name: value
        for name, value in given.items()
        if getattr(row, name) != value and not (name in _KEPT_WHEN_EMPTY and value in (None, ""))
    }
    if not changed:
        return Answer("present", row.pk), row
    moved = {"moved_at": draft.finished_at or now} if "state" in changed else {}
    diff = {name: [str(getattr(row, name) or ""), str(value or "")] for name, value in changed.items()}
    save_claimed(row, **changed, **moved)
    audit.record(actor, "refund.changed", refund_ref(row), now=now, site_id=row.site_id, data={"diff": diff})
    return Answer("updated", row.pk), row
