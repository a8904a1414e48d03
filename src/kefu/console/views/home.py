"""The desk: what is due next, notices, tasks asked of the site, how full the views are."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.cases import queries, upkeep
from kefu.cases.filters import CaseFilter
from kefu.console.rendering import ToastKind, redirect, render, with_toast
from kefu.console.routes import ConsoleRequest, is_htmx, page
from kefu.console.views import cases_rows, inspection
from kefu.console.views import cases_words as words
from kefu.desk import case_views, handover, taking, views
from kefu.desk.case_views import CASES
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid
from kefu.kernel.masking import mask_text
from kefu.people.permissions import Permission
from kefu.quality import acknowledging
from kefu.station.problems import queries as problems
from kefu.station.problems.queries import Wanted

MINE, WAITING, TASKS, NOTES, FINDINGS, PROBLEMS = 12, 8, 10, 6, 5, 6
FIGURES = ("to-do", "unread", "waiting-customer", "waiting-others", "unassigned", "late")


def _notice(notice: Any) -> dict[str, Any]:
    title = words.clause_title(notice.clause) if notice.clause else ""
    said = {
        "assigned": (_("交给了您"), "person", "accent"),
        "urged": (_("客户催单"), "urge", "warn"),
        "said": (_("客户有新消息"), "reply", "warn"),
        "mention": (_("提到了您"), "person", "accent"),
        "wake": (_("到了您要处理的时间"), "bell", "accent"),
        "warn": (_("即将超时"), "time", "warn"),
        "breach": (_("已超时"), "clock-late", "bad"),
        "task.asked": (_("有部门协作问题"), "task", "accent"),
        "task.said": (_("部门协作有新留言"), "chat", "accent"),
        "task.answered": (_("部门已答复"), "check-circle", "good"),
        "task.returned": (_("部门已退回"), "undo", "warn"),
        "task.taken": (_("任务已被同事接手"), "person", "accent"),
        "task.cancelled": (_("提问已取消"), "close", "quiet"),
        "task.warn": (_("部门协作即将超时"), "time", "warn"),
        "task.breach": (_("部门协作已超时"), "clock-late", "bad"),
    }.get(notice.what, (_("超时仍未完成"), "escalate", "bad"))
    return {
        "case": notice.case,
        "address": reverse("console:task", kwargs={"task_id": notice.task_id}) if notice.task_id else "",
        "title": mask_text(notice.task.title if notice.task else notice.case.title),
        "words": said[0],
        "icon": said[1],
        "tone": said[2],
        "clock": title,
        "at": notice.at,
    }


def _task(actor: Actor, task: Any) -> dict[str, Any]:
    """A task; its case may be out of reach for the site that was asked."""
    return {"task": task, "case_url": words.page_url(actor, "case", case_id=task.case_id) if actor.reaches(task.case.site_id) else ""}


def _figures(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Views of the actor's post and pinned ones, with how much they hold and where they open."""
    found = [one for one in views.views(actor, CASES) if one.key in FIGURES or (one.id and one.pinned)]
    tones = {"late": "bad", "unread": "warn"}
    return [
        {
            "title": one.name,
            "count": "—" if count is None else count,
            "href": f"{reverse('console:cases')}?{urlencode(one.values)}",
            "tone": tones.get(one.key) if count and count.value else None,
        }
        for one, count in zip(found, case_views.counts(actor, found, now=now), strict=True)
    ]


def _desk(request: ConsoleRequest) -> HttpResponse:
    now, actor = moment.now(), request.actor
    context: dict[str, Any] = {"cases": actor.may(Permission.CASE_VIEW), "works": actor.may(Permission.CASE_WORK), "findings": []}
    if context["cases"]:
        tasks = queries.open_tasks(actor, size=TASKS, of_sites=True)
        mine = queries.page(actor, CaseFilter(assignee="me", ball="us"), now=now, size=MINE).rows
        said = queries.page(actor, CaseFilter(assignee="me", unread=True), now=now, size=WAITING).rows
        context |= {
            "figures": _figures(actor, now),
            "mine": cases_rows.rows([case for case in mine if case.pk not in {one.pk for one in said}]),
            "said": cases_rows.rows(said),
            "waiting": cases_rows.rows(queries.page(actor, CaseFilter(view="unassigned"), now=now, size=WAITING).rows),
            "late": cases_rows.rows(queries.page(actor, CaseFilter(view="breached"), now=now, size=WAITING).rows)
            if actor.may(Permission.CASE_ASSIGN)
            else [],
            "notices": [_notice(one) for one in queries.notices(actor, size=20)],
            "tasks": [_task(actor, one) for one in tasks.rows],
            "handover": handover.notes(actor, now=now, open_only=True, limit=NOTES),
            "at": now,
        }
    if actor.may(Permission.QUALITY_OWN):
        context["findings"] = inspection.rows(actor, acknowledging.to_acknowledge(actor, limit=FINDINGS))
    context |= _problems(actor, now)
    context["links"] = [
        {"label": label, "icon": icon, "href": address, "text": text}
        for label, icon, name, text in _shortcuts(actor)
        if (address := words.page_url(actor, name))
    ]
    return render(request, "home/desk.jinja", context, part="desk")


