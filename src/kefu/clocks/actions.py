"""Every write of clocks: start, meet, pause, resume, stop, and the sweep that fires them (CASE4)."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from kefu.clocks import calendars
from kefu.clocks.errors import NotPausable, NotRunning, PauseNotYours, ReasonUnknown
from kefu.clocks.events import ClocksFired, FiredClock
from kefu.clocks.models import Clock
from kefu.clocks.plan import Firing, Planned, Rung, plan
from kefu.clocks.rules import Pause, Target
from kefu.handbook import queries as handbooks
from kefu.handbook.posts import may_act_as, titles_of
from kefu.handbook.reader.words import english
from kefu.handbook.schema import Clock as ClockClause
from kefu.handbook.schema import Handbook
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.bulk import update_rows
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import NotFound
from kefu.kernel.rows import insert, insert_all, read
from kefu.kernel.wording import listed

OPEN = (Clock.State.RUNNING, Clock.State.PAUSED)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a clock is about, and whose people it concerns."""

    kind: str
    id: int
    site_id: int


def _rungs(data: Iterable[Sequence[Any]]) -> tuple[Rung, ...]:
    return tuple(Rung(after, tuple(notify), raise_level) for after, notify, raise_level in data)


def _pauses(data: Iterable[Mapping[str, Any]]) -> list[Pause]:
    return [Pause(datetime.fromisoformat(p["start"]), datetime.fromisoformat(p["end"]) if p["end"] else None, p["reason"]) for p in data]


def target_of(clock: Clock, book: Handbook) -> Target:
    """The target a stored clock runs against."""
    return Target(clock.target_seconds, calendars.calendar(book, clock.calendar), clock.warn_seconds)


def pauses_of(clock: Clock) -> list[Pause]:
    """The pauses of a stored clock."""
    return _pauses(clock.pauses)


def _planned(clock: Clock, book: Handbook, now: datetime) -> Planned:
    return plan(clock.started_at, target_of(clock, book), pauses_of(clock), cap=clock.cap_seconds, ladder=_rungs(clock.ladder), now=now)


def _fields(clock: Clock, planned: Planned) -> dict[str, Any]:
    """Columns that follow from a plan; what has fired before stays fired."""
    done = {"warn": clock.warned_at is not None, "breach": clock.breached_at is not None}
    firings = [firing for firing in planned.firings if not done.get(firing.phase, False)]
    return {
        "due_at": planned.due.due_at,
        "warn_at": planned.due.warn_at,
        "plan": [firing.to_json() for firing in firings],
        "fired": 0,
        "next_fire_at": firings[0].at if firings else None,
    }


def _new(subject: Subject, key: str, clause: ClockClause, book: Handbook, at: datetime) -> Clock:
    clock = Clock(
        subject_kind=subject.kind,
        subject_id=subject.id,
        site_id=subject.site_id,
        key=key,
        clause=str(book.ref(f"clocks.{key}")),
        family=clause.kind,
        calendar=clause.calendar,
        target_seconds=int(clause.target.total_seconds()),
        warn_seconds=int(clause.warn_before.total_seconds()) if clause.warn_before else None,
        cap_seconds=int(clause.pause.cap.total_seconds()) if clause.pause else None,
        meets_on=list(clause.meets_on),
        ladder=[
            [int(rung.after.total_seconds()) if rung.after is not None else None, list(rung.notify), rung.raise_level]
            for rung in clause.ladder
        ],
        started_at=at,
    )
    for name, value in _fields(clock, _planned(clock, book, at)).items():
        setattr(clock, name, value)
    return clock


@dataclass(frozen=True, slots=True)
class Change:
    """A subject that events happened to, and the clauses it is under."""

    subject: Subject
    clauses: Mapping[str, ClockClause]
    book: Handbook


