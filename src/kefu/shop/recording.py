"""How a piece of a shop's work is written down: the audit entry and the event, in the caller's transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.shop.events import ShopWorked


def worked(
    actor: Actor,
    what: str,
    *,
    site_id: int,
    order_id: int,
    number: str,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    clause: str = "",
) -> None:
    """Somebody did ``what`` about an order; ``data`` holds codes only."""
    audit.record(actor, f"shop.{what}", Ref("order", order_id, number), now=now, site_id=site_id, data=dict(data or {}), clause=clause)
    outbox.emit(ShopWorked(site_id=site_id, order_id=order_id, what=what), now=now)
