"""What is to be done about return receipts, for the board."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.console.views.station.figure import Figure
from kefu.kernel.actor import Actor
from kefu.people.permissions import Permission
from kefu.station.receipts import queries
from kefu.station.receipts.vocabulary import Due

_SHOWN = ((Due.UNREGISTERED, _("应回未登"), "warn"), (Due.UNRETURNED, _("应退未退"), "warn"), (Due.OVERDUE, _("超期"), "bad"))


def today(actor: Actor, now: datetime) -> Sequence[Figure]:
    """Not registered, not sent back, overdue: one query."""
    if not actor.may(Permission.RECEIPT_VIEW):
        return ()
    counts = queries.counts(actor, now)
    here = reverse("console:station-receipts")
    return tuple(
        Figure(label, counts[due.value], f"{here}?due={due.value}", tone if counts[due.value].value else "") for due, label, tone in _SHOWN
    )
