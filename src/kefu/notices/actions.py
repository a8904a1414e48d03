"""What people do about notices: send one again, tell the customer themselves, leave it. Other writes have files of their own (CASE5)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.customers import queries as customers
from kefu.handbook import queries as handbooks
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Stale
from kefu.notices import access
from kefu.notices.channels import senders
from kefu.notices.choosing import choose_channel
from kefu.notices.errors import NoticeDone, StillQueued
from kefu.notices.models import Notice, Preference
from kefu.notices.sending import send_due
from kefu.notices.telling import changed, ref, tell_of
from kefu.notices.terms import terms_of
from kefu.notices.vocabulary import CONTACT_OF, ENDED, Channel, Reason, State
from kefu.people.access import require
from kefu.people.permissions import Permission

__all__ = ["choose_channel", "drop", "note_told", "retry", "send_due", "tell_of"]
LONGEST = 200


def _open(actor: Actor, notice_id: int, expected_version: int | None) -> Notice:
    """The notice in reach about which something may still be done. Raises ``NotFound``, ``Denied``, ``Stale``, ``NoticeDone``."""
    require(actor, Permission.NOTICE_WORK)
    row = access.get_for(actor, notice_id)
    if expected_version is not None and row.version != expected_version:
        raise Stale
    if row.state in ENDED:
        raise NoticeDone(state=State(row.state).label)
    return row


def _moved(actor: Actor, row: Notice, what: str, now: datetime, **changes: object) -> Notice:
    with transaction.atomic():
        save_claimed(row, updated_at=now, **changes)
        data = {"case": row.case_id, "state": row.state, "channel": row.channel, "reason": row.reason}
        audit.record(actor, f"notice.{what}", ref(row), now=now, site_id=row.site_id, clause=row.clause, data=data)
        outbox.emit(changed(row), now=now)
    return row


def retry(*, actor: Actor, notice_id: int, now: datetime, expected_version: int | None = None) -> Notice:
    """Send a failed one again by the way the customer has chosen since. Quiet hours hold.

    Raises ``StillQueued``, and ``Invalid`` when there is still no way to send it.
    """
    row = _open(actor, notice_id, expected_version)
    if row.state == State.QUEUED:
        raise StillQueued
    chosen = Preference.objects.filter(pk=row.customer_id).first()
    if chosen is not None and chosen.opted_out:
        raise Invalid(Reason.OPTED_OUT.label, code="opted_out")
    channel = chosen.channel if chosen else row.channel
    why = _hindrance(row, channel)
    if why:
        raise Invalid(Reason(why).label, code=str(why))
    terms = terms_of(handbooks.book_of(row.clause))
    return _moved(
        actor, row, "retried", now, state=State.QUEUED, channel=channel, reason="", detail="", tries=0, due_at=terms.from_when(now)
    )


def _hindrance(row: Notice, channel: str) -> str:
    if channel == Channel.PHONE:
        return Reason.PHONE
    if row.reason == Reason.BLANK:
        return Reason.BLANK
    if channel not in senders():
        return Reason.NO_CHANNEL
    reach = customers.reach_of([row.customer_id]).get(row.customer_id)
    return "" if reach and reach.contacts.get(CONTACT_OF[channel]) else Reason.NO_ADDRESS


def note_told(*, actor: Actor, notice_id: int, note: str, now: datetime, expected_version: int | None = None) -> Notice:
    """The customer was told by a person; ``note`` says what they answered. A queued message is then not sent any more.

    Raises ``NoticeDone``, ``Invalid``, ``Stale``.
    """
    row = _open(actor, notice_id, expected_version)
    said = _said(note, _("请写明告知了什么、客户怎么说（200 字以内）。"))
    return _moved(actor, row, "told", now, state=State.SENT, reason="", detail=said, due_at=None, sent_at=now, told_by=actor.name[:80])


def drop(*, actor: Actor, notice_id: int, note: str, now: datetime, expected_version: int | None = None) -> Notice:
    """Do not send it, saying why. Raises ``NoticeDone``, ``Invalid``, ``Stale``."""
    row = _open(actor, notice_id, expected_version)
    said = _said(note, _("请写明为什么不发送（200 字以内）。"))
    return _moved(actor, row, "dropped", now, state=State.SKIPPED, reason=Reason.DROPPED, detail=said, due_at=None)


def _said(note: str, missing: object) -> str:
    found = note.strip()
    if len(found) < 2 or len(found) > LONGEST:
        raise Invalid(fields={"note": str(missing)}, code="no_note")
    return found
