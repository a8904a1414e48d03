"""Bags: a scan of a bag's number is one of every piece in it (O12: the bag was scanned, the pieces were not)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import QuerySet

from kefu.parcels.drafts import ScanDraft
from kefu.parcels.models import Scan
from kefu.parcels.rules import MOVES_BAG, BagScan, Event, Packed, bag_moves
from kefu.parcels.states import among, live_scans, parts
from kefu.parcels.storing import KEY, store_scans
from kefu.parcels.vocabulary import ScanCode

# Bags in bags in bags.
_DEEPEST = 4


def bags_among(numbers: Collection[str]) -> set[str]:
    """Which of the numbers are those of bags something was put into."""
    return {
        bag for rows in among(_bagged(), "bag", numbers) for bag in rows.filter(code=ScanCode.BAG).values_list("bag", flat=True).distinct()
    }


def _bagged() -> QuerySet[Scan]:
    """Scans with a bag: said so, the database takes the index of those alone."""
    return live_scans().exclude(bag="")


@dataclass(frozen=True, slots=True)
class Followed:
    """What following bags changed: scans that came anew by waybill, and waybills that lost some."""

    fresh: dict[str, list[Event]] = field(default_factory=dict)
    shrunk: set[str] = field(default_factory=set)

    @property
    def waybills(self) -> set[str]:
        """All that changed."""
        return self.fresh.keys() | self.shrunk


def follow_bags(bags: Collection[str], now: datetime) -> Followed:
    """Bring the scans that follow from those of the bags in step.

    Call inside the transaction that changed the scans of the bags. Done again it changes nothing.
    """
    done = Followed()
    for _depth in range(_DEEPEST):
        if not bags:
            break
        changed = _follow(bags, now, done)
        bags = bags_among(changed)
    return done


def _follow(bags: Collection[str], now: datetime, done: Followed) -> set[str]:
    wanted = _wanted(bags)
    have = {}
    for rows in among(Scan.objects.exclude(bag=""), "bag", bags):
        derived = rows.filter(source=Scan.Source.BAG)
        have.update({tuple(key): pk for pk, *key in derived.values_list("pk", *KEY)})
    gone = {pk: str(key[0]) for key, pk in have.items() if key not in wanted}
    Scan.objects.filter(pk__in=sorted(gone)).delete()
    done.shrunk.update(gone.values())
    changed = set(gone.values())
    for waybill, event in store_scans([draft for key, draft in sorted(wanted.items()) if key not in have], now):
        done.fresh.setdefault(waybill, []).append(event)
        changed.add(waybill)
    return changed


def _wanted(bags: Collection[str]) -> dict[tuple[object, ...], ScanDraft]:
    """The scans of pieces that follow from the scans of the bags, by key."""
    packed: list[Packed] = []
    moves: dict[BagScan, Scan] = {}
    for part in parts(sorted(bags)):
        own = _bagged().filter(bag__in=part, code=ScanCode.BAG).exclude(source=Scan.Source.BAG)
        packed.extend(Packed(*row) for row in own.values_list("scanned_at", "bag", "waybill", "piece"))
        for scan in live_scans().filter(waybill__in=part, code__in=sorted(MOVES_BAG)):
            moves[BagScan(scan.scanned_at, scan.waybill, scan.code, scan.site_id, scan.operator)] = scan
    drafts: dict[tuple[object, ...], ScanDraft] = {}
    for one, move in bag_moves(packed, moves):
        scan = moves[move]
        key = (one.waybill, move.at, move.code, move.site_id, move.operator, one.piece)
        drafts[key] = ScanDraft(
            waybill=one.waybill,
            code=move.code,
            site_id=move.site_id,
            scanned_at=move.at,
            operator=move.operator,
            courier=scan.courier,
            previous_site_id=scan.previous_site_id,
            next_site_id=scan.next_site_id,
            device=scan.device,
            source=Scan.Source.BAG,
            bag=one.bag,
            truck=scan.truck,
            piece=one.piece,
        )
    return drafts
