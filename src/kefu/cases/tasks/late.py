"""What a fired clock does to its task: a line in the case, notices along the ladder, a higher level of the case (CASE9, CASE4)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from kefu.cases import timeline
from kefu.cases.events import CaseChanged
from kefu.cases.fired import holders, raise_one_up
from kefu.cases.models import Case, Entry, Notice, Task
from kefu.cases.tasks import members
from kefu.cases.timeline import Happening
from kefu.clocks.events import FiredClock
from kefu.kernel import outbox
from kefu.kernel.actor import Actor
from kefu.kernel.rows import insert_all

_SWEEP = Actor.system("clock-sweep")


def note_fired_tasks(items: Sequence[FiredClock], *, now: datetime) -> int:
    """Bring the cases of late tasks up to date in a fixed number of statements; returns how many moments were noted.

    ``assignee`` of the ladder is who took the task, or all members while nobody has; from the breach on who asked is told too.
    """
    wanted = [item for item in items if item.subject_kind == "task"]
    if not wanted:
        return 0
    tasks = Task.objects.filter(state=Task.State.OPEN).in_bulk({item.subject_id for item in wanted})
    live = [item for item in wanted if item.subject_id in tasks]
    cases = Case.objects.defer("description", "data").in_bulk({task.case_id for task in tasks.values()})
    with transaction.atomic():
        insert_all([_entry(tasks[item.subject_id], cases, item) for item in live])
        Notice.objects.bulk_create(_notices(live, tasks), batch_size=500, ignore_conflicts=True)
        raise_one_up([cases[pk] for pk in dict.fromkeys(tasks[item.subject_id].case_id for item in live if item.raise_level)], now)
        changed = [CaseChanged(case_id=pk, site_id=case.site_id, what=Entry.Kind.TASK.value) for pk, case in cases.items()]
        outbox.emit_many(changed, now=now)
    return len(live)


def _entry(task: Task, cases: Mapping[int, Case], item: FiredClock) -> Entry:
    data = {
        "phase": item.phase,
        "task": task.pk,
        "title": task.title,
        "department": task.department,
        "clock": item.key,
        "notify": list(item.notify),
    }
    return timeline.entry(_SWEEP, cases[task.case_id], Happening(Entry.Kind.TASK, data=data, clause=item.clause), now=item.at)


def _notices(items: Sequence[FiredClock], tasks: Mapping[int, Task]) -> list[Notice]:
    posts = holders({item.site_id for item in items})
    staff = members.staff_of_many((task.site_id, task.department) for task in tasks.values())
    found = []
    for item in items:
        task = tasks[item.subject_id]
        receivers: set[int] = set()
        if "assignee" in item.notify:
            receivers |= {task.assignee_id} if task.assignee_id else set(staff[task.site_id, task.department])
        for post in item.notify:
            receivers |= posts[item.site_id][post]
        if item.phase != "warn" and task.asker_id:
            receivers.add(task.asker_id)
        what = f"task.{item.phase}"
        found += [Notice(staff_id=one, case_id=task.case_id, task=task, what=what, clause=item.clause, at=item.at) for one in receivers]
    return found
