"""Who is here: seen by those who may see the thing, gone by itself."""

from datetime import timedelta

import pytest

from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest
from kefu.kernel.errors import NotFound
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.presence import actions, queries
from kefu.presence.models import Presence

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def case(cast, ground, now):
    return cases.open_case(actor=cast.agent, request=CaseRequest(ground.station.pk, "delay", "call", "三天没有更新"), now=now)


def names(actor, case, now):
    return [(one.name, one.typing) for one in queries.others(actor, "case", case.pk, now=now)]


def test_others_see_who_is_here_and_who_writes_and_nobody_sees_themselves(cast, case, now):
    actions.be_here(actor=cast.agent, kind="case", subject_id=case.pk, typing=False, now=now)
    actions.be_here(actor=cast.second_agent, kind="case", subject_id=case.pk, typing=True, now=now)
    assert names(cast.lead, case, now) == [("周敏", True), ("李晓", False)]
    assert names(cast.agent, case, now) == [("周敏", True)]


def test_a_sign_of_life_renews_one_row_and_runs_out_by_itself(cast, case, now):
    for seconds in (0, 20, 40):
        actions.be_here(actor=cast.agent, kind="case", subject_id=case.pk, typing=False, now=now + timedelta(seconds=seconds))
    assert Presence.objects.count() == 1
    late = now + timedelta(seconds=40) + actions.LASTS
    assert names(cast.lead, case, late) == [("李晓", False)]
    assert names(cast.lead, case, late + timedelta(seconds=1)) == []
    assert queries.snapshot(now=late + timedelta(seconds=1)) == {}
    assert actions.forget_gone(now=late + timedelta(seconds=1)) == 1


def test_leaving_takes_only_ones_own_row(cast, case, now):
    for actor in (cast.agent, cast.lead):
        actions.be_here(actor=actor, kind="case", subject_id=case.pk, typing=False, now=now)
    actions.leave(actor=cast.agent, kind="case", subject_id=case.pk)
    assert queries.snapshot(now=now) == {("case", case.pk): frozenset({(cast.lead.id, False)})}


@pytest.mark.parametrize("kind", ["case", "parcel", "nonsense"])
def test_an_outsider_can_neither_be_there_nor_look(cast, case, now, kind):
    with pytest.raises(NotFound):
        actions.be_here(actor=cast.outsider, kind=kind, subject_id=case.pk, typing=False, now=now)
    with pytest.raises(NotFound):
        queries.others(cast.outsider, kind, case.pk, now=now)
    assert not Presence.objects.exists()


def test_passing_news_leaves_no_trace(cast, case, now):
    before = AuditEntry.objects.count(), OutboxEvent.objects.count()
    actions.be_here(actor=cast.agent, kind="case", subject_id=case.pk, typing=False, now=now)
    actions.be_here(actor=cast.system, kind="case", subject_id=case.pk, typing=False, now=now)
    assert (AuditEntry.objects.count(), OutboxEvent.objects.count()) == before
    assert Presence.objects.count() == 1


def test_looks_cost_the_same_however_many_are_here(cast, case, now, hire, django_assert_num_queries):
    for count in (2, 12):
        for _one in range(count):
            staff = hire("agent")
            Presence.objects.create(staff=staff, subject_kind="case", subject_id=case.pk, until=now + actions.LASTS)
        with django_assert_num_queries(2):
            queries.others(cast.lead, "case", case.pk, now=now)
        with django_assert_num_queries(1):
            queries.snapshot(now=now)
