"""The desk: what is due next, notices, tasks asked of the site, how full the views are."""

from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from kefu.cases import queries, upkeep
from kefu.cases.filters import CaseFilter
from kefu.console.rendering import redirect, render, with_toast
from kefu.console.routes import ConsoleRequest, is_htmx, page
from kefu.console.views import cases_rows
from kefu.console.views import cases_words as words
from kefu.console.views.cases import COUNTED, VIEW_TITLES
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.masking import mask_text
from kefu.people.permissions import Permission

MINE, WAITING, TASKS = 12, 8, 10


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
    }.get(notice.what, (_("超时仍未完成"), "escalate", "bad"))
    return {
        "case": notice.case,
        "title": mask_text(notice.case.title),
        "words": said[0],
        "icon": said[1],
        "tone": said[2],
        "clock": title,
        "at": notice.at,
    }


def _task(actor: Actor, task: Any) -> dict[str, Any]:
    """A task; its case may be out of reach for the site that was asked."""
    return {"task": task, "case_url": words.page_url(actor, "case", case_id=task.case_id) if actor.reaches(task.case.site_id) else ""}


def _desk(request: ConsoleRequest) -> HttpResponse:
    now, actor = moment.now(), request.actor
    context: dict[str, Any] = {"cases": actor.may(Permission.CASE_VIEW), "works": actor.may(Permission.CASE_WORK)}
    if context["cases"]:
        counts = queries.counts(actor, now=now, views=COUNTED)
        tasks = queries.open_tasks(actor, size=TASKS)
        context |= {
            "counts": [(view, str(VIEW_TITLES[view]), counts[view]) for view in COUNTED],
            "mine": cases_rows.rows(queries.page(actor, CaseFilter(view="mine"), now=now, size=MINE).rows),
            "waiting": cases_rows.rows(queries.page(actor, CaseFilter(view="unassigned"), now=now, size=WAITING).rows),
            "late": cases_rows.rows(queries.page(actor, CaseFilter(view="breached"), now=now, size=WAITING).rows)
            if actor.may(Permission.CASE_ASSIGN)
            else [],
            "notices": [_notice(one) for one in queries.notices(actor, size=20)],
            "tasks": [_task(actor, one) for one in tasks.rows],
            "at": now,
        }
    context["links"] = [
        {"label": label, "icon": icon, "href": address, "text": text}
        for label, icon, name, text in _shortcuts(actor)
        if (address := words.page_url(actor, name))
    ]
    return render(request, "home/desk.jinja", context, part="desk")


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
