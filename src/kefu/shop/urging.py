"""Buyers who urge shipment or delivery, in the register of the shop (催单, E12)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid
from kefu.orders import access as orders
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.shop import access, limits
from kefu.shop.models import Urge
from kefu.shop.recording import worked
from kefu.shop.vocabulary import UrgeCause


def urge(*, actor: Actor, order_id: int, cause: str, now: datetime, note: str = "") -> Urge:
    """Register that the buyer of an order urges."""
    order = orders.get_for(actor, order_id)
    require(actor, Permission.ORDER_WORK)
    if cause not in UrgeCause.values:
        raise Invalid(fields={"cause": _("请选择催单原因。")})
    if len(note) > 500:
        raise Invalid(fields={"note": _("说明过长，请控制在 500 字以内。")})
    with transaction.atomic():
        row = Urge.objects.create(site_id=order.site_id, order_id=order.pk, at=now, cause=cause, note=note.strip(), by=actor.name[:80])
        clause = limits.clause_of(limits.book_of(order.site_id, now), "tell_at_once")
        worked(actor, "urged", site_id=order.site_id, order_id=order.pk, number=order.number, now=now, data={"cause": cause}, clause=clause)
    return row


def settle(*, actor: Actor, urge_id: int, result: str, now: datetime) -> Urge:
    """What came of it, as the buyer was told."""
    row = access.get_for(actor, Urge, urge_id)
    if not result.strip() or len(result) > 500:
        raise Invalid(fields={"result": _("请写明处理结果（500 字以内）。")})
    with transaction.atomic():
        save_claimed(row, result=result.strip(), done_at=now)
        worked(actor, "urge_settled", site_id=row.site_id, order_id=row.order_id, number="", now=now)
    return row
