"""Reads of clocks for screens and for the modules above."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from kefu.clocks import calendars
from kefu.clocks.actions import OPEN, pauses_of, target_of
from kefu.clocks.models import Clock
from kefu.clocks.plan import Ladder, plan
from kefu.clocks.rules import Step, Target, due, elapsed
from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Clock as ClockClause
from kefu.handbook.schema import Handbook
from kefu.kernel import prepared


@dataclass(frozen=True, slots=True)
class ClockView:
    """A clock as screens show it. ``level`` is met, late, breached, warned, paused, running or stopped."""

    id: int
    key: str
    clause_ref: str
    clause: ClockClause
    family: str
    state: str
    level: str
    started_at: datetime
    due_at: datetime
    warn_at: datetime | None
    met_at: datetime | None
    breached_at: datetime | None
    target_seconds: int
    may_pause: bool

    @property
    def open(self) -> bool:
        """Whether it can still be met."""
        return self.state in OPEN


def level_of(clock: Clock, now: datetime) -> str:
    """How the clock stands at the moment, whether or not the sweep has seen it."""
    if clock.state == Clock.State.MET:
        return "late" if clock.breached_at else "met"
    if clock.state in (Clock.State.STOPPED, Clock.State.PAUSED):
        return clock.state
    if clock.breached_at or now >= clock.due_at:
        return "breached"
    return "warned" if clock.warn_at and now >= clock.warn_at else "running"


def _view(clock: Clock, now: datetime) -> ClockView:
    clause = handbooks.clause_text(clock.clause).value
    level = level_of(clock, now)
    return ClockView(
        id=clock.pk,
        key=clock.key,
        clause_ref=clock.clause,
        clause=clause,
        family=clock.family,
        state=clock.state,
        level=level,
        started_at=clock.started_at,
        due_at=clock.due_at,
        warn_at=clock.warn_at,
        met_at=clock.met_at,
        breached_at=clock.breached_at or (clock.due_at if level == "breached" else None),
        target_seconds=clock.target_seconds,
        may_pause=clause.pause is not None and clock.state == Clock.State.RUNNING,
    )


def of_subject(kind: str, subject_id: int, *, now: datetime) -> list[ClockView]:
    """Clocks of a subject: open ones by deadline, then the ended ones."""
    views = [_view(clock, now) for clock in prepared.rows(_of, kind=kind, subject_id=subject_id)]
    return sorted(views, key=lambda view: (not view.open, view.due_at, view.id))


def _of(*, kind: str, subject_id: int) -> QuerySet[Clock]:
    return Clock.objects.filter(subject_kind=kind, subject_id=subject_id).defer("ladder", "pauses", "meets_on")


def facts_of(kind: str, subject_id: int, *, now: datetime) -> dict[str, str]:
    """How each clock of a subject stands, by key; for conditions and inspection."""
    rows = Clock.objects.filter(subject_kind=kind, subject_id=subject_id).order_by("pk").defer("ladder", "pauses", "meets_on")
    return {clock.key: level_of(clock, now) for clock in rows}


def due_of(book: Handbook, clause: ClockClause, start: datetime) -> datetime:
    """When a clock of this clause would be due if it started then and never stood still; for trying changed handbooks."""
    target = Target(int(clause.target.total_seconds()), calendars.calendar(book, clause.calendar), None)
    return due(start, target, (), pause_cap_seconds=None, now=start).due_at


def nearest_due(kind: str, subject_ids: Iterable[int]) -> dict[int, datetime]:
    """The soonest deadline of each subject among its running clocks."""
    rows = Clock.objects.filter(subject_kind=kind, subject_id__in=list(subject_ids), state=Clock.State.RUNNING)
    found: dict[int, datetime] = {}
    for subject_id, due_at in rows.order_by("due_at").values_list("subject_id", "due_at"):
        found.setdefault(subject_id, due_at)
    return found


@dataclass(frozen=True, slots=True)
class Nearest:
    """The running clock of a subject that is due soonest; ``warn_at`` is when it warns, if it does."""

    key: str
    clause: ClockClause
    due_at: datetime
    warn_at: datetime | None


def nearest_clocks(kind: str, subject_ids: Iterable[int]) -> dict[int, Nearest]:
    """The soonest running clock of each subject, for lists: one query, and nothing to reckon again."""
    found: dict[int, Nearest] = {}
    for subject_id, key, ref, due_at, warn_at in prepared.rows(_running, kind=kind, ids=list(subject_ids)):
        if subject_id not in found:
            found[subject_id] = Nearest(key, handbooks.clause_text(ref).value, due_at, warn_at)
    return found


def _running(*, kind: str, ids: Collection[int]) -> QuerySet[Clock, tuple[int, str, str, datetime, datetime | None]]:
    rows = Clock.objects.filter(subject_kind=kind, subject_id__in=ids, state=Clock.State.RUNNING)
    return rows.order_by("due_at", "pk").values_list("subject_id", "key", "clause", "due_at", "warn_at")


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a clock is due when it is, line by line, as codes and numbers."""

    clock: ClockView
    steps: tuple[Step, ...]
    elapsed_seconds: int
    paused_seconds: int
    calendar_name: str


def explain(kind: str, subject_id: int, clock_id: int, *, now: datetime) -> Explanation | None:
    """The written-out reckoning of one clock of a subject (CASE4: “why is it due then?”)."""
    clock = Clock.objects.filter(pk=clock_id, subject_kind=kind, subject_id=subject_id).first()
    if clock is None:
        return None
    target = target_of(clock, handbooks.book_of(clock.clause))
    pauses = [pause for pause in pauses_of(clock) if pause.reason != "merged"]
    until = clock.met_at or now
    found = due(clock.started_at, target, pauses, pause_cap_seconds=clock.cap_seconds, now=until)
    if not found.running and found.resumes_at is not None:
        found = plan(clock.started_at, target, pauses, cap=clock.cap_seconds, ladder=Ladder.of(()), now=until).due
    spent = elapsed(clock.started_at, target, pauses, clock.cap_seconds, until)
    return Explanation(_view(clock, now), found.explanation, spent, found.paused_seconds_counted, target.calendar.name)
