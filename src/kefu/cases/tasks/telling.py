"""Notices of a task: to members, to who asked, to who is named in it. They point at the task, which its reader may see (CASE9)."""

import re
from collections.abc import Iterable
from datetime import datetime

from kefu.cases.events import TaskChanged
from kefu.cases.models import Notice, Task
from kefu.cases.tasks import members
from kefu.kernel import outbox
from kefu.kernel.actor import Actor
from kefu.people import queries as people

_MENTION = re.compile(r"@(\w{1,24})")
_NAME = (4, 3, 2)
"""Lengths of a Chinese name that runs on into the words behind it, the longest first."""


def changed(task: Task, *, now: datetime) -> None:
    """Let open pages of the department know; in the caller's transaction."""
    outbox.emit(TaskChanged(task_id=task.pk, site_id=task.site_id), now=now)


def put(task: Task, staff: Iterable[int | None], what: str, *, actor: Actor, now: datetime) -> None:
    """A notice for each of them but the doer, in the caller's transaction."""
    receivers = sorted({one for one in staff if one} - {actor.own_id})
    rows = [Notice(staff_id=one, case_id=task.case_id, task=task, what=what, at=now) for one in receivers]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)


def tell_asker(task: Task, what: str, *, actor: Actor, now: datetime) -> None:
    """To who asked, and to who works the case by now."""
    put(task, [task.asker_id, task.case.assignee_id], what, actor=actor, now=now)


def mention(actor: Actor, task: Task, text: str, *, now: datetime) -> list[int]:
    """Tell those a text names ``@工号`` or ``@姓名``: members of the department, who asked, who works the case. Returns who."""
    if "@" not in text:
        return []
    circle = {*members.staff_of(task.site_id, task.department), task.asker_id, task.case.assignee_id} - {None}
    tokens = set(_MENTION.findall(text))
    wanted = {token: [token, *(token[:size] for size in _NAME)] for token in tokens}
    known = {name: one.pk for one in people.active_called({name for names in wanted.values() for name in names}) if one.pk in circle
             for name in (one.staff_no, one.name)}  # fmt: skip
    found = sorted({next((known[name] for name in names if name in known), 0) for names in wanted.values()} - {0})
    put(task, found, "mention", actor=actor, now=now)
    return found
