"""Conversations from a file: look at it as it would be understood, then take it in; what was refused can be fetched (CONV1, PLAT2)."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console import routes
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import inspection_words as words
from kefu.console.views.inspection_filters import address, day, text, whole
from kefu.conversations import imports
from kefu.conversations.imports import Options
from kefu.intake import uploads
from kefu.kernel import audit
from kefu.kernel import imports as runs
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import KefuError, NotFound
from kefu.kernel.models import ImportRun
from kefu.people import queries as people
from kefu.people.permissions import Permission

STATE_TITLES: dict[str, str | Promise] = {
    "previewed": gettext_lazy("已预览"),
    "running": gettext_lazy("进行中"),
    "done": gettext_lazy("已完成"),
    "failed": gettext_lazy("中断，可重新导入接着进行"),
}
STATE_TONES = {"running": "accent", "done": "good", "failed": "bad"}
FORMAT_TITLES: dict[str, str | Promise] = {
    "table": gettext_lazy("表格（CSV、TSV、Excel，每句一行）"),
    "jsonl": gettext_lazy("JSON Lines（每行一通会话）"),
    "jddc": gettext_lazy("JDDC 语料（TSV）"),
}


def _options(request: ConsoleRequest, values: dict[str, str]) -> Options:
    sites = {str(site.pk) for site in people.sites(request.actor)}
    given: date | None = day(values["day"])
    return Options(
        site_id=whole(values["site"]) if values["site"] in sites else None,
        day=given,
        channel=values["channel"] if values["channel"] in words.CHANNELS else "chat",
        source=values["source"] or "import",
        format=values["format"] if values["format"] in imports.FORMATS else "",
    )


_FIELDS = ("site", "day", "channel", "source", "format")


def _values(request: ConsoleRequest) -> dict[str, str]:
    return {name: text(request.POST.get(name), 40) for name in _FIELDS}


def visible_runs(actor: Actor) -> QuerySet[ImportRun]:
    """Imports of conversations: one's own, or all of them for who reaches every site: rows of a run may belong to other sites than it."""
    rows = ImportRun.objects.filter(kind="conversations")
    return rows if actor.sites is None else rows.filter(actor_kind="staff", actor_id=actor.own_id)


