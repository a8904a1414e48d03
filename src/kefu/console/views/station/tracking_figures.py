"""Tracking on the board: what waits for carriers, and what came to nothing."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.console.views.station.figure import Figure
from kefu.kernel.actor import Actor
from kefu.station.tracking import queries


def figures(actor: Actor, now: datetime) -> Sequence[Figure]:  # noqa: ARG001 (every system's figures are asked alike)
    """Two capped counts."""
    found = queries.figures(actor)
    asks = reverse("console:station-tracking-asks")
    return (
        Figure(_("排队查询"), found.waiting, f"{asks}?state=due"),
        Figure(_("未成功"), found.failed, f"{asks}?state=failed", "warn" if found.failed.value else ""),
    )
