"""Saved views of a list on screens: the menu, keeping one, taking one away (CASE8)."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console.rendering import redirect
from kefu.console.routes import ConsoleRequest
from kefu.desk import views
from kefu.desk.shelves import Shelf
from kefu.desk.views import NewView, View
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, KefuError, Message
from kefu.people.permissions import Permission

SCOPES: Mapping[str, Message] = {
    "builtin": gettext_lazy("常用"),
    "all": gettext_lazy("全中心"),
    "team": gettext_lazy("本站点"),
    "own": gettext_lazy("我的"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A view in the menu; ``id`` when the reader may delete it."""

    name: str
    address: str
    id: int | None
    current: bool = False
    count: object = None


@dataclass(frozen=True, slots=True)
class Menu:
    """The views by whom they belong to; ``name`` is that of the one in force."""

    groups: Sequence[tuple[str, Sequence[Line]]]
    name: str


def address(path: str, view: View, columns: Collection[str]) -> str:
    """The list as a view shows it."""
    kept = [name for name in view.columns if name in columns]
    query = {**view.values, "saved": view.key or str(view.id)}
    query |= ({"cols": ",".join(kept)} if kept else {}) | ({"density": "normal"} if view.density == "normal" and kept else {})
    return f"{path}?{urlencode(query)}"


def grouped(lines: Sequence[tuple[str, Line]]) -> list[tuple[str, list[Line]]]:
    """Lines by their scope, in the order of the menu."""
    groups: dict[str, list[Line]] = {}
    for scope, line in lines:
        groups.setdefault(scope, []).append(line)
    return [(str(title), groups[scope]) for scope, title in SCOPES.items() if scope in groups]


def menu(actor: Actor, shelf: Shelf, path: str, current: str) -> Menu:
    """The views people saved of a list; those the product brings are tabs of the list."""
    found = [one for one in views.views(actor, shelf) if one.id is not None]
    named = next((one.name for one in found if str(one.id) == current), "")
    lines = [
        (one.scope, Line(one.name, address(path, one, list(shelf.columns)), one.id if one.changeable else None, str(one.id) == current))
        for one in found
    ]
    return Menu(grouped(lines), named)


def scopes(actor: Actor) -> Sequence[tuple[str, str]]:
    """For whom the actor may save a view."""
    found = [("own", _("仅自己"))]
    found += [("team", _("本站点"))] if actor.may(Permission.DESK_TEAM) else []
    return found + ([("all", _("全中心"))] if actor.may(Permission.DESK_ALL) else [])


def keep(
    request: ConsoleRequest, shelf: Shelf, path: str, columns: Collection[str], clean: Callable[[Mapping[str, Any]], dict[str, str]]
) -> HttpResponse:
    """Keep the filter in force, with its columns, under the name of the form."""
    given = {name.removeprefix("f-"): value for name, value in request.POST.dict().items() if name.startswith("f-")}
    values = clean(given)
    kept = [name for name in dict.fromkeys(given.get("cols", "").split(",")) if name in columns]
    new = NewView(request.POST.get("name", ""), values, kept, "normal" if given.get("density") == "normal" else "compact")
    try:
        row = views.create(actor=request.actor, shelf=shelf, scope=request.POST.get("scope", "own"), view=new, now=moment.now())
    except KefuError as error:
        said = next(iter(error.fields.values()), error) if isinstance(error, Invalid) else error
        messages.error(request, str(said))
        return redirect(request, f"{path}?{urlencode(values)}")
    messages.success(request, _("视图“%(name)s”已保存。") % {"name": row.name})
    found = views.get(request.actor, shelf, str(row.pk))
    return redirect(request, address(path, found, columns) if found else path)


def drop(request: ConsoleRequest, shelf: Shelf, path: str, view_id: int) -> HttpResponse:
    """Take a saved view away."""
    views.delete(actor=request.actor, shelf=shelf, view_id=view_id, now=moment.now())
    messages.success(request, _("视图已删除。"))
    return redirect(request, path)
