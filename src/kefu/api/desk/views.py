"""Saved views of the case list."""

from typing import Any, Literal

from ninja import Query
from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.desk.router import Body, Scoped, Versioned, router
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.desk import case_views, views
from kefu.desk.case_views import CASES


class Held(Schema):
    """How many cases; ``capped`` means at least so many."""

    value: int
    capped: bool


class View(Schema):
    """A view. Those the product brings have a ``key`` instead of an ``id``. ``values`` are what `GET /cases` takes."""

    id: int | None
    key: str
    scope: str
    name: str
    values: dict[str, str]
    columns: list[str]
    density: str
    pinned: bool
    version: int
    changeable: bool
    count: Held | None


class ViewsWanted(Schema):
    """With or without counts."""

    model_config = ConfigDict(extra="forbid")
    counts: bool = Field(False, description="Count each view, up to 1000.")


class ViewText(Body):
    """What a view shows. ``values`` are the filters, view and sort that `GET /cases` takes, as texts."""

    name: str = Field(min_length=1, max_length=40)
    values: dict[str, str] = Field(default_factory=dict, max_length=30)
    columns: list[str] = Field(default_factory=list, max_length=20)
    density: Literal["normal", "compact"] = "normal"
    pinned: bool = False


class NewView(ViewText, Scoped):
    """A view to keep."""


class ViewChange(ViewText, Versioned):
    """A view saved anew."""


class Order(Body):
    """One's own views in their order."""

    views: list[Id] = Field(max_length=50)


def _shown(one: views.View, count: Any = None) -> View:
    plain = {name: getattr(one, name) for name in ("id", "key", "scope", "name", "density", "pinned", "version", "changeable")}
    held = Held(value=count.value, capped=count.capped) if count is not None else None
    return View(values=dict(one.values), columns=list(one.columns), count=held, **plain)


def _all(request: ApiRequest, *, counted: bool) -> list[View]:
    found = views.views(request.actor, CASES)
    counts = case_views.counts(request.actor, found, now=moment.now()) if counted else [None] * len(found)
    return [_shown(one, count) for one, count in zip(found, counts, strict=True)]


def _new(body: ViewText) -> views.NewView:
    return views.NewView(body.name, body.values, body.columns, body.density, body.pinned)


def _one(request: ApiRequest, view_id: int) -> View:
    return next(one for one in _all(request, counted=False) if one.id == view_id)


@router.get("/views", response=list[View])
def list_views(request: ApiRequest, wanted: Query[ViewsWanted]) -> list[View]:
    """Views one has: the product's by role, everybody's, the site's, own ones (CASE8)."""
    return _all(request, counted=wanted.counts)


@router.post("/views", response={201: View})
def create_view(request: ApiRequest, body: NewView) -> Status[View]:
    """Save a view; every filter that is unknown or does not fit is named in `fields` (CASE8)."""
    row = views.create(actor=request.actor, shelf=CASES, scope=body.scope, view=_new(body), now=moment.now())
    return Status(201, _one(request, row.pk))


@router.put("/views/{int:view_id}", response={204: None})
def change_view(request: ApiRequest, view_id: int, body: ViewChange) -> Status[None]:
    """Save a view anew; on an older sight 409 `stale` (CASE8)."""
    views.change(actor=request.actor, shelf=CASES, view_id=view_id, view=_new(body), expected_version=body.version, now=moment.now())
    return Status(204, None)


@router.delete("/views/{int:view_id}", response={204: None})
def delete_view(request: ApiRequest, view_id: int) -> Status[None]:
    """Take a view away (CASE8)."""
    views.delete(actor=request.actor, shelf=CASES, view_id=view_id, now=moment.now())
    return Status(204, None)


@router.post("/views/order", response=list[View])
def arrange_views(request: ApiRequest, body: Order) -> list[View]:
    """Put one's own views in order; those not named stay behind (CASE8)."""
    views.arrange(actor=request.actor, shelf=CASES, view_ids=body.views)
    return _all(request, counted=False)
