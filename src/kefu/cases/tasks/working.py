"""A department's side of a task: take it, say something, answer, hand it back; and answers of other sites (CASE9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kefu.cases import access, files, timeline
from kefu.cases.models import Attachment, Entry, Member, Task, Word
from kefu.cases.tasks import members, telling
from kefu.cases.timeline import Happening
from kefu.clocks import actions as clocks
from kefu.handbook import queries as handbooks
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, Denied, Invalid, Message, NotFound
from kefu.kernel.files import Download
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission

ANSWER_LIMIT = 20000
MOST_UPLOADS = 10


@dataclass(frozen=True, slots=True)
class Upload:
    """A file given with an answer or a word."""

    name: str
    content: bytes
    content_type: str = ""


def take(*, actor: Actor, task_id: int, now: datetime, over: bool = False) -> Task:
    """Take a task for oneself; ``over`` takes it from a colleague. Raises ``Conflict`` ``task_taken`` for one somebody has."""
    task = _mine(actor, task_id)
    if task.assignee_id == actor.staff_id:
        return task
    if task.assignee_id is not None and not over:
        raise _taken(task)
    before = task.assignee_id
    with transaction.atomic():
        save_claimed(task, assignee_id=actor.staff_id)
        Word.objects.create(task=task, kind=Word.Kind.TAKEN, at=now, by=actor.name, by_department=True)
        _write(actor, task, "taken", "", now)
        telling.put(task, [before], "task.taken", actor=actor, now=now)
    return task


def say(*, actor: Actor, task_id: int, text: str, now: datetime, uploads: Sequence[Upload] = ()) -> Task:
    """A word on an open task from either side; the other side is told, and who is named with ``@``."""
    task = access.get_task(actor, task_id)
    inside = is_member(actor, task)
    if not inside:
        access.get_for(actor, task.case_id)
        require(actor, Permission.CASE_WORK)
    _require_department(task)
    _require_open(task)
    _check(text, uploads, _("请填写留言。"))
    with transaction.atomic():
        _keep(actor, task, uploads, now)
        Word.objects.create(task=task, kind=Word.Kind.SAID, at=now, by=actor.name, by_department=inside, text=text.strip())
        _write(actor, task, "said", text.strip(), now)
        if inside:
            telling.tell_asker(task, "task.said", actor=actor, now=now)
        else:
            others = [task.assignee_id] if task.assignee_id else members.staff_of(task.site_id, task.department)
            telling.put(task, others, "task.said", actor=actor, now=now)
        telling.mention(actor, task, text, now=now)
    return task


def answer(*, actor: Actor, task_id: int, text: str, now: datetime, uploads: Sequence[Upload] = ()) -> Task:
    """Finish a task with an answer, which goes into the case; who asked is told.

    Of a department its members answer; one that a colleague has taken has to be taken over first. Of a site, people of it or of the case's
    site do. Of two at once the second gets ``task_done`` or ``Stale``.
    """
    task = access.get_task(actor, task_id)
    if task.department:
        task = _mine(actor, task_id)
        if task.assignee_id not in (None, actor.staff_id):
            raise _taken(task)
    else:
        require(actor, Permission.CASE_WORK)
    _check(text, uploads, _("请填写处理结果。"))
    _require_open(task)
    return _finish(actor, task, Task.State.DONE, text.strip(), uploads, now)


def hand_back(*, actor: Actor, task_id: int, reason: str, now: datetime) -> Task:
    """Give a task back unanswered: not ours, or something is missing. The reason goes into the case; who asked is told."""
    task = _mine(actor, task_id)
    if task.assignee_id not in (None, actor.staff_id):
        raise _taken(task)
    if len(reason.strip()) < 4:
        raise Invalid(fields={"reason": _("请写明退回原因（至少 4 个字），例如缺什么、该问谁。")})
    _check(reason, (), "")
    return _finish(actor, task, Task.State.RETURNED, reason.strip(), (), now)


def read_file(*, actor: Actor, task_id: int, file_id: int, now: datetime) -> Download:
    """A file that was sent with the task; nothing else of the case. The read is audited (SEC3)."""
    task = access.get_task(actor, task_id)
    row = task.files.filter(pk=file_id).first()
    if row is None:
        raise NotFound
    return files.given_out(actor, task.case, row, now=now)


def is_member(actor: Actor, task: Task) -> bool:
    """Whether the actor answers for the department that was asked."""
    if not task.department or actor.staff_id is None or not actor.may(Permission.TASK_ANSWER):
        return False
    return Member.objects.filter(site_id=task.site_id, department=task.department, staff_id=actor.staff_id).exists()


def put_back_all(site_id: int, department: str, staff_id: int) -> int:
    """Give what somebody took back to the department; in the caller's transaction."""
    rows = Task.objects.filter(site_id=site_id, department=department, state=Task.State.OPEN, assignee_id=staff_id)
    return rows.update(assignee=None, version=F("version") + 1)


