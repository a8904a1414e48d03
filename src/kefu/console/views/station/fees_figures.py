"""What is to be done about delivery fees, for the board."""

from collections.abc import Sequence
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kefu.console.views.station.figure import Figure
from kefu.kernel.actor import Actor
from kefu.people.permissions import Permission
from kefu.station.fees import queries


def today(actor: Actor, now: datetime) -> Sequence[Figure]:
    """Fees without an amount, disputes open, statements to settle: one query."""
    if not actor.may(Permission.FEE_VIEW):
        return ()
    found = queries.today(actor, now)
    here, drafts = reverse("console:station-fees"), reverse("console:station-fees-statements")
    return (
        Figure(_("没有费率"), found.troubled, f"{here}?state=open&trouble=no_card", "warn" if found.troubled.value else ""),
        Figure(_("有争议"), found.disputed, f"{here}?state=disputed", "warn" if found.disputed.value else ""),
        Figure(_("待结算账单"), found.drafts, f"{drafts}?state=draft"),
    )
