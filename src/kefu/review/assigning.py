"""Who inspects: tasks are shared out by who has least in hand; people take, give back and hand on (QA6)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Stale
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission, Role
from kefu.review import access, rules
from kefu.review.errors import NotAble, NotYours, PersonOnly, TaskClosed, TaskTaken
from kefu.review.events import TaskChanged
from kefu.review.models import Task
from kefu.review.rules import Inspector
from kefu.review.vocabulary import OPEN, State

ABLE = [Role.INSPECTOR.value]
# Who may be given a task by hand.
ABLE_BY_HAND = [Role.INSPECTOR.value, Role.MANAGER.value]


def ref(row: Task) -> Ref:
    """How other records point at a task."""
    return Ref("review_task", row.pk)


def share_out(rows: Sequence[Task], *, seed: str) -> None:
    """Set the inspector of new tasks, site by site; where nobody may score them they wait to be taken."""
    teams = {pk: one.team_id for pk, one in people.of_ids({row.staff_id for row in rows if row.staff_id is not None}).items()}
    by_site: dict[int, list[Task]] = {}
    for row in rows:
        by_site.setdefault(row.site_id, []).append(row)
    loads = loads_now() if rows else {}
    for site_id, found in sorted(by_site.items()):
        able = [Inspector(one.pk, loads.get(one.pk, 0), one.team_id) for one in people.active_above(site_id, ABLE)]
        asked = [(row.conversation_id, row.staff_id, teams.get(row.staff_id or 0)) for row in found]
        chosen = rules.assign(asked, able, seed=seed)
        for row in found:
            row.inspector_id = chosen[row.conversation_id]
            row.state = State.ASSIGNED if row.inspector_id else State.WAITING
            if row.inspector_id:
                loads[row.inspector_id] = loads.get(row.inspector_id, 0) + 1


def loads_now() -> dict[int, int]:
    """Tasks in hand by inspector."""
    rows = Task.objects.filter(state=State.ASSIGNED).order_by().values_list("inspector_id").annotate(n=Count("pk"))
    return {pk: count for pk, count in rows if pk is not None}


def may_score(actor: Actor, row: Task) -> bool:
    """Whether this person may score it at all: not themselves, not their own team."""
    team = row.staff.team_id if row.staff is not None else None
    return actor.staff_id is not None and rules.may_score(actor.staff_id, actor.team_id, agent_id=row.staff_id, agent_team=team)


def check(row: Task, expected_version: int | None, states: Sequence[str] = OPEN) -> None:
    """Raises ``Stale`` when the caller saw another version, ``TaskClosed`` when nothing is open about it."""
    if expected_version is not None and row.version != expected_version:
        raise Stale
    if row.state not in states:
        raise TaskClosed(state=State(row.state).label)


def moved(actor: Actor, row: Task, what: str, now: datetime, **changes: object) -> Task:
    """Claim the row with its changes, audit, event."""
    with transaction.atomic():
        save_claimed(row, **changes)
        data = {"state": str(row.state), "inspector": row.inspector_id}
        audit.record(actor, f"review.{what}", ref(row), now=now, site_id=row.site_id, data=data)
        changed = TaskChanged(task_id=row.pk, site_id=row.site_id, inspector_id=row.inspector_id, state=row.state)
        outbox.emit(changed, now=now)
    return row


def take(*, actor: Actor, task_id: int, now: datetime, expected_version: int | None = None) -> Task:
    """Take a waiting task; of two at once one gets it. Raises ``TaskTaken``, ``NotAble``, ``Stale``."""
    require(actor, Permission.REVIEW_WORK)
    row = access.get_task(actor, task_id)
    if actor.staff_id is None:
        raise PersonOnly
    if row.inspector_id == actor.staff_id and row.state == State.ASSIGNED:
        return row
    if row.state == State.ASSIGNED:
        raise TaskTaken(name=row.inspector.name if row.inspector else "")
    check(row, expected_version)
    if not may_score(actor, row):
        raise NotAble
    return moved(actor, row, "taken", now, state=State.ASSIGNED, inspector_id=actor.staff_id)


def release(*, actor: Actor, task_id: int, now: datetime, expected_version: int | None = None) -> Task:
    """Give one's own task back; what was marked so far stays with it no longer."""
    require(actor, Permission.REVIEW_WORK)
    row = access.get_task(actor, task_id)
    check(row, expected_version, (State.ASSIGNED,))
    if row.inspector_id != actor.own_id:
        raise NotYours
    return moved(actor, row, "released", now, state=State.WAITING, inspector_id=None, draft={}, comment="", opened_at=None)


def reassign(*, actor: Actor, task_id: int, inspector_id: int, now: datetime, expected_version: int | None = None) -> Task:
    """Hand an open task to an inspector who reaches its site and may score it. Raises ``Invalid``, ``TaskClosed``, ``Stale``."""
    require(actor, Permission.REVIEW_PLAN)
    row = access.get_task(actor, task_id)
    check(row, expected_version)
    able = {one.pk: one for one in people.active_above(row.site_id, ABLE_BY_HAND)}
    chosen = able.get(inspector_id)
    if chosen is None:
        raise Invalid(fields={"inspector": _("请选择能查看这个站点的质检员。")}, code="no_inspector")
    team = row.staff.team_id if row.staff is not None else None
    if not rules.may_score(chosen.pk, chosen.team_id, agent_id=row.staff_id, agent_team=team):
        raise Invalid(fields={"inspector": NotAble.message}, code="review_not_able")
    if row.inspector_id == chosen.pk:
        return row
    return moved(actor, row, "reassigned", now, state=State.ASSIGNED, inspector_id=chosen.pk, draft={}, comment="", opened_at=None)


def drop(*, actor: Actor, task_id: int, reason: str, now: datetime, expected_version: int | None = None) -> Task:
    """Do not score it, for a reason: a recording that cannot be heard, a call put through by mistake."""
    require(actor, Permission.REVIEW_WORK)
    row = access.get_task(actor, task_id)
    check(row, expected_version)
    if row.inspector_id != actor.own_id and not actor.may(Permission.REVIEW_PLAN):
        raise NotYours
    said = reason.strip()
    if not 2 <= len(said) <= 200:
        raise Invalid(fields={"reason": _("请写明为什么不再检查（200 字以内）。")}, code="no_reason")
    return moved(actor, row, "dropped", now, state=State.DROPPED, drop_reason=said, done_at=now)


def waiting_for(actor: Actor, row: Task) -> bool:
    """Whether the reader may take it now; for screens."""
    return row.state == State.WAITING and actor.may(Permission.REVIEW_WORK) and may_score(actor, row)
