"""Making scans void: they stay in the log, but no longer count (O8 undo, O10 撤销签收)."""

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Conflict, Invalid, NotFound, Stale
from kefu.kernel.rows import insert_all
from kefu.parcels.bags import bags_among, follow_bags
from kefu.parcels.models import Scan, ScanVoid
from kefu.parcels.states import Moved, refold
from kefu.parcels.vocabulary import ScanCode
from kefu.people import access as people
from kefu.people.permissions import Permission

_TRIES = 5


def void_scans(*, actor: Actor, scan_ids: Collection[int], reason: str, now: datetime) -> int:
    """Make scans of sites in reach void and work their parcels out anew; gives how many. Who may, the caller's room has asked.

    ``NotFound`` for a scan out of reach, ``Conflict`` (``scan_voided``) when one is void already: then nothing is changed.
    """
    people.require(actor, Permission.PARCEL_VIEW)
    why = reason.strip()
    if not why:
        raise Invalid(fields={"reason": _("请填写作废原因。")}, code="no_reason")
    if len(why) > 200:
        raise Invalid(fields={"reason": _("作废原因最多 200 字。")}, code="reason_too_long")
    wanted = sorted(set(scan_ids))
    scans = list(people.in_reach(Scan.objects.filter(pk__in=wanted), actor).order_by("pk"))
    if not wanted or len(scans) != len(wanted):
        raise NotFound
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                _void(actor, scans, why, now)
        except Moved:
            continue
        except IntegrityError as error:
            raise Conflict(_("其中有扫描已经作废，请刷新后再试。"), code="scan_voided") from error
        return len(scans)
    raise Stale


def _void(actor: Actor, scans: Sequence[Scan], why: str, now: datetime) -> None:
    insert_all(
        [
            ScanVoid(scan_id=scan.pk, waybill=scan.waybill, reason=why, actor_id=actor.id, actor_name=actor.name[:80], voided_at=now)
            for scan in scans
        ]
    )
    waybills = {scan.waybill for scan in scans}
    bags = {scan.bag for scan in scans if scan.bag and scan.code == ScanCode.BAG} | bags_among(waybills)
    refold(waybills | follow_bags(bags, now).waybills, now)
    audit.record_many(
        [audit.entry(actor, "scan.voided", _ref(scan), now=now, site_id=scan.site_id, data=_told(scan, why)) for scan in scans]
    )


def _ref(scan: Scan) -> Ref:
    return Ref("scan", scan.pk, scan.waybill)


def _told(scan: Scan, why: str) -> dict[str, object]:
    return {"code": scan.code, "scanned_at": scan.scanned_at.isoformat(), "operator": scan.operator, "reason": why}
