"""The talk with the customer: replies, what they said, who waits for whom, and the hard stop before sending (CASE8)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from kefu.cases import actions, attention, queries, replies, upkeep
from kefu.cases.actions import CaseRequest
from kefu.cases.errors import AnsweredSince, CaseClosed
from kefu.cases.filters import CaseFilter
from kefu.cases.models import Case, Entry, Notice
from kefu.clocks.models import Clock
from kefu.conftest import NOW
from kefu.kernel.errors import Invalid, NotFound
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.people import actions as people
from kefu.people.errors import MissingPermission

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def case(cast, ground):
    """A complaint with its customer, in the agent's hands."""
    request = CaseRequest(
        ground.station.pk, "delay", "call", "三天没有更新", customer_name="王女士", customer_phone="13812345678", assignee_id=cast.agent.id
    )
    return actions.open_case(actor=cast.agent, request=request, now=NOW)


def _last(case):
    return case.entries.order_by("-pk").values_list("pk", flat=True)[0]


def _send(actor, case, text="已为您催促派送", **more):
    return replies.reply_to_customer(actor=actor, case_id=case.pk, text=text, channel="sms", now=more.pop("now", NOW), **more)


def _say(actor, case, text="还是没有收到", now=NOW):
    return replies.customer_said(actor=actor, case_id=case.pk, text=text, channel="call", now=now)


def _ball(actor, case):
    held = [ball for ball in ("us", "customer", "others") if queries.page(actor, CaseFilter(ball=ball), now=NOW).rows]
    assert len(held) == 1, held
    return held[0]


def _counts():
    return Entry.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count(), Notice.objects.count()


def test_a_reply_is_kept_with_its_channel_and_pays_the_debt(case, cast):
    assert _ball(cast.agent, case) == "us"
    _say(cast.second_agent, case)
    case.refresh_from_db()
    assert case.owed_since == NOW
    row = _send(cast.agent, case, awaiting=True, now=NOW + timedelta(minutes=1))
    case.refresh_from_db()
    assert (row.kind, row.data, row.text) == ("reply", {"channel": "sms", "awaiting": True}, "已为您催促派送")
    assert (case.owed_since, case.awaited_since, case.last_word) == (None, NOW + timedelta(minutes=1), row.pk)
    assert _ball(cast.agent, case) == "customer"
    assert AuditEntry.objects.filter(action="case.reply").count() == 1
    assert OutboxEvent.objects.filter(type="case.changed", payload__what="reply").count() == 1
    _say(cast.agent, case, now=NOW + timedelta(minutes=2))
    assert _ball(cast.agent, case) == "us"


def test_the_debt_runs_from_the_first_unanswered_word(case, cast):
    _say(cast.agent, case)
    _say(cast.agent, case, now=NOW + timedelta(minutes=9))
    case.refresh_from_db()
    assert case.owed_since == NOW


def test_the_first_reply_is_the_first_response_of_the_handbook(cast):
    desk = people.create_site(actor=cast.admin, code="CC", name="呼叫中心", kind="shop", handbook="callcenter", now=NOW, city="南京")
    request = CaseRequest(desk.pk, "after_sales", "chat", "想退货")
    case = actions.open_case(actor=cast.admin, request=request, now=NOW)
    answered = Clock.objects.filter(subject_id=case.pk, state="met")
    assert not answered.exists()
    _send(cast.admin, case, now=NOW + timedelta(minutes=1))
    assert [clock.key for clock in answered] == ["after_sales_first"]


def test_nothing_is_sent_when_somebody_answered_since(case, cast):
    seen = _last(case)
    _send(cast.second_agent, case, "我来回复", seen=seen)
    before = _counts()
    with pytest.raises(AnsweredSince) as refused:
        _send(cast.agent, case, seen=seen)
    assert refused.value.reason == "case.answered_since"
    assert "周敏" in str(refused.value)
    assert [one["kind"] for one in refused.value.params["since"]] == ["reply"]
    assert _counts() == before
    _send(cast.agent, case, seen=seen, anyway=True)
    assert case.entries.filter(kind="reply").count() == 2


@pytest.mark.parametrize(
    ("happens", "stops"),
    [
        (lambda case, cast: _say(cast.second_agent, case), True),
        (lambda case, cast: _send(cast.agent, case, "另一个标签页"), True),
        (lambda case, cast: upkeep.add_note(actor=cast.second_agent, case_id=case.pk, text="内部情况", now=NOW), False),
        (lambda case, cast: upkeep.urge(actor=cast.second_agent, case_id=case.pk, text="", now=NOW), False),
    ],
)
def test_what_stops_a_reply(case, cast, happens, stops):
    seen = _last(case)
    happens(case, cast)
    if stops:
        with pytest.raises(AnsweredSince):
            _send(cast.agent, case, seen=seen)
    else:
        _send(cast.agent, case, seen=seen)


def test_the_write_itself_asks_again(case, cast):
    """Somebody who answers between the look and the write is not overrun: the case's own row knows the last word."""
    seen = _last(case)
    Case.objects.filter(pk=case.pk).update(last_word=seen + 1)
    before = _counts()
    with pytest.raises(AnsweredSince):
        _send(cast.agent, case, seen=seen)
    assert _counts() == before


@pytest.mark.parametrize(("text", "channel", "field"), [(" ", "sms", "text"), ("好" * 20001, "sms", "text"), ("您好", "pigeon", "channel")])
def test_refusals_change_nothing(case, cast, text, channel, field):
    before = _counts()
    for write in (replies.reply_to_customer, replies.customer_said):
        with pytest.raises(Invalid) as refused:
            write(actor=cast.agent, case_id=case.pk, text=text, channel=channel, now=NOW)
        assert set(refused.value.fields) == {field}
    with pytest.raises(NotFound):
        _send(cast.outsider, case)
    with pytest.raises(MissingPermission):
        _send(cast.inspector, case)
    assert _counts() == before


