"""Our work on a refund: agreed first, goods stopped or back second, money last; no step is left out (SHOP6, E5, E7, E9)."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, Invalid
from kefu.orders import access as orders
from kefu.orders.vocabulary import OPEN_REFUNDS, SENT, RefundKind, RefundState
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.shop import access, limits, rules
from kefu.shop.errors import AlreadySent, GoodsNotBack, NotAgreed, NotStopped, NoVoid, SaleEnded, VoidStands
from kefu.shop.models import Sale, VoidNotice
from kefu.shop.recording import worked
from kefu.shop.vocabulary import Agreed, Party, SaleState, Stop, VoidState

FOLLOWER = Actor.system("after-sales")
_REFUSALS: dict[str, type[Conflict]] = {
    "not_agreed": NotAgreed,
    "no_void": NoVoid,
    "not_stopped": NotStopped,
    "goods_not_back": GoodsNotBack,
}


def follow(*, refund_ids: Collection[int], now: datetime) -> int:
    """Refunds came or changed on their platform: open our work on new ones, and end it on those that ended there; returns how many."""
    rows = orders.visible_refunds(FOLLOWER).filter(pk__in=list(refund_ids)).select_related("order").order_by("pk")
    known = {one.refund_id: one for one in Sale.objects.filter(refund_id__in=list(refund_ids))}
    return sum(_follow(refund, known.get(refund.pk), now) for refund in rows)


def _follow(refund: Any, sale: Sale | None, now: datetime) -> bool:
    is_open = refund.state in OPEN_REFUNDS
    window = _window(refund, now)
    if sale is None:
        if not is_open:
            return False
        try:
            with transaction.atomic():
                Sale.objects.create(site_id=refund.site_id, refund_id=refund.pk, changed_at=now, **window)
        except IntegrityError:
            return False  # told twice at once
        return True
    if sale.state not in (SaleState.OPEN, SaleState.REFUSED):
        return False
    with transaction.atomic():
        if is_open:
            save_claimed(sale, changed_at=now, **window)
            return True
        save_claimed(sale, state=SaleState.OVER, ended_at=now, ended_by=FOLLOWER.name, due_at=None, then="", changed_at=now)
        ref = Ref("order", refund.order_id, refund.order.number)
        audit.record(FOLLOWER, "shop.sale_over", ref, now=now, site_id=sale.site_id, data={"state": refund.state, "refund": refund.number})
        if refund.state == RefundState.CLOSED:
            _withdraw(refund.order_id, now)
    return True


def _withdraw(order_id: int, now: datetime) -> None:
    """The buyer keeps the order after all: a notice the warehouse has not confirmed is taken back."""
    for row in VoidNotice.objects.filter(order_id=order_id, state=VoidState.TOLD):
        save_claimed(row, state=VoidState.WITHDRAWN, answered_at=now, answered_by=FOLLOWER.name)


def _window(refund: Any, now: datetime) -> dict[str, Any]:
    """When the platform acts by itself, and how (E5, E7)."""
    named = rules.window_of(refund.kind, refund.state)
    found = limits.window(limits.book_of(refund.site_id, now), named[0]) if named else None
    if named is None or found is None:
        return {"due_at": None, "then": "", "clause": ""}
    return {"due_at": refund.moved_at + found.span, "then": named[1], "clause": found.clause}


def _open(actor: Actor, sale_id: int, version: int | None) -> tuple[Sale, Any]:
    row = access.get_for(actor, Sale, sale_id)
    if row.state != SaleState.OPEN:
        raise SaleEnded
    row.version = row.version if version is None else version
    return row, orders.get_refund(actor, row.refund_id)


def _keep(actor: Actor, row: Sale, refund: Any, what: str, now: datetime, *, clause: str = "", **changes: Any) -> Sale:
    with transaction.atomic():
        save_claimed(row, changed_at=now, **changes)
        data = {"refund": refund.number, "kind": refund.kind}
        worked(actor, what, site_id=row.site_id, order_id=refund.order_id, number=refund.order.number, now=now, data=data, clause=clause)
    return row


def negotiate(*, actor: Actor, sale_id: int, agreed: str, note: str, now: datetime, expected_version: int | None = None) -> Sale:
    """What buyer and shop agreed (协商结果); agreed anew it replaces what was agreed before."""
    row, refund = _open(actor, sale_id, expected_version)
    wrong = {}
    if agreed not in Agreed.values:
        wrong["agreed"] = _("请选择协商结果。")
    if not note.strip() or len(note) > 1000:
        wrong["note"] = _("请写明协商经过（1000 字以内）。")
    if agreed == Agreed.DIFFERENCE and refund.kind == RefundKind.UNSHIPPED:
        wrong["agreed"] = _("未发货的退款没有差价可退，请选“仅退款”。")
    if wrong:
        raise Invalid(fields=wrong)
    clause = _clause(row, "no_skipping", now)
    return _keep(actor, row, refund, "agreed", now, clause=clause, agreed=agreed, agreed_note=note.strip())


def void(*, actor: Actor, order_id: int, now: datetime) -> VoidNotice:
    """Tell the warehouse in the fixed form that an order is void. Raises ``AlreadySent``, ``VoidStands``."""
    order = orders.get_for(actor, order_id)
    require(actor, Permission.ORDER_WORK)
    if order.state in SENT:
        raise AlreadySent
    clause = limits.clause_of(limits.book_of(order.site_id, now), "void_notice")
    text = f"{order.number} {order.shop.name} 作废"
    try:
        with transaction.atomic():
            row = VoidNotice.objects.create(
                site_id=order.site_id, order_id=order.pk, text=text, told_at=now, told_by=actor.name[:80], clause=clause
            )
            worked(actor, "voided", site_id=order.site_id, order_id=order.pk, number=order.number, now=now, clause=clause)
    except IntegrityError as error:
        raise VoidStands from error
    return row


def answer_void(*, actor: Actor, notice_id: int, confirmed: bool, now: datetime, expected_version: int | None = None) -> VoidNotice:
    """The warehouse's answer: void, or sent already."""
    row = access.get_for(actor, VoidNotice, notice_id)
    if row.state != VoidState.TOLD:
        raise Conflict(_("这条作废通知已经有结果。"), code="shop.void_answered")
    row.version = row.version if expected_version is None else expected_version
    state = VoidState.CONFIRMED if confirmed else VoidState.TOO_LATE
    with transaction.atomic():
        save_claimed(row, state=state, answered_at=now, answered_by=actor.name[:80])
        what = "void_confirmed" if confirmed else "void_too_late"
        worked(actor, what, site_id=row.site_id, order_id=row.order_id, number="", now=now, clause=row.clause)
    return row


