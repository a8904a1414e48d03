"""One definition of filters for page, API, saved views, bulk work and exports (CASE8)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from kefu.cases import actions, filters, queries, upkeep
from kefu.cases.actions import CaseRequest
from kefu.cases.filters import CaseFilter
from kefu.conftest import NOW
from kefu.kernel import search
from kefu.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ({}, {}),
        ({"view": "mine", "kind": "delay", "page": "3"}, {"view": "mine", "kind": "delay"}),
        ({"view": "nope", "sort": "id; drop", "status": "lost"}, {}),
        ({"site": "12", "assignee": "me"}, {"site": "12", "assignee": "me"}),
        ({"site": "-1", "assignee": "all"}, {}),
        ({"site": "９", "assignee": "9" * 30}, {}),
        ({"since": "2026-11-01", "until": "2026-13-01"}, {"since": "2026-11-01"}),
        ({"since": "2026-11-01T08:00:00+08:00", "until": "2026-11-01T08:00:00"}, {"since": "2026-11-01T08:00:00+08:00"}),
        ({"since": "0001-01-01", "until": "9999-12-31"}, {}),
        ({"since": "0001-01-01T00:00:00+08:00"}, {}),
        ({"opened": "today", "due": "1h", "urged": "2"}, {"opened": "today", "due": "1h", "urged": "2"}),
        ({"opened": "ever", "due": "0", "urged": "0"}, {}),
        ({"ball": "them", "followed": "2", "unread": "yes"}, {}),
        ({"ball": "us", "followed": "1", "unread": "1"}, {"ball": "us", "followed": "1", "unread": "1"}),
        ({"q": " a\0b "}, {"q": "ab"}),
        ({"q": "长" * 300}, {"q": "长" * 200}),
    ],
)
def test_an_address_keeps_only_what_is_known(given, kept):
    assert filters.clean(given) == kept
    assert filters.check(kept) == kept


def test_a_stored_choice_is_refused_with_every_reason():
    with pytest.raises(Invalid) as refused:
        filters.check({"view": "nope", "colour": "red", "since": "yesterday", "q": "好" * 201, "kind": "delay"})
    assert set(refused.value.fields) == {"view", "colour", "since", "q"}


def test_days_are_days_in_china():
    wanted = CaseFilter.of({"since": "2026-11-22", "until": "2026-11-22"})
    assert wanted.since is not None
    assert wanted.until is not None
    assert wanted.since.isoformat() == "2026-11-22T00:00:00+08:00"
    assert wanted.until - wanted.since == timedelta(days=1)


@pytest.fixture
def three(cast, ground, handbooks):
    """Opened yesterday, today, and today for the agent with two reminders."""

    def opened(at, text, **more):
        request = CaseRequest(ground.station.pk, "delay", "call", text, waybill="", **more)
        return actions.open_case(actor=cast.agent, request=request, now=at)

    old = opened(NOW - timedelta(days=1), "昨天的破损")
    new = opened(NOW, "今天的破损")
    mine = opened(NOW, "催过的破损", assignee_id=cast.agent.id)
    for minutes in (1, 2):
        upkeep.urge(actor=cast.agent, case_id=mine.pk, text="催单", now=NOW + timedelta(minutes=minutes))
    return old.pk, new.pk, mine.pk


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("values", "numbers"),
    [
        ({"view": "all"}, {0, 1, 2}),
        ({"opened": "today"}, {1, 2}),
        ({"opened": "7d"}, {0, 1, 2}),
        ({"assignee": "me"}, {2}),
        ({"assignee": "none"}, {0, 1}),
        ({"urged": "2"}, {2}),
        ({"due": "late"}, {0}),
        ({"due": "4h"}, {1, 2}),
        ({"due": "1h"}, set()),
        ({"channel": "chat"}, set()),
        ({"ball": "us"}, {0, 1, 2}),
        ({"ball": "customer"}, set()),
        ({"followed": "1"}, set()),
        ({"unread": "1"}, set()),
    ],
)
def test_what_each_filter_holds(three, cast, values, numbers):
    wanted = CaseFilter.of(filters.check(values))
    assert set(queries.matching_ids(cast.agent, wanted, now=NOW, limit=10)) == {three[n] for n in numbers}
    assert queries.matching_count(cast.agent, wanted, now=NOW).value == len(numbers)
    assert {row.pk for row in queries.page(cast.agent, wanted, now=NOW).rows} == {three[n] for n in numbers}
    assert queries.matching_ids(cast.outsider, wanted, now=NOW, limit=10) == []


@pytest.mark.django_db
def test_all_matching_is_the_lists_order_and_stops_at_the_limit(three, cast):
    search.index("case", queries.search_documents(list(three)))
    for wanted in (CaseFilter(view="all"), CaseFilter(view="all", text="破损")):
        listed = [row.pk for row in queries.page(cast.agent, wanted, now=NOW).rows]
        assert queries.matching_ids(cast.agent, wanted, now=NOW, limit=10) == listed
        assert queries.matching_ids(cast.agent, wanted, now=NOW, limit=2) == listed[:2]
    assert queries.matching_ids(cast.agent, replace(wanted, kind="loss"), now=NOW, limit=10) == []
