"""Every write of clocks: start, meet, pause, resume, stop, and the sweep that fires them (CASE4; it stands in ``sweeping``)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from kefu.clocks import calendars
from kefu.clocks.errors import NotPausable, NotRunning, PauseNotYours, ReasonUnknown
from kefu.clocks.models import Alarm, Clock
from kefu.clocks.plan import Ladder, Planned, plan
from kefu.clocks.rules import Pause, Target
from kefu.clocks.sweeping import SWEPT_AT_ONCE, sweep
from kefu.handbook import queries as handbooks
from kefu.handbook.posts import may_act_as, titles_of
from kefu.handbook.reader.words import english
from kefu.handbook.schema import Clock as ClockClause
from kefu.handbook.schema import Handbook
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.bulk import insert_rows
from kefu.kernel.claims import claim, save_claimed
from kefu.kernel.errors import NotFound, Stale
from kefu.kernel.rows import read
from kefu.kernel.wording import listed

__all__ = [
    "OPEN",
    "SWEPT_AT_ONCE",
    "Change",
    "Moves",
    "Subject",
    "apply_events",
    "apply_events_many",
    "carry_out",
    "foresee",
    "pause",
    "pauses_of",
    "release_all",
    "resume",
    "stop_all",
    "suspend_all",
    "sweep",
    "target_of",
]
OPEN = (Clock.State.RUNNING, Clock.State.PAUSED)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a clock is about, and whose people it concerns."""

    kind: str
    id: int
    site_id: int


def _pauses(data: Iterable[Mapping[str, Any]]) -> list[Pause]:
    return [Pause(datetime.fromisoformat(p["start"]), datetime.fromisoformat(p["end"]) if p["end"] else None, p["reason"]) for p in data]


def target_of(clock: Clock, book: Handbook) -> Target:
    """The target a stored clock runs against."""
    return Target(clock.target_seconds, calendars.calendar(book, clock.calendar), clock.warn_seconds)


def pauses_of(clock: Clock) -> list[Pause]:
    """The pauses of a stored clock."""
    return _pauses(clock.pauses)


def _planned(clock: Clock, book: Handbook, now: datetime) -> Planned:
    return plan(
        clock.started_at, target_of(clock, book), pauses_of(clock), cap=clock.cap_seconds, ladder=Ladder.stored(clock.ladder), now=now
    )


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
    planned = _planned(clock, book, at)
    clock.due_at, clock.warn_at = planned.due.due_at, planned.due.warn_at
    clock.alarm = Alarm(at=planned.next_at(0))
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
    _start(moves.started)


def _start(clocks: Sequence[Clock]) -> None:
    """Write new clocks with their alarms: two statements, whatever their number."""
    if clocks:
        Clock.objects.bulk_create(clocks)
        insert_rows(Alarm, ["clock", "at", "fired"], [[clock.pk, _adapted(clock.alarm.at), 0] for clock in clocks])


def _adapted(moment: datetime | None) -> Any:
    return connection.ops.adapt_datetimefield_value(moment)


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
    # What a clock will do is not looked at here; taking its ladder apart costs more than the rest.
    for clock in Clock.objects.filter(subject_kind=kind, subject_id__in=list(by_id)).defer("ladder", "pauses"):
        by_id[clock.subject_id].append(clock)
    found = {change.subject: _moves(change, by_id[change.subject.id], events, at) for change in changes}
    for moves in found.values():
        for clock in moves.met:
            _meet(clock, at)
    _start([clock for moves in found.values() for clock in moves.started])
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
    _end(clock, at, state=Clock.State.MET, met_at=at)


def stop_all(*, subject: Subject, at: datetime) -> None:
    """End what still runs without meeting it: the subject was closed or merged. Law clocks that had passed stay breached."""
    for clock in Clock.objects.filter(subject_kind=subject.kind, subject_id=subject.id, state__in=OPEN):
        _stop(clock, at)


def _stop(clock: Clock, at: datetime) -> None:
    _end(clock, at, state=Clock.State.STOPPED)


def _end(clock: Clock, at: datetime, **changes: Any) -> None:
    Alarm.objects.filter(pk=clock.pk).delete()
    save_claimed(clock, breached_at=_broken(clock, at), **changes)


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


def _whole_second(now: datetime) -> datetime:
    """Clocks count whole seconds: a pause that begins or ends within a second does so with it."""
    return now.replace(microsecond=0)


def pause(*, actor: Actor, subject: Subject, clock_id: int, reason: str, now: datetime) -> Clock:
    """Let a clock stand still for one of the handbook's reasons; its cap still bounds all pauses together."""
    now = _whole_second(now)
    clock = _own(subject, clock_id)
    cited = handbooks.clause_text(clock.clause)
    _check_pause(actor, clock, cited.value, reason)
    clock.pauses = [*clock.pauses, {"start": now.astimezone(UTC).isoformat(), "end": None, "reason": reason, "by": actor.name}]
    with transaction.atomic():
        _plan_anew(clock, now)
        audit.record(actor, "clock.paused", Ref("clock", clock.pk, clock.key), now=now, site_id=clock.site_id, clause=clock.clause,
                     data={"reason": reason, "subject": f"{subject.kind}:{subject.id}"})  # fmt: skip
    return clock


def _plan_anew(clock: Clock, now: datetime) -> None:
    """Write the clock with its pauses as they are now, and when it next has something to do; what has fired before stays fired.

    A pause whose cap is used up already does not hold it. ``Stale`` when it was swept or changed meanwhile.
    """
    planned = _planned(clock, handbooks.book_of(clock.clause), now)
    held = planned.resumes or not planned.firings
    broken = _broken(clock, now)
    known = Alarm.objects.get(pk=clock.pk)
    _set_alarm(known, planned.next_at(known.fired))
    save_claimed(
        clock,
        pauses=clock.pauses,
        state=Clock.State.PAUSED if held else Clock.State.RUNNING,
        breached_at=broken,
        due_at=planned.due.due_at,
        warn_at=planned.due.warn_at,
    )


def _set_alarm(known: Alarm, at: datetime | None) -> None:
    if not claim(Alarm.objects.filter(pk=known.pk, at=known.at, fired=known.fired), at=at):
        raise Stale


def resume(*, actor: Actor, subject: Subject, clock_id: int, now: datetime) -> Clock:
    """Let a paused clock run on; its deadline moves by what was paused."""
    now = _whole_second(now)
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
    _plan_anew(clock, now)


def suspend_all(*, subject: Subject, now: datetime) -> None:
    """Hold all running clocks while the subject is merged into another; nothing fires until ``release_all``."""
    for clock in Clock.objects.filter(subject_kind=subject.kind, subject_id=subject.id, state=Clock.State.RUNNING):
        held = [*clock.pauses, {"start": now.astimezone(UTC).isoformat(), "end": None, "reason": "merged", "by": ""}]
        _set_alarm(Alarm.objects.get(pk=clock.pk), None)
        save_claimed(clock, pauses=held, state=Clock.State.PAUSED, breached_at=_broken(clock, now))


def release_all(*, subject: Subject, now: datetime) -> None:
    """Let clocks held by a merge run on as if they had never been held: time in the merge counts."""
    for clock in Clock.objects.filter(subject_kind=subject.kind, subject_id=subject.id, state=Clock.State.PAUSED):
        kept = [one for one in clock.pauses if one["reason"] != "merged"]
        if len(kept) == len(clock.pauses):
            continue
        clock.pauses = kept
        _plan_anew(clock, now)
