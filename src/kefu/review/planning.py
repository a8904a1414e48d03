"""Sampling plans: made, changed, paused, tried out, drawn each morning (QA6)."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Stale
from kefu.kernel.moment import midnight
from kefu.people import access as people
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.review import access, reading, rules
from kefu.review.assigning import share_out
from kefu.review.drafts import PlanDraft, Terms, check
from kefu.review.events import SampleDrawn
from kefu.review.models import Plan, Task
from kefu.review.reading import Talk
from kefu.review.rules import Drawn
from kefu.review.vocabulary import State

_CLOCK = Actor.system("sampling")
_DAY = timedelta(days=1)
_MORNING = timedelta(hours=6)
# Days one turn of the clock catches up.
_MOST_DAYS = 31


def ref(plan: Plan) -> Ref:
    """How other records point at a plan."""
    return Ref("review_plan", plan.pk, plan.name)


def create_plan(*, actor: Actor, draft: PlanDraft, now: datetime, clause: str = "") -> Plan:
    """A new plan; it begins with the period under way. Raises ``Invalid``, ``NotFound`` for a site out of reach."""
    require(actor, Permission.REVIEW_PLAN)
    check(draft)
    people.get_site(actor, draft.site_id)
    today = timezone.localtime(now).date()
    first, _last = rules.period_of(draft.period, today)
    with transaction.atomic():
        _check_name(draft, None)
        plan = Plan.objects.create(
            **_columns(draft), seed=secrets.token_hex(8), clause=clause, drawn_through=first - _DAY, next_at=_next(first - _DAY),
            made_by=actor.name[:80], changed_at=now,
        )  # fmt: skip
        audit.record(actor, "review.plan_made", ref(plan), now=now, site_id=plan.site_id, clause=clause, data=_told(draft))
    return plan


def change_plan(*, actor: Actor, plan_id: int, draft: PlanDraft, now: datetime, expected_version: int | None = None) -> Plan:
    """Change it from the next draw on. Raises ``Invalid``, ``Stale``, ``NotFound``."""
    require(actor, Permission.REVIEW_PLAN)
    check(draft)
    plan = access.get_plan(actor, plan_id)
    people.get_site(actor, draft.site_id)
    if expected_version is not None and plan.version != expected_version:
        raise Stale
    with transaction.atomic():
        _check_name(draft, plan.pk)
        save_claimed(plan, **_columns(draft), changed_at=now)
        audit.record(actor, "review.plan_changed", ref(plan), now=now, site_id=plan.site_id, data=_told(draft))
    return plan


def pause_plan(*, actor: Actor, plan_id: int, paused: bool, now: datetime, expected_version: int | None = None) -> Plan:
    """Stop drawing, or go on with the period under way; periods that ended in between are not drawn afterwards."""
    require(actor, Permission.REVIEW_PLAN)
    plan = access.get_plan(actor, plan_id)
    if expected_version is not None and plan.version != expected_version:
        raise Stale
    changes: dict[str, Any] = {"next_at": None}
    if not paused:
        yesterday = timezone.localtime(now).date() - _DAY
        changes = {"drawn_through": yesterday, "next_at": _next(yesterday)}
    with transaction.atomic():
        save_claimed(plan, changed_at=now, **changes)
        what = "review.plan_paused" if paused else "review.plan_resumed"
        audit.record(actor, what, ref(plan), now=now, site_id=plan.site_id)
    return plan


def _columns(draft: PlanDraft) -> dict[str, Any]:
    return {
        "site_id": draft.site_id, "name": draft.name.strip(), "method": draft.method, "period": draft.period, "channel": draft.channel,
        "terms": draft.terms.kept(),
    }  # fmt: skip


def _told(draft: PlanDraft) -> dict[str, Any]:
    return {"method": draft.method, "period": draft.period, "amount": draft.terms.amount, "percent": draft.terms.percent}


def _check_name(draft: PlanDraft, plan_id: int | None) -> None:
    if Plan.objects.filter(site_id=draft.site_id, name=draft.name.strip()).exclude(pk=plan_id or 0).exists():
        raise Invalid(fields={"name": _("这个站点已有同名的抽检计划。")}, code="plan_name")


def _next(through: date) -> datetime:
    """When the day after ``through`` is drawn: the next morning, when it is over and has been inspected."""
    return midnight(through + 2 * _DAY) + _MORNING


# ── Drawing ──


@dataclass(frozen=True, slots=True)
class Sample:
    """What a draw gives: conversations with their reasons, of how many, and the talks by id."""

    drawn: list[Drawn]
    of: int
    talks: dict[int, Talk]


def sample(plan: Plan, day: date, *, now: datetime) -> Sample:
    """What the plan draws when ``day`` is over, after what it drew before in this period. Reads only."""
    terms = Terms.read(plan.terms)
    first, _last = rules.period_of(plan.period, day)
    found = reading.talks(plan, first, day)
    before, barred = _known(plan, first, [one.id for one in found])
    open_to = [one for one in found if one.id not in barred]
    start = midnight(day)
    fresh = {one.id for one in open_to if one.at >= start and one.id not in before}
    ready = reading.candidates(open_to, terms, day=day, fresh=fresh, now=now)
    quota = terms.quota(plan.method, rules.passed(plan.period, day))
    drawn = rules.draw(quota, ready, seed=f"{plan.seed}:{first.isoformat()}", before=before)
    return Sample(drawn, len(ready), {one.id: one for one in open_to})


def _known(plan: Plan, first: date, ids: Sequence[int]) -> tuple[set[int], set[int]]:
    """What this plan drew in the period, and what it may not draw: in other hands or scored already, or dropped from this period."""
    before, barred = set(), set()
    for start in range(0, len(ids), 500):
        rows = Task.objects.filter(conversation_id__in=ids[start : start + 500])
        for plan_id, period, conversation_id, state in rows.values_list("plan_id", "period", "conversation_id", "state"):
            own = plan_id == plan.pk and period == first
            if own and state != State.DROPPED:
                before.add(conversation_id)
            elif own or state != State.DROPPED:
                barred.add(conversation_id)
    return before, barred - before


def preview(*, actor: Actor, draft: PlanDraft, now: datetime, plan_id: int | None = None) -> Sample:
    """What a plan would draw today of the period so far, written nowhere."""
    require(actor, Permission.REVIEW_PLAN)
    check(draft)
    people.get_site(actor, draft.site_id)
    known = access.get_plan(actor, plan_id) if plan_id is not None else None
    plan = Plan(**_columns(draft), seed=known.seed if known else "preview")
    if known is not None:
        plan.pk = known.pk
    return sample(plan, timezone.localtime(now).date(), now=now)


def draw_now(*, actor: Actor, plan_id: int, now: datetime) -> int:
    """Draw today so far; the morning's draw goes on from there. Returns how many tasks were made."""
    require(actor, Permission.REVIEW_PLAN)
    plan = access.get_plan(actor, plan_id)
    return _draw(actor, plan, timezone.localtime(now).date(), now, {})


