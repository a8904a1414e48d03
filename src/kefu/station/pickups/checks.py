"""What stands against taking an order in. Pure; the code is one of ``errors.REASONS``."""

import re
from datetime import datetime, timedelta

from kefu.station.pickups.drafts import OrderDraft
from kefu.station.pickups.vocabulary import Payment, Platform

_PHONE = re.compile(r"1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,6})?")
_LENGTHS = (("order_no", 60), ("goods", 60), ("remark", 200))


def order_problem(draft: OrderDraft, now: datetime, *, future: timedelta) -> str | None:
    """The first thing that is wrong with the order, by code; ``None`` when it can be taken in."""
    if not draft.order_no.strip():
        return "no_order_no"
    if draft.platform not in Platform.values:
        return "bad_platform"
    if draft.payment not in Payment.values:
        return "bad_payment"
    if any(len(getattr(draft, name)) > most for name, most in _LENGTHS):
        return "long_field"
    return _sender_problem(draft) or _number_problem(draft) or _time_problem(draft, now, future)


def _sender_problem(draft: OrderDraft) -> str | None:
    sender = draft.sender
    if not (sender.name.strip() and sender.phone.strip() and sender.address.strip()):
        return "no_sender"
    return None if _PHONE.fullmatch(sender.phone.replace(" ", "")) else "bad_phone"


def _number_problem(draft: OrderDraft) -> str | None:
    if draft.pieces < 1:
        return "bad_pieces"
    negative = (draft.weight is not None and draft.weight < 0) or draft.insured_amount < 0 or draft.cod_amount < 0
    return "bad_amount" if negative else None


def _time_problem(draft: OrderDraft, now: datetime, future: timedelta) -> str | None:
    if draft.placed_at > now + future:
        return "future"
    if draft.slot_to is not None and (draft.slot_to <= (draft.slot_from or draft.placed_at) or draft.slot_to <= draft.placed_at):
        return "bad_slot"
    return None
