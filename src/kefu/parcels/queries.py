"""Reads of parcels for screens and for the guards of cases. Tracing is in ``tracing``, reads of many numbers in ``lookups``."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count
from django.db.models.functions import TruncDate

from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.kernel.encryption import keyring
from kefu.kernel.masking import mask_name, mask_phone, phone_key
from kefu.kernel.models import AuditEntry
from kefu.kernel.moment import on_days
from kefu.kernel.paging import Order, Page, keyset_page
from kefu.parcels import access
from kefu.parcels.holding import Holding, holding_of, weight_loss
from kefu.parcels.limits import weight_limits
from kefu.parcels.lookups import ParcelCard, ScanLine, cards, latest_scans, scans_of, states_of, waybills_of
from kefu.parcels.models import RARE_STATES, Parcel
from kefu.parcels.tracing import BookOf, MaskedParty, Trace, TraceHeader, TraceLine, TraceLink, judge, party_of, trace
from kefu.parcels.vocabulary import StateCode
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.people.queries import sites_by_id

__all__ = [
    "Asked",
    "BookOf",
    "MaskedParty",
    "ParcelCard",
    "ParcelRow",
    "ScanLine",
    "Trace",
    "TraceHeader",
    "TraceLine",
    "TraceLink",
    "cards",
    "facts",
    "is_party",
    "latest_scans",
    "page",
    "query_log",
    "scans_of",
    "states_of",
    "trace",
    "waybills_of",
]


@dataclass(frozen=True, slots=True)
class ParcelRow:
    """A parcel in a list, masked."""

    id: int
    waybill: str
    carrier: str
    site_id: int
    state: str
    receiver_name: str
    receiver_phone: str
    last_scan_at: datetime | None
    last_scan_code: str
    created_at: datetime


def page(
    actor: Actor,
    *,
    site_id: int | None = None,
    sent: bool = False,
    state: str = "",
    waybill: str = "",
    phone: str = "",
    day_from: date | None = None,
    day_to: date | None = None,
    cursor: str | None = None,
    size: int = 50,
    clear: bool = False,
) -> Page[ParcelRow]:
    """Parcels that sites in reach deliver (or sent), newest first; a waybill or a phone number finds any parcel in reach.

    ``clear``: nothing is masked; the caller must hold the right and writes to the audit log what leaves (exports).
    """
    people.require(actor, Permission.PARCEL_VIEW)
    if clear:
        people.require(actor, Permission.PERSONAL_UNMASK)
    column = "origin_site_id" if sent else "site_id"
    rows = access.visible_to(actor) if waybill or phone else people.in_reach(Parcel.objects.all(), actor, column)
    if site_id is not None:
        rows = rows.filter(**{column: site_id})
    if state:
        rows = rows.filter(**{"standing__rare_state" if state in RARE_STATES else "standing__state": state})
    if waybill:
        rows = rows.filter(waybill=clean_waybill(waybill))
    if phone:
        index = keyring().index("phone", phone_key(phone) or "")
        rows = rows.filter(receiver_phone_index=index) | rows.filter(sender_phone_index=index)
    rows = rows.filter(**on_days("created_at", day_from, day_to))
    rows = rows.select_related("parties", "standing")
    found = keyset_page(rows, [Order("pk", descending=True)], size=size, cursor=cursor)
    return Page([_row(parcel, clear=clear) for parcel in found.rows], found.next, found.previous)


def _row(parcel: Parcel, *, clear: bool = False) -> ParcelRow:
    receiver = party_of(parcel, "receiver")
    return ParcelRow(
        id=parcel.pk,
        waybill=parcel.waybill,
        carrier=parcel.carrier,
        site_id=parcel.site_id,
        state=parcel.standing.state,
        receiver_name=receiver.name if clear else mask_name(receiver.name),
        receiver_phone=receiver.phone if clear else mask_phone(receiver.phone),
        last_scan_at=parcel.standing.last_scan_at,
        last_scan_code=parcel.standing.last_scan_code,
        created_at=parcel.created_at,
    )


def facts(waybill: str, *, now: datetime, book: Handbook | None = None, asked: Collection[str] | None = None) -> Mapping[str, object]:
    """Facts that conditions may ask about (``parcel.*``); what is unknown is left out. For the engine, not for screens.

    With ``asked`` the scans are read one by one only when one of these names needs them.
    """
    number = clean_waybill(waybill)
    parcel = Parcel.objects.filter(waybill=number).first() if number else None
    if parcel is None:
        return {"parcel.known": False}
    state = states_of([number])[number]
    found: dict[str, object] = {
        "parcel.known": True,
        "parcel.carrier": parcel.carrier,
        "parcel.collected": state.collected_at is not None,
        "parcel.arrived": state.arrived,
        "parcel.out_for_delivery": state.state == StateCode.OUT_FOR_DELIVERY,
        "parcel.signed": state.signed,
        "parcel.problem_open": state.problem_open,
        "parcel.forwarded": state.forwarded,
        "parcel.returned": state.returned,
        "parcel.insured": parcel.insured_amount > 0,
        "parcel.insured_amount": float(parcel.insured_amount),
        "parcel.cod": parcel.cod_amount > 0 or parcel.freight_amount > 0,
        "parcel.pieces": parcel.pieces,
        "parcel.attempts": state.attempts,
        "parcel.postal": parcel.postal,
    }
    if parcel.in_area is not None:
        found["parcel.in_area"] = parcel.in_area
    if state.last_at is not None:
        found["parcel.hours_since_scan"] = (now - state.last_at) / timedelta(hours=1)
    if book is not None:
        judgement = judge(parcel, state, now, book)
        found["parcel.late"] = judgement.late
        found["parcel.hours_late"] = judgement.late_by / timedelta(hours=1)
        found["parcel.presumed_lost"] = judgement.presumed_lost
        found.update(_weight_facts(parcel, book))
    if asked is None or not _HELD_BY.isdisjoint(asked):
        found.update(_holding_facts(parcel))
    return found


_HELD_BY = frozenset({"parcel.position", "parcel.link", "parcel.link_site"})


def holding(waybill: str, *, site_id: int | None) -> Holding | None:
    """Where the waybill was last and went no further, by its last two scans (O3, O5); none without a scan."""
    return holding_of(scans_of([waybill])[waybill], site_id=site_id)


def _holding_facts(parcel: Parcel) -> dict[str, object]:
    held = holding(parcel.waybill, site_id=parcel.site_id)
    if held is None:
        return {}
    found: dict[str, object] = {"parcel.link": held.link}
    if held.position:
        found["parcel.position"] = held.position
    site = sites_by_id().get(held.last.site_id)
    return {**found, "parcel.link_site": site.name} if site else found


def _weight_facts(parcel: Parcel, book: Handbook) -> dict[str, object]:
    lost = weight_loss(parcel.weight, parcel.hub_weight, weight_limits(book))
    return {} if lost is None else {"parcel.weight_loss": float(lost.kilograms), "parcel.weight_short": lost.beyond}


def is_party(waybill: str, phone_tail: str) -> bool:
    """Whether the last four digits are those of the sender or the receiver: the identity check before telling more (O1)."""
    parcel = Parcel.objects.filter(waybill=clean_waybill(waybill)).select_related("parties").first()
    if parcel is None or len(phone_tail) != 4 or not phone_tail.isdecimal():
        return False
    keys = [phone_key(party_of(parcel, side).phone) for side in ("sender", "receiver")]
    return any(key is not None and key.partition("-")[0].endswith(phone_tail) for key in keys)


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody tracked a waybill."""

    at: datetime
    actor_name: str
    actor_kind: str