def track(*, actor: Actor, sale_id: int, stop: str, now: datetime, expected_version: int | None = None) -> Sale:
    """What came of tracking or stopping the parcel of a sent order."""
    row, refund = _open(actor, sale_id, expected_version)
    if stop not in Stop.values:
        raise Invalid(fields={"stop": _("请选择快件跟踪结果。")})
    return _keep(actor, row, refund, "tracked", now, stop=stop)


def take_back(*, actor: Actor, sale_id: int, condition: str, liable: str, now: datetime, expected_version: int | None = None) -> Sale:
    """The goods have come back and were looked at. Raises ``NotAgreed`` when nothing was agreed."""
    row, refund = _open(actor, sale_id, expected_version)
    if row.agreed not in (Agreed.RETURN, Agreed.EXCHANGE, Agreed.REPAIR):
        raise NotAgreed(clause=_clause(row, "no_skipping", now))
    wrong = {}
    if not condition.strip() or len(condition) > 200:
        wrong["condition"] = _("请写明验收情况（200 字以内）。")
    if liable not in Party.values:
        wrong["liable"] = _("请选择责任方。")
    if wrong:
        raise Invalid(fields=wrong)
    return _keep(actor, row, refund, "goods_back", now, goods_back_at=now, condition=condition.strip(), liable=liable)


def pay(*, actor: Actor, sale_id: int, now: datetime, expected_version: int | None = None) -> Sale:
    """The refund is paid on the platform. Raises ``NotAgreed``, ``NoVoid``, ``NotStopped``, ``GoodsNotBack``: what comes first."""
    row, refund = _open(actor, sale_id, expected_version)
    notice = VoidNotice.objects.filter(order_id=refund.order_id).exclude(state=VoidState.WITHDRAWN).first()
    reason = rules.payment_problem(
        refund.kind, agreed=row.agreed, void_state=notice.state if notice else "", stop=row.stop, goods_back=row.goods_back_at is not None
    )
    if reason is not None:
        raise _REFUSALS[reason](clause=_clause(row, "void_notice" if reason == "no_void" else "no_skipping", now))
    ended: dict[str, Any] = {
        "state": SaleState.PAID,
        "paid_at": now,
        "ended_at": now,
        "ended_by": actor.name[:80],
        "due_at": None,
        "then": "",
    }
    return _keep(actor, row, refund, "paid", now, clause=_clause(row, "no_skipping", now), **ended)


def refuse(*, actor: Actor, sale_id: int, reason: str, now: datetime, expected_version: int | None = None) -> Sale:
    """The refund is refused, and the buyer told why."""
    row, refund = _open(actor, sale_id, expected_version)
    if not reason.strip() or len(reason) > 200:
        raise Invalid(fields={"reason": _("请写明拒绝原因（200 字以内）。")})
    ended: dict[str, Any] = {"state": SaleState.REFUSED, "refuse_reason": reason.strip(), "ended_at": now, "ended_by": actor.name[:80]}
    return _keep(actor, row, refund, "refused", now, due_at=None, then="", **ended)


def _clause(row: Sale, key: str, now: datetime) -> str:
    return limits.clause_of(limits.book_of(row.site_id, now), key)