@dataclass(slots=True)
class Moves:
    """What events do to the clocks of a subject, not yet written: so the subject can be written once, with the deadline they lead to."""

    at: datetime
    met: list[Clock]
    stopped: list[Clock]
    started: list[Clock]
    staying: list[Clock]

    @property
    def open(self) -> list[Clock]:
        """The open clocks afterwards, the nearest first."""
        return sorted([*self.staying, *self.started], key=lambda clock: clock.due_at)


def foresee(
    *,
    subject: Subject,
    events: Sequence[str],
    clauses: Mapping[str, ClockClause],
    book: Handbook,
    at: datetime,
    fresh: bool = False,
    ends: bool = False,
) -> Moves:
    """What events of a subject do: they meet its running clocks and start those of ``clauses`` that begin with them.

    A clock starts once: one that was met or stopped does not start again unless the event is ``case.reopened``. ``fresh``: the subject
    is being made, so it has no clocks. ``ends``: the subject is closed, and what still runs is stopped. Write them with ``carry_out``.
    """
    rows = [] if fresh else read(Clock, subject_kind=subject.kind, subject_id=subject.id)
    return _moves(Change(subject, clauses, book), rows, events, at, ends=ends)


def carry_out(moves: Moves, *, subject_id: int | None = None) -> None:
    """Write what was foreseen, in the transaction of the change that caused the events. ``subject_id``: of one that had none then.

    Raises ``Stale`` when one of the clocks changed meanwhile.
    """
    for clock in moves.met:
        _meet(clock, moves.at)
    for clock in moves.stopped:
        _stop(clock, moves.at)
    for clock in moves.started:
        clock.subject_id = subject_id or clock.subject_id
        insert(clock)


def _moves(change: Change, rows: Sequence[Clock], events: Sequence[str], at: datetime, *, ends: bool = False) -> Moves:
    running = [clock for clock in rows if clock.state in OPEN]
    met = [clock for clock in running if any(event in clock.meets_on for event in events)]
    staying = [clock for clock in running if clock not in met]
    if ends:
        return Moves(at, met, staying, [], [])
    left = [clock for clock in rows if clock not in met] if "case.reopened" in events else rows
    return Moves(at, met, [], _started(change, left, events, at), staying)


def apply_events(
    *, subject: Subject, events: Sequence[str], clauses: Mapping[str, ClockClause], book: Handbook, at: datetime
) -> list[Clock]:
    """``foresee`` and ``carry_out`` at once; returns the open clocks of the subject afterwards, the nearest first."""
    return apply_events_many(changes=[Change(subject, clauses, book)], events=events, at=at)[subject]


def apply_events_many(*, changes: Sequence[Change], events: Sequence[str], at: datetime) -> dict[Subject, list[Clock]]:
    """The same events for many subjects of one kind at once: one read and one write, whatever their number."""
    by_id: dict[int, list[Clock]] = {change.subject.id: [] for change in changes}
    kind = changes[0].subject.kind if changes else ""
    # What a clock will do is not looked at here; taking its plan apart costs more than the rest.
    for clock in Clock.objects.filter(subject_kind=kind, subject_id__in=list(by_id)).defer("plan", "ladder", "pauses"):
        by_id[clock.subject_id].append(clock)
    found = {change.subject: _moves(change, by_id[change.subject.id], events, at) for change in changes}
    for moves in found.values():
        for clock in moves.met:
            _meet(clock, at)
    insert_all([clock for moves in found.values() for clock in moves.started])
    return {subject: moves.open for subject, moves in found.items()}


def _started(change: Change, rows: Sequence[Clock], events: Sequence[str], at: datetime) -> list[Clock]:
    """Clocks that begin with the events and have not run before."""
    again = "case.reopened" in events
    known = {clock.key for clock in rows if not again or clock.state in OPEN}
    return [
        _new(change.subject, key, clause, change.book, at)
        for key, clause in change.clauses.items()
        if key not in known and any(event in clause.starts_on for event in events) and not any(event in clause.meets_on for event in events)
    ]


