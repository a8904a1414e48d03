"""Everything people do to a case from its page. Each form works with a plain POST; htmx puts the fresh page in place."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kefu.cases import access, actions, files, joining, tasks, upkeep
from kefu.cases.errors import FileRefused, StepRefused
from kefu.console.rendering import redirect, with_toast
from kefu.console.routes import ConsoleRequest, is_htmx, page
from kefu.console.views import cases_steps
from kefu.console.views.cases_page import Failed, show
from kefu.console.views.cases_steps import Typed
from kefu.kernel import moment
from kefu.kernel.errors import Conflict, Invalid, Stale
from kefu.kernel.masking import mask_text
from kefu.people.permissions import Permission

_ONCE_SECONDS = 3600
_MOST_FILES = 10


def _number(text: str, otherwise: int = 0) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else otherwise


def case_id_of(text: str) -> int:
    """Key of a case by its number as people write it (``K0001234``, ``1234``); 0 when it is none."""
    return _number(text.strip().upper().removeprefix("K"))


def _whole_second() -> datetime:
    """Now without its fraction: clocks reckon in seconds, and a pause that begins within this second would begin after it."""
    return moment.now().replace(microsecond=0)


def _post(request: ConsoleRequest, *names: str) -> dict[str, str]:
    return {name: request.POST.get(name, "").replace("\0", "") for name in names}


def _claim(request: ConsoleRequest) -> str:
    """The form's own number when it is sent for the first time; empty when it was taken already (double click, resend)."""
    token = request.POST.get("once", "")[:40]
    key = f"console:once:{request.actor.id}:{token}"
    if token and not cache.add(key, 1, _ONCE_SECONDS):
        return ""
    return key


def _done(request: ConsoleRequest, case_id: int, words: str) -> HttpResponse:
    if is_htmx(request):
        return with_toast(show(request, case_id), words)
    messages.success(request, words)
    return redirect(request, reverse("console:case", kwargs={"case_id": case_id}))


