"""Who acts, what is in reach, and the one test every write passes (SEC2)."""

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import TypeVar

from django.core.cache import cache
from django.db.models import Model, Q, QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people.errors import AdministratorsOnly, MissingPermission
from kefu.people.models import ApiToken, Site, Staff
from kefu.people.permissions import CENTRE_ROLES, ROLE_PERMISSIONS, SUBTREE_ROLES, Permission, Role

M = TypeVar("M", bound=Model)


def require(actor: Actor, permission: Permission) -> None:
    """Refuse unless the actor holds the permission; the refusal names it."""
    if not actor.may(permission):
        raise MissingPermission(permission)


def require_any(actor: Actor, permissions: Sequence[Permission]) -> None:
    """Refuse unless the actor holds one of the permissions; the refusal names the first."""
    if not any(map(actor.may, permissions)):
        raise MissingPermission(permissions[0])


def require_site(actor: Actor, site_id: int | None) -> None:
    """Refuse a site out of reach exactly like an unknown one."""
    if not actor.reaches(site_id):
        raise NotFound


def in_reach(rows: QuerySet[M], actor: Actor, column: str = "site_id", *others: str) -> QuerySet[M]:
    """Narrow a query to the sites the actor reaches; the predicate of every list, search and export.

    With ``others`` a row is in reach when any of its sites is: the two ends of a thread, the sites on a way.
    """
    if actor.sites is None:
        return rows
    sites = sorted(actor.sites)
    how, held = ("", sites[0]) if len(sites) == 1 else ("__in", sites)
    wanted = Q()
    for name in (column, *others):
        wanted |= Q(**{f"{name}{how}": held})
    return rows.filter(wanted)


def _subtree(site: Site) -> frozenset[int]:
    return frozenset(Site.objects.filter(path__startswith=site.path).values_list("pk", flat=True))


def _reach(staff: Staff) -> frozenset[int] | None:
    role = Role(staff.role)
    if role in CENTRE_ROLES:
        return None
    if role in SUBTREE_ROLES:
        return _subtree(staff.site)
    return frozenset({staff.site_id})


@lru_cache(maxsize=32)
def _permissions(role: str) -> frozenset[str]:
    return frozenset(permission.value for permission in ROLE_PERMISSIONS[Role(role)])


def _reach_key(role: str, site_id: int) -> str:
    return f"reach:{role}:{site_id}"


def _kinds_key(role: str, site_id: int | None) -> str:
    return f"kinds-of-sites:{role}:{site_id}"


def forget_reach(site: Site) -> None:
    """Whoever reaches what lies below the sites above this one looks at the tree again: a site has come or moved."""
    above = [int(part) for part in site.path.split("/") if part]
    cache.delete_many([key(role, site_id) for key in (_reach_key, _kinds_key) for role in SUBTREE_ROLES for site_id in above])


def actor_for(staff: Staff, *, ip: str = "") -> Actor:
    """The actor a signed-in person is. One cached look at the site tree; people of a role never share more than it."""
    key = _reach_key(staff.role, staff.site_id)
    reach = cache.get(key, "unknown")
    if reach == "unknown":
        reach = _reach(staff)
        cache.set(key, reach, 30)
    return Actor(
        kind="staff",
        id=staff.pk,
        name=staff.name,
        permissions=_permissions(staff.role),
        sites=reach,
        role=staff.role,
        site_id=staff.site_id,
        team_id=staff.team_id,
        own_only=staff.role in (Role.AGENT, Role.CLERK),
        ip=ip,
    )


def kinds_of_sites(actor: Actor) -> frozenset[str]:
    """Kinds of the sites in a person's reach ("station", "shop"), for what the console shows them; kept for half a minute."""
    key = _kinds_key(actor.role, actor.site_id)
    found: frozenset[str] | None = cache.get(key)
    if found is None:
        found = frozenset(in_reach(Site.objects.all(), actor, "pk").order_by().values_list("kind", flat=True).distinct())
        cache.set(key, found, 30)
    return found


def actor_for_token(token: ApiToken) -> Actor:
    """The actor an integration is."""
    return Actor.integration(token.pk, token.name, token.permissions, token.site_ids)


def actor_of(kind: str, id_: int, *, now: datetime) -> Actor | None:
    """The actor a person or an integration is at this moment, for work done later in their name; ``None`` when no longer let in."""
    if kind == "staff":
        staff = Staff.objects.select_related("site", "team").filter(pk=id_, is_active=True).first()
        return actor_for(staff) if staff else None
    token = ApiToken.objects.filter(pk=id_, revoked_at=None).first() if kind == "integration" else None
    if token is None or (token.expires_at is not None and token.expires_at <= now):
        return None
    return actor_for_token(token)


def roles_of(staff_ids: set[int]) -> dict[int, str]:
    """Roles by id, one query; for rules that ask who did something."""
    return dict(Staff.objects.filter(pk__in=staff_ids).values_list("pk", "role")) if staff_ids else {}


def visible_staff(actor: Actor) -> QuerySet[Staff]:
    """People of the sites in reach; somebody without the permission sees only themselves."""
    rows = Staff.objects.select_related("site", "team")
    if not actor.may(Permission.PEOPLE_VIEW):
        return rows.filter(pk=actor.own_id)
    return in_reach(rows, actor)


def get_staff(actor: Actor, staff_id: int) -> Staff:
    """One person in reach, or ``NotFound``."""
    found = visible_staff(actor).filter(pk=staff_id).first()
    if found is None:
        raise NotFound
    return found


def get_account(actor: Actor, staff_id: int) -> Staff:
    """One person in reach whose account the actor may change: an administrator's is for administrators only (SEC2)."""
    require(actor, Permission.PEOPLE_EDIT)
    found = get_staff(actor, staff_id)
    if not may_change(actor, found):
        raise AdministratorsOnly
    return found


def may_change(actor: Actor, staff: Staff) -> bool:
    """Whether the actor may change this person's account; for screens that offer it."""
    mighty = actor.role == Role.ADMIN or actor.may("*")
    return actor.may(Permission.PEOPLE_EDIT) and (mighty or staff.role != Role.ADMIN)


def visible_sites(actor: Actor) -> QuerySet[Site]:
    """Sites in reach."""
    return in_reach(Site.objects.all(), actor, "pk")


def get_site(actor: Actor, site_id: int) -> Site:
    """One site in reach, or ``NotFound``."""
    found = visible_sites(actor).filter(pk=site_id).first()
    if found is None:
        raise NotFound
    return found
