"""Pick-up orders in every state the matrix of callers asks about."""

from dataclasses import dataclass
from typing import Any

from kefu.api.tests.conftest import Caller
from kefu.conftest import NOW

SENDER = {"name": "王女士", "phone": "13812345678", "address": "江苏省南京市雨花台区软件大道1号"}


@dataclass(frozen=True)
class Pickups:
    """Orders by the state they wait in, and the 工号 of somebody who can be sent."""

    pool: int = 1
    assigned: int = 1
    accepted: int = 1
    courier: str = "1"
    other: int = 1


def pushed(number: str, hub: int, site: int | None = None) -> dict[str, Any]:
    """An order as a platform pushes it."""
    return {"platform": "jd", "order_no": number, "hub": hub, "site": site, "placed_at": NOW.isoformat(), "sender": SENDER}


def build(root: Caller, site: int, other: int, courier: str) -> Pickups:
    """One waiting in the pool, one for the station to accept, one accepted."""
    orders = [pushed("W-POOL", site), pushed("W-NEW", site, site), pushed("W-DONE", site, site)]
    pool, assigned, accepted = (one["order_id"] for one in root.ok("POST", "/pickups/push", {"orders": orders}))
    root.ok("POST", f"/pickups/{accepted}/accept", {})
    return Pickups(pool, assigned, accepted, courier, other)


def requests(w: Pickups, site: int) -> dict[str, tuple[str, str, Any]]:
    """Method, address and body by operation."""
    named = {"platform": "jd", "order_no": "W-POOL"}
    return {
        "push_pickups": ("POST", "/pickups/push", {"orders": [pushed("W-MORE", site)]}),
        "withdraw_pickup": ("POST", "/pickups/withdraw", named),
        "read_pickup_status": ("GET", "/pickups/status?platform=jd&order_no=W-POOL", None),
        "read_pickup": ("GET", f"/pickups/{w.assigned}", None),
        "assign_pickup": ("POST", f"/pickups/{w.pool}/assign", {"site": site}),
        "accept_pickup": ("POST", f"/pickups/{w.assigned}/accept", {"version": 1}),
        "refuse_pickup": ("POST", f"/pickups/{w.assigned}/refuse", {"reason": "unreachable"}),
        "dispatch_pickup": ("POST", f"/pickups/{w.accepted}/dispatch", {"courier": w.courier}),
        "transfer_pickup": ("POST", f"/pickups/{w.assigned}/transfer", {"site": w.other}),
        "collect_pickup": ("POST", f"/pickups/{w.accepted}/collect", {"waybill": "557000000000123", "courier": w.courier}),
        "cancel_pickup": ("POST", f"/pickups/{w.assigned}/cancel", {"reason": "duplicate"}),
        "list_pickup_holders": ("GET", "/pickups/holders", None),
        "list_pickup_scores": ("GET", "/pickups/scores", None),
        "escalate_pickup_to_case": ("POST", f"/pickups/{w.assigned}/case", {}),
    }
