"""Collection entry 收件录入: parcels taken over from senders, many at a time, each with its weight (O9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Invalid, Message
from kefu.parcels import actions as parcels
from kefu.parcels import lookups
from kefu.parcels.checks import REASONS as PARCEL_REASONS
from kefu.parcels.drafts import ScanDraft
from kefu.parcels.vocabulary import ScanCode
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.entry.drafts import Collected
from kefu.station.entry.models import Collection, VoidNumber

MOST_COLLECTED = 500
_MOST_WEIGHT = Decimal(9_999)
REASONS: dict[str, Message] = {
    **PARCEL_REASONS,
    "collect_void": _("这是作废单，不能收件，请换一个单号。"),
    "collect_again": _("这个单号在其他网点已有收件扫描，请核对是否录错单号。"),
    "collect_signed": _("这个单号已经签收或退回，请核对是否录错单号。"),
    "collect_weight": _("重量须大于 0，且不超过 9999 公斤。"),
    "collect_twice": _("同一单号在本次录入中重复。"),
}


@dataclass(frozen=True, slots=True)
class CollectedCounts:
    """Outcome: new collections, those known before, places and codes of those refused."""

    stored: int
    present: int
    refused: Sequence[tuple[int, str]]


def collect(
    *, actor: Actor, site_id: int, collector: str, lines: Sequence[Collected], collected_at: datetime, now: datetime
) -> CollectedCounts:
    """Record that a courier took parcels over: a collect scan each, and its weight. Wrong ones are refused with a code of ``REASONS``."""
    people.require(actor, Permission.WAYBILL_ENTER)
    people.require_site(actor, site_id)
    if not collector.strip() or len(collector) > 20:
        raise Invalid(fields={"collector": _("请填写收件员工号。")}, code="entry_no_collector")
    if collected_at > now:
        raise Invalid(fields={"collected_at": _("收件时间不能晚于现在。")}, code="collect_future")
    numbers = [clean_waybill(line.waybill) for line in lines]
    refused = dict(_wrong(numbers, lines, site_id))
    wanted = {numbers[place]: line for place, line in enumerate(lines) if place not in refused}
    known = set(Collection.objects.filter(site_id=site_id, waybill__in=sorted(wanted)).values_list("waybill", flat=True))
    fresh = [waybill for waybill in wanted if waybill not in known]
    scans = [
        ScanDraft(one, ScanCode.COLLECT, site_id, collected_at, operator=collector.strip(), courier=collector.strip()) for one in fresh
    ]
    with transaction.atomic():
        done = parcels.record_scans(actor=actor, batch=scans, now=now)
        bad = {fresh[refusal.place]: refusal.reason for refusal in done.refused}
        rows = [
            _row(actor, site_id, collector, collected_at, waybill, wanted[waybill].weight, now) for waybill in fresh if waybill not in bad
        ]
        made = Collection.objects.bulk_create(rows, ignore_conflicts=True)
        if made:
            data = {"count": len(made), "collector": collector.strip(), "first": made[0].waybill, "last": made[-1].waybill}
            audit.record(actor, "waybill.collected", Ref("scan", 0), now=now, site_id=site_id, data=data)
    refused |= {place: bad[number] for place, number in enumerate(numbers) if number in bad and place not in refused}
    return CollectedCounts(len(made), len(known), sorted(refused.items()))


def _row(actor: Actor, site_id: int, collector: str, at: datetime, waybill: str, weight: Decimal | None, now: datetime) -> Collection:
    return Collection(
        waybill=waybill, site_id=site_id, collector=collector.strip(), weight=weight, collected_at=at, by=actor.name[:80], at=now
    )


def _wrong(numbers: Sequence[str], lines: Sequence[Collected], site_id: int) -> list[tuple[int, str]]:
    """Places that cannot be collected, by what is known of their numbers."""
    wanted = {number for number in numbers if number}
    voids = set(VoidNumber.objects.filter(waybill__in=sorted(wanted)).values_list("waybill", flat=True))
    elsewhere = {
        waybill
        for waybill, scans in lookups.scans_of(wanted, codes=(ScanCode.COLLECT,)).items()
        if any(scan.site_id != site_id for scan in scans)
    }
    over = {waybill for waybill, card in lookups.cards_of(wanted).items() if card.state in ("signed", "returned", "returning")}
    found: list[tuple[int, str]] = []
    seen: set[str] = set()
    for place, (number, line) in enumerate(zip(numbers, lines, strict=True)):
        if number in seen:
            found.append((place, "collect_twice"))
        elif number in voids:
            found.append((place, "collect_void"))
        elif number in over:
            found.append((place, "collect_signed"))
        elif number in elsewhere:
            found.append((place, "collect_again"))
        elif line.weight is not None and not (line.weight.is_finite() and 0 < line.weight <= _MOST_WEIGHT):
            found.append((place, "collect_weight"))
        seen.add(number)
    return found
