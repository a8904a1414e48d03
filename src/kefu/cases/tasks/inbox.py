"""Reads of tasks: a department's inbox, what one asked oneself, one task with its words (CASE9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from kefu.cases import access
from kefu.cases.models import Attachment, Task, Word
from kefu.cases.tasks import members
from kefu.cases.tasks.working import is_member
from kefu.clocks import queries as clocks
from kefu.clocks.queries import ClockView, Nearest
from kefu.kernel.actor import Actor
from kefu.kernel.paging import CappedCount, Order, Page, capped_counts, keyset_page
from kefu.people.permissions import Permission

VIEWS = ("mine", "open", "asked", "done")
"""Mine to answer; all open of one's departments; what one asked of others; what they have answered or handed back."""
_DUE = (Order("due_at"), Order("id"))
_ENDED = (Order("done_at", descending=True), Order("id", descending=True))


def _rows(actor: Actor, view: str, places: Sequence[tuple[int, str]]) -> QuerySet[Task]:
    if view == "asked":
        own = actor.staff_id if actor.may(Permission.CASE_VIEW) else None
        return Task.objects.filter(asker_id=own, state=Task.State.OPEN) if own else Task.objects.none()
    if not places:
        return Task.objects.none()
    wanted = Q()
    for site_id, department in places:
        wanted |= Q(site_id=site_id, department=department)
    rows = Task.objects.filter(wanted)
    if view == "done":
        return rows.filter(done_at__isnull=False)
    rows = rows.filter(state=Task.State.OPEN)
    return rows.filter(Q(assignee=None) | Q(assignee_id=actor.own_id)) if view == "mine" else rows


def page(actor: Actor, view: str, *, department: str = "", cursor: str | None = None, size: int = 30) -> Page[Task]:
    """One page of a view: open ones the most overdue first, ended ones the latest first. Unknown views and departments hold nothing."""
    places = [place for place in members.places_of(actor) if not department or place[1] == department]
    rows = _rows(actor, view, places)
    rows = rows.filter(department=department) if department else rows
    # The question is shown; the rest of the case is not the department's.
    rows = rows.select_related("case__site", "site", "assignee").defer("case__description", "case__data", "answer")
    return keyset_page(rows, list(_ENDED if view == "done" else _DUE), size=size, cursor=cursor)


def counts(actor: Actor, *, now: datetime) -> dict[str, CappedCount]:
    """How much the open views hold, and ``late``: how much of one's own is overdue; in one statement."""
    places = members.places_of(actor)
    mine = _rows(actor, "mine", places)
    asked = [mine, _rows(actor, "open", places), _rows(actor, "asked", places), mine.filter(due_at__lt=now)]
    return dict(zip(("mine", "open", "asked", "late"), capped_counts(asked), strict=True))


def limits(tasks: Sequence[Task]) -> Mapping[int, Nearest]:
    """The nearest running clock of each, for lists."""
    return clocks.nearest_clocks("task", [task.pk for task in tasks])


def next_untaken(actor: Actor) -> Task | None:
    """The most pressing task of one's departments that nobody has taken."""
    rows = _rows(actor, "open", members.places_of(actor)).filter(assignee=None)
    return rows.order_by("due_at", "pk").first()


@dataclass(frozen=True, slots=True)
class TaskDetail:
    """A task as its page shows it. ``inside``: the reader answers for the department; ``sees_case``: may open the case too."""

    task: Task
    words: list[Word]
    files: list[Attachment]
    clocks: list[ClockView]
    inside: bool
    sees_case: bool
    can: Mapping[str, bool]


def detail(actor: Actor, task_id: int, *, now: datetime) -> TaskDetail:
    """One task of a department, in a fixed number of queries; ``NotFound`` for who may see neither it nor its case."""
    task = access.get_task(actor, task_id)
    inside = is_member(actor, task)
    sees_case = access.visible_to(actor).filter(pk=task.case_id).exists()
    works = sees_case and actor.may(Permission.CASE_WORK)
    is_open = task.state == Task.State.OPEN
    mine = task.assignee_id is None or task.assignee_id == actor.staff_id
    can: dict[str, Any] = {
        "take": inside and is_open and task.assignee_id is None,
        "take_over": inside and is_open and not mine,
        "answer": inside and is_open and mine,
        "say": is_open and bool(task.department) and (inside or works),
        "cancel": works and is_open,
    }
    words = list(task.words.order_by("pk"))
    return TaskDetail(task, words, list(task.files.order_by("pk")), clocks.of_subject("task", task.pk, now=now), inside, sees_case, can)
