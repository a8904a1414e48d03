"""What a clock will do and when, as a table (CASE4)."""

from datetime import UTC, datetime, timedelta

from kefu.clocks.plan import Ladder, Rung, plan
from kefu.clocks.rules import Pause, Target
from kefu.kernel.workcalendar import WorkCalendar

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
ALWAYS = WorkCalendar.always()
LADDER = (Rung(None, ("assignee",), False), Rung(0, ("assignee", "lead"), True), Rung(7200, ("manager",), False))


def _plan(pauses=(), cap=None, now=START, ladder=LADDER, warn=3600):
    return plan(START, Target(4 * 3600, ALWAYS, warn), pauses, cap=cap, ladder=Ladder.of(ladder), now=now)


def _told(found):
    return [((firing.at - START) / HOUR, firing.phase, firing.notify, firing.raise_level) for firing in found.firings]


def test_a_running_clock_warns_breaks_and_climbs():
    assert _told(_plan()) == [
        (3, "warn", ("assignee",), False),
        (4, "breach", ("assignee", "lead"), True),
        (6, "rung", ("manager",), False),
    ]


def test_without_a_warning_or_ladder_it_only_breaks():
    assert _told(_plan(ladder=(), warn=None)) == [(4, "breach", (), False)]


def test_in_a_pause_without_a_cap_nothing_fires():
    found = _plan([Pause(START + HOUR, None, "away")], now=START + 2 * HOUR)
    assert found.firings == ()
    assert not found.due.running


def test_in_a_capped_pause_it_runs_on_by_itself():
    found = _plan([Pause(START + HOUR, None, "away")], cap=2 * 3600, now=START + 2 * HOUR)
    assert [(hours, phase) for hours, phase, _, _ in _told(found)] == [(3, "resume"), (5, "warn"), (6, "breach"), (8, "rung")]


def test_a_pause_that_used_up_its_cap_holds_nothing():
    found = _plan([Pause(START + HOUR, None, "away")], cap=3600, now=START + 3 * HOUR)
    assert found.due.running
    assert [(hours, phase) for hours, phase, _, _ in _told(found)] == [(4, "warn"), (5, "breach"), (7, "rung")]


def test_an_ended_pause_moves_everything_by_its_length():
    found = _plan([Pause(START + HOUR, START + 3 * HOUR, "away")], now=START + 4 * HOUR)
    assert [hours for hours, *_ in _told(found)] == [5, 6, 8]


def test_the_next_thing_to_do_is_the_first_that_is_not_done_or_the_end_of_the_pause():
    found = _plan()
    assert [found.next_at(fired) for fired in range(4)] == [START + 3 * HOUR, START + 4 * HOUR, START + 6 * HOUR, None]
    held = _plan([Pause(START + HOUR, None, "away")], cap=2 * 3600, now=START + 2 * HOUR)
    assert [held.next_at(fired) for fired in range(3)] == [START + 3 * HOUR] * 3
    assert _plan([Pause(START + HOUR, None, "away")], now=START + 2 * HOUR).next_at(0) is None
