"""Work asked of other sites inside a case, and its answers (CASE9)."""

from datetime import datetime

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from kefu.cases import access, tasks
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.case_forms import away, number, post, work
from kefu.kernel import moment
from kefu.kernel.errors import Invalid
from kefu.people.permissions import Permission


@page("cases/<int:case_id>/tasks", "case-task", permission=Permission.CASE_WORK, methods=("POST",))
def task(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Ask another site for something by a time (CASE9)."""
    given = post(request, "site", "title", "due_at")

    def ask() -> None:
        due = local(given["due_at"])
        if due is None:
            raise Invalid(fields={"due_at": _("请填写完成时间，例如 2026-11-22 14:30。")})
        tasks.ask(actor=request.actor, case_id=case_id, site_id=number(given["site"]), title=given["title"], due_at=due, now=moment.now())

    return work(request, case_id, "task", ask, _("已发出协作请求。"), "site", "title", "due_at")


def local(text: str) -> datetime | None:
    try:
        found = parse_datetime(text.strip())
    except ValueError:
        return None
    if found is None:
        return None
    return timezone.make_aware(found) if timezone.is_naive(found) else found


def _task_page(request: ConsoleRequest, case_id: int) -> str:
    """Where somebody who answered goes on: the case, or the desk when the case is not theirs to see."""
    if request.POST.get("from") != "desk" and access.visible_to(request.actor).filter(pk=case_id).exists():
        return reverse("console:case", kwargs={"case_id": case_id})
    return reverse("console:desk")


@page("tasks/<int:task_id>/answer", "task-answer", permission=Permission.CASE_WORK, methods=("POST",))
def task_answer(request: ConsoleRequest, task_id: int) -> HttpResponse:
    """Finish a task with its result."""
    found = tasks.answer(actor=request.actor, task_id=task_id, text=request.POST.get("text", "").replace("\0", ""), now=moment.now())
    return away(request, _task_page(request, found.case_id), _("已答复协作请求。"))


@page("tasks/<int:task_id>/cancel", "task-cancel", permission=Permission.CASE_WORK, methods=("POST",))
def task_cancel(request: ConsoleRequest, task_id: int) -> HttpResponse:
    """Take a task back."""
    found = tasks.cancel(actor=request.actor, task_id=task_id, now=moment.now())
    return away(request, _task_page(request, found.case_id), _("已取消协作请求。"))
