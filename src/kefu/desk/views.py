"""Saved views of the case list: own, the site's, everybody's, and those the product brings by role (CASE8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kefu.cases import filters
from kefu.cases import queries as cases
from kefu.cases.filters import CaseFilter
from kefu.desk import sharing
from kefu.desk.models import SavedView, Scope
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, Invalid, Message, Stale
from kefu.kernel.paging import CappedCount
from kefu.people.access import require
from kefu.people.permissions import Permission, Role

COLUMNS: Mapping[str, Promise] = {
    "number": _("工单号"),
    "title": _("标题"),
    "kind": _("类型"),
    "status": _("状态"),
    "level": _("级别"),
    "due": _("时限"),
    "assignee": _("负责人"),
    "site": _("站点"),
    "customer": _("客户"),
    "waybill": _("运单号"),
    "channel": _("来源渠道"),
    "urged": _("催单"),
    "opened": _("受理时间"),
    "updated": _("更新时间"),
}
"""Columns a list can show, in their usual order."""
DENSITIES = ("normal", "compact")
MOST = 50

_WORKERS = (Role.AGENT, Role.CLERK, Role.LEAD, Role.MANAGER, Role.ADMIN)
_LEADERS = (Role.LEAD, Role.MANAGER, Role.ADMIN)
_ALL = (*_WORKERS, Role.INSPECTOR)


@dataclass(frozen=True, slots=True)
class _Builtin:
    key: str
    name: Promise
    values: Mapping[str, str]
    roles: Sequence[str]


BUILTIN = (
    _Builtin("to-do", _("待我处理"), {"assignee": "me", "ball": "us"}, _WORKERS),
    _Builtin("unread", _("未读回复"), {"assignee": "me", "unread": "1"}, _WORKERS),
    _Builtin("waiting-customer", _("等待客户"), {"assignee": "me", "ball": "customer"}, _WORKERS),
    _Builtin("waiting-others", _("等待其他站点"), {"assignee": "me", "ball": "others"}, _WORKERS),
    _Builtin("unassigned", _("待领取"), {"view": "unassigned"}, _WORKERS),
    _Builtin("due-soon", _("即将超时"), {"due": "1h"}, _ALL),
    _Builtin("late", _("已超时"), {"view": "breached"}, _ALL),
    _Builtin("today", _("今天新建"), {"view": "all", "opened": "today"}, _ALL),
    _Builtin("followed", _("我关注的"), {"view": "all", "followed": "1"}, _ALL),
    _Builtin("urged", _("催单两次以上"), {"urged": "2"}, _LEADERS),
)
"""Views everybody of these roles has. Written here, not in the database: a release can mend them."""


@dataclass(frozen=True, slots=True)
class View:
    """A view to choose. ``id`` is none for those the product brings, which have a ``key`` instead."""

    id: int | None
    key: str
    scope: str
    name: str
    values: Mapping[str, str]
    columns: Sequence[str]
    density: str
    position: int
    pinned: bool
    version: int
    changeable: bool

    @property
    def filter(self) -> CaseFilter:
        """As the queries of cases take it."""
        return CaseFilter.of(self.values)


@dataclass(frozen=True, slots=True)
class NewView:
    """What somebody saves."""

    name: str
    values: Mapping[str, object]
    columns: Sequence[str] = ()
    density: str = "normal"
    pinned: bool = False


def _checked(new: NewView) -> dict[str, Any]:
    wrong: dict[str, Message] = {}
    if not 0 < len(new.name.strip()) <= 40:
        wrong["name"] = _("请填写名称（40 字以内）。")
    if any(column not in COLUMNS for column in new.columns) or len(set(new.columns)) != len(new.columns):
        wrong["columns"] = _("没有这样的列。")
    if new.density not in DENSITIES:
        wrong["density"] = _("请选择行距。")
    if wrong:
        raise Invalid(fields=wrong)
    values = filters.check(new.values)
    return {
        "name": new.name.strip(),
        "values": values,
        "columns": list(new.columns),
        "density": new.density,
        "pinned": new.pinned,
    }


def _ref(row: SavedView) -> Ref:
    return Ref("view", row.pk, row.name)


def create(*, actor: Actor, scope: str, view: NewView, now: datetime) -> SavedView:
    """Save a view behind the others of its owner."""
    owner = sharing.owner(actor, scope, Permission.CASE_VIEW)
    found = _checked(view)
    rows = sharing.of_owner(SavedView.objects.all(), owner)
    if rows.filter(name=found["name"]).exists():
        raise Invalid(fields={"name": _("已有同名的视图。")})
    if rows.count() >= MOST:
        raise Conflict(_("视图数量已达上限，请先清理。"), code="view.too_many")
    last = rows.aggregate(last=Max("position"))["last"]
    with transaction.atomic():
        row = SavedView.objects.create(
            scope=owner.scope,
            staff_id=owner.staff_id,
            site_id=owner.site_id,
            made_by=actor.name,
            changed_at=now,
            position=0 if last is None else last + 1,
            **found,
        )
        audit.record(actor, "view.created", _ref(row), now=now, site_id=owner.site_id, data={"scope": scope, "values": found["values"]})
    return row


def change(*, actor: Actor, view_id: int, view: NewView, expected_version: int, now: datetime) -> SavedView:
    """Save a view anew."""
    row = sharing.get(SavedView.objects.all(), actor, view_id)
    sharing.require_change(actor, row)
    if row.version != expected_version:
        raise Stale
    found = _checked(view)
    with transaction.atomic():
        save_claimed(row, changed_at=now, made_by=actor.name, **found)
        audit.record(actor, "view.changed", _ref(row), now=now, site_id=row.site_id, data={"scope": row.scope, "values": found["values"]})
    return row


def delete(*, actor: Actor, view_id: int, now: datetime) -> None:
    """Take a view away."""
    row = sharing.get(SavedView.objects.all(), actor, view_id)
    sharing.require_change(actor, row)
    with transaction.atomic():
        audit.record(actor, "view.deleted", _ref(row), now=now, site_id=row.site_id, data={"scope": row.scope})
        row.delete()


def arrange(*, actor: Actor, view_ids: Sequence[int]) -> None:
    """Put one's own views in this order; those not named keep theirs behind."""
    own = SavedView.objects.filter(scope=Scope.OWN, staff_id=actor.own_id)
    places = {pk: place for place, pk in enumerate(dict.fromkeys(view_ids))}
    rows = list(own)
    for row in rows:
        row.position = places.get(row.pk, len(places) + row.position)
    SavedView.objects.bulk_update(rows, ["position"])