def _meet(clock: Clock, at: datetime) -> None:
    """End the clock as met; if its deadline had passed, the breach is stamped with the deadline."""
    save_claimed(clock, state=Clock.State.MET, met_at=at, breached_at=_broken(clock, at), next_fire_at=None)


def stop_all(*, subject: Subject, at: datetime) -> None:
    """End what still runs without meeting it: the subject was closed or merged. Law clocks that had passed stay breached."""
    for clock in Clock.objects.filter(subject_kind=subject.kind, subject_id=subject.id, state__in=OPEN):
        _stop(clock, at)


def _stop(clock: Clock, at: datetime) -> None:
    save_claimed(clock, state=Clock.State.STOPPED, breached_at=_broken(clock, at), next_fire_at=None)


def _broken(clock: Clock, at: datetime) -> datetime | None:
    """When the clock broke, if it has; a deadline that passed unseen counts."""
    return clock.breached_at or (clock.due_at if clock.state == Clock.State.RUNNING and at > clock.due_at else None)


def _own(subject: Subject, clock_id: int) -> Clock:
    clock = Clock.objects.filter(pk=clock_id, subject_kind=subject.kind, subject_id=subject.id).first()
    if clock is None:
        raise NotFound
    return clock


def _check_pause(actor: Actor, clock: Clock, clause: ClockClause, reason: str) -> None:
    if clause.pause is None:
        raise NotPausable(clock=clause.title)
    book = handbooks.book_of(clock.clause)
    if not may_act_as(book, clause.pause.who, actor.role):
        raise PauseNotYours(clock=clause.title, roles=titles_of(book, clause.pause.who))
    if reason not in {one.id for one in clause.pause.reasons}:
        raise ReasonUnknown(reasons=listed(one.name("en" if english() else "zh") for one in clause.pause.reasons))
    if clock.state != Clock.State.RUNNING:
        raise NotRunning


def pause(*, actor: Actor, subject: Subject, clock_id: int, reason: str, now: datetime) -> Clock:
    """Let a clock stand still for one of the handbook's reasons; its cap still bounds all pauses together."""
    # Clocks count whole seconds: a pause that began within this second begins with it.
    now = now.replace(microsecond=0)
    clock = _own(subject, clock_id)
    cited = handbooks.clause_text(clock.clause)
    _check_pause(actor, clock, cited.value, reason)
    clock.pauses = [*clock.pauses, {"start": now.astimezone(UTC).isoformat(), "end": None, "reason": reason, "by": actor.name}]
    planned = _planned(clock, handbooks.book_of(clock.clause), now)
    state = Clock.State.PAUSED if _stands(planned) else Clock.State.RUNNING
    with transaction.atomic():
        save_claimed(clock, pauses=clock.pauses, state=state, **_fields(clock, planned))
        audit.record(actor, "clock.paused", Ref("clock", clock.pk, clock.key), now=now, site_id=clock.site_id, clause=clock.clause,
                     data={"reason": reason, "subject": f"{subject.kind}:{subject.id}"})  # fmt: skip
    return clock


def _stands(planned: Planned) -> bool:
    """Whether the pause holds the clock: not when its cap is used up already."""
    return not planned.firings or planned.firings[0].phase == "resume"


def resume(*, actor: Actor, subject: Subject, clock_id: int, now: datetime) -> Clock:
    """Let a paused clock run on; its deadline moves by what was paused."""
    clock = _own(subject, clock_id)
    if clock.state != Clock.State.PAUSED:
        raise NotRunning
    with transaction.atomic():
        _resume(clock, now)
        audit.record(actor, "clock.resumed", Ref("clock", clock.pk, clock.key), now=now, site_id=clock.site_id, clause=clock.clause,
                     data={"subject": f"{subject.kind}:{subject.id}"})  # fmt: skip
    return clock


def _resume(clock: Clock, now: datetime) -> None:
    ended = now.astimezone(UTC).isoformat()
    clock.pauses = [{**one, "end": one["end"] or ended} for one in clock.pauses]
    planned = _planned(clock, handbooks.book_of(clock.clause), now)
    save_claimed(clock, pauses=clock.pauses, state=Clock.State.RUNNING, **_fields(clock, planned))


