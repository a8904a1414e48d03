"""Looking for signatures that look false at a site on a day, and what becomes of them (O10, R45)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from kefu.handbook import queries as handbooks
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.moment import day_bounds
from kefu.parcels.signatures import Signature, loads, signatures
from kefu.parcels.vocabulary import ScanCode
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.signing import access
from kefu.station.signing.errors import SignRefused, StageRefused
from kefu.station.signing.limits import signs_of
from kefu.station.signing.models import SignOff, Suspicion
from kefu.station.signing.patterns import Day, Signed, find
from kefu.station.signing.reasons import Problem
from kefu.station.signing.words import Signer, Stage

MOST_A_DAY = 5000
"""Signatures looked at for one site and day; the largest stations have fewer."""
_NIGHT_HOUR = 3


def examine(*, actor: Actor, site_id: int, day: date, now: datetime) -> int:
    """Keep what the patterns find in a site-day; gives how many are new. Again and again it finds the same: nothing comes twice."""
    people.require(actor, Permission.MONITOR_VIEW)
    site = people.get_site(actor, site_id)
    signs = signs_of(handbooks.book_at(site.handbook, now))
    start, end = day_bounds(day)
    rows = _rows(signatures(site_id, start, end, most=MOST_A_DAY))
    zone = timezone.get_current_timezone()
    known = {row.waybill: row.sign_off_id for row in rows}
    found = [
        Suspicion(
            site_id=site_id,
            day=day,
            waybill=hit.waybill,
            pattern=pattern,
            courier=hit.courier[:20],
            evidence=dict(hit.evidence),
            clause=hit.clause,
            sign_off_id=known.get(hit.waybill),
            found_at=now,
        )
        for pattern, hit in find(Day(rows, loads(site_id, start, end), zone), signs)
    ]
    there = set(Suspicion.objects.filter(site_id=site_id, day=day).values_list("waybill", "pattern"))
    fresh = {(one.waybill, one.pattern): one for one in found if (one.waybill, one.pattern) not in there}
    if fresh:
        with transaction.atomic():
            Suspicion.objects.bulk_create(fresh.values(), ignore_conflicts=True, batch_size=500)
            data = {"day": day.isoformat(), "found": len(fresh)}
            audit.record(actor, "false_sign.examined", Ref("site", site_id, site.code), now=now, site_id=site_id, data=data)
    return len(fresh)


def _rows(scans: Sequence[Signature]) -> list[Signed]:
    """Scans with what was entered for them."""
    live = SignOff.objects.filter(waybill__in=[one.waybill for one in scans]).exclude(stage=Stage.UNDONE)
    entered = {one.waybill: one for one in live.order_by("pk")}
    return [_signed(one, entered.get(one.waybill)) for one in scans]


def _signed(scan: Signature, entered: SignOff | None) -> Signed:
    behalf = scan.code != ScanCode.SIGN
    return Signed(
        waybill=scan.waybill,
        courier=scan.courier,
        signed_at=scan.at,
        entered_at=entered.entered_at if entered else scan.received_at,
        delivered_at=scan.delivered_at,
        behalf=behalf if entered is None else entered.signer != Signer.SELF,
        consented=None if entered is None else bool(entered.consent_by and entered.consent_how),
        sign_off_id=entered.pk if entered else None,
        in_store=scan.code == ScanCode.IN_STORE,
    )


def examine_yesterday(*, now: datetime) -> int:
    """Every site's day before, in the night; for the worker."""
    local = timezone.localtime(now)
    if local.hour != _NIGHT_HOUR:
        return 0
    actor = Actor.system("false-signs")
    sites = [site for site in people_queries.sites_by_id().values() if site.kind == "station" and site.is_active]
    return sum(examine(actor=actor, site_id=site.pk, day=local.date() - timedelta(days=1), now=now) for site in sites)


def clear(*, actor: Actor, suspicion_id: int, reason: str, now: datetime) -> Suspicion:
    """Looked into, nothing wrong: with who and why. Raises ``SignRefused`` without a reason, ``StageRefused`` when cleared already."""
    people.require(actor, Permission.MONITOR_WORK)
    row = access.get_suspicion(actor, suspicion_id)
    why = reason.replace("\0", "").strip()[:200]
    if not why:
        raise SignRefused([Problem("clear_reason", "reason")])
    with transaction.atomic():
        words = {"cleared_at": now, "cleared_by": actor.name[:80], "cleared_why": why}
        if Suspicion.objects.filter(pk=row.pk, cleared_at=None).update(**words) != 1:
            raise StageRefused("cleared_already")
        data = {"pattern": row.pattern}
        audit.record(actor, "false_sign.cleared", Ref("suspicion", row.pk, row.waybill), now=now, site_id=row.site_id, data=data)
    row.cleared_at, row.cleared_by, row.cleared_why = now, words["cleared_by"], why  # type: ignore[assignment]
    return row
