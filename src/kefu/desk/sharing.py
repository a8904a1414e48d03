"""Who sees and who may change what is shared (SEC2): own things oneself, those of a site its people and the sites below, the rest all."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.desk.models import Scope, Shared
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Denied, Invalid, NotFound
from kefu.people import queries as people
from kefu.people.access import in_reach, require, require_site
from kefu.people.permissions import Permission

S = TypeVar("S", bound=Shared)


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose a thing is."""

    scope: str
    staff_id: int | None
    site_id: int | None


def visible(rows: "QuerySet[S]", actor: Actor, permissions: Sequence[Permission] = (Permission.CASE_VIEW,)) -> "QuerySet[S]":
    """What the actor works with: their own, that of their site and those above it, and that of all; nothing without a permission."""
    if not any(map(actor.may, permissions)):
        return rows.none()
    line = people.line_of(actor.site_id) if actor.site_id else []
    return rows.filter(Q(scope=Scope.OWN, staff_id=actor.own_id) | Q(scope=Scope.TEAM, site_id__in=line) | Q(scope=Scope.ALL))


def get(rows: "QuerySet[S]", actor: Actor, pk: int, permissions: Sequence[Permission] = (Permission.CASE_VIEW,)) -> S:
    """One of them, or of those of the sites in reach for who looks after such; else ``NotFound``."""
    row = rows.filter(pk=pk)
    found = visible(row, actor, permissions).first()
    if found is None and actor.may(Permission.DESK_TEAM):
        found = in_reach(row.filter(scope=Scope.TEAM), actor).first()
    if found is None:
        raise NotFound
    return found


def owner(actor: Actor, scope: str, permission: Permission | None = Permission.CASE_WORK) -> Owner:
    """Whose a new thing of this scope is. Raises ``Denied`` when the actor may not make it, ``Invalid`` for an unknown scope.

    ``permission`` is none where the caller has asked for another already.
    """
    if permission is not None:
        require(actor, permission)
    if actor.staff_id is None:
        raise Denied(_("只有登录的人员可以使用工作台。"), code="person_only")
    if scope == Scope.OWN:
        return Owner(scope, actor.staff_id, None)
    if scope == Scope.TEAM:
        require(actor, Permission.DESK_TEAM)
        return Owner(scope, None, actor.site_id)
    if scope == Scope.ALL:
        require(actor, Permission.DESK_ALL)
        return Owner(scope, None, None)
    raise Invalid(fields={"scope": _("范围只能是 own、team、all。")})


def of_owner(rows: "QuerySet[S]", owner: Owner) -> "QuerySet[S]":
    """Everything the owner has."""
    if owner.scope == Scope.ALL:
        return rows.filter(scope=Scope.ALL)
    return rows.filter(staff_id=owner.staff_id) if owner.staff_id else rows.filter(scope=Scope.TEAM, site_id=owner.site_id or 0)


def require_change(actor: Actor, row: Shared) -> None:
    """Refuse unless the actor may change or delete the thing, which is in sight."""
    if row.scope == Scope.OWN:
        if row.staff_id != actor.own_id:
            raise NotFound
        return
    require(actor, Permission.DESK_TEAM if row.scope == Scope.TEAM else Permission.DESK_ALL)
    if row.scope == Scope.TEAM:
        require_site(actor, row.site_id)


def may_change(actor: Actor, row: Shared) -> bool:
    """Whether ``require_change`` lets the actor through."""
    if row.scope == Scope.OWN:
        return row.staff_id == actor.own_id
    if row.scope == Scope.TEAM:
        return actor.may(Permission.DESK_TEAM) and actor.reaches(row.site_id)
    return actor.may(Permission.DESK_ALL)


def scopes(actor: Actor) -> list[str]:
    """Scopes the actor may make things for."""
    found = [Scope.OWN.value] if actor.staff_id is not None else []
    found += [Scope.TEAM.value] if actor.may(Permission.DESK_TEAM) and actor.site_id else []
    return [*found, *([Scope.ALL.value] if actor.may(Permission.DESK_ALL) else [])]