def _away(request: ConsoleRequest, address: str, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect(request, address)


def _work(request: ConsoleRequest, case_id: int, form: str, do: Callable[[], Any], words: str, *fields: str) -> HttpResponse:
    """Do it once; a refusal comes back in its form with what was typed."""
    access.get_for(request.actor, case_id)
    claim = _claim(request)
    if not claim:
        return _done(request, case_id, words)
    try:
        do()
    except Stale:
        cache.delete(claim)
        return show(request, case_id, failed=Failed(form, {}, _post(request, *fields)), stale=True, status=409)
    except Invalid as error:
        cache.delete(claim)
        errors = {name: str(text) for name, text in error.fields.items()} or {"": str(error)}
        return show(request, case_id, failed=Failed(form, errors, _post(request, *fields)), status=422)
    except Exception:
        cache.delete(claim)
        raise
    return _done(request, case_id, words)


@page("cases/<int:case_id>/step", "case-step", permission=Permission.CASE_WORK, methods=("POST",))
def step(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Take a step of the procedure (CASE1)."""
    actor, now = request.actor, moment.now()
    found = access.get_for(actor, case_id)
    name = request.POST.get("step", "")[:60]
    wanted = actions.book_of(found).procedures[found.procedure].step(name)
    answers = cases_steps.answers_of(request, wanted) if wanted else {}
    try:
        if wanted:
            _take_files(request, case_id, wanted, answers, now)
        actions.take_step(
            actor=actor,
            case_id=case_id,
            step=name,
            answers=answers,
            now=now,
            expected_version=_number(request.POST.get("version", ""), -1),
        )
    except StepRefused as refused:
        return show(request, case_id, typed=Typed(name, answers, refused.refusals), failed=Failed("step", {"": str(refused)}), status=422)
    except Stale:
        return show(request, case_id, typed=Typed(name, answers), failed=Failed("step"), stale=True, status=409)
    except FileRefused as refused:
        return show(request, case_id, typed=Typed(name, answers), failed=Failed("step", {"": str(refused)}), status=422)
    return _done(request, case_id, _("已完成这一步。"))


def _take_files(request: ConsoleRequest, case_id: int, wanted: Any, answers: dict[str, Any], now: datetime) -> None:
    for field in wanted.fields:
        file = request.FILES.get(f"{cases_steps.field_name(wanted.id, field.id)}-file")
        if field.type != "attachment" or file is None:
            continue
        row = files.attach(
            actor=request.actor,
            case_id=case_id,
            name=file.name or "",
            content=file.read(files.SIZE_LIMIT + 1),
            content_type=file.content_type or "",
            now=now,
        )
        answers[field.id] = row.name


@page("cases/<int:case_id>/note", "case-note", permission=Permission.CASE_WORK, methods=("POST",))
def note(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Write an internal note."""
    given = _post(request, "text")
    return _work(
        request,
        case_id,
        "note",
        lambda: upkeep.add_note(actor=request.actor, case_id=case_id, text=given["text"], now=moment.now()),
        _("备注已保存。"),
        "text",
    )


@page("cases/<int:case_id>/urge", "case-urge", permission=Permission.CASE_WORK, methods=("POST",))
def urge(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """The customer urges (催单)."""
    given = _post(request, "text")
    return _work(
        request,
        case_id,
        "urge",
        lambda: upkeep.urge(actor=request.actor, case_id=case_id, text=given["text"], now=moment.now()),
        _("已记录客户催单。"),
        "text",
    )


@page("cases/<int:case_id>/escalate", "case-escalate", permission=Permission.CASE_ESCALATE, methods=("POST",))
def escalate(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Raise the level by hand."""
    given = _post(request, "level", "reason")
    return _work(
        request,
        case_id,
        "escalate",
        lambda: upkeep.escalate(actor=request.actor, case_id=case_id, level=given["level"], reason=given["reason"], now=moment.now()),
        _("工单已升级。"),
        "level",
        "reason",
    )


@page("cases/<int:case_id>/assign", "case-assign", permission=Permission.CASE_WORK, methods=("POST",))
def assign(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Give the case to somebody, take it oneself (``me``), or put it back (empty)."""
    given = _post(request, "staff", "version")
    staff_id = request.actor.staff_id if given["staff"] == "me" else _number(given["staff"]) or None
    words = _("已领取，由您处理。") if given["staff"] == "me" else _("已转派。") if staff_id else _("已退回待领取。")
    return _work(
        request,
        case_id,
        "assign",
        lambda: upkeep.assign(
            actor=request.actor,
            case_id=case_id,
            staff_id=staff_id,
            now=moment.now(),
            expected_version=_number(given["version"], -1),
        ),
        words,
        "staff",
    )


@page("cases/<int:case_id>/reopen", "case-reopen", permission=Permission.CASE_WORK, methods=("POST",))
def reopen(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Take a closed case up again."""
    given = _post(request, "reason")
    return _work(
        request,
        case_id,
        "reopen",
        lambda: upkeep.reopen(actor=request.actor, case_id=case_id, reason=given["reason"], now=moment.now()),
        _("工单已重新打开。"),
        "reason",
    )


@page("cases/<int:case_id>/edit", "case-edit", permission=Permission.CASE_WORK, methods=("POST",))
def edit(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Change title, waybill or order number."""
    found = access.get_for(request.actor, case_id)
    given = _post(request, "title", "waybill", "order_no")
    changes = {**given, "waybill": "".join(given["waybill"].split()).upper()}
    if given["title"] == mask_text(found.title):
        # The form shows the title masked: sent back as shown, it is unchanged.
        del changes["title"]
    version = _number(request.POST.get("version", ""), -1)
    response = _work(
        request,
        case_id,
        "edit",
        lambda: upkeep.edit(actor=request.actor, case_id=case_id, changes=changes, expected_version=version, now=moment.now()),
        _("已保存。"),
        "title",
        "waybill",
        "order_no",
    )
    if response.status_code == 200 and changes["waybill"] != found.waybill:
        # The context column belongs to the other waybill.
        return _away(request, reverse("console:case", kwargs={"case_id": case_id}), _("已保存。"))
    return response


def _other(request: ConsoleRequest, form: str, case_id: int) -> tuple[int, HttpResponse | None]:
    """The other case somebody named, or the page that says there is none."""
    access.get_for(request.actor, case_id)
    other = case_id_of(request.POST.get("number", ""))
    if other and access.visible_to(request.actor).filter(pk=other).exists():
        return other, None
    failed = Failed(form, {"number": _("找不到这个工单号，请核对后重填。")}, _post(request, "number", "kind"))
    return 0, show(request, case_id, failed=failed, status=422)


def _refused(request: ConsoleRequest, form: str, case_id: int, error: Conflict) -> HttpResponse:
    return show(request, case_id, failed=Failed(form, {"number": str(error)}, _post(request, "number", "kind")), status=422)


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
        return show(request, case_id, failed=Failed("merge", {}, _post(request, "number")), stale=True, status=409)
    words = _("已合并到 %(number)s，两边的记录显示在一起，随时可以拆开。") % {"number": target.number}
    return _away(request, reverse("console:case", kwargs={"case_id": target.pk}), words)


@page("cases/<int:case_id>/unmerge", "case-unmerge", permission=Permission.CASE_MERGE, methods=("POST",))
def unmerge(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Take the case out of the one it was merged into."""
    joining.unmerge(actor=request.actor, case_id=case_id, now=moment.now())
    return _away(request, reverse("console:case", kwargs={"case_id": case_id}), _("已拆出，恢复为独立工单。"))


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
    return _away(request, reverse("console:case", kwargs={"case_id": case_id}), _("已关联。"))


@page("cases/<int:case_id>/files", "case-attach", permission=Permission.CASE_WORK, methods=("POST",))
def attach(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Keep files with the case."""
    given = request.FILES.getlist("file")[:_MOST_FILES]

    def keep() -> None:
        if not given:
            raise Invalid(fields={"file": _("请选择要上传的文件。")})
        for file in given:
            files.attach(
                actor=request.actor,
                case_id=case_id,
                name=file.name or "",
                content=file.read(files.SIZE_LIMIT + 1),
                content_type=file.content_type or "",
                now=moment.now(),
            )

    words = ngettext("已上传 %(count)s 个附件。", "已上传 %(count)s 个附件。", len(given)) % {"count": len(given)}
    return _work(request, case_id, "attach", keep, words)


@page("cases/<int:case_id>/clocks/<int:clock_id>/pause", "case-clock-pause", permission=Permission.CLOCK_PAUSE, methods=("POST",))
def pause(request: ConsoleRequest, case_id: int, clock_id: int) -> HttpResponse:
    """Let a clock stand still for a reason of the handbook."""
    given = _post(request, "reason")
    return _work(
        request,
        case_id,
        f"pause-{clock_id}",
        lambda: upkeep.pause_clock(actor=request.actor, case_id=case_id, clock_id=clock_id, reason=given["reason"], now=_whole_second()),
        _("已暂停计时。"),
        "reason",
    )


@page("cases/<int:case_id>/clocks/<int:clock_id>/resume", "case-clock-resume", permission=Permission.CLOCK_PAUSE, methods=("POST",))
def resume(request: ConsoleRequest, case_id: int, clock_id: int) -> HttpResponse:
    """Let a paused clock run on."""
    return _work(
        request,
        case_id,
        f"pause-{clock_id}",
        lambda: upkeep.resume_clock(actor=request.actor, case_id=case_id, clock_id=clock_id, now=_whole_second()),
        _("已恢复计时。"),
    )


@page("cases/<int:case_id>/tasks", "case-task", permission=Permission.CASE_WORK, methods=("POST",))
def task(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Ask another site for something by a time (CASE9)."""
    given = _post(request, "site", "title", "due_at")

    def ask() -> None:
        due = _local(given["due_at"])
        if due is None:
            raise Invalid(fields={"due_at": _("请填写完成时间，例如 2026-11-22 14:30。")})
        tasks.ask(actor=request.actor, case_id=case_id, site_id=_number(given["site"]), title=given["title"], due_at=due, now=moment.now())

    return _work(request, case_id, "task", ask, _("已发出协作请求。"), "site", "title", "due_at")


def _local(text: str) -> datetime | None:
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
    return _away(request, _task_page(request, found.case_id), _("已答复协作请求。"))


@page("tasks/<int:task_id>/cancel", "task-cancel", permission=Permission.CASE_WORK, methods=("POST",))
def task_cancel(request: ConsoleRequest, task_id: int) -> HttpResponse:
    """Take a task back."""
    found = tasks.cancel(actor=request.actor, task_id=task_id, now=moment.now())
    return _away(request, _task_page(request, found.case_id), _("已取消协作请求。"))
