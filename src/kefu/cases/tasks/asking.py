"""Asking another site, team or department inside a case, and taking the question back (CASE9)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases import access, timeline
from kefu.cases.actions import require_open
from kefu.cases.models import NO_DEADLINE, Attachment, Case, Entry, Task, Word
from kefu.cases.tasks import members, telling
from kefu.cases.timeline import Happening
from kefu.clocks import actions as clocks
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, Invalid
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission

TEXT_LIMIT = 4000
TITLE_LIMIT = 200
MOST_FILES = 20


@dataclass(frozen=True, slots=True)
class Question:
    """What a department is asked: in one line, more of it, and files of the case it is to see."""

    title: str
    text: str = ""
    file_ids: tuple[int, ...] = ()


def ask(*, actor: Actor, case_id: int, site_id: int, title: str, due_at: datetime, now: datetime, team_id: int | None = None) -> Task:
    """Ask a site, or a team of it, to do something by a time. Any site may be asked, not only those in reach."""
    case = _asked_in(actor, case_id)
    wrong: dict[str, Any] = _title_wrong(title)
    if due_at <= now:
        wrong["due_at"] = _("完成时间必须晚于现在。")
    if site_id not in people.sites_by_id():
        wrong["site"] = _("请选择站点。")
    if wrong:
        raise Invalid(fields=wrong)
    with transaction.atomic():
        task = Task.objects.create(
            case=case,
            site_id=site_id,
            team_id=team_id,
            title=title.strip(),
            due_at=due_at,
            asked_by=actor.name,
            asker_id=actor.staff_id,
            asked_at=now,
        )
        timeline.write(actor, case, Happening(Entry.Kind.TASK, data={"phase": "asked", "task": task.pk, "title": task.title}), now=now)
    return task


def ask_department(*, actor: Actor, case_id: int, department: str, question: Question, now: datetime) -> Task:
    """Ask a department of the case's site, or of the nearest site above that has one; its clocks start now.

    Members see the question and the files sent with it, not the case. Raises ``Invalid`` with the field to mend: a department the handbook
    in force does not know or that nobody is a member of, no title, a text too long, files that are not the case's.
    """
    case = _asked_in(actor, case_id)
    book, files = members.book_at(case.site_id, now), _files(case, question.file_ids)
    wrong = _title_wrong(question.title)
    if len(question.text) > TEXT_LIMIT:
        wrong["text"] = _("补充说明过长，请控制在 4000 字以内。")
    if len(files) != len(set(question.file_ids)) or len(files) > MOST_FILES:
        wrong["files"] = _("请从本工单的附件中选择，最多 20 个。")
    place = members.place_of(case.site_id, department)
    if book is None or department not in book.departments:
        wrong["department"] = _("请选择手册中的部门。")
    elif place is None:
        name = {"department": book.departments[department].title}
        wrong["department"] = _("“%(department)s”还没有成员，请经理先在“部门协作”的“成员”里指定。") % name
    if wrong or book is None or place is None:
        raise Invalid(fields=wrong)
    return _asked(actor, case, department, place, question, files, book, now)


def _asked(
    actor: Actor, case: Case, key: str, site_id: int, question: Question, files: Sequence[Attachment], book: Handbook, now: datetime
) -> Task:
    clause = str(book.ref(f"departments.{key}"))
    limits = book.clocks_for(case.kind, level=case.level, tier=case.tier)
    chosen = {name: limits[name] for name in book.departments[key].answer_by if name in limits}
    moves = clocks.foresee(subject=clocks.Subject("task", 0, site_id), events=["task.asked"], clauses=chosen, book=book, at=now, fresh=True)
    task = Task(
        case=case,
        site_id=site_id,
        department=key,
        clause=clause,
        title=question.title.strip(),
        question=question.text.strip(),
        due_at=moves.open[0].due_at if moves.open else NO_DEADLINE,
        asked_by=actor.name,
        asker_id=actor.staff_id,
        asked_at=now,
    )
    data = {"phase": "asked", "title": task.title, "department": key}
    with transaction.atomic():
        task.save(force_insert=True)
        task.files.set(files)
        clocks.carry_out(moves, subject_id=task.pk)
        Word.objects.create(task=task, kind=Word.Kind.ASKED, at=now, by=actor.name, text=task.question)
        timeline.write(actor, case, Happening(Entry.Kind.TASK, task.question, {**data, "task": task.pk}, clause), now=now)
        telling.put(task, members.staff_of(site_id, key), "task.asked", actor=actor, now=now)
        telling.mention(actor, task, task.question, now=now)
        telling.changed(task, now=now)
    return task


def cancel(*, actor: Actor, task_id: int, now: datetime) -> Task:
    """Take a task back; who took it is told."""
    task = access.get_task(actor, task_id)
    access.get_for(actor, task.case_id)
    require(actor, Permission.CASE_WORK)
    if task.state != Task.State.OPEN:
        raise Conflict(_("该任务已处理，无法取消。"), code="task_done")
    data = {"phase": "cancelled", "task": task.pk, "title": task.title, **({"department": task.department} if task.department else {})}
    with transaction.atomic():
        save_claimed(task, state=Task.State.CANCELLED, done_by=actor.name, done_at=now)
        if task.department:
            clocks.stop_all(subject=clocks.Subject("task", task.pk, task.site_id), at=now)
            Word.objects.create(task=task, kind=Word.Kind.CANCELLED, at=now, by=actor.name)
            telling.put(task, [task.assignee_id] if task.assignee_id else [], "task.cancelled", actor=actor, now=now)
            telling.changed(task, now=now)
        timeline.write(actor, task.case, Happening(Entry.Kind.TASK, data=data), now=now)
    return task


def _asked_in(actor: Actor, case_id: int) -> Case:
    case = access.get_for(actor, case_id)
    require(actor, Permission.CASE_WORK)
    require_open(case)
    return case


def _title_wrong(title: str) -> dict[str, Any]:
    return {} if title.strip() and len(title) <= TITLE_LIMIT else {"title": _("请写明要做什么（200 字以内）。")}


def _files(case: Case, ids: Sequence[int]) -> list[Attachment]:
    return list(Attachment.objects.filter(case=case, pk__in=ids).order_by("pk")) if ids else []