def _page(request: ConsoleRequest, **more: Any) -> dict[str, Any]:
    own = str(request.actor.site_id or "")
    found = visible_runs(request.actor).order_by("-started_at", "-pk")[:50]
    reach = people.sites(request.actor)
    names = {site.pk: site.name for site in reach}
    return {
        "tabs": tabs(request),
        "values": {"site": own, "day": "", "channel": "chat", "source": "import", "format": ""},
        "sites": [(str(site.pk), site.name) for site in reach],
        "channels": [(key, str(title)) for key, title in words.CHANNELS.items()],
        "formats": [(key, str(title)) for key, title in FORMAT_TITLES.items()],
        "error": "",
        "most": uploads.MOST_BYTES // 1024 // 1024,
        "runs": [_shown(request.actor, run, names) for run in found],
        **more,
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A run in words: who ran it, with their page where the reader may open it, and the site its rows went to."""

    run: ImportRun
    state: str
    tone: str
    refused: str
    site: str
    person: str
    is_person: bool


def _shown(actor: Actor, run: ImportRun, sites: dict[int, str]) -> Shown:
    return Shown(
        run=run,
        state=str(STATE_TITLES.get(run.state, run.state)),
        tone=STATE_TONES.get(run.state, "quiet"),
        refused=_refused(run),
        site=sites.get(run.site_id or 0, ""),
        person=address("person", actor, staff_id=run.actor_id) if run.actor_kind == "staff" else "",
        is_person=run.actor_kind == "staff",
    )


def _refused(run: ImportRun) -> str:
    if not run.refused or not runs.refused_path(run.pk).is_file():
        return ""
    return reverse("console:import-refused", kwargs={"run_id": run.pk})


@page("imports", "imports", permission=Permission.CONVERSATION_IMPORT, methods=("GET", "POST"))
def upload(request: ConsoleRequest) -> HttpResponse:
    """Choose a file; the answer shows how it would be understood."""
    if request.method == "GET":
        return render(request, "imports/page.jinja", _page(request))
    values = _values(request)
    try:
        path = uploads.receive(request.FILES.get("file"))
    except KefuError as error:
        return render(request, "imports/page.jinja", _page(request, values=values, error=str(error)), status=error.status)
    try:
        return _preview(request, path, values)
    except (KefuError, UnicodeError) as error:
        uploads.forget(path)
        refusal, status = (
            (str(error), error.status) if isinstance(error, KefuError) else (_("认不出文件的编码，请另存为 UTF-8 后再导入。"), 422)
        )
        return render(request, "imports/page.jinja", _page(request, values=values, error=refusal), status=status)
    except Exception:
        uploads.forget(path)
        raise


@dataclass(frozen=True, slots=True)
class Understood:
    """A conversation as it was understood, people's numbers masked."""

    draft: Any
    site: str
    channel: str


def _preview(request: ConsoleRequest, path: Path, values: dict[str, str]) -> HttpResponse:
    found = imports.preview_import(actor=request.actor, path=path, options=_options(request, values), now=timezone.now())
    names = {site.pk: site.name for site in people.sites(request.actor)}
    context = {
        "found": found,
        "name": path.name,
        "size": path.stat().st_size,
        "ticket": uploads.ticket(request.actor, path),
        "values": values,
        "understood": [
            Understood(one, names.get(one.site_id, "—"), str(words.CHANNELS.get(one.channel, one.channel))) for one in found.values[:8]
        ],
    }
    return render(request, "imports/preview.jinja", context)


@page("imports/run", "import-run", permission=Permission.CONVERSATION_IMPORT, methods=("POST",))
def run(request: ConsoleRequest) -> HttpResponse:
    """Take the previewed file in."""
    values = _values(request)
    try:
        path = uploads.of_ticket(request.actor, text(request.POST.get("ticket"), 2000))
        done = imports.run_import(actor=request.actor, path=path, options=_options(request, values), now=timezone.now())
    except KefuError as error:
        return render(request, "imports/page.jinja", _page(request, values=values, error=str(error)), status=error.status)
    uploads.forget(path)
    counts = {"read": done.read, "stored": done.stored, "present": done.present, "refused": done.refused}
    said = _("读到 %(read)s 通，存入 %(stored)s 通，已有 %(present)s 通，拒收 %(refused)s 通。") % counts
    if done.refused:
        messages.warning(request, said)
    else:
        messages.success(request, said)
    return redirect(request, reverse("console:imports"))


@page("imports/<int:run_id>/refused", "import-refused", permission=Permission.CONVERSATION_IMPORT)
def refused(request: ConsoleRequest, run_id: int) -> HttpResponseBase:
    """Records that were not taken, with the reasons; they hold what was in the file, so fetching them is written down."""
    found = visible_runs(request.actor).filter(pk=run_id).first()
    path = runs.refused_path(run_id)
    if found is None or not path.is_file():
        raise NotFound
    audit.record(request.actor, "import.refused_read", Ref("import_run", found.pk, found.file_name), now=timezone.now())
    return refused_download(path, found.pk)


def refused_download(path: Path, number: int) -> FileResponse:
    """A file of refused rows as a download."""
    response = FileResponse(path.open("rb"), as_attachment=True, filename=f"refused-{number}.csv", content_type="text/csv; charset=utf-8")
    response["Cache-Control"] = "no-store"
    return response


def tabs(request: ConsoleRequest) -> list[dict[str, object]]:
    """The pages that take files in, as far as the reader may open them."""
    found: list[dict[str, object]] = []
    for name, title in (("imports", _("会话")), ("import-tables", _("表格"))):
        route = routes.route(name)
        if route is not None and route.opens_for(request.actor):
            address = reverse(f"console:{name}")
            inside = request.path.startswith(f"{address}/") and name != "imports"
            found.append({"label": title, "href": address, "current": request.path == address or inside})
    return found
