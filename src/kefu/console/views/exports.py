"""Lists as files: the order from a list's menu, one's own files, downloads (PLAT2, SEC1)."""

from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, local_path, page
from kefu.exports import actions, queries
from kefu.exports.actions import ExportRequest, Ready
from kefu.kernel import moment
from kefu.kernel.errors import Invalid, TooMany
from kefu.kernel.wording import listed

_TONES = {"queued": "quiet", "running": "accent", "done": "good", "failed": "bad", "cancelled": "quiet", "expired": "quiet"}


def _download(ready: Ready) -> HttpResponse:
    """Sent as a download, never shown in place and never kept by the browser."""
    response = HttpResponse(ready.content, content_type=ready.content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(ready.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


def _wanted(request: HttpRequest) -> dict[str, str]:
    """The list's filter: fields of the menu's form that begin with ``f-``."""
    return {name.removeprefix("f-"): value[:4000] for name, value in request.POST.dict().items() if name.startswith("f-")}


@page("exports/new", "export-new", methods=("POST",))
def export_new(request: ConsoleRequest) -> HttpResponse:
    """A small list comes at once; a large one is made in the background and found among one's files."""
    post = request.POST
    wanted = ExportRequest(
        post.get("source", "")[:40], post.get("format", "")[:4], _wanted(request), post.get("reason", "")[:20], post.get("clear") == "1"
    )
    try:
        made = actions.export(actor=request.actor, request=wanted, now=moment.now())
    except (Invalid, TooMany) as error:
        said = listed(error.fields.values(), "；") if isinstance(error, Invalid) and error.fields else str(error)
        messages.error(request, said)
        return redirect(request, local_path(request.headers.get("Referer", ""), request) or reverse("console:exports"))
    if isinstance(made, Ready):
        return _download(made)
    messages.success(request, _("记录较多，正在后台生成；完成后可在这里下载。"))
    return redirect(request, reverse("console:exports"))


@page("exports", "exports")
def exports(request: ConsoleRequest) -> HttpResponse:
    """One's own files. While one is being made, the page asks every second."""
    found = queries.page(request.actor, cursor=request.GET.get("cursor") or None)
    context = {
        "rows": [(row, queries.title(row), _TONES[row.state], queries.failure(row)) for row in found.rows],
        "paging": found,
        "running": any(row.is_active for row in found.rows),
        "here": request.get_full_path(),
    }
    return render(request, "exports/list.jinja", context, part="list")


@page("exports/<int:export_id>/file", "export-file")
def export_file(request: ConsoleRequest, export_id: int) -> HttpResponse:
    """One's own finished file."""
    return _download(actions.fetch(actor=request.actor, export_id=export_id, now=moment.now()))


@page("exports/<int:export_id>/delete", "export-delete", methods=("POST",))
def export_delete(request: ConsoleRequest, export_id: int) -> HttpResponse:
    """Stop one in the making, or drop a finished one."""
    actions.cancel(actor=request.actor, export_id=export_id, now=moment.now())
    messages.success(request, _("文件已删除。"))
    return redirect(request, reverse("console:exports"))
