"""What the board says of scanning today."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.console.views.station.figure import Figure
from kefu.kernel.actor import Actor
from kefu.station.scanning import queries


def today(actor: Actor, now: datetime) -> Sequence[Figure]:
    """For the board: out for delivery today, missing arrivals and such, refused."""
    delivered, warned, refused = queries.today(actor, now)
    home, day = reverse("console:station-scanning-answers"), timezone.localdate(now).isoformat()
    since = urlencode({"since": day})
    return (
        Figure(_("今日派件"), delivered, f"{home}?{since}"),
        Figure(_("需注意"), warned, f"{home}?{since}&tone=warn", "warn" if warned.value else ""),
        Figure(_("未录"), refused, f"{home}?{since}&tone=refused", "warn" if refused.value else ""),
    )
