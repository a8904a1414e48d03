"""Problem parcels on the board: what waits at the reader's sites."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.console.views.station.figure import Figure
from kefu.kernel.actor import Actor
from kefu.station.problems import queries


def figures(actor: Actor, now: datetime) -> Sequence[Figure]:
    """Four capped counts in one statement, each with its list."""
    found = queries.counts(actor, now=now)
    here = reverse("console:station-problems")
    return (
        Figure(_("待回复"), found.to_answer, f"{here}?box=in&state=open", "warn" if found.to_answer.value else ""),
        Figure(_("未读"), found.unread, f"{here}?unread=1"),
        Figure(_("超时"), found.late, f"{here}?late=1", "bad" if found.late.value else ""),
        Figure(_("未结"), found.open, f"{here}?open=1"),
    )