def _mine(actor: Actor, task_id: int) -> Task:
    """An open task of one's own department."""
    task = access.get_task(actor, task_id)
    require(actor, Permission.TASK_ANSWER)
    _require_department(task)
    if not is_member(actor, task):
        raise Denied(_("只有被请求部门的成员可以领取、答复和退回；您可以在任务里留言。"), code="task_not_member")
    _require_open(task)
    return task


def _require_department(task: Task) -> None:
    if not task.department:
        raise Conflict(_("这是请站点协作的任务，请直接答复。"), code="task_of_site")


def _require_open(task: Task) -> None:
    if task.state != Task.State.OPEN:
        raise Conflict(_("该任务已处理，无需重复提交。"), code="task_done")


def _taken(task: Task) -> Conflict:
    name = people.staff_names({task.assignee_id or 0}).get(task.assignee_id or 0, "")
    return Conflict(_("%(name)s 已领取此任务；确需由您处理请先接手。") % {"name": name}, code="task_taken")


def _check(text: str, uploads: Sequence[Upload], missing: Message) -> None:
    wrong: dict[str, Message] = {}
    if not text.strip():
        wrong["text"] = missing
    elif len(text) > ANSWER_LIMIT:
        wrong["text"] = _("内容过长，请控制在 20000 字以内。")
    if len(uploads) > MOST_UPLOADS:
        wrong["file"] = _("一次最多上传 10 个文件。")
    if wrong:
        raise Invalid(fields=wrong)


def _keep(actor: Actor, task: Task, uploads: Sequence[Upload], now: datetime) -> list[Attachment]:
    """Files become files of the case, seen by both sides."""
    kept = [files.add(actor, task.case, name=one.name, content=one.content, content_type=one.content_type, now=now) for one in uploads]
    task.files.add(*kept)
    return kept


def _write(actor: Actor, task: Task, phase: str, text: str, now: datetime) -> None:
    data = {"phase": phase, "task": task.pk, "title": task.title, **({"department": task.department} if task.department else {})}
    timeline.write(actor, task.case, Happening(Entry.Kind.TASK, text=text, data=data, clause=task.clause), now=now)
    if task.department:
        telling.changed(task, now=now)


_ENDS = {
    Task.State.DONE: ("answered", "task.answered", Word.Kind.ANSWERED),
    Task.State.RETURNED: ("returned", "task.returned", Word.Kind.RETURNED),
}


def _finish(actor: Actor, task: Task, state: Task.State, text: str, uploads: Sequence[Upload], now: datetime) -> Task:
    phase, event, kind = _ENDS[state]
    with transaction.atomic():
        owner = {"assignee_id": task.assignee_id or actor.staff_id} if task.department else {}
        save_claimed(task, state=state, answer=text, done_by=actor.name, done_at=now, **owner)
        _keep(actor, task, uploads, now)
        if task.department:
            Word.objects.create(task=task, kind=kind, at=now, by=actor.name, by_department=True, text=text)
            subject = clocks.Subject("task", task.pk, task.site_id)
            clocks.apply_events(subject=subject, events=[event], clauses={}, book=handbooks.book_of(task.clause), at=now)
        _write(actor, task, phase, text, now)
        telling.tell_asker(task, event, actor=actor, now=now)
        telling.mention(actor, task, text, now=now)
    return task
