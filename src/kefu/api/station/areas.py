"""Served areas over the API: what a site does for an address, which site serves it, changing the table (R19, R47).

The list is `/lists/areas`.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from django.utils import timezone
from ninja import Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.conversations import RefusedRow
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.station.areas import actions, queries
from kefu.station.areas.addresses import Region as SplitRegion
from kefu.station.areas.addresses import split
from kefu.station.areas.blocks import read_block
from kefu.station.areas.drafts import AreaDraft
from kefu.station.areas.queries import Answer
from kefu.station.areas.rules import REASONS

router = Router(tags=["station: areas (OPS2)"])
MOST_AREAS = 500
Version = Annotated[int, Field(ge=0, description="The version the caller saw; a row changed since then is refused as stale.")]


class Region(Schema):
    """An address taken apart; not `certain` when the name fits several places."""

    province: str
    city: str
    district: str
    street: str
    village: str
    rest: str
    code: str
    path: str
    certain: bool


def shown_region(region: SplitRegion) -> Region:
    """A region as the API shows it."""
    return Region.model_validate(region, from_attributes=True)


class SplitWanted(Schema):
    """An address, or a pasted party with name and phone; `near` is a city that decides between places of the same name."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=600)
    near: str = Field("", max_length=40)


class SplitParty(Schema):
    """A pasted text taken apart: the party and the region of its address."""

    name: str
    phone: str
    company: str
    address: str
    region: Region


@router.post("/addresses/split", response=SplitParty)
def split_address(request: ApiRequest, body: SplitWanted) -> SplitParty:  # noqa: ARG001
    """Take `张三 13800000000 浙江省杭州市…` apart into fields, and the address into province, city, district and street (OPS2)."""
    block = read_block(body.text, near=body.near)
    address = block.address or body.text
    return SplitParty(
        name=block.name,
        phone=block.phone,
        company=block.company,
        address=block.address,
        region=shown_region(split(address, near=body.near)),
    )


class AreaRow(Schema):
    """A row of an area table. `valid_to` is the first day it no longer holds."""

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


class AreaAnswer(Schema):
    """What a site does for an address on a day: `home`, `station`, `none`, `suspended`, `partly`, `unknown`; and the row that says so."""

    verdict: str
    served: bool | None
    region: Region
    area: AreaRow | None


def shown_answer(answer: Answer) -> AreaAnswer:
    """An answer as the API shows it."""
    return AreaAnswer(
        verdict=answer.verdict,
        served=answer.served,
        region=shown_region(answer.region),
        area=AreaRow.model_validate(answer.area, from_attributes=True) if answer.area else None,
    )


class ServedWanted(Schema):
    """A site, an address, a day (today if none)."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    address: str = Field(min_length=1, max_length=400)
    on: date | None = None


@router.post("/areas/served", response=AreaAnswer)
def ask_served(request: ApiRequest, body: ServedWanted) -> AreaAnswer:
    """What a site does for an address on a day, by its published table (R19). By POST, so that the address stands in no log."""
    on = body.on or timezone.localdate(moment.now())
    return shown_answer(queries.checked(request.actor, body.site, body.address, on))


class ServingWanted(Schema):
    """An address, a day (today if none), the city of who asks."""

    model_config = ConfigDict(extra="forbid")
    address: str = Field(min_length=1, max_length=400)
    on: date | None = None
    near: str = Field("", max_length=40)


class ServingSite(Schema):
    """A site whose table speaks of the address."""

    site_id: int
    site: str
    answer: AreaAnswer


@router.post("/areas/serving", response=list[ServingSite])
def ask_serving(request: ApiRequest, body: ServingWanted) -> list[ServingSite]:  # noqa: ARG001
    """Sites that have the address in their tables: home delivery first, then the narrowest row."""
    found = queries.serving(body.address, body.on or timezone.localdate(moment.now()), near=body.near)
    return [ServingSite(site_id=one.site_id, site=one.site, answer=shown_answer(one.answer)) for one in found[:50]]


class NewArea(Schema):
    """A row to add. `region`: an address or path down to what it is meant for; roads behind it narrow it."""

    model_config = ConfigDict(extra="forbid")
    region: str = Field(min_length=1, max_length=200)
    kind: str = Field(max_length=10)
    valid_from: date
    published_on: date
    valid_to: date | None = None
    places: str = Field("", max_length=200)
    surcharge: Decimal = Decimal(0)
    note: str = Field("", max_length=200)


class NewAreas(Schema):
    """Rows of one site's table."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    areas: list[NewArea] = Field(min_length=1, max_length=MOST_AREAS)


class AreasAdded(Schema):
    """Outcome: new rows, rows that were there already, rows not taken with their reasons."""

    stored: int
    present: int
    refused: list[RefusedRow]


@router.post("/areas", response=AreasAdded)
def add_areas(request: ApiRequest, body: NewAreas) -> AreasAdded:
    """Add up to 500 rows to a site's table, each by itself. A change takes effect ten days after it was published (R47)."""
    drafts = [AreaDraft(**one.model_dump()) for one in body.areas]
    done = actions.add_areas(actor=request.actor, site_id=body.site, drafts=drafts, now=moment.now())
    refused = [RefusedRow(place=place, code=code, message=str(REASONS[code])) for place, code in done.refused]
    return AreasAdded(stored=done.stored, present=done.present, refused=refused)


class AreaChanged(Schema):
    """What is done for the row's place from `valid_from` on."""

    model_config = ConfigDict(extra="forbid")
    kind: str = Field(max_length=10)
    valid_from: date
    published_on: date
    valid_to: date | None = None
    surcharge: Decimal = Decimal(0)
    note: str = Field("", max_length=200)
    version: Version


@router.get("/areas/{int:area_id}", response=AreaRow)
def read_area(request: ApiRequest, area_id: int) -> AreaRow:
    """One row."""
    return AreaRow.model_validate(queries.get(request.actor, area_id), from_attributes=True)


@router.post("/areas/{int:area_id}/change", response=AreaRow)
def change_area(request: ApiRequest, area_id: int, body: AreaChanged) -> AreaRow:
    """End the row on a day and begin another one; gives the new row."""
    draft = AreaDraft(region="", **body.model_dump(exclude={"version"}))
    row = actions.change_area(actor=request.actor, area_id=area_id, version=body.version, draft=draft, now=moment.now())
    return read_area(request, row.pk)


class AreaEnding(Schema):
    """The first day the row no longer holds, and the day that was published."""

    model_config = ConfigDict(extra="forbid")
    valid_to: date
    published_on: date
    version: Version


@router.post("/areas/{int:area_id}/end", response=AreaRow)
def end_area(request: ApiRequest, area_id: int, body: AreaEnding) -> AreaRow:
    """End a row."""
    row = actions.end_area(actor=request.actor, area_id=area_id, now=moment.now(), **body.model_dump())
    return read_area(request, row.pk)
