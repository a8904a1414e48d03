"""Who calls, and the people and sites in reach."""

from typing import Any

from ninja import Query, Router
from pydantic import Field

from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.people import queries

router = Router(tags=["people"])


class Me(Schema):
    """Who calls; ``sites`` are ids in reach, ``null`` for all."""

    kind: str
    id: int
    name: str
    role: str
    staff_no: str
    site_id: int | None
    team_id: int | None
    permissions: list[str]
    sites: list[int] | None


class Staff(Schema):
    """Somebody of the staff."""

    id: int
    staff_no: str
    name: str
    role: str
    site_id: int
    site: str
    team_id: int | None
    team: str
    is_active: bool


class Site(Schema):
    """A site in reach; ``path`` are the ids from the root down to it."""

    id: int
    code: str
    name: str
    kind: str
    parent_id: int | None
    path: str
    city: str
    handbook: str
    is_active: bool


class StaffWanted(Paged):
    """Which people."""

    role: str = Field("", max_length=12)
    site: Id | None = None


def _staff(one: Any) -> Staff:
    return Staff(
        id=one.pk,
        staff_no=one.staff_no,
        name=one.name,
        role=one.role,
        site_id=one.site_id,
        site=one.site.name,
        team_id=one.team_id,
        team=one.team.name if one.team_id else "",
        is_active=one.is_active,
    )


@router.get("/me", response=Me)
def read_me(request: ApiRequest) -> Me:
    """Who calls, with which permissions and sites (SEC2)."""
    actor = request.actor
    person = queries.me(actor)
    return Me(
        kind=actor.kind,
        id=actor.id,
        name=actor.name,
        role=actor.role,
        staff_no=person.staff_no if person else "",
        site_id=actor.site_id,
        team_id=actor.team_id,
        permissions=sorted(actor.permissions),
        sites=None if actor.sites is None else sorted(actor.sites),
    )


@router.get("/staff", response=PageOf[Staff])
def list_staff(request: ApiRequest, wanted: Query[StaffWanted]) -> PageOf[Staff]:
    """People in reach by 工号 (SEC2)."""
    page = queries.staff_page(request.actor, role=wanted.role, site_id=wanted.site, cursor=wanted.cursor, size=wanted.size)
    return shown(page, _staff)


@router.get("/sites", response=list[Site])
def list_sites(request: ApiRequest) -> list[Site]:
    """Sites in reach, hubs before their stations (SEC2)."""
    return [Site.model_validate(site, from_attributes=True) for site in queries.sites(request.actor)]
