"""A disputed delivery fee and its case, in one transaction (O11)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from kefu.cases.actions import CaseRequest
from kefu.cases.errors import KindUnknown
from kefu.escalations.actions import Escalated, Matter, escalate
from kefu.kernel.actor import Actor, Ref
from kefu.station.fees import disputes, queries
from kefu.station.fees.vocabulary import DisputeReason

KIND = "fee_dispute"


@dataclass(frozen=True, slots=True)
class NewDispute:
    """What is said against a fee; ``wanted`` yuan is what it should be, if known."""

    reason: str
    note: str = ""
    wanted: Decimal | None = None


def dispute_fee(*, actor: Actor, fee_id: int, new: NewDispute, expected_version: int, now: datetime) -> Escalated:
    """Hold the fee and open a case of the kind the handbook names (``texts.station_fees``).

    Raises what ``disputes.dispute`` and ``open_case`` raise; then nothing was done. ``KindUnknown`` when the handbook has no procedure.
    """
    with transaction.atomic():
        made = disputes.dispute(
            actor=actor, fee_id=fee_id, reason=new.reason, note=new.note, wanted=new.wanted, expected_version=expected_version, now=now
        )
        fee = queries.detail(actor, fee_id).row
        kind, clause = queries.case_kind(fee.site_id, now)
        if not kind:
            raise KindUnknown(kind=_("派费争议"))
        request = CaseRequest(
            site_id=fee.site_id,
            kind=kind,
            channel="hq",
            title=_("派费争议：%(waybill)s") % {"waybill": fee.waybill},
            description=_told(fee, new, clause),
            waybill=fee.waybill,
        )
        return escalate(actor=actor, matter=Matter(Ref(KIND, made.pk, fee.waybill), request), now=now)


def _told(fee: queries.FeeRow, new: NewDispute, clause: str) -> str:
    lines = [
        _("%(day)s 签收，派费 %(total)s 元，争议原因：%(reason)s（%(clause)s）。")
        % {"day": fee.signed_on, "total": fee.total, "reason": DisputeReason(new.reason).label, "clause": clause}
    ]
    if new.wanted is not None:
        lines.append(_("应为 %(wanted)s 元。") % {"wanted": new.wanted})
    if fee.own_weight is not None and fee.hub_weight is not None:
        lines.append(_("录单 %(own)s 千克，中心 %(hub)s 千克。") % {"own": fee.own_weight.normalize(), "hub": fee.hub_weight.normalize()})
    if new.note.strip():
        lines.append(new.note.strip())
    return "\n".join(lines)
