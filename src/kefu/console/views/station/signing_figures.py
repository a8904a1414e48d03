"""What the board says of signing today."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.console.views.station.figure import Figure
from kefu.kernel.actor import Actor
from kefu.people.permissions import Permission
from kefu.station.signing import queries


def today(actor: Actor, now: datetime) -> Sequence[Figure]:
    """For the board: signed today, waiting in store, to be looked into."""
    signed, stored, doubtful = queries.today(actor, now)
    home, day = reverse("console:station-signing-list"), timezone.localdate(now).isoformat()
    found = [
        Figure(_("今日签收"), signed, f"{home}?{urlencode({'since': day, 'stage': 'signed'})}"),
        Figure(_("入库待取"), stored, f"{home}?stage=stored"),
    ]
    if actor.may(Permission.MONITOR_VIEW):
        checks = f"{reverse('console:station-signing-checks')}?cleared=no"
        found.append(Figure(_("疑似虚假签收"), doubtful, checks, "warn" if doubtful.value else ""))
    return found