def _view(row: SavedView, actor: Actor) -> View:
    # What a later release no longer knows falls away instead of breaking the list.
    values = filters.clean(row.values)
    columns = [column for column in row.columns if column in COLUMNS]
    changeable = sharing.may_change(actor, row)
    return View(row.pk, "", row.scope, row.name, values, columns, row.density, row.position, row.pinned, row.version, changeable)


def views(actor: Actor) -> list[View]:
    """All views the actor has: the product's, those of all, of the site, and own ones; one query besides the site's line."""
    require(actor, Permission.CASE_VIEW)
    brought = [
        View(None, one.key, "builtin", str(one.name), filters.clean(one.values), (), "normal", place, True, 0, False)
        for place, one in enumerate(BUILTIN)
        if actor.role in one.roles
    ]
    order = {Scope.ALL: 0, Scope.TEAM: 1, Scope.OWN: 2}
    rows = sorted(sharing.visible(SavedView.objects.all(), actor), key=lambda row: (order[Scope(row.scope)], row.position, row.pk))
    return [*brought, *(_view(row, actor) for row in rows)]


def get(actor: Actor, name: str) -> View | None:
    """The view by its number or, for those the product brings, its key; none when the actor has no such view."""
    return next((one for one in views(actor) if name and name in (one.key, str(one.id or ""))), None)


def counts(actor: Actor, wanted: Sequence[View], *, now: datetime) -> list[CappedCount | None]:
    """How many cases each view holds, up to 1000, one bounded query each; none for views that search words."""
    return [None if view.filter.text else cases.matching_count(actor, view.filter, now=now) for view in wanted]
