"""How long recordings are kept, and their removal when the time is over (CONV4, R53).

The handbook in force at the site says so (``texts.retention_recordings``: ``no_case_days``, ``case_days``); without one
``KEFU_RECORDINGS_DAYS``. Calls that belong to a case are kept for the longer time: which ones do, the floor above tells.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Exists
from django.utils import timezone

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.settings import setting
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import claim
from kefu.kernel.wording import listed
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.recordings import access, events, rules, store
from kefu.recordings.errors import Held, KeptUntil
from kefu.recordings.models import Hold, Measurement, Recording

CLAUSE = "retention_recordings"
_BATCH = 200
Tied = Callable[[Sequence[int]], Collection[int]]
"""Which of these conversations belong to a case."""


def until(handbook: str, started_at: datetime, now: datetime, *, case: bool = False) -> tuple[datetime | None, str]:
    """Until when, and by which clause or setting; ``None``: for ever."""
    name = "case_days" if case else "no_case_days"
    try:
        found = setting(handbooks.book_at(handbook, now), CLAUSE, name)
    except NotInForce:
        found = None
    if found is not None:
        return rules.kept_until(started_at, found.number), found.clause
    return rules.kept_until(started_at, float(settings.KEFU_RECORDINGS_DAYS)), "KEFU_RECORDINGS_DAYS"


@dataclass(frozen=True, slots=True)
class Cleared:
    """Outcome of a run: removed, kept longer for a case, held by somebody."""

    removed: int = 0
    extended: int = 0
    held: int = 0


def clear(*, actor: Actor, tied: Tied, now: datetime, limit: int = 100_000) -> Cleared:
    """Remove recordings whose time is over, a batch at a time; held ones stay, those of a case get the longer time."""
    removed = extended = held = 0
    after = 0
    while removed + extended + held < limit:
        rows = list(
            Recording.objects.filter(removed_at=None, keep_until__lte=now, pk__gt=after).select_related("site").order_by("pk")[:_BATCH]
        )
        if not rows:
            break
        after = rows[-1].pk
        with_case = set(tied([row.conversation_id for row in rows]))
        kept = set(Hold.objects.filter(recording__in=rows, released_at=None).values_list("recording_id", flat=True))
        for row in rows:
            if row.pk in kept:
                held += 1
            elif row.conversation_id in with_case and _extended(row, now):
                extended += 1
            else:
                removed += _removed(actor, row, "time_over", now)
    return Cleared(removed, extended, held)


def _extended(row: Recording, now: datetime) -> bool:
    later, clause = until(row.site.handbook, row.started_at, now, case=True)
    if later is not None and later <= now:
        return False
    return claim(Recording.objects.filter(pk=row.pk, removed_at=None), keep_until=later, kept_by=clause[:160])


def remove(*, actor: Actor, recording_id: int, now: datetime, tied: Tied = lambda _ids: ()) -> None:
    """Remove one before anybody else does. Raises ``Held``, ``KeptUntil`` while its time is not over."""
    people.require(actor, Permission.RECORDING_MANAGE)
    row = access.get_for(actor, recording_id)
    holds = list(Hold.objects.filter(recording=row, released_at=None))
    if holds:
        raise Held(why=listed((one.reason for one in holds), "；"))
    last, clause = row.keep_until, row.kept_by
    if last is not None and last <= now and row.conversation_id in set(tied([row.conversation_id])):
        last, clause = until(row.site.handbook, row.started_at, now, case=True)
    if last is None or last > now:
        raise KeptUntil(day=timezone.localtime(last).strftime("%Y-%m-%d") if last else "—", clause=clause)
    _removed(actor, row, "by_hand", now)


def _removed(actor: Actor, row: Recording, why: str, now: datetime) -> bool:
    """The row stays and says that it was here; bytes and measurements go. False when somebody held it or was first."""
    with transaction.atomic():
        held = Hold.objects.filter(recording=row.pk, released_at=None)
        done = claim(
            Recording.objects.filter(~Exists(held), pk=row.pk, removed_at=None),
            state=Recording.State.REMOVED,
            removed_at=now,
            removed_why=why,
            file_name="",
            lease="",
            leased_until=None,
        )
        if not done:
            return False
        Measurement.objects.filter(recording=row).delete()
        data = {"why": why, "clause": row.kept_by, "started_at": row.started_at.isoformat()}
        audit.record(actor, "recording.removed", Ref("recording", row.pk, str(row)), now=now, site_id=row.site_id, data=data)
        event = events.RecordingChanged(
            recording_id=row.pk, conversation_id=row.conversation_id, site_id=row.site_id, state=Recording.State.REMOVED
        )
        outbox.emit(event, now=now)
        # Last: a file that is gone while its row came back would be worse than one that stays a day longer.
        transaction.on_commit(lambda: store.drop(row.site_id, row.sha256))
    return True


def soon_over(now: datetime, within: timedelta = timedelta(days=7)) -> int:
    """How many will be removed within so long, for the list's head."""
    return Recording.objects.filter(removed_at=None, keep_until__lte=now + within).count()
