"""A pick-up order and its case, in one transaction (O2)."""

from datetime import datetime

from django.utils.translation import gettext as _

from kefu.cases.actions import CaseRequest
from kefu.escalations.actions import Escalated, Matter, escalate
from kefu.kernel.actor import Actor, Ref
from kefu.station.pickups import access
from kefu.station.pickups.vocabulary import Platform, Reason

KIND = "pickup"
CASE_KIND = "pickup_order"


def escalate_pickup(*, actor: Actor, order_id: int, now: datetime) -> Escalated:
    """Open a case about the order, or give the one it has.

    Raises what ``open_case`` raises, ``KindUnknown`` where no handbook has the kind.
    """
    order = access.get_for(actor, order_id)
    number = {"platform": Platform(order.platform).label, "number": order.order_no}
    lines = [_("%(platform)s 订单 %(number)s 需要跟进。") % number]
    if order.last_reason:
        lines.append(_("原因：%(reason)s") % {"reason": Reason(order.last_reason).label})
    request = CaseRequest(
        site_id=order.site_id or order.hub_id,
        kind=CASE_KIND,
        channel="platform",
        title=_("电商订单：%(platform)s %(number)s") % number,
        description="\n".join(lines),
        order_no=order.order_no,
        waybill=order.waybill,
        external_id=f"pickup:{order.pk}",
    )
    return escalate(actor=actor, matter=Matter(Ref(KIND, order.pk, order.order_no), request), now=now)
