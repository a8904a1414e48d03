"""People from a table: template, preview, taking in; initial passwords are handed out once (SEC5)."""

import csv
import io
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.imports import refused_download
from kefu.console.views.inspection_filters import text, whole
from kefu.intake import uploads
from kefu.kernel import audit
from kefu.kernel import imports as runs
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import KefuError, NotFound
from kefu.kernel.models import ImportRun
from kefu.people import imports, queries
from kefu.people.permissions import Permission


def _runs(actor: Actor) -> list[ImportRun]:
    """Imports of people: one's own, or all of them for who reaches every site."""
    rows = ImportRun.objects.filter(kind="staff").order_by("-started_at", "-pk")
    if actor.sites is not None:
        rows = rows.filter(actor_kind="staff", actor_id=actor.own_id)
    return list(rows[:20])


def _page(request: ConsoleRequest, **more: Any) -> dict[str, Any]:
    return {
        "site": str(request.actor.site_id or ""),
        "sites": [(str(site.pk), site.name) for site in queries.sites(request.actor)],
        "error": "",
        "most": uploads.MOST_BYTES // 1024 // 1024,
        "columns": [(str(column.title), column.required) for column in imports.COLUMNS],
        "runs": [(run, runs.refused_path(run.pk).is_file(), imports.handed_path(run.pk).is_file()) for run in _runs(request.actor)],
        **more,
    }


def _site_id(request: ConsoleRequest) -> int | None:
    chosen = text(request.POST.get("site"), 20)
    return whole(chosen) if chosen in {str(site.pk) for site in queries.sites(request.actor)} else None


@page("people/import", "people-import", permission=Permission.PEOPLE_EDIT, methods=("GET", "POST"))
def people_import(request: ConsoleRequest) -> HttpResponse:
    """Choose a file; the answer shows who would be taken on and who refused."""
    if request.method == "GET":
        return render(request, "people/import.jinja", _page(request))
    try:
        path = uploads.receive(request.FILES.get("file"))
    except KefuError as error:
        return render(request, "people/import.jinja", _page(request, error=str(error)), status=error.status)
    try:
        source = imports.open_staff(actor=request.actor, path=path, now=timezone.now(), site_id=_site_id(request))
        found = runs.preview(source)
    except (KefuError, UnicodeError) as error:
        uploads.forget(path)
        said, status = (
            (str(error), error.status) if isinstance(error, KefuError) else (_("认不出文件的编码，请另存为 UTF-8 后再导入。"), 422)
        )
        return render(request, "people/import.jinja", _page(request, error=said), status=status)
    except Exception:
        uploads.forget(path)
        raise
    context = {"found": found, "name": path.name, "ticket": uploads.ticket(request.actor, path), "site": text(request.POST.get("site"), 20)}
    return render(request, "people/import_preview.jinja", context)


@page("people/import/run", "people-import-run", permission=Permission.PEOPLE_EDIT, methods=("POST",))
def people_import_run(request: ConsoleRequest) -> HttpResponse:
    """Take the previewed people on."""
    try:
        path = uploads.of_ticket(request.actor, text(request.POST.get("ticket"), 2000))
        done = imports.run_import(actor=request.actor, path=path, now=timezone.now(), site_id=_site_id(request))
    except KefuError as error:
        return render(request, "people/import.jinja", _page(request, error=str(error)), status=error.status)
    uploads.forget(path)
    counts = {"stored": done.stored, "present": done.present, "refused": done.refused}
    said = _("新增 %(stored)s 人，已有 %(present)s 人，拒收 %(refused)s 行。") % counts
    (messages.warning if done.refused else messages.success)(request, said)
    return redirect(request, reverse("console:people-import"))


@page("people/import/template", "people-import-template", permission=Permission.PEOPLE_EDIT)
def people_import_template(request: ConsoleRequest) -> HttpResponse:
    """A table to fill in, with one line as an example."""
    site = next((site.name for site in queries.sites(request.actor) if site.pk == request.actor.site_id), "")
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow([str(column.title) for column in imports.COLUMNS])
    writer.writerow(["1001", _("王小丽"), runs.safe_cell(site), _("早班组"), _("客服"), "1001"])
    return HttpResponse(
        "\ufeff" + table.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="staff.csv"'},
    )


def _run(actor: Actor, run_id: int) -> ImportRun:
    found = next((run for run in _runs(actor) if run.pk == run_id), None)
    if found is None:
        raise NotFound
    return found


@page("people/import/<int:run_id>/refused", "people-import-refused", permission=Permission.PEOPLE_EDIT)
def people_import_refused(request: ConsoleRequest, run_id: int) -> HttpResponseBase:
    """Rows that were not taken, with the reasons."""
    run = _run(request.actor, run_id)
    path = runs.refused_path(run.pk)
    if not path.is_file():
        raise NotFound
    audit.record(request.actor, "import.refused_read", Ref("import_run", run.pk, run.file_name), now=timezone.now())
    return refused_download(path, run.pk)


@page("people/import/<int:run_id>/passwords", "people-import-passwords", permission=Permission.PEOPLE_EDIT, methods=("POST",))
def people_import_passwords(request: ConsoleRequest, run_id: int) -> HttpResponse:
    """The initial passwords, once: the file goes with the answer, and that it was fetched is written down."""
    run = _run(request.actor, run_id)
    path = imports.handed_path(run.pk)
    claimed = path.with_suffix(".handed")
    try:
        path.rename(claimed)
    except FileNotFoundError:
        raise NotFound from None
    content = claimed.read_bytes()
    audit.record(request.actor, "staff.passwords_handed", Ref("import_run", run.pk, run.file_name), now=timezone.now())
    claimed.unlink()
    return HttpResponse(
        content,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="passwords-{run.pk}.csv"', "Cache-Control": "no-store"},
    )