def suspend_all(*, subject: Subject, now: datetime) -> None:
    """Hold all running clocks while the subject is merged into another; nothing fires until ``release_all``."""
    for clock in Clock.objects.filter(subject_kind=subject.kind, subject_id=subject.id, state=Clock.State.RUNNING):
        held = [*clock.pauses, {"start": now.astimezone(UTC).isoformat(), "end": None, "reason": "merged", "by": ""}]
        save_claimed(clock, pauses=held, state=Clock.State.PAUSED, next_fire_at=None)


def release_all(*, subject: Subject, now: datetime) -> None:
    """Let clocks held by a merge run on as if they had never been held: time in the merge counts."""
    for clock in Clock.objects.filter(subject_kind=subject.kind, subject_id=subject.id, state=Clock.State.PAUSED):
        kept = [one for one in clock.pauses if one["reason"] != "merged"]
        if len(kept) == len(clock.pauses):
            continue
        clock.pauses = kept
        planned = _planned(clock, handbooks.book_of(clock.clause), now)
        state = Clock.State.PAUSED if any(one["end"] is None for one in kept) else Clock.State.RUNNING
        save_claimed(clock, pauses=kept, state=state, **_fields(clock, planned))


_SWEPT = ("pk", "key", "clause", "subject_kind", "subject_id", "site_id", "plan", "fired", "state", "warned_at", "breached_at")


def sweep(*, now: datetime, batch: int = 1000) -> int:
    """Fire what is due: one batch, one transaction, one event. Returns how many moments fired; call again while it is not 0.

    Several workers may sweep at once; a row belongs to the one whose conditional UPDATE finds it unfired.
    """
    with transaction.atomic():
        rows = Clock.objects.filter(next_fire_at__lte=now).order_by("next_fire_at")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        taken = list(rows.values_list(*_SWEPT)[:batch])
        changes, fired = [], []
        adapt = connection.ops.adapt_datetimefield_value
        for row in taken:
            change, items = _fire(dict(zip(_SWEPT, row, strict=True)), now, adapt)
            changes.append(change)
            fired.extend(items)
        update_rows(Clock, ["fired", "next_fire_at", "state", "warned_at", "breached_at"], changes, guard="fired", count="version")
        if fired:
            outbox.emit(ClocksFired(items=tuple(fired)), now=now)
    return len(fired)


def _fire(row: dict[str, Any], now: datetime, adapt: Callable[[datetime | None], Any]) -> tuple[list[Any], list[FiredClock]]:
    """New columns of a swept clock (in database form) and the moments it passed.

    Only the part of the plan that is due, and the moment behind it, is read: this runs a hundred thousand times in a storm.
    """
    plan, at = row["plan"], row["fired"]
    state, warned, breached = row["state"], row["warned_at"], row["breached_at"]
    items, following = [], None
    while at < len(plan):
        moment = datetime.fromisoformat(plan[at][0])
        if moment > now:
            following = moment
            break
        firing = Firing(moment, plan[at][1], tuple(plan[at][2]), plan[at][3])
        if firing.phase == "resume":
            state = Clock.State.RUNNING.value
        elif firing.phase == "warn":
            warned = moment
        elif firing.phase == "breach":
            breached = moment
        items.append(_fired(row, firing))
        at += 1
    return [row["pk"], row["fired"], at, adapt(following), str(state), adapt(warned), adapt(breached)], items


def _fired(row: dict[str, Any], firing: Firing) -> FiredClock:
    return FiredClock(
        clock_id=row["pk"],
        key=row["key"],
        clause=row["clause"],
        subject_kind=row["subject_kind"],
        subject_id=row["subject_id"],
        site_id=row["site_id"],
        phase=firing.phase,
        at=firing.at,
        notify=firing.notify,
        raise_level=firing.raise_level,
    )
