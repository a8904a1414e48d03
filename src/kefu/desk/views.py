"""Saved views of a list: own, the site's, everybody's, and those the product brings by role (CASE8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max, QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.desk import sharing
from kefu.desk.models import SavedView, Scope
from kefu.desk.shelves import Shelf
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, Invalid, Message, Stale
from kefu.people.access import require_any

DENSITIES = ("normal", "compact")
MOST = 50


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


@dataclass(frozen=True, slots=True)
class NewView:
    """What somebody saves."""

    name: str
    values: Mapping[str, object]
    columns: Sequence[str] = ()
    density: str = "normal"
    pinned: bool = False


def _checked(shelf: Shelf, new: NewView) -> dict[str, Any]:
    wrong: dict[str, Message] = {}
    if not 0 < len(new.name.strip()) <= 40:
        wrong["name"] = _("请填写名称（40 字以内）。")
    if any(column not in shelf.columns for column in new.columns) or len(set(new.columns)) != len(new.columns):
        wrong["columns"] = _("没有这样的列。")
    if new.density not in DENSITIES:
        wrong["density"] = _("请选择行距。")
    if wrong:
        raise Invalid(fields=wrong)
    values = shelf.check(new.values)
    return {
        "name": new.name.strip(),
        "values": values,
        "columns": list(new.columns),
        "density": new.density,
        "pinned": new.pinned,
    }


def _ref(row: SavedView) -> Ref:
    return Ref("view", row.pk, row.name)


def _said(row: SavedView) -> dict[str, Any]:
    return {"list": row.list_key, "scope": row.scope, "values": row.values}


def _rows(shelf: Shelf) -> QuerySet[SavedView]:
    return SavedView.objects.filter(list_key=shelf.key)


def create(*, actor: Actor, shelf: Shelf, scope: str, view: NewView, now: datetime) -> SavedView:
    """Save a view of a list behind the others of its owner."""
    require_any(actor, shelf.permissions)
    owner = sharing.owner(actor, scope, None)
    found = _checked(shelf, view)
    rows = sharing.of_owner(_rows(shelf), owner)
    if rows.filter(name=found["name"]).exists():
        raise Invalid(fields={"name": _("已有同名的视图。")})
    if rows.count() >= MOST:
        raise Conflict(_("视图数量已达上限，请先清理。"), code="view.too_many")
    last = rows.aggregate(last=Max("position"))["last"]
    with transaction.atomic():
        row = SavedView.objects.create(
            list_key=shelf.key,
            scope=owner.scope,
            staff_id=owner.staff_id,
            site_id=owner.site_id,
            made_by=actor.name,
            changed_at=now,
            position=0 if last is None else last + 1,
            **found,
        )
        audit.record(actor, "view.created", _ref(row), now=now, site_id=owner.site_id, data=_said(row))
    return row


def change(*, actor: Actor, shelf: Shelf, view_id: int, view: NewView, expected_version: int, now: datetime) -> SavedView:
    """Save a view anew."""
    row = sharing.get(_rows(shelf), actor, view_id, shelf.permissions)
    sharing.require_change(actor, row)
    if row.version != expected_version:
        raise Stale
    found = _checked(shelf, view)
    with transaction.atomic():
        save_claimed(row, changed_at=now, made_by=actor.name, **found)
        audit.record(actor, "view.changed", _ref(row), now=now, site_id=row.site_id, data=_said(row))
    return row


def delete(*, actor: Actor, shelf: Shelf, view_id: int, now: datetime) -> None:
    """Take a view away."""
    row = sharing.get(_rows(shelf), actor, view_id, shelf.permissions)
    sharing.require_change(actor, row)
    with transaction.atomic():
        audit.record(actor, "view.deleted", _ref(row), now=now, site_id=row.site_id, data={"scope": row.scope})
        row.delete()


def arrange(*, actor: Actor, shelf: Shelf, view_ids: Sequence[int]) -> None:
    """Put one's own views of a list in this order; those not named keep theirs behind."""
    own = _rows(shelf).filter(scope=Scope.OWN, staff_id=actor.own_id)
    places = {pk: place for place, pk in enumerate(dict.fromkeys(view_ids))}
    rows = list(own)
    for row in rows:
        row.position = places.get(row.pk, len(places) + row.position)
    SavedView.objects.bulk_update(rows, ["position"])


def _view(shelf: Shelf, row: SavedView, actor: Actor) -> View:
    # What a later release no longer knows falls away instead of breaking the list.
    values = shelf.kept(row.values)
    columns = [column for column in row.columns if column in shelf.columns]
    changeable = sharing.may_change(actor, row)
    return View(row.pk, "", row.scope, row.name, values, columns, row.density, row.position, row.pinned, row.version, changeable)


def views(actor: Actor, shelf: Shelf) -> list[View]:
    """All views of a list the actor has: the product's, those of all, of the site, own ones; one query besides the site's line."""
    require_any(actor, shelf.permissions)
    brought = [
        View(None, one.key, "builtin", str(one.name), shelf.kept(one.values), (), "normal", place, True, 0, False)
        for place, one in enumerate(shelf.ready)
        if one.is_for(actor)
    ]
    order = {Scope.ALL: 0, Scope.TEAM: 1, Scope.OWN: 2}
    rows = sharing.visible(_rows(shelf), actor, shelf.permissions)
    found = sorted(rows, key=lambda row: (order[Scope(row.scope)], row.position, row.pk))
    return [*brought, *(_view(shelf, row, actor) for row in found)]


def get(actor: Actor, shelf: Shelf, name: str) -> View | None:
    """The view by its number or, for those the product brings, its key; none when the actor has no such view."""
    return next((one for one in views(actor, shelf) if name and name in (one.key, str(one.id or ""))), None)
