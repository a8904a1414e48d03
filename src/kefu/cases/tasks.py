"""Work asked of other teams and sites, answered inside the case (CASE9)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases import access, timeline
from kefu.cases.actions import require_open
from kefu.cases.models import Entry, Task
from kefu.cases.timeline import Happening
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, Invalid, NotFound
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission


def ask(*, actor: Actor, case_id: int, site_id: int, title: str, due_at: datetime, now: datetime, team_id: int | None = None) -> Task:
    """Ask a site, or a team of it, to do something by a time. Any site may be asked, not only those in reach."""
    case = access.get_for(actor, case_id)
    require(actor, Permission.CASE_WORK)
    require_open(case)
    wrong = {}
    if not title.strip() or len(title) > 200:
        wrong["title"] = _("请写明要做什么（200 字以内）。")
    if due_at <= now:
        wrong["due_at"] = _("完成时间必须晚于现在。")
    if site_id not in people.sites_by_id():
        wrong["site"] = _("请选择站点。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        task = Task.objects.create(
            case=case, site_id=site_id, team_id=team_id, title=title.strip(), due_at=due_at, asked_by=actor.name, asked_at=now
        )
        timeline.write(actor, case, Happening(Entry.Kind.TASK, data={"phase": "asked", "task": task.pk, "title": task.title}), now=now)
    return task


def answer(*, actor: Actor, task_id: int, text: str, now: datetime) -> Task:
    """Finish a task with an answer; people of the asked site or of the case's site may."""
    task = _get(actor, task_id)
    require(actor, Permission.CASE_WORK)
    if not text.strip():
        raise Invalid(fields={"text": _("请填写处理结果。")})
    if task.state != Task.State.OPEN:
        raise Conflict(_("该任务已处理，无需重复提交。"), code="task_done")
    with transaction.atomic():
        save_claimed(task, state=Task.State.DONE, answer=text.strip(), done_by=actor.name, done_at=now)
        timeline.write(
            actor,
            task.case,
            Happening(Entry.Kind.TASK, text=text.strip(), data={"phase": "answered", "task": task.pk, "title": task.title}),
            now=now,
        )
    return task


def cancel(*, actor: Actor, task_id: int, now: datetime) -> Task:
    """Take a task back."""
    task = _get(actor, task_id)
    access.get_for(actor, task.case_id)
    require(actor, Permission.CASE_WORK)
    if task.state != Task.State.OPEN:
        raise Conflict(_("该任务已处理，无法取消。"), code="task_done")
    with transaction.atomic():
        save_claimed(task, state=Task.State.CANCELLED, done_by=actor.name, done_at=now)
        timeline.write(
            actor, task.case, Happening(Entry.Kind.TASK, data={"phase": "cancelled", "task": task.pk, "title": task.title}), now=now
        )
    return task


def _get(actor: Actor, task_id: int) -> Task:
    task = Task.objects.select_related("case").filter(pk=task_id).first()
    if task is None:
        raise NotFound
    seen = access.visible_tasks(actor).filter(pk=task_id).exists() or access.visible_to(actor).filter(pk=task.case_id).exists()
    if not seen:
        raise NotFound
    return task
