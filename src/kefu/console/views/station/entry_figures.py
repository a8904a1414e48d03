"""Today's figures of waybill entry for the board (OPS2)."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.console.views.station.figure import Figure
from kefu.kernel.actor import Actor
from kefu.station.entry import access, queries


def figures(actor: Actor, now: datetime) -> Sequence[Figure]:
    """Today's entries on the board."""
    if not access.may_read(actor):
        return []
    today = timezone.localdate(now)
    made, doubtful = queries.day_counts(actor, today)
    rate = queries.rate(actor, day_from=today, day_to=today)
    home = reverse("console:station-entry")
    found = [Figure(_("今日录单"), made, f"{home}?from={today}&to={today}")]
    if doubtful.value:
        found.append(Figure(_("有提示"), doubtful, f"{home}?from={today}&to={today}&doubtful=1", "warn"))
    if rate.share is not None:
        tone = "" if rate.share >= 1 else "warn"
        # A share is no list: the page of entries says of how many it is one.
        found.append(Figure(_("录单率"), f"{rate.share:.0%}", home, tone))
    return found
