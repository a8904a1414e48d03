"""Sites, teams and people of the demo, made through the product's actions; found again when they are there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kefu.demo.cast import MARK, PASSWORD, SITES, STAFF, SiteSeed, StaffSeed
from kefu.demo.plan import Plan
from kefu.kernel.actor import Actor
from kefu.people import access, actions, queries

SETUP = Actor.system("demo-setup")


@dataclass(frozen=True, slots=True)
class Ground:
    """Ids by the names used inside the demo, and who acts."""

    sites: Mapping[str, int]
    handbooks: Mapping[str, str]
    staff_ids: Mapping[str, int]
    actors: Mapping[str, Actor]
    guns: Actor = field(default_factory=lambda: Actor.system("demo-scanners"))
    exchange: Actor = field(default_factory=lambda: Actor.system("demo-telephone"))


def lay(plan: Plan) -> Ground:
    """Make what is missing."""
    now = plan.start - timedelta(days=1)
    for site in SITES:
        _site(site, now)
    found = {site.key: queries.site_by_code(site.code) for site in SITES}
    for one in STAFF:
        _hire(one, plan, now)
    staff = {one.username: queries.staff_by_number(one.staff_no) for one in STAFF}
    return Ground(
        sites={key: site.pk for key, site in found.items() if site is not None},
        handbooks={key: site.handbook for key, site in found.items() if site is not None},
        staff_ids={name: person.pk for name, person in staff.items() if person is not None},
        actors={name: access.actor_for(person) for name, person in staff.items() if person is not None},
    )


def _site(seed: SiteSeed, now: datetime) -> None:
    if queries.site_by_code(seed.code) is not None:
        return
    parent = queries.site_by_code(next(site.code for site in SITES if site.key == seed.parent)) if seed.parent else None
    site = actions.create_site(
        actor=SETUP, code=seed.code, name=seed.name, kind=seed.kind, handbook=seed.handbook, parent=parent, now=now, city=seed.city
    )
    for team in seed.teams:
        actions.create_team(actor=SETUP, site=site, name=team, now=now)


def _hire(one: StaffSeed, plan: Plan, now: datetime) -> None:
    if queries.staff_by_number(one.staff_no) is not None:
        return
    site = queries.site_by_code(next(site.code for site in SITES if site.key == one.site))
    assert site is not None
    team = site.teams.filter(name=one.team).first() if one.team else None
    new = actions.NewStaff(
        username=one.username,
        staff_no=one.staff_no,
        name=one.name,
        role=one.role,
        site=site,
        password=PASSWORD,
        team=team,
        hired_on=(plan.end - timedelta(days=one.hired_days)).date(),
        published_password=True,
    )
    actions.create_staff(actor=SETUP, new=new, now=now)


def strangers() -> bool:
    """Whether the centre holds sites that are not the demo's: then it is somebody's real one."""
    return any(MARK not in site.code for site in queries.sites_by_id().values())
