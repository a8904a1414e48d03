"""A request to forward and its case, in one transaction (O7)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kefu.cases.actions import CaseRequest
from kefu.cases.errors import KindUnknown
from kefu.escalations.actions import Escalated, Matter, escalate
from kefu.kernel.actor import Actor, Ref
from kefu.station.forwarding import queries
from kefu.station.forwarding.vocabulary import Reason, State, Way

KIND = "forward"


def escalate_forward(*, actor: Actor, forward_id: int, now: datetime) -> Escalated:
    """Open a case of the kind the handbook names (``texts.station_forwarding``), or give the one there is.

    Raises what ``open_case`` raises; then nothing was done.
    """
    with transaction.atomic():
        row = queries.get(actor, forward_id, now=now)
        kind = queries.case_kind(row, now)
        if not kind:
            raise KindUnknown(kind=_("超区转件"))
        said = _("%(site)s 申请转件，原因：%(reason)s，%(way)s %(to)s，现为“%(state)s”（%(clause)s）。") % {
            "site": row.site,
            "reason": Reason(row.reason).label,
            "way": Way(row.way).label,
            "to": row.to,
            "state": State(row.state).label,
            "clause": row.clause,
        }
        request = CaseRequest(
            site_id=row.site_id if row.own or row.to_site_id is None else row.to_site_id,
            kind=kind,
            channel="hq",
            title=_("超区转件 %(waybill)s") % {"waybill": row.waybill},
            description=said,
            waybill=row.waybill,
        )
        return escalate(actor=actor, matter=Matter(Ref(KIND, forward_id, row.waybill), request), now=now)
