"""Reactions: each event once, failures kept, rounds until quiet."""

from datetime import timedelta

import pytest
from django.db import transaction

from kefu.conftest import NOW
from kefu.kernel import outbox
from kefu.kernel.models import Consumer, FailedEvent, OutboxEvent
from kefu.people.events import StaffNoted
from kefu.reactions import run as reactions
from kefu.reactions.reaction import Reaction
from kefu.reactions.table import REACTIONS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet():
    OutboxEvent.objects.all().delete()


def _emit(*ids):
    with transaction.atomic():
        outbox.emit_many([StaffNoted(staff_id=one, site_id=1) for one in ids], now=NOW)


def _seen(log):
    return Reaction("probe", ("staff.noted",), lambda events, _now: log.extend(event.subject_id for event in events), batch=2)


def test_every_event_once_in_order_and_again_nothing():
    log = []
    _emit(1, 2, 3, 4, 5)
    assert reactions.run_all([_seen(log)], now=NOW) == 5
    assert log == [1, 2, 3, 4, 5]
    assert reactions.run_all([_seen(log)], now=NOW) == 0
    _emit(6)
    reactions.run_all([_seen(log)], now=NOW)
    assert log == [1, 2, 3, 4, 5, 6]


def test_an_event_that_fails_is_kept_and_the_others_are_handled():
    log = []

    def handle(events, now):
        for event in events:
            if event.subject_id == 2:
                raise ValueError("no such person")
            log.append(event.subject_id)

    _emit(1, 2, 3)
    reactions.run_all([Reaction("probe", ("staff.noted",), handle, batch=10)], now=NOW)
    assert log[-2:] == [1, 3]
    failed = FailedEvent.objects.get()
    assert (failed.event.subject_id, failed.error) == (2, "ValueError: no such person")
    assert Consumer.objects.get(name="probe").seq == OutboxEvent.objects.order_by("-seq").first().seq


def test_what_a_failing_batch_wrote_is_undone_before_it_is_tried_one_by_one():
    def handle(events, now):
        for event in events:
            Consumer.objects.create(name=f"made-{event.subject_id}")
            if event.subject_id == 3:
                raise ValueError

    _emit(1, 2, 3)
    reactions.run_all([Reaction("probe", ("staff.noted",), handle)], now=NOW)
    assert sorted(Consumer.objects.filter(name__startswith="made-").values_list("name", flat=True)) == ["made-1", "made-2"]


def test_two_reactions_have_places_of_their_own():
    first, second = [], []
    _emit(1, 2)
    reactions.run_all([Reaction("a", ("staff.noted",), lambda e, n: first.extend(e))], now=NOW)
    reactions.run_all([Reaction("b", ("staff.noted",), lambda e, n: second.extend(e))], now=NOW)
    assert len(first) == len(second) == 2


def test_a_reaction_without_events_of_its_kinds_moves_on_and_is_not_asked_again(django_assert_max_num_queries):
    log = []
    probe, other = _seen(log), Reaction("other", ("customer.tier_changed",), lambda e, n: log.append("other"))
    reactions.run_all([probe, other], now=NOW)
    _emit(1, 2)
    assert reactions.run_all([probe, other], now=NOW) == 2
    head = outbox.head()
    reactions.run(other, now=NOW)
    _emit(3)
    reactions.run_all([probe, other], now=NOW)
    assert Consumer.objects.get(name="other").seq > head
    with django_assert_max_num_queries(3):
        assert reactions.run_all([probe, other], now=NOW) == 0
    assert log == [1, 2, 3]


def test_an_event_numbered_after_the_look_is_not_passed_over():
    log = []
    _emit(1)
    reactions.run_all([_seen(log)], now=NOW)
    other = Reaction("other", ("staff.noted",), lambda e, n: log.extend(10 * event.subject_id for event in e))
    Consumer.objects.create(name="other", seq=outbox.head())
    _emit(2)
    reactions.run_all([other], now=NOW)
    assert log == [1, 20]


def test_old_events_are_forgotten_only_behind_every_place():
    _emit(1)
    outbox.seal()
    late = NOW + reactions.KEEP + timedelta(days=1)
    assert reactions.forget_old(now=late) == 0
    reactions.run_all(now=late)
    for reaction in REACTIONS:
        Consumer.objects.update_or_create(name=reaction.name, defaults={"seq": 10**9})
    assert reactions.forget_old(now=late) == 1


def test_names_are_unique():
    names = [reaction.name for reaction in REACTIONS]
    assert len(names) == len(set(names))
