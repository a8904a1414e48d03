"""Decisions about orders and refunds on plain values (E1-E4). Pure: no tables, no clock."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from unicodedata import normalize

from kefu.kernel.masking import phone_key
from kefu.orders.drafts import OrderDraft, RefundDraft
from kefu.orders.vocabulary import SENT, Platform, RefundKind, RefundState, State

FUTURE = timedelta(hours=1)
_MOST_YUAN = Decimal(9_999_999)
_RANK = {state: rank for rank, state in enumerate((State.UNPAID, State.PAID, State.SHIPPED, State.SIGNED, State.FINISHED))}
_ENDED_REFUND = (RefundState.CLOSED, RefundState.DONE)
_REFUND_MOVES: Mapping[str, frozenset[str]] = {
    RefundState.REQUESTED: frozenset(RefundState.values),
    RefundState.RETURNING: frozenset(RefundState.values) - {RefundState.REQUESTED},
    RefundState.RETURNED: frozenset(RefundState.values) - {RefundState.REQUESTED, RefundState.RETURNING},
    # The buyer may change what was refused and ask again.
    RefundState.REFUSED: frozenset(RefundState.values),
}


def word_key(said: str) -> str:
    """A platform's word as the tables of words have it: half-width, without blanks."""
    return "".join(normalize("NFKC", said).split())


def order_move_allowed(stands: str, told: str) -> bool:
    """Whether an order may go from one state to another: forward, or closed while it has not ended; an older file goes backwards."""
    if stands == told:
        return True
    if stands in (State.CLOSED, State.FINISHED):
        return False
    return told == State.CLOSED or _RANK[State(told)] > _RANK[State(stands)]


def refund_move_allowed(stands: str, told: str) -> bool:
    """Whether a refund may go from one state to another; what has ended stays so."""
    return stands == told or told in _REFUND_MOVES.get(stands, frozenset())


def order_problem(draft: OrderDraft, now: datetime) -> str | None:
    """Code of the first thing wrong with an order."""
    if not draft.number or len(draft.number) > 60:
        return "no_number"
    if draft.platform not in Platform.values:
        return "bad_platform"
    if draft.state not in State.values:
        return "bad_state"
    if draft.placed_at is None:
        return "no_placed_at"
    if draft.placed_at > now + FUTURE:
        return "future"
    if any(not 0 <= one <= _MOST_YUAN for one in (draft.total, draft.paid, draft.freight, *(item.price for item in draft.items))):
        return "bad_amount"
    if any(item.quantity < 1 or not item.name for item in draft.items):
        return "bad_item"
    if draft.paid_at is not None and draft.paid_at < draft.placed_at:
        return "paid_before_placed"
    return None


def refund_problem(draft: RefundDraft, now: datetime) -> str | None:
    """Code of the first thing wrong with a refund, apart from its order."""
    if not draft.number or len(draft.number) > 60 or not draft.order_number:
        return "no_refund_number"
    if draft.platform not in Platform.values:
        return "bad_platform"
    if draft.state not in RefundState.values or (draft.kind and draft.kind not in RefundKind.values):
        return "bad_refund_state"
    if draft.requested_at is None:
        return "no_requested_at"
    if draft.requested_at > now + FUTURE:
        return "future"
    return "bad_amount" if not 0 <= draft.amount <= _MOST_YUAN else None


def refund_against(draft: RefundDraft, paid: Decimal, others: Decimal) -> str | None:
    """Code of why the refund does not fit its order: ``others`` is what is refunded of it already, or asked for."""
    if draft.state == RefundState.CLOSED:
        return None
    return "over_paid" if draft.amount + others > paid else None


def refund_kind(draft: RefundDraft, order_state: str) -> str:
    """The kind of a refund; 仅退款 alone is told by whether the order was sent."""
    if draft.kind:
        return draft.kind
    return RefundKind.SHIPPED if order_state in SENT else RefundKind.UNSHIPPED


def ended(state: str) -> bool:
    """Whether a refund has ended on its platform."""
    return state in _ENDED_REFUND


def named_buyer(nick: str) -> bool:
    """Whether a nick tells one buyer from another: masked ones (t**1) do not."""
    return bool(nick) and "*" not in nick


def whole_phone(phone: str) -> str:
    """The number as it is compared; empty for a masked or missing one."""
    return "" if "*" in phone else (phone_key(phone) or "")
