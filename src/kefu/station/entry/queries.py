"""Reads of waybill entry: the latest entries, one with its history, void numbers, collections, and the rate of entry (O9)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.db.models import F, QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_address, mask_name, mask_phone
from kefu.kernel.moment import midnight, on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.parcels import amending, tables
from kefu.parcels.drafts import ParcelDraft, Party
from kefu.parcels.vocabulary import ScanCode
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.errors import MissingPermission
from kefu.people.permissions import Permission
from kefu.station.entry import access
from kefu.station.entry.drafts import EntryDraft
from kefu.station.entry.models import Collection, Entry, EntryChange

_LONGEST_SPAN = timedelta(days=93)


@dataclass(frozen=True, slots=True)
class EntryRow:
    """An entry in a list, masked."""

    id: int
    waybill: str
    site_id: int
    site: str
    deliver_site_id: int
    deliver_site: str
    sent_on: date
    collector: str
    receiver_name: str
    receiver_phone: str
    destination: str
    goods: str
    pieces: int
    weight: Decimal | None
    billing_weight: Decimal | None
    hub_weight: Decimal | None
    payment: str
    fee_amount: Decimal
    freight_amount: Decimal
    cod_amount: Decimal
    insured_amount: Decimal
    state: str
    source: str
    warnings: tuple[str, ...]
    area_verdict: str
    entered_by: str
    entered_at: datetime
    changed_by: str
    changed_at: datetime | None
    change_count: int


@dataclass(frozen=True, slots=True)
class EntryFilter:
    """Which entries a list shows. ``doubtful``: with warnings; ``changed``: changed after entry; ``by_id``: entered by one person."""

    site_id: int | None = None
    by_id: int | None = None
    day_from: date | None = None
    day_to: date | None = None
    source: str = ""
    waybill: str = ""
    doubtful: bool = False
    changed: bool = False
    under: bool = False


def _require(actor: Actor) -> None:
    if not access.may_read(actor):
        raise MissingPermission(Permission.WAYBILL_ENTER)


def rows_for(actor: Actor, wanted: EntryFilter) -> QuerySet[Entry]:
    """Entries an actor sees by a filter."""
    _require(actor)
    rows = access.visible_to(actor)
    exact = {"site_id": wanted.site_id, "entered_by_id": wanted.by_id, "source": wanted.source, "waybill": clean_waybill(wanted.waybill)}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    rows = rows.filter(**on_days("entered_at", wanted.day_from, wanted.day_to))
    if wanted.doubtful:
        rows = rows.exclude(warnings="")
    if wanted.changed:
        rows = rows.exclude(changed_at=None)
    if wanted.under:
        rows = rows.filter(parcel__hub_weight__gt=F("parcel__billing_weight"))
    return rows


def page(actor: Actor, wanted: EntryFilter, *, cursor: str | None = None, size: int = 50, clear: bool = False) -> Page[EntryRow]:
    """Entries, newest first. ``clear`` asks for the right to see personal data and is for exports, which are logged."""
    if clear:
        people.require(actor, Permission.PERSONAL_UNMASK)
    rows = rows_for(actor, wanted).select_related("parcel__parties", "parcel__standing")
    found = keyset_page(rows, [Order("pk", descending=True)], size=size, cursor=cursor)
    names = {pk: site.name for pk, site in people_queries.sites_by_id().items()}
    return Page([_row(row, names, clear=clear) for row in found.rows], found.next, found.previous)


def count(actor: Actor, wanted: EntryFilter) -> CappedCount:
    """How many entries that are."""
    return capped_count(rows_for(actor, wanted))


def _row(row: Entry, names: Mapping[int, str], *, clear: bool) -> EntryRow:
    parcel = row.parcel
    parties = getattr(parcel, "parties", None)
    name, phone = (parties.receiver_name, parties.receiver_phone) if parties else ("", "")
    return EntryRow(
        id=row.pk,
        waybill=row.waybill,
        site_id=row.site_id,
        site=names.get(row.site_id, ""),
        deliver_site_id=parcel.site_id,
        deliver_site=names.get(parcel.site_id, ""),
        sent_on=row.sent_on,
        collector=parcel.collected_by,
        receiver_name=name if clear else mask_name(name),
        receiver_phone=phone if clear else mask_phone(phone),
        destination=parcel.destination,
        goods=parcel.goods,
        pieces=parcel.pieces,
        weight=parcel.weight,
        billing_weight=parcel.billing_weight,
        hub_weight=parcel.hub_weight,
        payment=parcel.payment,
        fee_amount=parcel.fee_amount,
        freight_amount=parcel.freight_amount,
        cod_amount=parcel.cod_amount,
        insured_amount=parcel.insured_amount,
        state=parcel.standing.state,
        source=row.source,
        warnings=tuple(row.warnings.split()),
        area_verdict=row.area_verdict,
        entered_by=row.entered_by,
        entered_at=row.entered_at,
        changed_by=row.changed_by,
        changed_at=row.changed_at,
        change_count=row.change_count,
    )


@dataclass(frozen=True, slots=True)
class EntryCard:
    """One entry with everything entered, to look at or to change. Parties are masked unless asked for in the clear."""

    row: EntryRow
    draft: EntryDraft
    version: int
    volume_weight: Decimal | None
    receipt_no: str
    told: bool
    area_id: int | None


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A change of a field, as it was kept."""

    at: datetime
    by: str
    field: str
    old: str
    new: str
    reason: str


