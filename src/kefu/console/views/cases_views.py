"""How the list of cases is shown: its columns and their density, and the views people saved (CASE8)."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from kefu.cases import filters
from kefu.console import saved_views
from kefu.console.rendering import fragment
from kefu.console.routes import ConsoleRequest, page
from kefu.console.saved_views import Line
from kefu.desk import case_views as held
from kefu.desk import views
from kefu.desk.case_views import CASES
from kefu.kernel import moment
from kefu.kernel.errors import Message
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


@page("cases/views", "case-views", permission=Permission.CASE_VIEW)
def case_views(request: ConsoleRequest) -> HttpResponse:
    """The menu of saved views with how many cases each holds; asked for when it is opened."""
    found = views.views(request.actor, CASES)
    counts = held.counts(request.actor, found, now=moment.now())
    here = reverse("console:cases")
    lines = [
        (one.scope, Line(one.name, saved_views.address(here, one, COLUMNS), one.id if one.changeable else None, count=count))
        for one, count in zip(found, counts, strict=True)
    ]
    return fragment(request, "cases/views.jinja", {"groups": saved_views.grouped(lines)}, part="menu")


@page("cases/views/new", "case-view-new", permission=Permission.CASE_VIEW, methods=("POST",))
def case_view_new(request: ConsoleRequest) -> HttpResponse:
    """Keep the filter in force, with its columns, under a name."""
    return saved_views.keep(request, CASES, reverse("console:cases"), COLUMNS, filters.clean)


@page("cases/views/<int:view_id>/delete", "case-view-delete", permission=Permission.CASE_VIEW, methods=("POST",))
def case_view_delete(request: ConsoleRequest, view_id: int) -> HttpResponse:
    """Take a saved view away."""
    return saved_views.drop(request, CASES, reverse("console:cases"), view_id)