def test_a_merged_case_takes_no_word_a_closed_one_does(case, cast):
    Case.objects.filter(pk=case.pk).update(status="closed", is_open=False)
    _say(cast.agent, case)
    _send(cast.agent, case)
    Case.objects.filter(pk=case.pk).update(status="merged")
    with pytest.raises(CaseClosed):
        _say(cast.agent, case)


def test_the_customer_sees_the_talk_and_nothing_else(case, cast):
    customer = replace(cast.customer, id=case.customer_id)
    upkeep.add_note(actor=cast.agent, case_id=case.pk, text="内部：先别赔", now=NOW)
    _send(cast.agent, case)
    replies.customer_said(actor=customer, case_id=case.pk, text="谢谢", channel="chat", now=NOW)
    view = replies.for_customer(customer, case.pk)
    assert [(one.ours, one.text) for one in view.messages] == [(True, "已为您催促派送"), (False, "谢谢")]
    assert "内部" not in repr(view)
    for other in (replace(customer, id=customer.id + 1), cast.agent):
        with pytest.raises(NotFound):
            replies.for_customer(other, case.pk)
    with pytest.raises(NotFound):
        replies.customer_said(actor=replace(customer, id=customer.id + 1), case_id=case.pk, text="我的", channel="chat", now=NOW)


def test_the_talk_is_unreadable_in_the_database(case, cast):
    _say(cast.agent, case, "我的电话13812345678")
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, data FROM cases_entry")
        assert "13812345678" not in str(cursor.fetchall())


def test_unread_until_seen_by_each_person(case, cast):
    def unread(actor):
        return [row.pk for row in queries.page(actor, CaseFilter(unread=True), now=NOW).rows]

    assert unread(cast.agent) == []
    row = _say(cast.second_agent, case)
    assert unread(cast.agent) == unread(cast.lead) == [case.pk]
    assert unread(cast.second_agent) == []
    assert attention.unread(cast.agent, Case.objects.all()) == {case.pk}
    assert [notice.what for notice in queries.notices(cast.agent)] == ["said"]
    attention.see(actor=cast.agent, case_id=case.pk, entry_id=row.pk, now=NOW)
    assert unread(cast.agent) == []
    assert attention.unread(cast.agent, Case.objects.all()) == set()
    assert queries.notices(cast.agent) == []
    assert unread(cast.lead) == [case.pk]
    attention.see(actor=cast.lead, case_id=case.pk, entry_id=2**70, now=NOW)
    assert attention.of(cast.lead, case.pk).seen_entry == row.pk
    attention.see(actor=cast.lead, case_id=case.pk, entry_id=1, now=NOW)
    assert attention.of(cast.lead, case.pk).seen_entry == row.pk


def test_following(case, cast):
    attention.follow(actor=cast.lead, case_id=case.pk, now=NOW)
    assert [row.pk for row in queries.page(cast.lead, CaseFilter(followed=True), now=NOW).rows] == [case.pk]
    assert queries.page(cast.agent, CaseFilter(followed=True), now=NOW).rows == []
    _say(cast.agent, case)
    assert [notice.what for notice in queries.notices(cast.lead)] == ["said"]
    attention.unfollow(actor=cast.lead, case_id=case.pk)
    assert queries.page(cast.lead, CaseFilter(followed=True), now=NOW).rows == []
    with pytest.raises(NotFound):
        attention.follow(actor=cast.outsider, case_id=case.pk, now=NOW)


def test_being_reminded(case, cast):
    later = NOW + timedelta(hours=2)
    for wrong in (NOW, NOW + timedelta(days=91)):
        with pytest.raises(Invalid):
            attention.snooze(actor=cast.agent, case_id=case.pk, until=wrong, now=NOW)
    attention.snooze(actor=cast.agent, case_id=case.pk, until=later, now=NOW)
    assert attention.wake(now=later - timedelta(seconds=1)) == 0
    assert attention.wake(now=later) == 1
    assert attention.wake(now=later) == 0
    assert [notice.what for notice in queries.notices(cast.agent)] == ["wake"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("@周敏请看一下", ["second_agent"]),
        ("请@王芳 和 @周敏 处理", ["lead", "second_agent"]),
        ("@{second_agent} 请看", ["second_agent"]),
        ("转给 @刘经理", ["manager"]),
        ("@外站客服 请看", []),
        ("@李晓 自己", []),
        ("邮箱 a@b.cn，@不存在的人", []),
        ("没有人", []),
    ],
)
def test_mentions_reach_those_who_may_see_the_case(case, cast, text, names):
    from kefu.people.models import Staff

    number = Staff.objects.get(pk=cast.second_agent.id).staff_no
    row = upkeep.add_note(actor=cast.agent, case_id=case.pk, text=text.replace("{second_agent}", number), now=NOW)
    told = {getattr(cast, name).id for name in names}
    assert set(row.data.get("mentions", [])) == told
    assert set(Notice.objects.filter(what="mention").values_list("staff_id", flat=True)) == told
    for name in names:
        assert [notice.case_id for notice in attention.mentions(getattr(cast, name))] == [case.pk]


def test_people_to_mention(case, cast):
    found = attention.mentionable(cast.agent, case.pk, "周")
    assert [name for _pk, name, _no in found] == ["周敏"]
    assert "外站客服" not in [name for _pk, name, _no in attention.mentionable(cast.agent, case.pk)]
    with pytest.raises(NotFound):
        attention.mentionable(cast.outsider, case.pk)