def get(actor: Actor, waybill: str, *, clear: bool = False) -> EntryCard:
    """One entry in reach, or ``NotFound``. ``clear`` is for whoever may change it (WAYBILL_ENTER), who typed it in."""
    _require(actor)
    if clear:
        people.require(actor, Permission.WAYBILL_ENTER)
    found = access.get_for(actor, clean_waybill(waybill))
    row = access.visible_to(actor).select_related("parcel__parties", "parcel__standing").get(pk=found.pk)
    names = {pk: site.name for pk, site in people_queries.sites_by_id().items()}
    parcel = amending.draft_of(actor, row.waybill)
    draft = _draft(row, parcel if clear else _masked(parcel))
    return EntryCard(_row(row, names, clear=clear), draft, row.version, parcel.volume_weight, row.receipt_no, row.told, row.area_id)


def _masked(parcel: ParcelDraft) -> ParcelDraft:
    return replace(parcel, sender=_hidden(parcel.sender), receiver=_hidden(parcel.receiver))


def _hidden(party: Party) -> Party:
    return Party(mask_name(party.name), mask_phone(party.phone), mask_address(party.address), party.company)


def _draft(row: Entry, parcel: ParcelDraft) -> EntryDraft:
    return EntryDraft(
        waybill=row.waybill,
        site_id=row.site_id,
        sent_on=row.sent_on,
        collector=parcel.collected_by,
        sender=parcel.sender,
        receiver=parcel.receiver,
        deliver_site_id=parcel.site_id,
        carrier=parcel.carrier,
        scope=parcel.scope,
        goods=parcel.goods,
        pieces=parcel.pieces,
        weight=parcel.weight,
        length=parcel.length,
        width=parcel.width,
        height=parcel.height,
        packaging=parcel.packaging,
        payment=parcel.payment,
        fee_amount=parcel.fee_amount,
        freight_amount=parcel.freight_amount,
        cod_amount=parcel.cod_amount,
        insured_amount=parcel.insured_amount,
        insurance_fee=parcel.insurance_fee,
        receipt_kind=parcel.receipt_kind,
        receipt_no=row.receipt_no,
        sub_waybills=parcel.sub_waybills,
        product=parcel.product,
        promised_at=parcel.promised_at,
        postal=parcel.postal,
        id_verified=parcel.id_verified,
        told=row.told,
        remark=parcel.remark,
    )


def history(actor: Actor, waybill: str) -> list[ChangeLine]:
    """Changes of an entry in reach, newest first, at most 300."""
    _require(actor)
    row = access.get_for(actor, clean_waybill(waybill))
    lines = EntryChange.objects.filter(entry=row).order_by("-pk")[:300]
    return [ChangeLine(one.at, one.by, one.field, one.old, one.new, one.reason) for one in lines]


@dataclass(frozen=True, slots=True)
class Rate:
    """录单率 of a time: of the parcels collected at the sites, how many are entered. Formula: entered ÷ collected."""

    collected: int
    entered: int

    @property
    def share(self) -> float | None:
        """Between 0 and 1; nothing when nothing was collected."""
        return self.entered / self.collected if self.collected else None


