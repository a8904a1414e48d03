"""Reads of signing: sign-offs, their history, signatures that look false, the day's rate (O10)."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone

from kefu.handbook import queries as handbooks
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_name, mask_text
from kefu.kernel.moment import midnight, on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, capped_counts, keyset_page
from kefu.parcels.signatures import DayCounts, day_counts
from kefu.parcels.waybills import clean_waybill
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.signing import access
from kefu.station.signing.limits import limits_of
from kefu.station.signing.models import SignEdit, SignOff, SignProof, Suspicion
from kefu.station.signing.words import Stage

__all__ = [
    "Edit",
    "Proof",
    "Rate",
    "SignFilter",
    "SignRow",
    "Suspicion",
    "SuspicionFilter",
    "count",
    "count_suspicions",
    "history",
    "of_waybill",
    "one",
    "page",
    "proofs",
    "rate",
    "suspicions",
    "today",
]


@dataclass(frozen=True, slots=True)
class SignFilter:
    """What a list of sign-offs shows; empty values do not narrow it."""

    waybill: str = ""
    stage: str = ""
    signer: str = ""
    situation: str = ""
    courier: str = ""
    entered_id: int | None = None
    site_id: int | None = None
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class SignRow:
    """A sign-off in a list or on its page; names masked unless the reader asked for them clear. Amounts in yuan."""

    id: int
    version: int
    waybill: str
    piece: str
    site_id: int
    site: str
    stage: str
    signed_at: datetime
    out_at: datetime | None
    courier: str
    signer: str
    signer_name: str
    relation: str
    situation: str
    part: int
    pieces: int
    place: str
    consent_by: str
    consent_how: str
    cod_collected: Decimal
    freight_collected: Decimal
    note: str
    entered_at: datetime
    entered_by: str
    undone_at: datetime | None
    undone_by: str
    undone_why: str


@dataclass(frozen=True, slots=True)
class Edit:
    """A change: field to old and new value, masked where they name somebody."""

    at: datetime
    by: str
    what: str
    changes: dict[str, tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Proof:
    """A picture kept with a sign-off."""

    id: int
    name: str
    size: int
    added_at: datetime
    added_by: str


_NAMES = ("signer_name", "consent_by")


def page(actor: Actor, wanted: SignFilter, *, cursor: str | None = None, size: int = 50, clear: bool = False) -> Page[SignRow]:
    """Sign-offs in reach, the last signed first. ``clear``: names unmasked, for who may; what leaves is audited by the caller."""
    if clear:
        people.require(actor, Permission.PERSONAL_UNMASK)
    order = [Order("signed_at", descending=True), Order("pk", descending=True)]
    found = keyset_page(_narrowed(actor, wanted).select_related("site"), order, size=size, cursor=cursor)
    return Page([_row(one, clear=clear) for one in found.rows], found.next, found.previous)


def count(actor: Actor, wanted: SignFilter) -> CappedCount:
    """How many, up to the cap."""
    return capped_count(_narrowed(actor, wanted))


def _narrowed(actor: Actor, wanted: SignFilter) -> QuerySet[SignOff]:
    rows = access.visible_to(actor)
    exact = {name: getattr(wanted, name) for name in ("stage", "signer", "situation", "courier", "entered_id", "site_id")}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.waybill:
        rows = rows.filter(waybill=clean_waybill(wanted.waybill))
    return rows.filter(**on_days("signed_at", wanted.since, wanted.until))


def one(actor: Actor, sign_off_id: int, *, clear: bool = False) -> SignRow:
    """One sign-off in reach."""
    if clear:
        people.require(actor, Permission.PERSONAL_UNMASK)
    return _row(access.get_for(actor, sign_off_id), clear=clear)


def _row(row: SignOff, *, clear: bool) -> SignRow:
    values = {name: getattr(row, name) for name in SignRow.__dataclass_fields__ if name not in ("id", "site")}
    if not clear:
        values |= {"signer_name": mask_name(row.signer_name), "consent_by": mask_name(row.consent_by), "note": mask_text(row.note)}
    return SignRow(id=row.pk, site=row.site.name, **values)


def history(actor: Actor, sign_off_id: int) -> list[Edit]:
    """Changes of a sign-off, the last first."""
    row = access.get_for(actor, sign_off_id)
    return [_edit(one) for one in SignEdit.objects.filter(sign_off=row).order_by("-pk")[:200]]


def _edit(one: SignEdit) -> Edit:
    changes = json.loads(one.changes or "{}")
    shown = {name: tuple(mask_name(text) if name in _NAMES else mask_text(text) for text in pair) for name, pair in changes.items()}
    return Edit(one.at, one.by, one.what, shown)  # type: ignore[arg-type]


def proofs(actor: Actor, sign_off_id: int) -> list[Proof]:
    """Pictures of a sign-off."""
    row = access.get_for(actor, sign_off_id)
    found = SignProof.objects.filter(sign_off=row).order_by("pk")
    return [Proof(one.pk, one.name, one.size, one.added_at, one.added_by) for one in found]


@dataclass(frozen=True, slots=True)
class SuspicionFilter:
    """What a list of signatures that look false shows."""

    waybill: str = ""
    pattern: str = ""
    courier: str = ""
    site_id: int | None = None
    since: date | None = None
    until: date | None = None
    cleared: str = ""


def suspicions(actor: Actor, wanted: SuspicionFilter, *, cursor: str | None = None, size: int = 50) -> Page[Suspicion]:
    """Signatures that look false, of sites in reach, the last day first."""
    order = [Order("day", descending=True), Order("pk", descending=True)]
    return keyset_page(_suspected(actor, wanted).select_related("site"), order, size=size, cursor=cursor)


def count_suspicions(actor: Actor, wanted: SuspicionFilter) -> CappedCount:
    """How many, up to the cap."""
    return capped_count(_suspected(actor, wanted))


def _suspected(actor: Actor, wanted: SuspicionFilter) -> QuerySet[Suspicion]:
    rows = access.suspicions(actor)
    exact = {name: getattr(wanted, name) for name in ("pattern", "courier", "site_id")}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if wanted.waybill:
        rows = rows.filter(waybill=clean_waybill(wanted.waybill))
    if wanted.since is not None:
        rows = rows.filter(day__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(day__lte=wanted.until)
    if wanted.cleared in ("no", "yes"):
        rows = rows.filter(cleared_at__isnull=wanted.cleared == "no")
    return rows


def of_waybill(actor: Actor, waybill: str) -> tuple[list[SignRow], list[Suspicion]]:
    """Sign-offs of a number and what looks false about them: for whoever hears "I did not get it"."""
    number = clean_waybill(waybill)
    rows = access.visible_to(actor).filter(waybill=number).select_related("site").order_by("-pk")[:20]
    return [_row(one, clear=False) for one in rows], list(access.suspicions(actor).filter(waybill=number).order_by("-pk")[:20])


def today(actor: Actor, now: datetime) -> tuple[CappedCount, CappedCount, CappedCount]:
    """Signed today, waiting in store, signatures to be looked into: one statement."""
    live = access.visible_to(actor)
    signed = live.filter(stage=Stage.SIGNED, signed_at__gte=midnight(timezone.localdate(now)))
    week = timezone.localdate(now) - timedelta(days=7)
    open_ = access.suspicions(actor).filter(cleared_at=None, day__gte=week)
    found = capped_counts([signed, live.filter(stage=Stage.STORED), open_])
    return found[0], found[1], found[2]


@dataclass(frozen=True, slots=True)
class Rate:
    """The rate of signatures of a site-day: its counts, the share from 0 to 1, and the clause that sets the hour."""

    counts: DayCounts
    share: float | None
    cutoff: int
    clause: str


def rate(actor: Actor, site_id: int, day: date, *, now: datetime) -> Rate | None:
    """当日签收率 = (当日签收 + 驿站入库未出库) / 中心发出 (O10); nothing where the handbook states no hour or the site has no hub."""
    people.require(actor, Permission.PARCEL_VIEW)
    site = people.get_site(actor, site_id)
    hour = limits_of(handbooks.book_at(site.handbook, now)).rate_cutoff_hour
    if hour is None or site.parent_id is None:
        return None
    start = midnight(day)
    cut = start + timedelta(hours=hour.number)
    counts = day_counts(site_id, site.parent_id, (cut - timedelta(days=1), cut), (start, start + timedelta(days=1)))
    share = (counts.signed + counts.stored) / counts.sent if counts.sent else None
    return Rate(counts, share, int(hour.number), hour.clause)
