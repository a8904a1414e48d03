"""One move of an order: claimed, written down, told to others; every write of the room ends here."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Stale
from kefu.station.pickups import deadlines, rules
from kefu.station.pickups.errors import GATEWAY, MoveRefused
from kefu.station.pickups.events import PickupMoved
from kefu.station.pickups.models import Move, PickupOrder, Stay
from kefu.station.pickups.vocabulary import GATEWAY_STATE, State, What

_VERBS = {
    "assign": _("分配"),
    "accept": _("接单"),
    "refuse": _("拒单"),
    "dispatch": _("派业务员"),
    "transfer": _("转单"),
    "collect": _("取件"),
    "cancel": _("取消"),
    "update": _("更新"),
}


def ref_of(order: PickupOrder) -> Ref:
    """How other records point at an order."""
    return Ref("pickup", order.pk, order.order_no)


def require_move(order: PickupOrder, move: str, expected_version: int | None) -> None:
    """Refuse a move the state does not allow (with the gateway's code), and one of somebody who saw an older order."""
    if not rules.allowed(move, order.state):
        code = rules.refusal_code(order.state, refused=bool(order.refusals))
        raise MoveRefused(state=State(order.state).label, move=_VERBS[move], told=GATEWAY[code], gateway=code)
    if expected_version is not None and order.version != expected_version:
        raise Stale


def write(actor: Actor, order: PickupOrder, what: What, now: datetime, *, data: Mapping[str, Any] | None = None, **changes: Any) -> None:
    """Claim the order with its changes, note the move, audit it, tell others. Call inside the transaction of the move."""
    save_claimed(order, changed_at=now, **changes)
    Move.objects.create(order=order, what=what, actor_name=actor.name[:80], at=now, data=dict(data or {}))
    site_id = order.site_id or order.hub_id
    audit.record(actor, f"pickup.{what}", ref_of(order), now=now, site_id=site_id, data={"state": order.state})
    outbox.emit(
        PickupMoved(
            order_id=order.pk,
            site_id=site_id,
            what=what,
            state=order.state,
            platform=order.platform,
            order_no=order.order_no,
            gateway="UNACCEPT" if what == What.REFUSED else GATEWAY_STATE[State(order.state)],
        ),
        now=now,
    )


def arrive(order: PickupOrder, site_id: int, now: datetime) -> datetime | None:
    """The order comes to a site: its stay begins and the clock to accept it runs. Returns the deadline."""
    due = deadlines.run(order, site_id, "case.opened", now)
    Stay.objects.create(order=order, site_id=site_id, assigned_at=now, accept_due_at=due)
    return due


def leave(order: PickupOrder, now: datetime, **changes: Any) -> None:
    """The order leaves its site, refused, passed on or taken back."""
    deadlines.stop(order, now)
    Stay.objects.filter(order=order, left_at=None).update(left_at=now, **changes)
