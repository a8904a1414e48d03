"""Reads of served areas: what a site does for an address, which site serves it, and whether a claim of 超区 is wrong (R19, R47, O7)."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, NotFound
from kefu.kernel.models import AuditEntry
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.people import queries as people_queries
from kefu.people.errors import MissingPermission
from kefu.people.permissions import Permission
from kefu.station.areas import access
from kefu.station.areas.addresses import Region, split
from kefu.station.areas.models import ServedArea
from kefu.station.areas.rules import Ruling, ancestors, ruling
from kefu.station.areas.vocabulary import SERVED, Verdict

_ADDRESS_WANTED = _("请填写要查的地址。")


@dataclass(frozen=True, slots=True)
class Area:
    """A row of an area table."""

    id: int
    site_id: int
    site: str
    region: str
    places: str
    kind: str
    valid_from: date
    valid_to: date | None
    published_on: date
    surcharge: Decimal
    note: str
    entered_by: str
    entered_at: datetime
    version: int

    @property
    def name(self) -> str:
        """The place in words."""
        return self.region.replace("/", "") + (f"（{self.places}）" if self.places else "")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a site does for an address on a day, and the row that says so; no row: the table says nothing."""

    verdict: str
    region: Region
    area: Area | None = None

    @property
    def served(self) -> bool | None:
        """Whether parcels go there (home or station); unknown when the table does not tell."""
        if self.verdict in (Verdict.UNKNOWN, Verdict.PARTLY):
            return None
        return self.verdict in SERVED


@dataclass(frozen=True, slots=True)
class Serving:
    """A site that has the address in its table."""

    site_id: int
    site: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Claim:
    """Whether "out of area" is right. ``wrong``: the address is in the site's published area; ``None``: the table does not tell."""

    wrong: bool | None
    answer: Answer


def served(site_id: int, destination: str, on: date) -> Answer:
    """What a site does for an address or a region path on a day, by its published table. Two queries at most.

    For decisions of other rooms; it shows no personal data and asks for no permission of its own.
    """
    sites = people_queries.sites_by_id()
    site = sites.get(site_id)
    region = split(destination.replace("/", ""), near=site.city if site else "")
    return _answer(_near(region).filter(site_id=site_id), region, destination, on, {site_id: site.name if site else ""})


def claim_check(site_id: int, destination: str, on: date) -> Claim:
    """Whether a site that claims an address to be out of its area is wrong (O7: wrong claim, liability)."""
    answer = served(site_id, destination, on)
    return Claim(answer.served, answer)


def serving(destination: str, on: date, *, near: str = "") -> list[Serving]:
    """Sites whose tables speak of an address on a day: home delivery first, then the narrowest row. One query."""
    region = split(destination.replace("/", ""), near=near)
    names = {pk: site.name for pk, site in people_queries.sites_by_id().items() if site.is_active}
    return _ranked(list(_near(region)), region, destination, on, names)


def _ranked(rows: list[ServedArea], region: Region, address: str, on: date, names: dict[int, str]) -> list[Serving]:
    by_site: dict[int, list[ServedArea]] = defaultdict(list)
    for row in rows:
        if row.site_id in names:
            by_site[row.site_id].append(row)
    found = []
    for site_id, of_site in by_site.items():
        said = ruling(of_site, path=region.path, address=address, on=on)
        if said.row is not None:
            found.append(Serving(site_id, names[site_id], _told(said, of_site, region, names)))
    return sorted(found, key=_rank)


def _rank(one: Serving) -> tuple[int, int, int]:
    return list(Verdict.values).index(one.answer.verdict), -len(one.answer.area.region if one.answer.area else ""), one.site_id


class AreaMap:
    """All rows in force on a day, for many addresses at once: one query, then none."""

    def __init__(self, on: date) -> None:
        self._on = on
        self._names = {pk: site.name for pk, site in people_queries.sites_by_id().items() if site.is_active}
        self._rows: dict[str, list[ServedArea]] = defaultdict(list)
        rows = ServedArea.objects.filter(valid_from__lte=on, site_id__in=self._names).exclude(valid_to__lte=on)
        for row in rows.iterator(2000):
            # Under everything it lies in: what is asked for may be less exact than the row.
            for above in ancestors(row.region):
                self._rows[above].append(row)

    def serving(self, destination: str, *, near: str = "") -> list[Serving]:
        """As ``serving``."""
        region = split(destination.replace("/", ""), near=near)
        found = {row.pk: row for above in ancestors(region.path) for row in self._rows.get(above, ()) if row.region == above}
        found |= {row.pk: row for row in self._rows.get(region.path, ())}
        return _ranked(list(found.values()), region, destination, self._on, self._names)


def _near(region: Region) -> QuerySet[ServedArea]:
    """Rows of the region, of what it lies in, and of what lies in it."""
    if not region.province:
        return ServedArea.objects.none()
    return ServedArea.objects.filter(Q(region__in=ancestors(region.path)) | Q(region__startswith=f"{region.path}/"))


