"""Questions of cases to departments: the inbox, a task with its words, and what its members do with it (CASE9)."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from kefu.cases import tasks
from kefu.cases.tasks import Question, Upload, inbox, members
from kefu.cases.tasks.inbox import VIEWS
from kefu.console.rendering import fragment, redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_words as words
from kefu.console.views.case_forms import away, number, post, work
from kefu.console.views.cases_page import size_words
from kefu.conversations.in_hand import Left
from kefu.handbook.queries import book, books_at
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.kernel.files import SIZE_LIMIT
from kefu.people import queries as people
from kefu.people.permissions import Permission

VIEW_TITLES: dict[str, str | Promise] = {
    "mine": gettext_lazy("等我答复"),
    "open": gettext_lazy("部门全部待办"),
    "asked": gettext_lazy("我发起的"),
    "done": gettext_lazy("已处理"),
}
STATES: dict[str, tuple[str | Promise, str]] = {
    "open": (gettext_lazy("待答复"), "accent"),
    "done": (gettext_lazy("已答复"), "good"),
    "returned": (gettext_lazy("已退回"), "warn"),
    "cancelled": (pgettext_lazy("task", "已取消"), "quiet"),
}
WORD_TITLES: dict[str, str | Promise] = {
    "asked": gettext_lazy("提问"),
    "taken": gettext_lazy("领取了任务"),
    "said": gettext_lazy("留言"),
    "answered": pgettext_lazy("task", "答复"),
    "returned": gettext_lazy("退回"),
    "cancelled": gettext_lazy("取消了提问"),
}
_MOST_FILES = 10


def _line(task: Any, limits: Mapping[int, Any]) -> dict[str, Any]:
    return {
        "task": task,
        "department": words.clause_title(task.clause) if task.clause else task.site.name,
        "kind": words.kind_title(book(task.case.handbook), task.case.kind),
        "clock": Left(limit.due_at, limit.warn_at) if (limit := limits.get(task.pk)) else None,
        "state": STATES[task.state],
    }


@page("tasks", "tasks", permission=Permission.TASK_ANSWER)
def tasks_inbox(request: ConsoleRequest) -> HttpResponse:
    """The inbox of one's departments; the most overdue first. Who is a member of none sees what they asked."""
    actor, now = request.actor, moment.now()
    places = members.places_of(actor)
    asked = request.GET.get("view", "")
    view = asked if asked in VIEWS else ("mine" if places else "asked")
    keys = {key: words.name(clause) for one in _books(places, now) for key, clause in one.departments.items()}
    mine = {key: keys.get(key, key) for _site, key in places}
    department = request.GET.get("department", "")
    department = department if department in mine else ""
    found = inbox.page(actor, view, department=department, cursor=request.GET.get("cursor") or None)
    counts, limits = inbox.counts(actor, now=now), inbox.limits(found.rows)
    base = reverse("console:tasks")
    context = {
        "rows": [_line(one, limits) for one in found.rows],
        "paging": found,
        "view": view,
        "query": {"view": view, **({"department": department} if department else {})},
        "tabs": [
            {"label": str(title), "href": f"{base}?view={key}", "current": key == view, "count": counts.get(key)}
            for key, title in VIEW_TITLES.items()
            if places or key == "asked"
        ],
        "late": counts["late"],
        "departments": list(mine.items()),
        "department": department,
        "member": bool(places),
        "untaken": bool(places) and inbox.next_untaken(actor) is not None,
        "at": now,
    }
    return render(request, "tasks/inbox.jinja", context, part="inbox")


def _books(places: list[tuple[int, str]], now: datetime) -> list[Any]:
    sites = people.sites_by_id()
    return books_at({sites[site].handbook for site, _key in places if site in sites}, now)


@page("tasks/count", "tasks-count", permission=Permission.TASK_ANSWER)
def tasks_count(request: ConsoleRequest) -> HttpResponse:
    """How many tasks wait for the reader, as the mark beside the navigation's entry."""
    counts = inbox.counts(request.actor, now=moment.now())
    return fragment(request, "tasks/count.jinja", {"waiting": counts["mine"], "late": counts["late"]}, part="count")


@page("tasks/next", "tasks-next", permission=Permission.TASK_ANSWER, methods=("POST",))
def tasks_next(request: ConsoleRequest) -> HttpResponse:
    """Take the most pressing task nobody has, and open it; two who press at once get two tasks."""
    for _try in range(5):
        found = inbox.next_untaken(request.actor)
        if found is None:
            break
        try:
            tasks.take(actor=request.actor, task_id=found.pk, now=moment.now())
        except (Conflict, Stale):
            continue
        return redirect(request, reverse("console:task", kwargs={"task_id": found.pk}))
    return away(request, reverse("console:tasks"), _("没有等待领取的任务。"))


@page("tasks/<int:task_id>", "task", permission=Permission.TASK_ANSWER)
def task(request: ConsoleRequest, task_id: int) -> HttpResponse:
    """One question with what was said about it; of the case only what was sent with it."""
    return _show(request, task_id)


