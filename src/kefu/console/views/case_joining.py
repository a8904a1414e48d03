"""Cases that belong together: merging, taking apart, linking (CASE8)."""

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.cases import access, joining
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.case_forms import away, case_id_of, post
from kefu.console.views.cases_page import Failed, show
from kefu.kernel import moment
from kefu.kernel.errors import Conflict, Stale
from kefu.people.permissions import Permission


def _other(request: ConsoleRequest, form: str, case_id: int) -> tuple[int, HttpResponse | None]:
    """The other case somebody named, or the page that says there is none."""
    access.get_for(request.actor, case_id)
    other = case_id_of(request.POST.get("number", ""))
    if other and access.visible_to(request.actor).filter(pk=other).exists():
        return other, None
    failed = Failed(form, {"number": _("找不到这个工单号，请核对后重填。")}, post(request, "number", "kind"))
    return 0, show(request, case_id, failed=failed, status=422)


def _refused(request: ConsoleRequest, form: str, case_id: int, error: Conflict) -> HttpResponse:
    return show(request, case_id, failed=Failed(form, {"number": str(error)}, post(request, "number", "kind")), status=422)


@page("cases/<int:case_id>/merge", "case-merge", permission=Permission.CASE_MERGE, methods=("POST",))
def merge(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Merge the case into another by its number."""
    into, answer = _other(request, "merge", case_id)
    if answer is not None:
        return answer
    try:
        target = joining.merge(actor=request.actor, case_id=case_id, into_id=into, now=moment.now())
    except Conflict as error:
        return _refused(request, "merge", case_id, error)
    except Stale:
        return show(request, case_id, failed=Failed("merge", {}, post(request, "number")), stale=True, status=409)
    words = _("已合并到 %(number)s，两边的记录显示在一起，随时可以拆开。") % {"number": target.number}
    return away(request, reverse("console:case", kwargs={"case_id": target.pk}), words)


@page("cases/<int:case_id>/unmerge", "case-unmerge", permission=Permission.CASE_MERGE, methods=("POST",))
def unmerge(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Take the case out of the one it was merged into."""
    joining.unmerge(actor=request.actor, case_id=case_id, now=moment.now())
    return away(request, reverse("console:case", kwargs={"case_id": case_id}), _("已拆出，恢复为独立工单。"))


@page("cases/<int:case_id>/link", "case-link", permission=Permission.CASE_WORK, methods=("POST",))
def link(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Tie the case to another by its number."""
    other, answer = _other(request, "link", case_id)
    if answer is not None:
        return answer
    try:
        joining.link(actor=request.actor, case_id=case_id, to_id=other, kind=request.POST.get("kind", ""), now=moment.now())
    except Conflict as error:
        return _refused(request, "link", case_id, error)
    return away(request, reverse("console:case", kwargs={"case_id": case_id}), _("已关联。"))
