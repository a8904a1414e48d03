"""A storm of fired clocks costs the same number of statements whatever its size, and does to each case what it does to one (CASE4)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.cases import actions, fired
from kefu.cases.actions import CaseRequest
from kefu.cases.models import Case, Entry
from kefu.clocks import actions as clocks
from kefu.clocks.events import ClocksFired
from kefu.clocks.models import Clock
from kefu.conftest import NOW
from kefu.kernel import outbox
from kefu.kernel.errors import Stale
from kefu.kernel.models import AuditEntry, OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
LATE = NOW + timedelta(hours=3)


def _storm(cast, ground, count, start):
    """Fired clocks of so many cases; each broke its call-back."""
    for number in range(count):
        request = CaseRequest(
            site_id=ground.station.pk, kind="delay", channel="call", description="三天没有更新", waybill=f"W{start}{number}"
        )
        actions.open_case(actor=cast.agent, request=request, now=NOW)
    clocks.sweep(now=LATE)
    outbox.seal()
    event = OutboxEvent.objects.filter(type="clocks.fired").latest("seq")
    return list(ClocksFired.model_validate(event.payload).items)


def test_the_number_of_statements_does_not_grow(cast, ground):
    counted = []
    for count in (1, 2, 9):  # the first one reads the handbook
        items = _storm(cast, ground, count, count)
        with CaptureQueriesContext(connection) as seen:
            fired.note_fired(items, now=LATE)
        counted.append(len(seen))
    assert counted[1] == counted[2]


def test_every_case_is_raised_once_with_its_record_and_clocks(cast, ground):
    items = _storm(cast, ground, 3, 0)
    fired.note_fired(items, now=LATE)
    cases = list(Case.objects.order_by("pk"))
    assert [(case.level, case.level_rank, case.version) for case in cases] == [("urgent", 10, 1)] * 3
    for case in cases:
        assert Entry.objects.filter(case=case, kind="level", data__why="clock", clause__endswith="#levels.urgent").count() == 1
        assert AuditEntry.objects.filter(action="case.level", subject_id=case.pk).count() == 1
        assert OutboxEvent.objects.filter(type="case.changed", subject_id=case.pk, payload__what="level").count() == 1
        running = Clock.objects.filter(subject_id=case.pk, state="running")
        assert case.next_due_at == min(clock.due_at for clock in running)


def test_pages_hear_of_a_fired_clock_once_per_case(cast, ground):
    items = _storm(cast, ground, 2, 0)
    fired.note_fired([*items, *items], now=LATE)
    told = OutboxEvent.objects.filter(type="case.changed", payload__what="clock")
    assert sorted(told.values_list("subject_id", "site_id")) == [
        (pk, ground.station.pk) for pk in sorted(Case.objects.values_list("pk", flat=True))
    ]


def test_a_case_changed_meanwhile_takes_everything_back(cast, ground, monkeypatch):
    items = _storm(cast, ground, 2, 0)
    before = Entry.objects.count()
    stands = fired._above

    def meddle(case):
        Case.objects.filter(pk=case.pk).update(version=99)
        return stands(case)

    monkeypatch.setattr(fired, "_above", meddle)
    with pytest.raises(Stale):
        fired.note_fired(items, now=LATE)
    assert Entry.objects.count() == before
    assert set(Case.objects.values_list("level", flat=True)) == {"normal"}
