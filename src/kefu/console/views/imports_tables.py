"""Tables of every kind taken in: choose, look, take in, see how far it is, fetch what was refused (PLAT2)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.imports import refused_download, tabs
from kefu.console.views.inspection_filters import text, whole
from kefu.intake import access, actions, catalogue, preview, queries, uploads
from kefu.kernel import moment
from kefu.kernel.errors import KefuError
from kefu.people import queries as people

_TONES = {"queued": "quiet", "running": "accent", "done": "good", "failed": "bad", "stopped": "warn"}
_KINDS = tuple(dict.fromkeys(kind.permission for kind in catalogue.KINDS if not kind.own_page))


def _shown(row: Any) -> dict[str, Any]:
    return {
        "row": row,
        "title": queries.title(row),
        "tone": _TONES[row.state],
        "failure": queries.failure(row),
        "refused": queries.has_refused(row),
        "resumes": queries.may_resume(row),
    }


def _page(request: ConsoleRequest, **more: Any) -> dict[str, Any]:
    found = queries.page(request.actor, cursor=request.GET.get("cursor") or None)
    kinds = queries.kinds(request.actor)
    known = {kind.key for kind in kinds}
    asked = request.GET.get("kind", "")
    return {
        "tabs": tabs(request),
        "kinds": [(kind.key, str(kind.title)) for kind in kinds],
        "about": [(str(kind.title), str(kind.about)) for kind in kinds if kind.about],
        "sites": [(str(site.pk), site.name) for site in people.sites(request.actor)],
        "values": {"kind": asked if asked in known else "", "site": str(request.actor.site_id or "")},
        "error": "",
        "most": uploads.MOST_BYTES // 1024 // 1024,
        "files": [_shown(row) for row in found.rows],
        "paging": found,
        "running": any(row.is_active for row in found.rows),
        "here": request.get_full_path(),
        **more,
    }


@page("imports/tables", "import-tables", permission=_KINDS, methods=("GET", "POST"))
def tables(request: ConsoleRequest) -> HttpResponse:
    """Choose a kind, a site and a file; the answer shows how it would be understood. ``?kind=`` chooses the kind beforehand."""
    if request.method == "GET":
        return render(request, "imports/tables.jinja", _page(request), part="list")
    values = {name: text(request.POST.get(name), 40) for name in ("kind", "site")}
    try:
        path = uploads.receive(request.FILES.get("file"))
        found = preview.look(actor=request.actor, kind=values["kind"], path=path, site_id=whole(values["site"]), now=moment.now())
    except KefuError as error:
        said = next(iter(getattr(error, "fields", {}).values()), error)
        return render(request, "imports/tables.jinja", _page(request, values=values, error=str(said)), status=error.status)
    names = {site.pk: site.name for site in people.sites(request.actor)}
    context = {"found": found, "site": names.get(found.site_id or 0, ""), "tabs": tabs(request)}
    return render(request, "imports/table_preview.jinja", context)


@page("imports/tables/run", "import-tables-run", permission=_KINDS, methods=("POST",))
def run(request: ConsoleRequest) -> HttpResponse:
    """Take the previewed file in: a short one while the page waits, a long one by the worker."""
    try:
        row = actions.start(actor=request.actor, ticket=text(request.POST.get("ticket"), 2000), now=moment.now())
    except KefuError as error:
        return render(request, "imports/tables.jinja", _page(request, error=str(error)), status=error.status)
    return redirect(request, reverse("console:import-table", kwargs={"intake_id": row.pk}))


@page("imports/tables/<int:intake_id>", "import-table", permission=_KINDS)
def table(request: ConsoleRequest, intake_id: int) -> HttpResponse:
    """How far one's own file is, and what came of it. While it is on its way the page asks every second."""
    row = access.get_for(request.actor, intake_id)
    names = {site.pk: site.name for site in people.sites(request.actor)}
    context = {**_shown(row), "site": names.get(row.site_id or 0, ""), "tabs": tabs(request), "here": request.path}
    return render(request, "imports/table.jinja", context, part="live")


@page("imports/tables/<int:intake_id>/stop", "import-table-stop", permission=_KINDS, methods=("POST",))
def stop(request: ConsoleRequest, intake_id: int) -> HttpResponse:
    """Stop a file on its way; what is stored stays."""
    actions.stop(actor=request.actor, intake_id=intake_id, now=moment.now())
    messages.success(request, _("导入已停止，已存入的保留。"))
    return redirect(request, reverse("console:import-table", kwargs={"intake_id": intake_id}))


@page("imports/tables/<int:intake_id>/resume", "import-table-resume", permission=_KINDS, methods=("POST",))
def resume(request: ConsoleRequest, intake_id: int) -> HttpResponse:
    """Go on where it stopped."""
    actions.resume(actor=request.actor, intake_id=intake_id)
    messages.success(request, _("接着导入，已存入的不会重复。"))
    return redirect(request, reverse("console:import-table", kwargs={"intake_id": intake_id}))


@page("imports/tables/<int:intake_id>/refused", "import-table-refused", permission=_KINDS)
def refused(request: ConsoleRequest, intake_id: int) -> HttpResponseBase:
    """The rows that were not taken, with the reasons."""
    path = queries.refused_file(actor=request.actor, intake_id=intake_id, now=moment.now())
    return refused_download(path, intake_id)
