"""A small world whose figures are counted by hand: two stations, a shop, complaints, parcels, claims, orders, first plans."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest
from kefu.claims import actions as claims
from kefu.claims.drafts import ClaimDraft
from kefu.claims.losses import LossFacts
from kefu.claims.models import Claim, LiabilityShare
from kefu.clocks.models import Alarm, Clock
from kefu.conftest import NOW, Cast, Ground
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft

DAY = date(2026, 11, 22)
SINCE, UNTIL = DAY - timedelta(days=1), DAY + timedelta(days=1)
PARCELS = {"station": 8, "other_station": 2}


@dataclass(frozen=True)
class World:
    """What was made."""

    complaint_ids: tuple[int, ...]
    claim_ids: tuple[int, ...]


def build(cast: Cast, ground: Ground, *, offset: int = 0) -> World:
    """Eight parcels and three complaints (delay twice, damage once) at the station, two parcels and two complaints at the other.

    An enquiry counts nowhere. Paid: 100 yuan lost in transit, carried by SF (shared 60:40), 300 yuan damaged, no product named.
    Of the first plans at the other station one was given in time and one is late.
    """
    drafts = [
        ParcelDraft(f"BT{offset}{len(place)}{number:09d}", getattr(ground, place).pk)
        for place, many in PARCELS.items()
        for number in range(many)
    ]
    parcels.register_parcels(actor=cast.system, drafts=drafts, now=NOW)
    made = [_case(cast.manager, ground.station.pk, kind, f"{offset}{place}") for place, kind in enumerate(("delay", "delay", "damage"))]
    others = [_case(cast.manager, ground.other_station.pk, "delay", f"{offset}{place}") for place in (7, 8)]
    _case(cast.manager, ground.station.pk, "enquiry", f"{offset}9")
    _plans(others)
    paid = [_paid(cast, made[0], "transit_loss", "lost", 100, "颈椎按摩仪"), _paid(cast, made[2], "outer_damage", "damaged", 300, "")]
    Claim.objects.filter(pk=paid[0]).update(carrier="sf")
    LiabilityShare.objects.bulk_create(
        LiabilityShare(claim_id=paid[0], place=place, party=party, percent=part, amount=part)
        for place, (party, part) in enumerate((("A", Decimal(60)), ("C", Decimal(40))))
    )
    return World((*made, *others), tuple(paid))


def _case(actor, site_id, kind, mark):
    request = CaseRequest(site_id, kind, "call", f"{kind} {mark}", even_if_duplicate=True)
    return cases.open_case(actor=actor, request=request, now=NOW).pk


def _plans(case_ids):
    """The first in time, the second late; both due a day later."""
    for place, case_id in enumerate(case_ids):
        row = Clock.objects.filter(subject_id=case_id, subject_kind="case", key="first_plan")
        Alarm.objects.filter(clock__in=row).delete()
        late = {"breached_at": NOW + timedelta(hours=24)} if place else {}
        row.update(state="met", met_at=NOW + timedelta(hours=30 if place else 1), **late)


def _paid(cast, case_id, cause, loss, amount, item):
    draft = ClaimDraft(
        LossFacts(loss, value=Decimal(500)), item=item, claimant_name="赵倩", claimant_phone="13800001111", cause=cause,
        papers=("form", "waybill", "value"),
    )  # fmt: skip
    found = claims.file_claim(actor=cast.agent, case_id=case_id, draft=draft, now=NOW).pk
    Claim.objects.filter(pk=found).update(state="paid", amount=amount, paid_at=NOW)
    return found