def _show(
    request: ConsoleRequest, task_id: int, *, errors: Mapping[str, str] | None = None, form: str = "", refusal: str = "", status: int = 200
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    found = inbox.detail(actor, task_id, now=now)
    row = found.task
    context = {
        "found": found,
        "row": row,
        "line": _line(row, {}),
        "department": words.clause_title(row.clause) if row.clause else "",
        "department_clause": _clause(row.clause, actor),
        "clocks": [(one, words.clause_title(one.clause_ref), _clause(one.clause_ref, actor)) for one in found.clocks],
        "words": [(one, str(WORD_TITLES[one.kind])) for one in found.words],
        "case_url": words.page_url(actor, "case", case_id=row.case_id) if found.sees_case else "",
        "size_words": size_words,
        "errors": errors or {},
        "failed": form,
        "refusal": refusal,
        "typed": request.POST if form else {},
    }
    return render(request, "tasks/task.jinja", context, part="task", status=status)


def _clause(reference: str, actor: Actor) -> tuple[str, str] | None:
    return (words.clause_title(reference), words.clause_url(reference, actor)) if reference else None


def uploads(request: ConsoleRequest) -> tuple[Upload, ...]:
    """Files of a form; one too large is refused by its own check."""
    given = request.FILES.getlist("files")[: _MOST_FILES + 1]
    return tuple(Upload(one.name or "", one.read(SIZE_LIMIT + 1), one.content_type or "") for one in given)


def _do(request: ConsoleRequest, task_id: int, form: str, do: Callable[[], Any], said: str) -> HttpResponse:
    """Do it; a refusal comes back with what was typed, and so does that a colleague was first."""
    try:
        do()
    except Invalid as error:
        return _show(request, task_id, errors={name: str(text) for name, text in error.fields.items()}, form=form, status=422)
    except Conflict as error:
        return _show(request, task_id, form=form, refusal=str(error), status=error.status)
    return away(request, reverse("console:task", kwargs={"task_id": task_id}), said)


@page("tasks/<int:task_id>/take", "task-take", permission=Permission.TASK_ANSWER, methods=("POST",))
def task_take(request: ConsoleRequest, task_id: int) -> HttpResponse:
    """Take it for oneself, from a colleague when said so."""
    over = request.POST.get("over") == "1"
    return _do(
        request, task_id, "take", lambda: tasks.take(actor=request.actor, task_id=task_id, over=over, now=moment.now()), _("已领取。")
    )


@page("tasks/<int:task_id>/say", "task-say", permission=Permission.TASK_ANSWER, methods=("POST",))
def task_say(request: ConsoleRequest, task_id: int) -> HttpResponse:
    """A word to the other side."""
    text = post(request, "text")["text"]
    return _do(
        request,
        task_id,
        "say",
        lambda: tasks.say(actor=request.actor, task_id=task_id, text=text, uploads=uploads(request), now=moment.now()),
        _("已留言，对方会收到提醒。"),
    )


@page("tasks/<int:task_id>/reply", "task-reply", permission=Permission.TASK_ANSWER, methods=("POST",))
def task_reply(request: ConsoleRequest, task_id: int) -> HttpResponse:
    """The answer of a department, with files."""
    text = post(request, "text")["text"]
    return _do(
        request,
        task_id,
        "reply",
        lambda: tasks.answer(actor=request.actor, task_id=task_id, text=text, uploads=uploads(request), now=moment.now()),
        _("已答复，答复写入工单并通知了提问人。"),
    )


@page("tasks/<int:task_id>/return", "task-return", permission=Permission.TASK_ANSWER, methods=("POST",))
def task_return(request: ConsoleRequest, task_id: int) -> HttpResponse:
    """Hand it back with a reason."""
    reason = post(request, "reason")["reason"]
    return _do(
        request,
        task_id,
        "return",
        lambda: tasks.hand_back(actor=request.actor, task_id=task_id, reason=reason, now=moment.now()),
        _("已退回，原因写入工单并通知了提问人。"),
    )


@page("tasks/<int:task_id>/files/<int:file_id>", "task-file", permission=Permission.TASK_ANSWER)
def task_file(request: ConsoleRequest, task_id: int, file_id: int) -> HttpResponse:
    """A file that was sent with the task, as a download; the read is logged (SEC3)."""
    found = tasks.read_file(actor=request.actor, task_id=task_id, file_id=file_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@page("cases/<int:case_id>/questions", "case-question", permission=Permission.CASE_WORK, methods=("POST",))
def case_question(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Ask a department inside a case (CASE9)."""
    given = post(request, "department", "title", "text")
    chosen = tuple(number(one) for one in request.POST.getlist("files"))

    def ask() -> None:
        question = Question(given["title"], given["text"], chosen)
        tasks.ask_department(actor=request.actor, case_id=case_id, department=given["department"], question=question, now=moment.now())

    return work(request, case_id, "question", ask, _("已发给部门，答复会进入本工单。"), "department", "title", "text")
