"""Runs reactions over the outbox: each has its own place in it, and moves on in the transaction of what it did.

So an event is handled once per reaction, even when the worker is killed half-way. A batch that fails is tried event by event; an event
that fails alone is kept in ``FailedEvent``, and the reaction goes on behind it.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F

from kefu.kernel import outbox
from kefu.kernel.models import Consumer, FailedEvent, OutboxEvent
from kefu.kernel.sequences import exclusive
from kefu.reactions.reaction import Reaction
from kefu.reactions.table import REACTIONS

log = logging.getLogger(__name__)
KEEP = timedelta(days=14)


def run(reaction: Reaction, *, now: datetime) -> int:
    """Handle the next batch of one reaction; returns events passed. 0 also when another worker is at it."""
    with exclusive(f"reaction:{reaction.name}") as held:
        if held is None:
            return 0
        place, _made = Consumer.objects.get_or_create(name=reaction.name)
        events = outbox.since(place.seq, types=reaction.types, limit=reaction.batch)
        if not events:
            return 0
        _handle(reaction, events, now)
        Consumer.objects.filter(pk=place.pk).update(seq=events[-1].seq)
        return len(events)


def _handle(reaction: Reaction, events: Sequence[OutboxEvent], now: datetime) -> None:
    try:
        with transaction.atomic():
            reaction.handle(events, now)
    except Exception:
        log.exception("reaction %s failed on a batch of %d", reaction.name, len(events))
        for event in events:
            _handle_alone(reaction, event, now)


def _handle_alone(reaction: Reaction, event: OutboxEvent, now: datetime) -> None:
    try:
        with transaction.atomic():
            reaction.handle([event], now)
    except Exception as error:
        log.exception("reaction %s failed on event %s", reaction.name, event.seq)
        FailedEvent.objects.update_or_create(
            consumer=reaction.name, event=event, defaults={"error": f"{type(error).__name__}: {error}"[:2000], "failed_at": now}
        )


def run_all(reactions: Sequence[Reaction] | None = None, *, now: datetime, limit: int = 1000) -> int:
    """Seal and handle everything there is, in rounds, because reactions cause events; returns events passed."""
    total = 0
    for _round in range(limit):
        while outbox.seal():
            pass
        passed = sum(run(reaction, now=now) for reaction in _waiting(reactions if reactions is not None else REACTIONS))
        total += passed
        if not passed:
            break
    return total


def _waiting(reactions: Sequence[Reaction]) -> list[Reaction]:
    """Reactions with something to handle, in a few statements whatever their number: it is asked every second.

    The others are moved on to the head, so that the next look need not go past the same events again. No event of theirs can be passed
    over: what gets a number later gets one behind the head.
    """
    head = outbox.head()
    places = dict(Consumer.objects.filter(name__in=[reaction.name for reaction in reactions]).values_list("name", "seq"))
    behind = [reaction for reaction in reactions if places.get(reaction.name, 0) < head]
    if not behind:
        return []
    types = outbox.types_since(min(places.get(reaction.name, 0) for reaction in behind))
    idle = [reaction.name for reaction in behind if types.isdisjoint(reaction.types)]
    Consumer.objects.filter(name__in=idle, seq__lt=head).update(seq=head)
    return [reaction for reaction in behind if reaction.name not in idle]


def retry_failed(*, now: datetime) -> int:
    """Try kept failures again; returns how many went through."""
    by_name = {reaction.name: reaction for reaction in REACTIONS}
    done = 0
    for failed in FailedEvent.objects.filter(resolved_at=None).select_related("event").order_by("pk")[:200]:
        reaction = by_name.get(failed.consumer)
        if reaction is None:
            continue
        try:
            with transaction.atomic():
                reaction.handle([failed.event], now)
                FailedEvent.objects.filter(pk=failed.pk).update(resolved_at=now)
            done += 1
        except Exception as error:
            FailedEvent.objects.filter(pk=failed.pk).update(tries=F("tries") + 1, error=str(error)[:2000], failed_at=now)
    return done


def forget_old(*, now: datetime) -> int:
    """Drop handled events older than two weeks that no reaction still needs."""
    places = dict(Consumer.objects.values_list("name", "seq"))
    reached = min((places.get(reaction.name, 0) for reaction in REACTIONS), default=0)
    rows = OutboxEvent.objects.filter(seq__lte=reached, at__lt=now - KEEP, failedevent=None)
    return rows.filter(pk__in=list(rows.values_list("pk", flat=True)[:5000])).delete()[0]
