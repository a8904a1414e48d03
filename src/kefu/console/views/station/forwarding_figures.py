"""Forwarding on the board: what waits at the reader's sites."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.console.views.station.figure import Figure
from kefu.kernel.actor import Actor
from kefu.station.forwarding import queries


def figures(actor: Actor, now: datetime) -> Sequence[Figure]:
    """Four capped counts in one statement, each with its list."""
    found = queries.counts(actor, now=now)
    here = reverse("console:station-forwarding")
    return (
        Figure(_("待审核"), found.to_approve, f"{here}?box=out&state=requested", "warn" if found.to_approve.value else ""),
        Figure(_("待转出"), found.to_forward, f"{here}?box=out&state=approved"),
        Figure(_("超时"), found.late, f"{here}?late=1", "bad" if found.late.value else ""),
        Figure(_("转给本站"), found.to_us, f"{here}?box=in&state=forwarded"),
    )
