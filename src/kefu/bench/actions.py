"""Writes of the rule bench: labels, and trials of drafts (QA10)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from kefu.bench.access import get_trial, require
from kefu.bench.errors import NothingToTry, SpanTooLong, TrialEnded, UnknownItem, UnknownSource
from kefu.bench.events import Labelled
from kefu.bench.events import TrialEnded as TrialEndedEvent
from kefu.bench.models import WHOLE, Chunk, Label, Trial
from kefu.cases import access as cases
from kefu.conversations import access as conversations
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookInvalid
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import claim
from kefu.kernel.errors import KefuError, NotFound
from kefu.kernel.wording import listed
from kefu.people.permissions import Permission

CHUNK = 100
LONGEST = timedelta(days=186)


def label(
    *,
    actor: Actor,
    subject_kind: str,
    subject_id: int,
    item_key: str,
    breached: bool,
    now: datetime,
    source: str = "hand",
    line: int | None = None,
) -> Label:
    """Note what a person found of one item of a conversation or case in reach. Saying it again changes it.

    Raises ``NotFound`` out of reach, ``UnknownItem`` for an item the handbook of its time has not, ``UnknownSource``.
    """
    require(actor, Permission.BENCH_LABEL)
    return _store(actor, subject_kind, subject_id, item_key, source, line, now, breached=breached, by=(actor.kind, actor.id, actor.name))


def collect(
    *,
    actor: Actor,
    subject_kind: str,
    subject_id: int,
    item_key: str,
    breached: bool,
    source: str,
    now: datetime,
    line: int | None = None,
    by_staff_id: int | None = None,
) -> Label | None:
    """Note what a person decided elsewhere (a review, an appeal, a calibration), for reactions; ``None`` when the subject is gone.

    Safe to repeat. ``by_staff_id`` is who decided; without it the actor.
    """
    by = ("staff", by_staff_id, "") if by_staff_id is not None else (actor.kind, actor.id, actor.name)
    try:
        return _store(actor, subject_kind, subject_id, item_key, source, line, now, breached=breached, by=by)
    except (NotFound, UnknownItem):
        return None


def _store(
    actor: Actor,
    kind: str,
    subject_id: int,
    item_key: str,
    source: str,
    line: int | None,
    now: datetime,
    *,
    breached: bool,
    by: tuple[str, int, str],
) -> Label:
    if source not in Label.Source.values:
        raise UnknownSource(source=source, known=listed(Label.Source.values))
    site_id, staff_id, at, handbook = _subject(actor, kind, subject_id)
    _check_item(handbook, at, item_key)
    where = {
        "subject_kind": kind,
        "subject_id": subject_id,
        "item_key": item_key,
        "line": WHOLE if line is None else line,
        "source": source,
    }
    key: dict[str, Any] = {**where, "by_kind": by[0], "by_id": by[1]}
    values = {"site_id": site_id, "staff_id": staff_id, "at": at, "breached": breached, "by_name": by[2][:80], "labelled_at": now}
    with transaction.atomic():
        found = Label.objects.filter(**key).first()
        if found is not None and found.breached is breached:
            return found
        row, _made = Label.objects.update_or_create(defaults=values, **key)
        data = {"item": item_key, "breached": breached, "source": source, "line": line}
        audit.record(actor, "bench.labelled", Ref(kind, subject_id), now=now, site_id=site_id, data=data)
        event = Labelled(subject_kind=kind, subject_id=subject_id, site_id=site_id, item_key=item_key, breached=breached, source=source)
        outbox.emit(event, now=now)
    return row


def _subject(actor: Actor, kind: str, subject_id: int) -> tuple[int, int | None, datetime, str]:
    if kind == "conversation":
        talk = conversations.visible_to(actor).select_related("site").filter(pk=subject_id).first()
        if talk is not None:
            return talk.site_id, talk.staff_id, talk.started_at, talk.site.handbook
    elif kind == "case":
        case = cases.visible_to(actor).select_related("site").filter(pk=subject_id).first()
        if case is not None:
            return case.site_id, case.assignee_id, case.opened_at, case.site.handbook
    raise NotFound


def _check_item(handbook: str, at: datetime, item_key: str) -> None:
    try:
        book = handbooks.book_at(handbook, at)
    except KefuError:
        raise UnknownItem(item=item_key) from None
    if not any(card.item(item_key) for card in book.scorecards.values()):
        raise UnknownItem(item=item_key)


def begin(*, actor: Actor, text: str, title: str, since: datetime, until: datetime, now: datetime) -> Trial:
    """Try a draft over the conversations in reach, of sites under its handbook, begun in ``since..until``; the worker does the rest.

    Raises ``HandbookInvalid`` for a text with problems, ``NothingToTry``, ``SpanTooLong``.
    """
    require(actor, Permission.BENCH_VIEW)
    require(actor, Permission.HANDBOOK_EDIT)
    if not since < until <= since + LONGEST:
        raise SpanTooLong(days=LONGEST.days)
    reading = handbooks.read_text(text, when=now)
    if reading.handbook is None or reading.problems:
        raise HandbookInvalid(reading.problems)
    key = reading.handbook.handbook
    rows = conversations.visible_to(actor).filter(started_at__gte=since, started_at__lt=until, site__handbook=key)
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    if not ids:
        raise NothingToTry(handbook=key)
    with transaction.atomic():
        trial = Trial.objects.create(
            actor_kind=actor.kind,
            actor_id=actor.id,
            actor_name=actor.name[:80],
            site_id=actor.site_id,
            handbook=key,
            title=title[:120],
            text=text,
            since=since,
            until=until,
            total=len(ids),
            created_at=now,
        )
        parts = [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]
        Chunk.objects.bulk_create(
            [Chunk(trial=trial, number=n, first_id=part[0], last_id=part[-1], size=len(part)) for n, part in enumerate(parts, 1)],
            batch_size=500,
        )
        data = {"handbook": key, "conversations": len(ids), "since": since.isoformat(), "until": until.isoformat()}
        audit.record(actor, "bench.trial_begun", Ref("bench_trial", trial.pk), now=now, site_id=actor.site_id, data=data)
    return trial


def stop(*, actor: Actor, trial_id: int, now: datetime) -> Trial:
    """Stop a running trial; what it found so far stays."""
    require(actor, Permission.HANDBOOK_EDIT)
    trial = get_trial(actor, trial_id)
    with transaction.atomic():
        if not end(actor, trial, Trial.State.STOPPED, now):
            raise TrialEnded
    return trial


def end(actor: Actor, trial: Trial, state: Trial.State, now: datetime, failure: str = "") -> bool:
    """End a running trial in the caller's transaction; false when somebody else did."""
    running = Trial.objects.filter(pk=trial.pk, state=Trial.State.RUNNING)
    if not claim(running, state=state, finished_at=now, failure=failure):
        return False
    trial.state, trial.finished_at, trial.failure = state, now, failure
    audit.record(actor, f"bench.trial_{state}", Ref("bench_trial", trial.pk), now=now, site_id=trial.site_id)
    outbox.emit(TrialEndedEvent(trial_id=trial.pk, site_id=trial.site_id, state=str(state)), now=now)
    return True
