"""Every write of served areas: adding, changing from a day on, ending, correcting a note (R19, R47)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Stale
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.areas import access, limits
from kefu.station.areas.addresses import split
from kefu.station.areas.drafts import AreaDraft
from kefu.station.areas.errors import AreaEnded, AreaRefused, NoticeTooShort
from kefu.station.areas.models import AreaBook, ServedArea
from kefu.station.areas.rules import draft_problem, earliest_start, overlaps, place_words, too_early


@dataclass(frozen=True, slots=True)
class AreaCounts:
    """Outcome of a bulk write: new rows, rows that were there already, places and reasons of those not taken."""

    stored: int
    present: int
    refused: Sequence[tuple[int, str]]


# Between the places of a row as it is kept: names of places, whatever the reader's language.
_BETWEEN = "、"


def area_ref(area: ServedArea) -> Ref:
    """How other records point at a row."""
    return Ref("area", area.pk, area.region)


def add_area(*, actor: Actor, site_id: int, draft: AreaDraft, now: datetime) -> ServedArea:
    """Add a row to a site's table; refused with the field when it cannot be (R47: a change is published before it takes effect)."""
    people.require(actor, Permission.AREA_EDIT)
    people.require_site(actor, site_id)
    with transaction.atomic():
        book = _claim(site_id, now)
        return _add(actor, book, _read(draft, site_id), now)


def add_areas(*, actor: Actor, site_id: int, drafts: Sequence[AreaDraft], now: datetime) -> AreaCounts:
    """Add many rows of one site, each by itself: those already there are counted, wrong ones refused with a code."""
    people.require(actor, Permission.AREA_EDIT)
    people.require_site(actor, site_id)
    refused: list[tuple[int, str]] = []
    stored = present = 0
    with transaction.atomic():
        book = _claim(site_id, now)
        first = is_first(site_id, now)
        for place, draft in enumerate(drafts):
            try:
                wanted = _read(draft, site_id)
                if _same(site_id, wanted):
                    present += 1
                    continue
                _add(actor, book, wanted, now, first=first)
                stored += 1
            except (AreaRefused, NoticeTooShort) as refusal:
                refused.append((place, refusal.reason))
    return AreaCounts(stored, present, refused)


def is_first(site_id: int, now: datetime) -> bool:
    """Whether a site's table is only being set up: it has no row, or none from before today. Nothing of it is a change yet."""
    oldest = ServedArea.objects.filter(site_id=site_id).order_by("entered_at").values_list("entered_at", flat=True).first()
    return oldest is None or timezone.localdate(oldest) >= timezone.localdate(now)


def change_area(*, actor: Actor, area_id: int, version: int, draft: AreaDraft, now: datetime) -> ServedArea:
    """What is done for the row's place changes from ``draft.valid_from`` on: the row ends there and a new one begins.

    The region of the draft is not looked at. ``version`` is the row's, as the page showed it; raises ``Stale`` when somebody was first.
    """
    area = access.get_for_change(actor, area_id)
    _require_version(area, version)
    draft = replace(draft, region=area.region, places=area.places)
    if draft.valid_from <= area.valid_from:
        raise AreaRefused("area_period")
    if area.valid_to is not None and area.valid_to <= draft.valid_from:
        raise AreaEnded
    with transaction.atomic():
        book = _claim(area.site_id, now)
        _check_notice(draft, area.site_id, now, first=False)
        _end(actor, area, draft.valid_from, draft.published_on, now)
        return _add(actor, book, draft, now, first=True)


def end_area(*, actor: Actor, area_id: int, version: int, valid_to: date, published_on: date, now: datetime) -> ServedArea:
    """The row holds no longer from ``valid_to`` on; published before like any change. A suspension may end at once."""
    area = access.get_for_change(actor, area_id)
    _require_version(area, version)
    if area.valid_to is not None and area.valid_to <= valid_to:
        raise AreaEnded
    if valid_to <= area.valid_from:
        raise AreaRefused("area_period")
    ending = AreaDraft(area.region, area.kind, valid_to, published_on, note=area.note)
    if reason := draft_problem(ending, today=timezone.localdate(now)):
        raise AreaRefused(reason)
    with transaction.atomic():
        _claim(area.site_id, now)
        _check_notice(ending, area.site_id, now, first=False)
        _end(actor, area, valid_to, published_on, now)
    return area


