"""The worker's part of a trial: chunks, each claimed, judged under both handbooks, and written with its mark in one transaction (QA10).

Any number of workers share a trial. A chunk whose worker died is free again when its lease runs out; whoever lost a lease meanwhile finds
that at the conditional update of the mark, and writes nothing.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from time import monotonic
from uuid import uuid4

from django.db import transaction
from django.db.models import Q

from kefu.bench import actions
from kefu.bench.models import Change, Chunk, Total, Trial
from kefu.conversations import access as conversations
from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.kernel.claims import claim
from kefu.kernel.masking import mask_text
from kefu.people.access import actor_of
from kefu.quality import subjects
from kefu.quality.inspector import Inspectors
from kefu.quality.results import LETTERS, Hit, Inspected, ItemResult

log = logging.getLogger(__name__)
LEASE = timedelta(seconds=120)
BUDGET = timedelta(seconds=2)
_SYSTEM = Actor.system("bench")
_NOTHING = Decimal(0)


class _Lost(Exception):
    """Another worker has the chunk: what was written of it is taken back."""


def run_due(*, now: datetime, budget: timedelta = BUDGET) -> int:
    """Work on running trials for about ``budget``; returns conversations judged."""
    until = monotonic() + budget.total_seconds()
    done = 0
    while monotonic() < until:
        trial = Trial.objects.filter(state=Trial.State.RUNNING).order_by("pk").first()
        if trial is None:
            break
        worked = work_on(trial, now=now, until=until)
        if worked is None:
            break
        done += worked
    return done


def work_on(trial: Trial, *, now: datetime, until: float = float("inf"), progress: Callable[[int], None] = lambda _: None) -> int | None:
    """Work on one trial until it ends or time is up; ``None`` when others hold all that is left of it."""
    done = 0
    began = monotonic()
    while monotonic() < until:
        moment = now + timedelta(seconds=monotonic() - began)
        chunk = _take(trial, moment)
        if chunk is None:
            if not trial.chunks.filter(done=False).exists():
                with transaction.atomic():
                    actions.end(_SYSTEM, trial, Trial.State.DONE, moment)
                return done
            return done or None
        if (read := _work(trial, chunk, moment)) < 0:
            return done
        done += read
        progress(chunk.size)
    return done


def _take(trial: Trial, now: datetime) -> Chunk | None:
    """A free chunk, claimed; ``None`` when there is none."""
    for _try in range(20):
        free = Chunk.objects.filter(trial_id=trial.pk, done=False).filter(Q(leased_until=None) | Q(leased_until__lt=now))
        found = free.filter(trial__state=Trial.State.RUNNING).order_by("number").first()
        if found is None:
            return None
        lease = uuid4().hex
        if claim(free.filter(pk=found.pk), lease=lease, leased_until=now + LEASE):
            found.lease = lease
            return found
    return None


def _work(trial: Trial, chunk: Chunk, now: datetime) -> int:
    actor = Actor.system(trial.actor_name) if trial.actor_kind == "system" else actor_of(trial.actor_kind, trial.actor_id, now=now)
    draft = _draft(trial.pk, trial.text, trial.created_at)
    if actor is None or draft is None:
        with transaction.atomic():
            actions.end(_SYSTEM, trial, Trial.State.FAILED, now, "person_gone" if actor is None else "draft_gone")
        return -1
    sums = _judge(trial, chunk, actor, draft)
    try:
        with transaction.atomic():
            Change.objects.bulk_create(sums.changes, batch_size=500)
            Total.objects.bulk_create(sums.totals.values(), batch_size=500)
            held = Chunk.objects.filter(pk=chunk.pk, lease=chunk.lease, done=False)
            if not claim(held, done=True, read=sums.read, changed=len({one.conversation_id for one in sums.changes})):
                raise _Lost
    except _Lost:
        log.warning("chunk %s of trial %s was taken by another worker", chunk.number, trial.pk)
        return 0
    return sums.read


@lru_cache(maxsize=4)
def _draft(trial_id: int, text: str, when: datetime) -> Handbook | None:  # noqa: ARG001 (the id keeps trials apart)
    return handbooks.read_text(text, when=when).handbook


@lru_cache(maxsize=4)
def _inspectors(trial_id: int) -> Inspectors:  # noqa: ARG001 (one set for each trial)
    return Inspectors()


@dataclass(slots=True)
class _Sums:
    read: int = 0
    changes: list[Change] = field(default_factory=list)
    totals: dict[tuple[int, int | None], Total] = field(default_factory=dict)


def _judge(trial: Trial, chunk: Chunk, actor: Actor, draft: Handbook) -> _Sums:
    rows = conversations.visible_to(actor).filter(pk__gte=chunk.first_id, pk__lte=chunk.last_id, site__handbook=trial.handbook)
    ids = rows.filter(started_at__gte=trial.since, started_at__lt=trial.until).order_by("pk").values_list("pk", flat=True)
    out, inspectors = _Sums(), _inspectors(trial.pk)
    for subject in subjects.conversations(actor, list(ids), subjects.Books()):
        before = _judged(inspectors, subject.book, subject)
        after = _judged(inspectors, draft, subject)
        if before is None and after is None:
            continue
        out.read += 1
        _add(out, trial, subject, before, after)
        out.changes.extend(_changes(trial, subject, before, after))
    return out


def _judged(inspectors: Inspectors, book: Handbook | None, subject: subjects.Subject) -> Inspected | None:
    inspector = inspectors.of(book, subject.channel)
    return inspector.inspect(subject.dialogue) if inspector is not None else None


def _add(out: _Sums, trial: Trial, subject: subjects.Subject, before: Inspected | None, after: Inspected | None) -> None:
    key = (subject.site_id, subject.staff_id)
    total = out.totals.get(key)
    if total is None:
        sums = {"points_before": _NOTHING, "points_after": _NOTHING, "money_before": _NOTHING, "money_after": _NOTHING}
        total = out.totals[key] = Total(trial=trial, site_id=key[0], staff_id=key[1], conversations=0, **sums)
    total.conversations += 1
    if before is not None:
        total.points_before += before.points
        total.money_before += before.money
    if after is not None:
        total.points_after += after.points
        total.money_after += after.money


def _changes(trial: Trial, subject: subjects.Subject, before: Inspected | None, after: Inspected | None) -> list[Change]:
    old = {item.item: item for item in before.items} if before is not None else {}
    new = {item.item: item for item in after.items} if after is not None else {}
    return [
        _change(trial, subject, key, old.get(key), new.get(key)) for key in {**old, **new} if _letter(old.get(key)) != _letter(new.get(key))
    ]


def _letter(item: ItemResult | None) -> str:
    return LETTERS[item.state] if item is not None else "-"


def _change(trial: Trial, subject: subjects.Subject, key: str, old: ItemResult | None, new: ItemResult | None) -> Change:
    hits = (new.hits if new is not None else ()) or (old.hits if old is not None else ())
    shown: Hit | None = next((hit for hit in hits if hit.line is not None), None)
    line = subject.dialogue.lines[shown.line] if shown is not None and shown.line is not None else None
    return Change(
        trial=trial,
        conversation_id=subject.id,
        at=subject.at,
        site_id=subject.site_id,
        staff_id=subject.staff_id,
        item_key=key,
        before=_letter(old),
        after=_letter(new),
        points=(new.points if new is not None else _NOTHING) - (old.points if old is not None else _NOTHING),
        money=(new.money if new is not None else _NOTHING) - (old.money if old is not None else _NOTHING),
        line=line.index if line is not None else None,
        matched=mask_text(shown.text[:200])[:80] if shown is not None else "",
        sentence=mask_text(line.text[:300])[:160] if line is not None else "",
    )
