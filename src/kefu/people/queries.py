"""Reads of people for screens."""

import hashlib
from datetime import datetime

from django.db.models import Q, QuerySet

from kefu.kernel import prepared
from kefu.kernel.actor import Actor
from kefu.kernel.paging import Order, Page, keyset_page
from kefu.kernel.rows import read
from kefu.people import access
from kefu.people.models import ApiToken, Site, Staff, StaffSession, Team


def staff_page(actor: Actor, *, role: str = "", site_id: int | None = None, cursor: str | None = None, size: int = 50) -> Page[Staff]:
    """People in reach by 工号."""
    rows = access.visible_staff(actor)
    if role:
        rows = rows.filter(role=role)
    if site_id is not None:
        rows = rows.filter(site_id=site_id)
    return keyset_page(rows, [Order("staff_no"), Order("pk")], size=size, cursor=cursor)


def staff_rows(actor: Actor, *, role: str = "", site_id: int | None = None, state: str = "", text: str = "") -> QuerySet[Staff]:
    """People in reach, narrowed. ``state``: ``active`` or ``inactive``; ``text``: part of the name, start of 工号 or user name."""
    rows = access.visible_staff(actor)
    exact = {"role": role, "site_id": site_id}
    rows = rows.filter(**{name: value for name, value in exact.items() if value})
    if state:
        rows = rows.filter(is_active=state == "active")
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(staff_no__istartswith=text) | Q(username__istartswith=text))
    return rows


def sites(actor: Actor) -> list[Site]:
    """Sites in reach, hubs before their stations."""
    return prepared.rows(_sites, actor.as_reader())


def _sites(reader: Actor) -> QuerySet[Site]:
    return access.visible_sites(reader).order_by("path")


def teams(actor: Actor) -> list[Team]:
    """Teams of the sites in reach, site by site."""
    return prepared.rows(_teams, actor.as_reader())


def _teams(reader: Actor) -> QuerySet[Team]:
    return access.in_reach(Team.objects.select_related("site"), reader).order_by("site__path", "name")


def members(team_id: int) -> QuerySet[Staff]:
    """People of a team, those who left the job too: what they did still counts."""
    return Staff.objects.filter(team_id=team_id)


def sites_by_id() -> dict[int, Site]:
    """All sites, for jobs that walk them."""
    return {site.pk: site for site in prepared.rows(_all_sites)}


def _all_sites() -> QuerySet[Site]:
    return Site.objects.all()


def line_of(site_id: int) -> list[int]:
    """Ids from the root of the tree down to the site, itself included."""
    path = Site.objects.filter(pk=site_id).values_list("path", flat=True).first() or ""
    return [int(part) for part in path.split("/") if part]


def site_by_code(code: str) -> Site | None:
    """The site with this code."""
    return Site.objects.filter(code=code).first()


def site_ids_called(text: str) -> list[int]:
    """Sites with this code, or whose name holds the text; also those out of reach, whose names stand on waybills."""
    wanted = text.strip()
    return [pk for pk, site in sites_by_id().items() if wanted and (site.code.upper() == wanted.upper() or wanted in site.name)]


def staff_by_number(staff_no: str) -> Staff | None:
    """The person with this 工号."""
    return Staff.objects.filter(staff_no=staff_no).first()


def staff_ids_by_number(staff_nos: set[str]) -> dict[str, int]:
    """Ids by 工号, one query; unknown numbers are left out."""
    return dict(Staff.objects.filter(staff_no__in=staff_nos).values_list("staff_no", "pk")) if staff_nos else {}


def staff_names_by_number(staff_nos: set[str]) -> dict[str, str]:
    """Names by 工号, one query; unknown numbers are left out."""
    return dict(Staff.objects.filter(staff_no__in=staff_nos).values_list("staff_no", "name")) if staff_nos else {}


def active_staff(site_id: int, roles: list[str]) -> QuerySet[Staff]:
    """People of a site who may be given work."""
    return Staff.objects.filter(site_id=site_id, role__in=roles, is_active=True).order_by("pk")


def active_above(site_id: int, roles: list[str]) -> list[Staff]:
    """People with one of these posts at the site or at one above it, who therefore reach it."""
    return list(Staff.objects.filter(site_id__in=line_of(site_id), role__in=roles, is_active=True).order_by("pk"))


def of_ids(staff_ids: set[int]) -> dict[int, Staff]:
    """People by id, those who left the job too; one query."""
    return {row.pk: row for row in Staff.objects.filter(pk__in=staff_ids)} if staff_ids else {}


def active_called(names: set[str]) -> list[Staff]:
    """People who work here with one of these 工号 or names, at most 200."""
    rows = Staff.objects.filter(Q(staff_no__in=names) | Q(name__in=names), is_active=True).select_related("site")
    return list(rows.order_by("pk")[:200])


def active_matching(site_id: int, text: str) -> list[Staff]:
    """People of a site whose 工号 begins with the text or whose name holds it, at most 200."""
    rows = Staff.objects.filter(site_id=site_id, is_active=True).select_related("site")
    return list(rows.filter(Q(staff_no__startswith=text) | Q(name__contains=text)).order_by("staff_no")[:200])


def staff_names(staff_ids: set[int]) -> dict[int, str]:
    """Names by id, one query."""
    return dict(Staff.objects.filter(pk__in=staff_ids).values_list("pk", "name"))


def me(actor: Actor) -> Staff | None:
    """The signed-in person."""
    return Staff.objects.select_related("site", "team").filter(pk=actor.own_id).first()


def staff_for_session(staff_id: int) -> Staff | None:
    """The person of a session, if still let in."""
    return prepared.first(_signed_in, staff_id=staff_id)


def _signed_in(*, staff_id: int) -> QuerySet[Staff]:
    return Staff.objects.select_related("site", "team").filter(pk=staff_id, is_active=True).order_by("pk")[:1]


def on_duty(staff_id: int) -> Staff | None:
    """The person, if still let in; nothing of the site and team around, for writes that name somebody."""
    found = read(Staff, id=staff_id, is_active=True)
    return found[0] if found else None


def sessions_of(actor: Actor) -> list[StaffSession]:
    """One's own open sessions, newest first."""
    return list(StaffSession.objects.filter(staff_id=actor.own_id, ended_at=None).order_by("-seen_at")[:50])


def token_by_text(text: str, now: datetime) -> ApiToken | None:
    """The valid API token with this text; compares hashes only."""
    parts = text.split("_")
    if len(parts) != 3 or parts[0] != "kefu":
        return None
    token = prepared.first(_shown, prefix=parts[1])
    if token is None or token.secret_hash != hashlib.sha256(parts[2].encode()).hexdigest():
        return None
    return None if token.expires_at and token.expires_at <= now else token


def _shown(*, prefix: str) -> QuerySet[ApiToken]:
    return ApiToken.objects.filter(prefix=prefix, revoked_at=None).order_by("pk")[:1]


def tokens() -> list[ApiToken]:
    """All keys, for the one page that manages them."""
    return list(ApiToken.objects.order_by("-pk")[:200])
