"""Reads of sampling and scoring: plans, tasks, the scoring sheet (QA6). Figures are in ``coverage``."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Q, QuerySet

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.kernel.actor import Actor
from kefu.kernel.moment import on_days
from kefu.kernel.paging import CappedCount, Order, Page, capped_count, keyset_page
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.quality import overruling
from kefu.quality import queries as quality
from kefu.review import access
from kefu.review.assigning import ABLE_BY_HAND, may_score, waiting_for
from kefu.review.drafts import Terms, usual
from kefu.review.models import Plan, Task
from kefu.review.planning import Sample, sample
from kefu.review.scoring import open_to_score
from kefu.review.vocabulary import OPEN, State

__all__ = ["Plan", "Sheet", "Task", "Wanted"]
_NEWEST = (Order("drawn_at", descending=True), Order("pk", descending=True))
_SOONEST = (Order("due_at"), Order("pk"))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which tasks. ``mine``: in the reader's hands; ``free``: to be taken; ``late``: open beyond their due day. Days are of the talks."""

    state: str = ""
    inspector_id: int | None = None
    staff_id: int | None = None
    team_id: int | None = None
    site_id: int | None = None
    plan_id: int | None = None
    why: str = ""
    day_from: date | None = None
    day_to: date | None = None
    done_from: date | None = None
    done_to: date | None = None
    mine: bool = False
    free: bool = False
    late: bool = False


def rows(actor: Actor, wanted: Wanted, *, now: datetime) -> QuerySet[Task]:
    """Tasks of a filter, in reach."""
    exact = {
        "state": wanted.state, "inspector_id": wanted.inspector_id, "staff_id": wanted.staff_id, "site_id": wanted.site_id,
        "plan_id": wanted.plan_id, "staff__team_id": wanted.team_id,
    }  # fmt: skip
    found = access.visible_tasks(actor).filter(**{name: value for name, value in exact.items() if value})
    found = found.filter(**on_days("at", wanted.day_from, wanted.day_to), **on_days("done_at", wanted.done_from, wanted.done_to))
    if wanted.why:
        found = found.filter(why__icontains=f'"{wanted.why}"')
    if wanted.mine:
        found = found.filter(state=State.ASSIGNED, inspector_id=actor.own_id)
    if wanted.free:
        found = found.filter(state=State.WAITING)
    if wanted.late:
        found = found.filter(state__in=OPEN, due_at__lte=now)
    return found


def page(actor: Actor, wanted: Wanted, *, now: datetime, cursor: str | None = None, size: int = 50) -> Page[Task]:
    """One page with agent, inspector, site and plan: open ones soonest due first, all of them newest first."""
    found = rows(actor, wanted, now=now).select_related("staff", "inspector", "site", "plan")
    order = _SOONEST if wanted.mine or wanted.free or wanted.late else _NEWEST
    return keyset_page(found, order, size=size, cursor=cursor)


def count(actor: Actor, wanted: Wanted, *, now: datetime) -> CappedCount:
    """How many, capped."""
    return capped_count(rows(actor, wanted, now=now))


def next_of(actor: Actor, *, after: int | None = None) -> int | None:
    """The task in the reader's hands that is due soonest, but the one just done."""
    found = access.visible_tasks(actor).filter(state=State.ASSIGNED, inspector_id=actor.own_id).exclude(pk=after or 0)
    return found.order_by("due_at", "pk").values_list("pk", flat=True).first()


@dataclass(frozen=True, slots=True)
class SheetItem:
    """An item as its row on the sheet: the machine's word, the person's so far, and whether a dispute has settled it."""

    item: quality.CardItem
    automatic: str
    verdict: str
    reason: str
    line: int | None
    settled: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A task with its card: both verdicts of every item. ``mine``: the reader may mark it now."""

    task: Task
    card: quality.Card | None
    items: tuple[SheetItem, ...]
    mine: bool
    may_take: bool
    able: bool


def sheet(actor: Actor, task_id: int) -> Sheet:
    """The scoring page of a task in reach."""
    task = access.get_task(actor, task_id)
    card = quality.findings_of(actor, task.conversation_id)
    mine = task.state == State.ASSIGNED and task.inspector_id == actor.own_id and actor.may(Permission.REVIEW_WORK)
    items = _items(actor, task, card) if card else ()
    return Sheet(task, card, items, mine, waiting_for(actor, task), may_score(actor, task))


def _items(actor: Actor, task: Task, card: quality.Card) -> tuple[SheetItem, ...]:
    said = overruling.automatic(card.inspection)
    free = set(open_to_score(actor, card.inspection, said))
    draft: Mapping[str, Any] = task.draft
    out = []
    for item in card.items:
        kept = draft.get(item.key, {})
        verdict = kept.get("verdict", "") or (item.state if item.state in ("breached", "passed", "not_applicable") else "")
        out.append(SheetItem(item, said.get(item.key, ""), verdict, kept.get("reason", ""), kept.get("line"), item.key not in free))
    return tuple(out)


# ── Plans ──


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A plan with its numbers and how many tasks it drew, of them done and overdue."""

    plan: Plan
    terms: Terms
    drawn: int
    done: int
    late: int


def plans(actor: Actor, *, now: datetime) -> list[PlanRow]:
    """Plans in reach by site and name; two queries."""
    late = Q(tasks__state__in=OPEN, tasks__due_at__lte=now)
    found = access.visible_plans(actor).select_related("site").annotate(
        drawn=Count("tasks"), done=Count("tasks", filter=Q(tasks__state=State.DONE)), late=Count("tasks", filter=late)
    )  # fmt: skip
    return [PlanRow(one, Terms.read(one.terms), one.drawn, one.done, one.late) for one in found.order_by("site__path", "name")]


def plan(actor: Actor, plan_id: int) -> tuple[Plan, Terms]:
    """One plan in reach, or ``NotFound``."""
    found = access.get_plan(actor, plan_id)
    return found, Terms.read(found.terms)


def next_draw(actor: Actor, plan_id: int, *, day: date, now: datetime) -> Sample:
    """What the plan would draw when the day is over."""
    return sample(access.get_plan(actor, plan_id), day, now=now)


def usual_terms(actor: Actor, site_id: int, now: datetime) -> tuple[Terms, str]:
    """The handbook's numbers for a new plan at the site, with their clause."""
    site = people_access.get_site(actor, site_id)
    try:
        return usual(handbooks.book_at(site.handbook, now))
    except NotInForce:
        return Terms(), ""


def able_inspectors(site_id: int) -> list[tuple[int, str]]:
    """People a task at the site may be handed to."""
    return [(one.pk, one.name) for one in people.active_above(site_id, ABLE_BY_HAND)]


def scores_of(actor: Actor, conversation_id: int) -> list[Task]:
    """Finished scorings of one conversation in reach, newest first; the agent sees theirs with the comment, not who waits to score."""
    found = Task.objects.filter(conversation_id=conversation_id, state=State.DONE).select_related("inspector", "site")
    found = people_access.in_reach(found, actor) if actor.may(Permission.QUALITY_VIEW) else found.filter(staff_id=actor.own_id)
    return list(found.order_by("-done_at", "-pk")[:10])