def query_log(actor: Actor, waybill: str, *, limit: int = 100) -> list[Asked]:
    """Who tracked a waybill in reach, newest first (R21)."""
    people.require(actor, Permission.AUDIT_VIEW)
    parcel = access.get_for(actor, clean_waybill(waybill))
    rows = AuditEntry.objects.filter(subject_kind="parcel", subject_id=parcel.pk, action="parcel.traced").order_by("-pk")[:limit]
    return [Asked(row.at, row.actor_name, row.actor_kind) for row in rows]


def registered(actor: Actor, first: date, last: date, *, by: str = "", site_id: int | None = None) -> dict[str, int]:
    """Parcels registered on these local days by the sites in reach they belong to, by ``site``, ``day`` or all under ""; one query."""
    rows = people.in_reach(Parcel.objects.filter(**on_days("created_at", first, last)), actor).order_by()
    if site_id is not None:
        rows = rows.filter(site_id=site_id)
    if not by:
        return {"": rows.count()}
    rows = rows.annotate(day=TruncDate("created_at")) if by == "day" else rows
    return {str(key): count for key, count in rows.values_list("day" if by == "day" else "site_id").annotate(n=Count("pk"))}


def registered_by_site(actor: Actor, first: date, last: date) -> dict[int, int]:
    """Parcels registered on these local days by the sites in reach they belong to."""
    rows = people.in_reach(Parcel.objects.filter(**on_days("created_at", first, last)), actor)
    return dict(rows.order_by().values_list("site_id").annotate(Count("pk")))