def _answer(rows: QuerySet[ServedArea], region: Region, address: str, on: date, names: dict[int, str]) -> Answer:
    found = list(rows)
    return _told(ruling(found, path=region.path, address=address, on=on), found, region, names)


def _told(said: Ruling, rows: list[ServedArea], region: Region, names: dict[int, str]) -> Answer:
    area = next((row for row in rows if row.pk == said.row), None)
    return Answer(said.verdict, region, _area(area, names) if area else None)


def _area(row: ServedArea, names: dict[int, str], reader: Actor | None = None) -> Area:
    """A row; who entered it is told to readers of its own site alone (SEC2)."""
    return Area(
        id=row.pk,
        site_id=row.site_id,
        site=names.get(row.site_id, ""),
        region=row.region,
        places=row.places,
        kind=row.kind,
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        published_on=row.published_on,
        surcharge=row.surcharge,
        note=row.note,
        entered_by=row.entered_by if reader is not None and reader.reaches(row.site_id) else "",
        entered_at=row.entered_at,
        version=row.version,
    )


@dataclass(frozen=True, slots=True)
class AreaFilter:
    """What a list of areas shows. ``on``: rows in force on that day; ``coming``: those that begin after it; ``text``: part of the place."""

    site_id: int | None = None
    kind: str = ""
    on: date | None = None
    coming: date | None = None
    text: str = ""


def rows_for(actor: Actor, wanted: AreaFilter) -> QuerySet[ServedArea]:
    """Rows an actor sees by a filter."""
    if not access.may_read(actor):
        raise MissingPermission(Permission.AREA_EDIT)
    rows = access.visible_to(actor)
    if wanted.site_id is not None:
        rows = rows.filter(site_id=wanted.site_id)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.on is not None:
        rows = rows.filter(valid_from__lte=wanted.on).filter(Q(valid_to=None) | Q(valid_to__gt=wanted.on))
    if wanted.coming is not None:
        rows = rows.filter(Q(valid_from__gt=wanted.coming) | Q(valid_to__gt=wanted.coming))
    for word in wanted.text.split()[:6]:
        rows = rows.filter(Q(region__icontains=word) | Q(places__icontains=word) | Q(note__icontains=word))
    return rows


def page(actor: Actor, wanted: AreaFilter, *, cursor: str | None = None, size: int = 50) -> Page[Area]:
    """Rows by place: what belongs together stands together."""
    order = [Order("region"), Order("pk", descending=True)]
    found = keyset_page(rows_for(actor, wanted), order, size=size, cursor=cursor)
    names = {pk: site.name for pk, site in people_queries.sites_by_id().items()}
    return Page([_area(row, names, actor) for row in found.rows], found.next, found.previous)


def count(actor: Actor, wanted: AreaFilter) -> CappedCount:
    """How many rows that are."""
    return capped_count(rows_for(actor, wanted))


def get(actor: Actor, area_id: int) -> Area:
    """One row, or ``NotFound``."""
    if not access.may_read(actor):
        raise MissingPermission(Permission.AREA_EDIT)
    row = access.visible_to(actor).select_related("site").filter(pk=area_id).first()
    if row is None:
        raise NotFound
    return _area(row, {row.site_id: row.site.name}, actor)


@dataclass(frozen=True, slots=True)
class AreaChange:
    """Something done to a row: when, by whom, what (``area.added`` …), with its values."""

    at: datetime
    by: str
    action: str
    data: dict[str, str]


def history(actor: Actor, area_id: int) -> list[AreaChange]:
    """What happened to a row and to the others of its place, newest first, at most 100."""
    area = get(actor, area_id)
    ids = list(ServedArea.objects.filter(site_id=area.site_id, region=area.region, places=area.places).values_list("pk", flat=True))
    entries = AuditEntry.objects.filter(subject_kind="area", subject_id__in=ids).order_by("-pk")[:100]
    return [AreaChange(entry.at, entry.actor_name, entry.action, dict(entry.data)) for entry in entries]


def timeline(actor: Actor, area_id: int) -> list[Area]:
    """All rows of the row's place at its site, newest first: what was promised when."""
    area = get(actor, area_id)
    rows = ServedArea.objects.filter(site_id=area.site_id, region=area.region, places=area.places).order_by("-valid_from", "-pk")[:100]
    return [_area(row, {area.site_id: area.site}, actor) for row in rows]


def checked(actor: Actor, site_id: int, destination: str, on: date) -> Answer:
    """``served`` for a screen: refused without a permission to look at areas, or without an address."""
    if not access.may_read(actor):
        raise MissingPermission(Permission.AREA_EDIT)
    if not destination.strip():
        raise Invalid(fields={"destination": _ADDRESS_WANTED})
    return served(site_id, destination, on)
