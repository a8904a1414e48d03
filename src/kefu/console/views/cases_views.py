"""How the list of cases is shown: its columns and their density, and the views people saved (CASE8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kefu.cases import filters
from kefu.console.rendering import fragment, redirect
from kefu.console.routes import ConsoleRequest, page
from kefu.desk import views
from kefu.desk.views import NewView
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, KefuError, Message
from kefu.people.permissions import Permission

# Beside the title, which stands first with number, kind and customer. Keys are those of saved views.
COLUMNS: dict[str, Message] = {
    "status": gettext_lazy("状态"),
    "due": pgettext_lazy("moment", "时限"),
    "waybill": gettext_lazy("运单号"),
    "assignee": gettext_lazy("负责人"),
    "site": gettext_lazy("站点"),
    "channel": gettext_lazy("来源渠道"),
    "opened": pgettext_lazy("moment", "受理"),
    "updated": gettext_lazy("更新时间"),
}
USUAL = ("status", "due", "waybill", "assignee", "site", "opened")
_SCOPES: dict[str, Message] = {
    "builtin": gettext_lazy("常用"),
    "all": gettext_lazy("全中心"),
    "team": gettext_lazy("本站点"),
    "own": gettext_lazy("我的"),
}


@dataclass(frozen=True, slots=True)
class Look:
    """Columns and density the address asks for; ``query`` is what of them an address must repeat."""

    columns: tuple[str, ...]
    dense: bool
    query: Mapping[str, str]

    @classmethod
    def of(cls, request: HttpRequest, *, several_sites: bool) -> "Look":
        """Read the address. A form of ticks sends each column by itself, a link all of them in one value."""
        ticked = [name for value in request.GET.getlist("cols") for name in value.split(",") if name in COLUMNS]
        roomy = request.GET.get("density") == "normal"
        columns = [name for name in COLUMNS if name in (ticked or USUAL)]
        query = ({"cols": ",".join(columns)} if ticked and tuple(columns) != USUAL else {}) | ({"density": "normal"} if roomy else {})
        return cls(tuple(name for name in columns if several_sites or name != "site"), not roomy, query)


def chooser(look: Look, *, several_sites: bool) -> list[tuple[str, str, bool]]:
    """Columns to tick: key, title, shown."""
    return [(key, str(title), key in look.columns) for key, title in COLUMNS.items() if several_sites or key != "site"]


def _address(view: views.View) -> str:
    columns = [name for name in view.columns if name in COLUMNS]
    query = {**view.values, "saved": view.key or str(view.id)}
    query |= ({"cols": ",".join(columns)} if columns else {}) | ({"density": "normal"} if view.density == "normal" and columns else {})
    return f"{reverse('console:cases')}?{urlencode(query)}"


@page("cases/views", "case-views", permission=Permission.CASE_VIEW)
def case_views(request: ConsoleRequest) -> HttpResponse:
    """The menu of saved views with how many cases each holds; asked for when it is opened."""
    actor = request.actor
    found = views.views(actor)
    counts = views.counts(actor, found, now=moment.now())
    groups: dict[str, list[dict[str, Any]]] = {}
    for view, count in zip(found, counts, strict=True):
        groups.setdefault(view.scope, []).append(
            {"name": view.name, "address": _address(view), "count": count, "id": view.id if view.changeable else None}
        )
    context = {"groups": [(str(title), groups[scope]) for scope, title in _SCOPES.items() if scope in groups]}
    return fragment(request, "cases/views.jinja", context, part="menu")


def scopes(actor: Actor) -> Sequence[tuple[str, str]]:
    """For whom the actor may save a view."""
    found = [("own", _("仅自己"))]
    found += [("team", _("本站点"))] if actor.may(Permission.DESK_TEAM) else []
    return found + ([("all", _("全中心"))] if actor.may(Permission.DESK_ALL) else [])


@page("cases/views/new", "case-view-new", permission=Permission.CASE_VIEW, methods=("POST",))
def case_view_new(request: ConsoleRequest) -> HttpResponse:
    """Keep the filter in force, with its columns, under a name."""
    given = {name.removeprefix("f-"): value for name, value in request.POST.dict().items() if name.startswith("f-")}
    values = filters.clean(given)
    columns = [name for name in given.get("cols", "").split(",") if name in COLUMNS]
    new = NewView(request.POST.get("name", ""), values, columns, "normal" if given.get("density") == "normal" else "compact")
    try:
        row = views.create(actor=request.actor, scope=request.POST.get("scope", "own"), view=new, now=moment.now())
    except KefuError as error:
        said = next(iter(error.fields.values()), error) if isinstance(error, Invalid) else error
        messages.error(request, str(said))
        return redirect(request, f"{reverse('console:cases')}?{urlencode(values)}")
    messages.success(request, _("视图“%(name)s”已保存。") % {"name": row.name})
    found = views.get(request.actor, str(row.pk))
    return redirect(request, _address(found) if found else reverse("console:cases"))


@page("cases/views/<int:view_id>/delete", "case-view-delete", permission=Permission.CASE_VIEW, methods=("POST",))
def case_view_delete(request: ConsoleRequest, view_id: int) -> HttpResponse:
    """Take a saved view away."""
    views.delete(actor=request.actor, view_id=view_id, now=moment.now())
    messages.success(request, _("视图已删除。"))
    return redirect(request, reverse("console:cases"))
