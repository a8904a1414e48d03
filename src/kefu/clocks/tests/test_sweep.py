"""The sweep and the alarms: every moment once, in its order, whatever happens between two sweeps (CASE4, ADR 11)."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kefu.clocks import actions
from kefu.clocks.actions import Change, Subject
from kefu.clocks.events import ClocksFired
from kefu.clocks.models import Alarm, Clock
from kefu.conftest import NOW, Cast, Ground
from kefu.handbook import queries as handbooks
from kefu.kernel.errors import Stale
from kefu.kernel.models import OutboxEvent

HOUR = timedelta(hours=1)
MOMENTS = [("warn", 40 * HOUR), ("breach", 48 * HOUR), ("rung", 52 * HOUR), ("rung", 72 * HOUR)]
"""What the handbook's clock ``solve`` does when nothing holds it."""


@pytest.fixture
def subject(ground: Ground) -> Subject:
    """A thing with one running clock, ``solve``."""
    subject = Subject("probe", 7, ground.station.pk)
    _begin(subject)
    return subject


def _begin(subject: Subject) -> None:
    book = handbooks.book_at("best", NOW)
    actions.apply_events_many(changes=[Change(subject, {"solve": book.clocks["solve"]}, book)], events=["case.opened"], at=NOW)


def _told() -> list[tuple[str, timedelta]]:
    payloads = OutboxEvent.objects.filter(type="clocks.fired").order_by("pk").values_list("payload", flat=True)
    return [(item.phase, item.at - NOW) for payload in payloads for item in ClocksFired.model_validate(payload).items]


def _pause(cast: Cast, subject: Subject, after: timedelta) -> None:
    actions.pause(actor=cast.lead, subject=subject, clock_id=Clock.objects.get().pk, reason="customer_away", now=NOW + after)


def _resume(cast: Cast, subject: Subject, after: timedelta) -> None:
    actions.resume(actor=cast.lead, subject=subject, clock_id=Clock.objects.get().pk, now=NOW + after)


@pytest.mark.usefixtures("handbooks")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.lists(st.integers(0, 90), max_size=8).map(sorted))
def test_however_often_it_sweeps_each_moment_fires_once_and_in_order(hours: list[int]) -> None:
    Clock.objects.all().delete()
    OutboxEvent.objects.all().delete()
    _begin(Subject("probe", 7, 1))
    for hour in [*hours, 90]:
        actions.sweep(now=NOW + hour * HOUR)
        assert _told() == [moment for moment in MOMENTS if moment[1] <= hour * HOUR]
    assert actions.sweep(now=NOW + 1000 * HOUR) == 0
    assert (Alarm.objects.get().at, Alarm.objects.get().fired) == (None, 4)


def test_a_sweep_writes_no_clock(subject: Subject) -> None:
    before = Clock.objects.values().get()
    assert actions.sweep(now=NOW + 100 * HOUR) == 4
    assert Clock.objects.values().get() == before


def test_a_batch_takes_the_soonest_first(ground: Ground, subject: Subject) -> None:
    _begin(Subject("probe", 8, ground.station.pk))
    Clock.objects.filter(subject_id=8).update(due_at=NOW + HOUR, warn_at=NOW)
    Alarm.objects.filter(clock__subject_id=8).update(at=NOW)
    assert actions.sweep(now=NOW + 40 * HOUR, batch=1) == 4  # its rungs passed as well
    assert set(OutboxEvent.objects.filter(type="clocks.fired").values_list("subject_id", flat=True)) == {Clock.objects.get(subject_id=8).pk}


def test_what_fired_before_a_pause_does_not_fire_again(cast: Cast, subject: Subject) -> None:
    actions.sweep(now=NOW + 41 * HOUR)
    _pause(cast, subject, 42 * HOUR)
    _resume(cast, subject, 45 * HOUR)
    actions.sweep(now=NOW + 100 * HOUR)
    assert _told() == [("warn", 40 * HOUR), ("breach", 51 * HOUR), ("rung", 55 * HOUR), ("rung", 75 * HOUR)]


def test_a_rung_that_was_climbed_is_not_climbed_again_after_a_pause(cast: Cast, subject: Subject) -> None:
    actions.sweep(now=NOW + 53 * HOUR)
    _pause(cast, subject, 54 * HOUR)
    assert Clock.objects.get().breached_at == NOW + 48 * HOUR
    _resume(cast, subject, 55 * HOUR)
    actions.sweep(now=NOW + 100 * HOUR)
    assert _told() == MOMENTS


def test_a_pause_runs_out_by_its_cap_and_the_clock_goes_on(cast: Cast, subject: Subject) -> None:
    _pause(cast, subject, 10 * HOUR)
    assert Alarm.objects.get().at == NOW + 34 * HOUR
    actions.sweep(now=NOW + 33 * HOUR)
    assert (Clock.objects.get().state, _told()) == ("paused", [])
    version = Clock.objects.get().version
    actions.sweep(now=NOW + 35 * HOUR)
    assert (Clock.objects.get().state, Clock.objects.get().version, _told()) == ("running", version + 1, [("resume", 34 * HOUR)])
    actions.sweep(now=NOW + 200 * HOUR)
    assert _told()[1:] == [(phase, at + 24 * HOUR) for phase, at in MOMENTS]


def test_a_pause_without_a_cap_ends_within_the_second_it_is_ended_in(cast: Cast, subject: Subject) -> None:
    Clock.objects.update(cap_seconds=None)
    _pause(cast, subject, HOUR)
    assert Alarm.objects.get().at is None
    _resume(cast, subject, 2 * HOUR + timedelta(microseconds=654321))
    assert (Clock.objects.get().state, Alarm.objects.get().at) == ("running", NOW + 41 * HOUR)


def test_an_alarm_swept_since_it_was_read_is_not_set_by_what_was_read(subject: Subject) -> None:
    known = Alarm.objects.get()
    actions.sweep(now=NOW + 41 * HOUR)
    with pytest.raises(Stale):
        actions._set_alarm(known, None)
    assert Alarm.objects.get().at == NOW + 48 * HOUR


def test_a_clock_that_ended_has_no_alarm(subject: Subject) -> None:
    actions.stop_all(subject=subject, at=NOW + HOUR)
    assert not Alarm.objects.exists()
    assert actions.sweep(now=NOW + 100 * HOUR) == 0