def _problems(actor: Actor, now: datetime) -> dict[str, Any]:
    """Threads with other sites that wait for the own one, unread first (OPS8)."""
    if not actor.may(Permission.PROBLEM_WORK) or actor.site_id is None:
        return {"problems": None}
    found = problems.page(actor, Wanted(waiting=True), now=now, size=PROBLEMS)
    return {"problems": found.rows, "problem_count": problems.count(actor, Wanted(waiting=True), now=now) if found.rows else 0}


def _shortcuts(actor: Actor) -> list[tuple[str, str, str, str]]:
    found = []
    if actor.may(Permission.QUALITY_INSPECT):
        found.append((_("质检"), "quality", "scorecards", _("看评分和待复核的命中")))
    if actor.may(Permission.PERFORMANCE_VIEW):
        found.append((_("看板"), "day", "day", _("今天的受理、时限和命中")))
    if actor.may(Permission.CONVERSATION_VIEW):
        found.append((_("会话"), "chat", "conversations", _("通话和聊天记录")))
    return found


@page("desk", "desk", permission=(Permission.CASE_VIEW, Permission.PARCEL_VIEW))
def desk(request: ConsoleRequest) -> HttpResponse:
    """What to do next."""
    return _desk(request)


@page("desk/notices/seen", "notices-seen", permission=Permission.CASE_VIEW, methods=("POST",))
def notices_seen(request: ConsoleRequest) -> HttpResponse:
    """Put all of one's notices away."""
    upkeep.see_notices(actor=request.actor, now=moment.now())
    if is_htmx(request):
        return with_toast(_desk(request), _("提醒已全部标为已读。"))
    return redirect(request, "/desk")


@page("desk/next", "desk-next", permission=Permission.CASE_WORK, methods=("POST",))
def take_next(request: ConsoleRequest) -> HttpResponse:
    """Take the unassigned case with the nearest deadline and open it; two who press at once get two cases."""
    try:
        case_id = taking.take_next(actor=request.actor, now=moment.now())
    except Conflict as nothing:
        return _done(request, str(nothing), "warn")
    return redirect(request, reverse("console:case", kwargs={"case_id": case_id}))


@page("desk/handover", "handover-leave", permission=Permission.CASE_WORK, methods=("POST",))
def handover_leave(request: ConsoleRequest) -> HttpResponse:
    """Leave a note for the next shift."""
    try:
        handover.leave(actor=request.actor, text=request.POST.get("text", "").replace("\0", ""), now=moment.now())
    except Invalid as refused:
        return _done(request, str(refused.fields.get("text", refused)), "bad")
    return _done(request, _("交接已留给本站点的同事。"))


@page("desk/handover/<int:note_id>/read", "handover-read", permission=Permission.CASE_VIEW, methods=("POST",))
def handover_read(request: ConsoleRequest, note_id: int) -> HttpResponse:
    """Take note of what was handed over."""
    handover.acknowledge(actor=request.actor, note_id=note_id, now=moment.now())
    return _done(request, _("已确认交接。"))


@page("desk/findings/<int:finding_id>/read", "finding-read", permission=Permission.QUALITY_OWN, methods=("POST",))
def finding_read(request: ConsoleRequest, finding_id: int) -> HttpResponse:
    """Take note of a finding about oneself."""
    acknowledging.acknowledge(actor=request.actor, finding_id=finding_id, now=moment.now())
    return _done(request, _("已确认。"))


def _done(request: ConsoleRequest, said: str, kind: ToastKind = "good") -> HttpResponse:
    if is_htmx(request):
        return with_toast(_desk(request), said, kind)
    messages.add_message(request, messages.SUCCESS if kind == "good" else messages.WARNING, said)
    return redirect(request, "/desk")
