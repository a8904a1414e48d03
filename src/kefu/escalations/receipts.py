"""A lost receipt and its case, in one transaction (O13)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kefu.cases.actions import CaseRequest
from kefu.cases.errors import KindUnknown
from kefu.escalations.actions import Escalated, Matter, escalate
from kefu.kernel.actor import Actor, Ref
from kefu.station.receipts import actions, queries
from kefu.station.receipts.vocabulary import State

KIND = "receipt_lost"


def report_lost(*, actor: Actor, receipt_id: int, reason: str, expected_version: int, now: datetime) -> Escalated:
    """Declare a receipt lost and open the case of its claim, of the kind the handbook names (``texts.station_receipts``).

    Raises what ``actions.declare_lost`` and ``open_case`` raise; then nothing was done. The case belongs to the actor's own site where
    that is on the way, else to the delivering one.
    """
    with transaction.atomic():
        loss = actions.declare_lost(actor=actor, receipt_id=receipt_id, reason=reason, expected_version=expected_version, now=now)
        row = loss.receipt
        on_way = [one for one in (row.site_id, row.origin_site_id, row.hub_id, row.origin_hub_id) if one is not None and actor.reaches(one)]
        site_id = actor.site_id if actor.site_id in on_way else on_way[0]
        kind, clause = queries.case_kind(site_id, now)
        if not kind:
            raise KindUnknown(kind=_("回单遗失"))
        told = {"waybill": row.waybill, "number": row.receipt_no or row.waybill, "state": State(row.state).label, "clause": clause}
        request = CaseRequest(
            site_id=site_id,
            kind=kind,
            channel="hq",
            title=_("回单遗失：%(waybill)s") % told,
            description=_("回单 %(number)s 在“%(state)s”之后遗失（%(clause)s）。") % told + f"\n{reason.strip()}",
            waybill=row.waybill,
        )
        return escalate(actor=actor, matter=Matter(Ref(KIND, loss.pk, row.waybill), request), now=now)