def correct_note(*, actor: Actor, area_id: int, version: int, note: str, now: datetime) -> ServedArea:
    """Other words in the note; what is promised stays."""
    area = access.get_for_change(actor, area_id)
    _require_version(area, version)
    if len(note) > 200:
        raise AreaRefused("area_too_long")
    with transaction.atomic():
        old = area.note
        save_claimed(area, note=note.strip())
        data = {"old": old, "new": area.note}
        audit.record(actor, "area.note_corrected", area_ref(area), now=now, site_id=area.site_id, data=data)
    return area


def _require_version(area: ServedArea, version: int) -> None:
    if area.version != version:
        raise Stale


def _claim(site_id: int, now: datetime) -> AreaBook:
    """The site's table, claimed: whoever writes to it at the same moment waits or is told to look again."""
    book, _made = AreaBook.objects.get_or_create(site_id=site_id, defaults={"changed_at": now})
    save_claimed(book, changed_at=now)
    return book


def _read(draft: AreaDraft, site_id: int) -> AreaDraft:
    """The draft with its region as a path; refused when the place is not certain down to the district."""
    sites = people_queries.sites_by_id()
    region = split(draft.region.replace("/", ""), near=sites[site_id].city if site_id in sites else "")
    if not region.known or len(region.path) > 160:
        raise AreaRefused("area_region")
    # What stands behind the village is a road or an estate the row is meant for.
    words = place_words(f"{draft.places}、{region.rest}")
    return replace(draft, region=region.path, places=_BETWEEN.join(dict.fromkeys(words)), note=draft.note.strip())


def _check_notice(draft: AreaDraft, site_id: int, now: datetime, *, first: bool) -> None:
    stated = limits.notice(site_id, now)
    if stated is not None and too_early(draft, notice_days=stated.number, first=first):
        earliest = earliest_start(draft.published_on, stated.number)
        raise NoticeTooShort(published_on=draft.published_on, earliest=earliest, clause=stated.clause)


def _add(actor: Actor, book: AreaBook, draft: AreaDraft, now: datetime, *, first: bool | None = None) -> ServedArea:
    if reason := draft_problem(draft, today=timezone.localdate(now)):
        raise AreaRefused(reason)
    _check_notice(draft, book.site_id, now, first=is_first(book.site_id, now) if first is None else first)
    if overlaps(draft, ServedArea.objects.filter(site_id=book.site_id, region=draft.region, places=draft.places)):
        raise AreaRefused("area_overlap")
    area = ServedArea(
        site_id=book.site_id,
        region=draft.region,
        depth=draft.region.count("/") + 1,
        places=draft.places,
        kind=draft.kind,
        valid_from=draft.valid_from,
        valid_to=draft.valid_to,
        published_on=draft.published_on,
        surcharge=draft.surcharge,
        note=draft.note,
        entered_by=actor.name[:80],
        entered_at=now,
    )
    try:
        with transaction.atomic():
            area.save(force_insert=True)
    except IntegrityError as error:
        raise AreaRefused("area_overlap") from error
    audit.record(actor, "area.added", area_ref(area), now=now, site_id=area.site_id, data=_told(area))
    return area


def _end(actor: Actor, area: ServedArea, valid_to: date, published_on: date, now: datetime) -> None:
    save_claimed(area, valid_to=valid_to)
    data = {"valid_to": f"{valid_to}", "published_on": f"{published_on}", "kind": area.kind}
    audit.record(actor, "area.ended", area_ref(area), now=now, site_id=area.site_id, data=data)


def _told(area: ServedArea) -> dict[str, str]:
    told = {
        "kind": area.kind,
        "valid_from": f"{area.valid_from}",
        "valid_to": f"{area.valid_to or ''}",
        "published_on": f"{area.published_on}",
        "places": area.places,
        "surcharge": f"{area.surcharge}",
        "note": area.note,
    }
    return {name: value for name, value in told.items() if value}


def _same(site_id: int, draft: AreaDraft) -> bool:
    """Whether this very row is there (an import run twice)."""
    rows = ServedArea.objects.filter(site_id=site_id, region=draft.region, places=draft.places, kind=draft.kind)
    return rows.filter(valid_from=draft.valid_from, valid_to=draft.valid_to).exists()
