"""Sends what is due, outside any transaction: claimed for a few minutes, sent, and the outcome written (CASE5).

A worker that dies in between leaves the claim to run out, and the same message goes out again under the same key; services that know the
key send it once.
"""

from datetime import datetime, timedelta

from django.db import transaction

from kefu.customers import queries as customers
from kefu.handbook import queries as handbooks
from kefu.kernel import audit, outbox
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Stale
from kefu.notices import rules
from kefu.notices.channels import NotSent, Outgoing, senders
from kefu.notices.models import Notice
from kefu.notices.telling import TELLER, changed, ref
from kefu.notices.terms import terms_of
from kefu.notices.vocabulary import CONTACT_OF, Reason, State

_HELD = timedelta(minutes=5)
AT_ONCE = 50


def send_due(*, now: datetime) -> int:
    """Try everything that is due, ``AT_ONCE`` at most; returns how many were tried. Safe in several processes."""
    due = Notice.objects.filter(state=State.QUEUED, due_at__lte=now).order_by("due_at", "pk")[:AT_ONCE]
    return sum(_tried(row, now) for row in due)


def _tried(row: Notice, now: datetime) -> bool:
    try:
        save_claimed(row, due_at=now + _HELD, tries=row.tries + 1)
    except Stale:
        return False
    try:
        receipt = _send(row, now)
    except NotSent as fault:
        _failed(row, fault, now)
    else:
        _finish(row, now, state=State.SENT, reason="", detail="", receipt=receipt[:120], sent_at=now, due_at=None)
    return True


def _send(row: Notice, now: datetime) -> str:
    sender = senders().get(row.channel)
    if sender is None:
        raise NotSent(Reason.NO_CHANNEL, again=False)
    address = customers.reach_of([row.customer_id])[row.customer_id].contacts.get(CONTACT_OF[row.channel], "")
    if not address:
        raise NotSent(Reason.NO_ADDRESS, again=False)
    return sender.send(Outgoing(f"notice-{row.pk}", row.channel, address, row.text, now.isoformat()))


def _failed(row: Notice, fault: NotSent, now: datetime) -> None:
    terms = terms_of(handbooks.book_of(row.clause))
    pause = rules.pause_before_next(row.tries, terms.retry_first, terms.tries_most) if fault.again else None
    if pause is not None:
        save_claimed(row, due_at=terms.from_when(now + pause), reason=fault.reason, detail=fault.detail, updated_at=now)
        return
    state = State.PERSON if fault.reason in (Reason.NO_CHANNEL, Reason.NO_ADDRESS) else State.FAILED
    _finish(row, now, state=state, reason=fault.reason, detail=fault.detail, due_at=None)


def _finish(row: Notice, now: datetime, **changes: object) -> None:
    with transaction.atomic():
        save_claimed(row, updated_at=now, **changes)
        data = {"case": row.case_id, "channel": row.channel, "tries": row.tries, "reason": row.reason}
        audit.record(TELLER, f"notice.{row.state}", ref(row), now=now, site_id=row.site_id, clause=row.clause, data=data)
        outbox.emit(changed(row), now=now)
