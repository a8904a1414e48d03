"""Decisions of a shop's daily work on plain values. Pure: no tables, no clock of its own."""

from datetime import date, datetime, time, timedelta, tzinfo

from kefu.orders.vocabulary import RefundKind, RefundState
from kefu.shop.vocabulary import STOPPED, Agreed, TroubleKind, TroubleState, VoidState

_NO_RETURN = (RefundKind.UNSHIPPED, RefundKind.SHIPPED, RefundKind.DIFFERENCE, RefundKind.COMPLAINT)


def awake(at: datetime, zone: tzinfo, from_hour: int, to_hour: int) -> bool:
    """Whether buyers may be reminded at this moment: from one local hour until before another (E12)."""
    return from_hour <= at.astimezone(zone).hour < to_hour


def unsent_window(day: date, cut_hour: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """What the check of a day looks at: paid from the cut the day before yesterday until before the cut of yesterday (E10)."""
    until = datetime.combine(day - timedelta(days=1), time(cut_hour), zone)
    return datetime.combine(day - timedelta(days=2), time(cut_hour), zone), until


def trouble(
    *,
    problem_since: datetime | None,
    last_scan_at: datetime | None,
    sent_at: datetime | None,
    now: datetime,
    quiet: timedelta,
    postal: bool,
) -> tuple[TroubleKind, datetime] | None:
    """What is wrong with a parcel on its way and since when: an open problem, else no scan for too long, the post excepted (SHOP5)."""
    if problem_since is not None:
        return TroubleKind.PROBLEM, problem_since
    last = last_scan_at or sent_at
    if last is None or postal or now - last < quiet:
        return None
    return TroubleKind.QUIET, last


def first_state(kind: str, since: datetime, now: datetime, message_within: timedelta) -> TroubleState:
    """A problem of these days wants a message to the buyer; an older one, and a quiet parcel, wants the carrier."""
    young = kind == TroubleKind.PROBLEM and now - since <= message_within
    return TroubleState.TO_MESSAGE if young else TroubleState.TO_CONTACT


def is_postal(carrier: str, except_carrier: str) -> bool:
    """Whether the parcel goes by the carrier that is not asked."""
    return bool(except_carrier) and (except_carrier in carrier or carrier.upper() in ("EMS", "YZPY", "CHINAPOST"))


def payment_problem(kind: str, *, agreed: str, void_state: str, stop: str, goods_back: bool) -> str | None:
    """Code of why money may not move yet (E9, SHOP6): nothing agreed, the warehouse not confirmed, the parcel not stopped, goods not back.

    A difference needs the negotiation alone; an unsent order the confirmed void notice; a sent one its parcel stopped; a return its goods.
    """
    if agreed in ("", Agreed.NOT_AGREED, Agreed.NOTHING):
        return "not_agreed"
    if kind == RefundKind.UNSHIPPED:
        return None if void_state == VoidState.CONFIRMED else "no_void"
    if agreed == Agreed.DIFFERENCE:
        return None
    if kind == RefundKind.SHIPPED:
        return None if stop in STOPPED else "not_stopped"
    if kind in _NO_RETURN:
        return None
    return None if goods_back else "goods_not_back"


def window_of(kind: str, state: str) -> tuple[str, str] | None:
    """The platform's window that runs while we say nothing, and what the platform does at its end (E5, E7); ``None``: none runs."""
    if state == RefundState.REQUESTED:
        if kind == RefundKind.UNSHIPPED:
            return "refund_unshipped_hours", "auto_refund"
        if kind == RefundKind.SHIPPED:
            return "refund_shipped_days", "auto_refund"
        return "return_request_days", "auto_agree"
    if state == RefundState.RETURNING:
        return "buyer_ships_days", "auto_close"
    return ("seller_confirms_days", "auto_refund") if state == RefundState.RETURNED else None


def enquiry_closed(
    asked_at: datetime, placed_at: datetime | None, paid_at: datetime | None, now: datetime, *, order_in: timedelta, pay_in: timedelta
) -> bool | None:
    """Whether a buyer who asked ordered and paid in time (E19); ``None`` while they still may."""
    ordered = placed_at is not None and placed_at - asked_at <= order_in
    if ordered and paid_at is not None:
        return paid_at - asked_at <= pay_in
    open_until = asked_at + (pay_in if ordered else order_in)
    return None if now < open_until else False


def share(part: int, whole: int) -> float | None:
    """A rate between 0 and 1; ``None`` of nothing."""
    return part / whole if whole else None
