import pickle
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.clocks.explanation import MAX_STEPS
from kefu.clocks.rules import RUNS, Due, Pause, StepKind, Target, due, elapsed
from kefu.clocks.tests.minute_walker import walk_due, walk_elapsed
from kefu.kernel.tests import calendars
from kefu.kernel.workcalendar import LookAheadExceeded, WeekCalendarEmpty, WorkCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR = 3600
FAR = datetime(2026, 12, 31, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=SHANGHAI)


def told(answer: Due) -> list[tuple[str, str, str, int]]:
    """The explanation in local time: kind, from, to, minutes."""
    return [
        (f"{s.kind}.{s.code}", f"{s.start.astimezone(SHANGHAI):%m-%d %H:%M}", f"{s.end.astimezone(SHANGHAI):%m-%d %H:%M}", s.seconds // 60)
        for s in answer.explanation
    ]


@pytest.mark.parametrize(
    ("calendar", "start", "hours", "pauses", "cap", "now", "expected", "paused", "capped", "running"),
    [
        # solve within 48 natural hours, no pause
        (calendars.always, "03-02 09:00", 48, [], None, "03-02 10:00", "03-04 09:00", 0, False, True),
        # one closed pause of two working hours over lunch
        (calendars.office, "03-02 09:00", 4, [("03-02 11:00", "03-02 14:00")], None, "03-02 17:00", "03-02 16:00", 2, False, True),
        # overlapping pauses count once
        (
            calendars.always,
            "03-02 09:00",
            4,
            [("03-02 10:00", "03-02 12:00"), ("03-02 11:00", "03-02 13:00")],
            None,
            "03-02 17:00",
            "03-02 16:00",
            3,
            False,
            True,
        ),
        # a pause that still lasts is taken to end now
        (calendars.always, "03-02 09:00", 4, [("03-02 10:00", None)], None, "03-02 12:00", "03-02 15:00", 2, False, False),
        (calendars.always, "03-02 09:00", 4, [("03-02 10:00", None)], None, "03-02 10:00", "03-02 13:00", 0, False, False),
        # ... and resumes by itself when the cap is used up
        (calendars.always, "03-02 09:00", 4, [("03-02 10:00", None)], 3 * HOUR, "03-02 12:30", "03-02 15:30", 2.5, False, False),
        (calendars.always, "03-02 09:00", 4, [("03-02 10:00", None)], 3 * HOUR, "03-02 13:00", "03-02 16:00", 3, True, True),
        (calendars.always, "03-02 09:00", 4, [("03-02 10:00", None)], 3 * HOUR, "03-05 13:00", "03-02 16:00", 3, True, True),
        # the cap is shared by all pauses of the clock
        (
            calendars.always,
            "03-02 09:00",
            4,
            [("03-02 10:00", "03-02 12:00"), ("03-02 12:30", "03-02 14:30")],
            3 * HOUR,
            "03-09 09:00",
            "03-02 16:00",
            3,
            True,
            True,
        ),
        # cap nought: pauses are noted, the clock runs on
        (calendars.always, "03-02 09:00", 4, [("03-02 10:00", None)], 0, "03-02 10:00", "03-02 13:00", 0, True, True),
        # a pause over the weekend costs no working time, so it neither moves the deadline nor uses the cap
        (calendars.office, "03-06 17:00", 2, [("03-06 18:00", "03-09 08:30")], HOUR, "03-09 12:00", "03-09 09:30", 0, False, True),
        # pauses before the start and after the deadline do not matter
        (
            calendars.always,
            "03-02 09:00",
            1,
            [("03-01 09:00", "03-02 09:30"), ("03-02 12:00", "03-02 13:00")],
            None,
            "03-03 09:00",
            "03-02 10:30",
            0.5,
            False,
            True,
        ),
        (calendars.always, "03-02 09:00", 0, [("03-01 09:00", "03-02 09:30")], None, "03-03 09:00", "03-02 09:00", 0, False, True),
    ],
)
def test_due(
    calendar: WorkCalendar,
    start: str,
    hours: int,
    pauses: list[tuple[str, str | None]],
    cap: int | None,
    now: str,
    expected: str,
    paused: float,
    capped: bool,
    running: bool,
) -> None:
    taken = [Pause(at(low), at(high) if high else None, "customer") for low, high in pauses]
    answer = due(at(start), Target(hours * HOUR, calendar), taken, pause_cap_seconds=cap, now=at(now))
    assert answer.due_at == at(expected)
    assert (answer.paused_seconds_counted, answer.capped, answer.running, answer.warn_at) == (paused * HOUR, capped, running, None)


def test_the_warning_is_counted_back_in_working_time() -> None:
    target = Target(4 * HOUR, calendars.office, warn_before_seconds=HOUR)
    answer = due(at("03-02 16:00"), target, [Pause(at("03-02 17:00"), at("03-03 09:30"))], pause_cap_seconds=None, now=FAR)
    assert (answer.due_at, answer.warn_at) == (at("03-03 13:30"), at("03-03 11:30"))
    early = Target(HOUR, calendars.office, warn_before_seconds=9 * HOUR)
    assert due(at("03-02 16:00"), early, [], pause_cap_seconds=None, now=FAR).warn_at == at("03-02 16:00")


@pytest.mark.parametrize(
    ("end", "cap", "now", "resumes"),
    [
        (None, 3 * HOUR, "03-02 12:30", "03-02 14:00"),
        ("03-02 15:00", 3 * HOUR, "03-02 11:00", "03-02 14:00"),
        (None, None, "03-02 12:30", None),
        (None, 3 * HOUR, "03-02 14:00", None),
        ("03-02 11:00", 3 * HOUR, "03-02 11:00", None),
        (None, 90_000 * HOUR, "03-02 12:30", None),
    ],
)
def test_a_standing_clock_says_when_it_runs_again(end: str | None, cap: int | None, now: str, resumes: str | None) -> None:
    pause = Pause(at("03-02 10:00"), at(end) if end else None)
    answer = due(at("03-02 09:00"), Target(4 * HOUR, calendars.office), [pause], pause_cap_seconds=cap, now=at(now))
    assert answer.resumes_at == (at(resumes) if resumes else None)


def test_the_explanation_tells_lunch_weekend_pause_and_cap() -> None:
    pauses = [Pause(at("03-09 09:30"), at("03-09 16:00"), "await_customer")]
    answer = due(at("03-06 11:00"), Target(12 * HOUR, calendars.office), pauses, pause_cap_seconds=2 * HOUR, now=FAR)
    assert told(answer) == [
        ("window.window", "03-06 11:00", "03-06 12:00", 60),
        ("closed.break", "03-06 12:00", "03-06 13:00", 0),
        ("window.window", "03-06 13:00", "03-06 18:00", 300),
        ("closed.off_hours", "03-06 18:00", "03-09 08:30", 0),
        ("window.window", "03-09 08:30", "03-09 09:30", 60),
        ("pause.pause", "03-09 09:30", "03-09 11:30", 120),
        ("pause_capped.pause_capped", "03-09 11:30", "03-09 16:00", 210),
        ("window.window", "03-09 16:00", "03-09 17:30", 90),
        ("due.due", "03-09 17:30", "03-09 17:30", 0),
    ]
    assert answer.explanation[3].params == {"days": 2}
    assert answer.explanation[5].params == {"reason": "await_customer"}
    assert answer.explanation[-1].params == {"target": 12 * HOUR, "paused": 2 * HOUR}


def test_the_explanation_tells_holidays_and_makeup_days_and_folds_whole_weeks() -> None:
    answer = due(at("02-13 17:00"), Target((1 + 8 + 4 * 8 + HOUR // HOUR) * HOUR, calendars.office), [], pause_cap_seconds=None, now=FAR)
    assert told(answer) == [
        ("window.window", "02-13 17:00", "02-13 18:00", 60),
        ("closed.off_hours", "02-13 18:00", "02-14 00:00", 0),
        ("makeup.makeup_day", "02-14 00:00", "02-15 00:00", 510),
        ("holiday.holiday", "02-15 00:00", "02-24 00:00", 0),
        ("window.whole_days", "02-24 00:00", "02-27 00:00", 1530),
        ("closed.off_hours", "02-27 00:00", "02-27 08:30", 0),
        ("window.window", "02-27 08:30", "02-27 12:00", 210),
        ("closed.break", "02-27 12:00", "02-27 13:00", 0),
        ("window.window", "02-27 13:00", "02-27 16:30", 210),
        ("due.due", "02-27 16:30", "02-27 16:30", 0),
    ]
    assert [step.days for step in answer.explanation[2:5]] == [1, 9, 3]


@pytest.mark.parametrize("calendar", calendars.ALL)
def test_thirty_days_need_fewer_than_forty_steps(calendar: WorkCalendar) -> None:
    pauses = [
        Pause(at("02-13 09:00") + timedelta(days=n, hours=n), at("02-13 11:00") + timedelta(days=n, hours=n), f"r{n}") for n in range(30)
    ]
    for taken in ([], pauses[:3], pauses):
        answer = due(at("02-12 09:00"), Target(30 * 4 * HOUR, calendar), taken, pause_cap_seconds=20 * HOUR, now=FAR)
        assert len(answer.explanation) <= MAX_STEPS
        assert sum(step.seconds for step in answer.explanation if step.kind in RUNS) == 30 * 4 * HOUR


def test_errors() -> None:
    with pytest.raises(WeekCalendarEmpty):
        due(at("03-02 09:00"), Target(1, WorkCalendar("空", "1")), [], pause_cap_seconds=None, now=FAR)
    with pytest.raises(LookAheadExceeded):
        due(at("03-02 09:00"), Target(1200 * 24 * HOUR, calendars.always), [], pause_cap_seconds=None, now=FAR)
    with pytest.raises(ValueError, match="negative"):
        Target(-1, calendars.always)
    with pytest.raises(ValueError, match="aware"):
        due(datetime(2026, 3, 2), Target(1, calendars.always), [], pause_cap_seconds=None, now=FAR)  # noqa: DTZ001
    with pytest.raises(ValueError, match="before it starts"):
        Pause(at("03-02 09:00"), at("03-02 08:00"))


def test_an_answer_can_be_cached() -> None:
    answer = due(at("03-02 09:00"), Target(HOUR, calendars.office), [], pause_cap_seconds=None, now=FAR)
    again = pickle.loads(pickle.dumps(answer))
    assert again == answer
    assert again.explanation == answer.explanation


BASES = st.sampled_from(
    [
        datetime(2026, 2, 12, tzinfo=UTC),
        datetime(2026, 3, 6, tzinfo=UTC),
        datetime(2026, 9, 29, tzinfo=UTC),
        datetime(2026, 10, 30, tzinfo=UTC),
    ]
)


@st.composite
def clocks(draw: st.DrawFn) -> tuple[WorkCalendar, datetime, int, list[Pause], int | None, datetime]:
    """Calendar, start, minutes, pauses, cap in minutes, now: all on whole minutes."""
    base = draw(BASES)
    minute = st.integers(0, 8 * 1440).map(lambda n: base + timedelta(minutes=n))
    now = draw(minute)
    pauses = []
    for _ in range(draw(st.integers(0, 4))):
        low, length = draw(minute), draw(st.one_of(st.none(), st.integers(0, 2880)))
        pauses.append(Pause(low, None if length is None else low + timedelta(minutes=length), draw(st.sampled_from("ab"))))
    cap = draw(st.one_of(st.none(), st.integers(0, 1500)))
    return draw(st.sampled_from(calendars.ALL)), draw(minute), draw(st.integers(0, 2500)), pauses, cap, now


def ask(calendar: WorkCalendar, start: datetime, minutes: int, pauses: list[Pause], cap: int | None, now: datetime) -> Due:
    target = Target(minutes * 60, calendar, warn_before_seconds=600)
    return due(start, target, pauses, pause_cap_seconds=None if cap is None else cap * 60, now=now)


@settings(max_examples=120, deadline=None)
@given(clocks())
def test_due_and_elapsed_agree_with_the_minute_walker(clock: tuple[WorkCalendar, datetime, int, list[Pause], int | None, datetime]) -> None:
    calendar, start, minutes, pauses, cap, now = clock
    assert ask(*clock).due_at == walk_due(calendar, start, minutes, pauses, cap, now)
    seconds = elapsed(start, Target(0, calendar), pauses, None if cap is None else cap * 60, now)
    assert seconds == 60 * walk_elapsed(calendar, start, pauses, cap, now)


@settings(max_examples=200, deadline=None)
@given(clocks())
def test_the_explanation_adds_up(clock: tuple[WorkCalendar, datetime, int, list[Pause], int | None, datetime]) -> None:
    answer, (_, start, minutes, _, cap, _) = ask(*clock), clock
    steps = answer.explanation
    assert sum(step.seconds for step in steps if step.kind in RUNS) == minutes * 60
    condensed = sum(int(step.params["paused"]) for step in steps if step.code == "condensed")
    assert sum(step.seconds for step in steps if step.kind is StepKind.PAUSE) + condensed == answer.paused_seconds_counted
    assert cap is None or answer.paused_seconds_counted <= cap * 60
    assert [steps[0].start, *(step.end for step in steps[:-1])] == [step.start for step in steps[:1]] + [step.start for step in steps[1:]]
    assert (steps[0].start, steps[-1].kind, steps[-1].end) == (start, StepKind.DUE, answer.due_at)
    assert answer.warn_at is not None
    assert start <= answer.warn_at <= answer.due_at
    assert len(steps) <= MAX_STEPS


@settings(max_examples=150, deadline=None)
@given(clocks(), st.integers(0, 2000))
def test_a_later_start_is_never_due_earlier(
    clock: tuple[WorkCalendar, datetime, int, list[Pause], int | None, datetime], later: int
) -> None:
    calendar, start, *rest = clock
    assert ask(calendar, start + timedelta(minutes=later), *rest).due_at >= ask(*clock).due_at


@settings(max_examples=150, deadline=None)
@given(clocks(), st.integers(-500, 8000), st.integers(0, 3000))
def test_another_pause_and_a_higher_cap_never_make_it_due_earlier(
    clock: tuple[WorkCalendar, datetime, int, list[Pause], int | None, datetime], offset: int, length: int
) -> None:
    calendar, start, minutes, pauses, cap, now = clock
    low = start + timedelta(minutes=offset)
    more = [*pauses, Pause(low, low + timedelta(minutes=length))]
    assert ask(calendar, start, minutes, more, cap, now).due_at >= ask(*clock).due_at
    if cap is not None:
        assert ask(calendar, start, minutes, pauses, cap + length, now).due_at >= ask(*clock).due_at


@settings(max_examples=100, deadline=None)
@given(clocks())
def test_at_the_deadline_of_a_settled_clock_exactly_the_target_has_run(
    clock: tuple[WorkCalendar, datetime, int, list[Pause], int | None, datetime],
) -> None:
    calendar, start, minutes, pauses, cap, now = clock
    settled = [pause for pause in pauses if pause.end is not None]
    answer = ask(calendar, start, minutes, settled, cap, now)
    assert elapsed(start, Target(0, calendar), settled, None if cap is None else cap * 60, answer.due_at) == minutes * 60
