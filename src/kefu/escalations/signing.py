"""A signature that looks false and its case (O10, R45)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from kefu.cases.actions import CaseRequest
from kefu.cases.errors import KindUnknown
from kefu.escalations.actions import Escalated, Matter, escalate
from kefu.handbook import queries as handbooks
from kefu.handbook.settings import setting
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import KefuError, Message
from kefu.station.signing import access, queries
from kefu.station.signing.limits import FALSE
from kefu.station.signing.patterns import BY_CODE

KIND = "suspicion"


def escalate_signature(*, actor: Actor, suspicion_id: int, now: datetime) -> Escalated:
    """Open a case of the kind the handbook names (``texts.station_false_sign``), or give the one there is.

    Raises what ``open_case`` raises. The case tells every pattern that speaks of the parcel, with its evidence.
    """
    row = access.get_suspicion(actor, suspicion_id)
    kind = setting(handbooks.book_at(row.site.handbook, now), FALSE, "case_kind")
    if kind is None:
        raise KindUnknown(kind=FALSE)
    _signs, found = queries.of_waybill(actor, row.waybill)
    lines = [f"{BY_CODE[one.pattern].title}：{str(BY_CODE[one.pattern].evidence) % one.evidence}（{one.clause}）" for one in found]
    request = CaseRequest(
        site_id=row.site_id,
        kind=str(kind.value),
        channel="form",
        title=_("疑似虚假签收 %(waybill)s") % {"waybill": row.waybill},
        description="\n".join([*lines, _("派件员：%(courier)s") % {"courier": row.courier or "—"}]),
        waybill=row.waybill,
    )
    return escalate(actor=actor, matter=Matter(Ref(KIND, row.pk, row.waybill), request), now=now)


def escalate_signatures(
    *, actor: Actor, suspicion_ids: Sequence[int], now: datetime
) -> tuple[Mapping[int, Escalated], Mapping[int, Message]]:
    """Each for itself: cases by key, and refusals in words by key."""
    done: dict[int, Escalated] = {}
    refused: dict[int, Message] = {}
    for key in suspicion_ids:
        try:
            done[key] = escalate_signature(actor=actor, suspicion_id=key, now=now)
        except KefuError as error:
            refused[key] = str(error)
    return done, refused
