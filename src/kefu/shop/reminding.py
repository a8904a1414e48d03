"""Reminding buyers of unpaid orders (催付): once a day, not at night, with what came of it (SHOP2, E12)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Denied, Invalid
from kefu.orders import access as orders
from kefu.orders.vocabulary import State
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.shop import access, limits, rules
from kefu.shop.errors import AtNight, NotUnpaid, RemindedToday
from kefu.shop.models import Reminder
from kefu.shop.recording import worked
from kefu.shop.vocabulary import Reply

LONGEST = 500


def remind(*, actor: Actor, order_id: int, text: str, now: datetime) -> Reminder:
    """Note that the buyer of an unpaid order was reminded, with the words used.

    Raises ``NotUnpaid``, ``AtNight``, ``RemindedToday`` with the clause of the handbook, ``Invalid``, ``NotFound``, ``Denied``.
    """
    order = orders.get_for(actor, order_id)
    require(actor, Permission.ORDER_WORK)
    if actor.staff_id is None:
        raise Denied(_("催付计入客服个人统计，请由本人操作。"), code="person_only")
    if order.state != State.UNPAID:
        raise NotUnpaid
    if not text.strip() or len(text) > LONGEST:
        raise Invalid(fields={"text": _("请写明催付时说了什么（500 字以内）。")})
    rule = limits.reminders(limits.book_of(order.site_id, now))
    zone = timezone.get_default_timezone()
    if rule is not None and not rules.awake(now, zone, rule.from_hour, rule.to_hour):
        raise AtNight(clause=rule.clause, first=rule.from_hour, last=rule.to_hour)
    clause = rule.clause if rule else ""
    try:
        with transaction.atomic():
            row = Reminder.objects.create(
                site_id=order.site_id,
                order_id=order.pk,
                day=timezone.localdate(now),
                staff_id=actor.staff_id,
                at=now,
                text=text.strip(),
                clause=clause,
            )
            worked(actor, "reminded", site_id=order.site_id, order_id=order.pk, number=order.number, now=now, clause=clause)
    except IntegrityError as error:
        raise RemindedToday(clause=clause) from error
    return row


def note_reply(*, actor: Actor, reminder_id: int, reply: str, now: datetime) -> Reminder:
    """What the buyer said to a reminder."""
    row = access.get_for(actor, Reminder, reminder_id)
    if reply not in Reply.values or not reply:
        raise Invalid(fields={"reply": _("请选择催付结果。")})
    with transaction.atomic():
        save_claimed(row, reply=reply)
        worked(actor, "reminder_answered", site_id=row.site_id, order_id=row.order_id, number="", now=now, data={"reply": reply})
    return row