def rate(actor: Actor, *, day_from: date, day_to: date, site_id: int | None = None) -> Rate:
    """The rate of the days (both included, at most three months) at the sites in reach. One statement over the scans of these days."""
    _require(actor)
    since, until = midnight(day_from), midnight(min(day_to, day_from + _LONGEST_SPAN) + timedelta(days=1))
    sites = [site_id] if site_id is not None else [site.pk for site in people.visible_sites(actor)]
    sites = [one for one in sites if actor.reaches(one)]
    if not sites:
        return Rate(0, 0)
    adapt = connection.ops.adapt_datetimefield_value
    marks = ", ".join(["%s"] * len(sites))
    sql = (
        f"SELECT COUNT(DISTINCT s.waybill), COUNT(DISTINCT e.waybill) FROM {tables.SCANS} s "
        f"LEFT JOIN {Entry._meta.db_table} e ON e.waybill = s.waybill "
        f"WHERE s.site_id IN ({marks}) AND s.code = %s AND s.scanned_at >= %s AND s.scanned_at < %s "
        f"AND NOT EXISTS (SELECT 1 FROM {tables.VOIDS} v WHERE v.scan_id = s.id)"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [*sites, ScanCode.COLLECT.value, adapt(since), adapt(until)])
        collected, entered = cursor.fetchone()
    return Rate(collected, entered)


@dataclass(frozen=True, slots=True)
class CollectionRow:
    """A parcel taken over; ``entered``: its waybill is entered."""

    id: int
    waybill: str
    site_id: int
    site: str
    collector: str
    weight: Decimal | None
    collected_at: datetime
    entered: bool
    by: str


def collections(
    actor: Actor,
    *,
    site_id: int | None = None,
    collector: str = "",
    day: date | None = None,
    waybill: str = "",
    cursor: str | None = None,
    size: int = 50,
) -> Page[CollectionRow]:
    """What was taken over, newest first, each with whether it is entered."""
    found = keyset_page(
        _collections(actor, site_id=site_id, collector=collector, day=day, waybill=waybill),
        [Order("pk", descending=True)],
        size=size,
        cursor=cursor,
    )
    names = {pk: site.name for pk, site in people_queries.sites_by_id().items()}
    entered = set(Entry.objects.filter(waybill__in=[row.waybill for row in found.rows]).values_list("waybill", flat=True))
    rows = [
        CollectionRow(
            row.pk,
            row.waybill,
            row.site_id,
            names.get(row.site_id, ""),
            row.collector,
            row.weight,
            row.collected_at,
            row.waybill in entered,
            row.by,
        )
        for row in found.rows
    ]
    return Page(rows, found.next, found.previous)


def collection_count(
    actor: Actor, *, site_id: int | None = None, collector: str = "", day: date | None = None, waybill: str = ""
) -> CappedCount:
    """How many that are."""
    return capped_count(_collections(actor, site_id=site_id, collector=collector, day=day, waybill=waybill))


def _collections(actor: Actor, *, site_id: int | None, collector: str, day: date | None, waybill: str) -> QuerySet[Collection]:
    _require(actor)
    rows = access.collections_for(actor)
    exact = {"site_id": site_id, "collector": collector, "waybill": clean_waybill(waybill)}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    return rows.filter(**on_days("collected_at", day, day))


@dataclass(frozen=True, slots=True)
class VoidRow:
    """A void number."""

    id: int
    waybill: str
    site_id: int
    site: str
    reason: str
    by: str
    at: datetime


def voids(actor: Actor, *, waybill: str = "", site_id: int | None = None, cursor: str | None = None, size: int = 50) -> Page[VoidRow]:
    """Void numbers of the sites in reach, newest first."""
    _require(actor)
    rows = access.voids_for(actor)
    exact = {"site_id": site_id, "waybill": clean_waybill(waybill)}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    found = keyset_page(rows, [Order("pk", descending=True)], size=size, cursor=cursor)
    names = {pk: site.name for pk, site in people_queries.sites_by_id().items()}
    return Page(
        [VoidRow(one.pk, one.waybill, one.site_id, names.get(one.site_id, ""), one.reason, one.by, one.at) for one in found.rows],
        found.next,
        found.previous,
    )


def day_counts(actor: Actor, today: date) -> tuple[CappedCount, CappedCount]:
    """Today's entries, and those of today with warnings, at the sites in reach."""
    wanted = EntryFilter(day_from=today, day_to=today)
    return count(actor, wanted), count(actor, EntryFilter(day_from=today, day_to=today, doubtful=True))


def scale_of(waybill: str) -> Decimal | None:
    """What the scale said at collection, for the form."""
    return Collection.objects.filter(waybill=clean_waybill(waybill)).order_by("-pk").values_list("weight", flat=True).first()