def draw_due(*, now: datetime) -> int:
    """Draw every day that is over, for every plan that is due. Killed or run twice, nothing is drawn twice."""
    made = 0
    yesterday = timezone.localtime(now).date() - _DAY
    for plan in Plan.objects.filter(Q(next_at__lte=now)).order_by("next_at", "pk")[:50]:
        for _day in range(_MOST_DAYS):
            day = plan.drawn_through + _DAY
            if day > yesterday:
                break
            try:
                made += _draw(_CLOCK, plan, day, now, {"drawn_through": day, "next_at": _next(day)})
            except (Stale, IntegrityError):
                break  # another worker draws it, or an inspector took one of them just now: the next turn goes on
    return made


def _draw(actor: Actor, plan: Plan, day: date, now: datetime, changes: dict[str, Any]) -> int:
    found = sample(plan, day, now=now)
    first, _last = rules.period_of(plan.period, day)
    terms = Terms.read(plan.terms)
    due = midnight(timezone.localtime(now).date() + (terms.due_days + 1) * _DAY)
    rows = [_task(plan, first, one, found.talks[one.id], terms, now, due) for one in found.drawn]
    with transaction.atomic():
        save_claimed(plan, **changes)
        share_out(rows, seed=f"{plan.seed}:{day.isoformat()}")
        Task.objects.bulk_create(rows, batch_size=500)
        data = {"day": day.isoformat(), "tasks": len(rows), "of": found.of}
        audit.record(actor, "review.drawn", ref(plan), now=now, site_id=plan.site_id, clause=plan.clause, data=data)
        outbox.emit(SampleDrawn(plan_id=plan.pk, site_id=plan.site_id, tasks=len(rows)), now=now)
    return len(rows)


def _task(plan: Plan, first: date, one: Drawn, talk: Talk, terms: Terms, now: datetime, due: datetime) -> Task:
    amounts = {
        "quota": terms.amount,
        "new_staff": terms.new_amount,
        "share": terms.percent,
        "silence": terms.silence,
        "low_rating": terms.rating,
    }
    return Task(
        plan=plan, period=first, conversation_id=talk.id, site_id=talk.site_id, staff_id=talk.staff_id, channel=talk.channel, at=talk.at,
        day=timezone.localtime(talk.at).date(), why=[{"code": code, "number": amounts.get(code)} for code in one.why],
        drawn_at=now, due_at=due,
    )  # fmt: skip
