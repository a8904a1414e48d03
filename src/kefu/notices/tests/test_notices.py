"""What a customer is told, once for each step, by the way they chose: quiet hours, retries, people, refusals (CASE5)."""

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import transaction

from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest
from kefu.cases.models import Entry
from kefu.cases.upkeep import escalate
from kefu.conftest import NOW
from kefu.customers import actions as customers
from kefu.integrations.notices.senders import Folder, signed
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry
from kefu.notices import actions, queries, rules
from kefu.notices.channels import NotSent, Outgoing
from kefu.notices.errors import NoticeDone, StillQueued
from kefu.notices.models import Notice
from kefu.people.errors import MissingPermission
from kefu.reactions import run as reactions

pytestmark = pytest.mark.django_db
LOCAL = datetime(2026, 11, 22, tzinfo=UTC)
SENT: list[Outgoing] = []
FAULTS: list[NotSent] = []


class Stub:
    """A sender that keeps what it is given, and fails as often as it is told to."""

    demo = False

    def send(self, message):
        if FAULTS:
            raise FAULTS.pop(0)
        SENT.append(message)
        return "gw-1"


def stub_senders():
    return {"sms": Stub()}


@pytest.fixture(autouse=True)
def _stub(settings):
    settings.KEFU_NOTICE_SENDERS = f"{__name__}.stub_senders"
    SENT.clear()
    FAULTS.clear()


@pytest.fixture
def told(cast, ground):
    """A complaint of a customer with a phone, opened by the agent."""
    request = CaseRequest(
        ground.station.pk, "delay", "call", "快件三天没有动", waybill="50004090806901", customer_name="王女士", customer_phone="13800138000"
    )
    case = cases.open_case(actor=cast.agent, request=request, now=NOW)
    return SimpleNamespace(case=case, cast=cast, ground=ground)


def react(now=NOW):
    reactions.run_all(now=now)


def whats(told):
    return [one.data["what"] for one in Entry.objects.filter(case=told.case, kind="matter").order_by("pk")]


def only():
    return Notice.objects.get()


def test_the_customer_is_told_once_and_the_case_hears_of_it(told):
    react()
    row = only()
    assert (row.state, row.channel, row.template, row.due_at) == ("queued", "sms", "accepted", NOW)
    assert row.clause.endswith("#notices.accepted")
    assert actions.send_due(now=NOW) == 1
    assert [(one.key, one.address) for one in SENT] == [(f"notice-{row.pk}", "13800138000")]
    assert SENT[0].text.startswith("【南市分部】王女士您好")
    assert "50004090806901" in SENT[0].text
    assert told.case.number in SENT[0].text
    react()
    assert actions.send_due(now=NOW + timedelta(days=1)) == 0
    react()
    assert (only().state, only().receipt) == ("sent", "gw-1")
    entry = Entry.objects.get(case=told.case, kind="matter")
    assert entry.data["what"] == "notice.sent"
    assert "王女士" not in entry.text
    assert told.case.number in entry.text
    assert entry.clause == row.clause
    assert list(AuditEntry.objects.filter(subject_kind="notice").order_by("pk").values_list("action", flat=True)) == [
        "notice.made",
        "notice.sent",
    ]


def test_the_same_events_again_tell_nothing_twice(told):
    react()
    from kefu.kernel.models import OutboxEvent
    from kefu.reactions.customers_told import tell

    tell(list(OutboxEvent.objects.filter(subject_kind="case")), NOW)
    assert Notice.objects.count() == 1


def test_a_raised_level_is_told_too(told):
    react()
    escalate(actor=told.cast.lead, case_id=told.case.pk, level="escalated", reason="客户要求升级", now=NOW + timedelta(minutes=5))
    react(NOW + timedelta(minutes=5))
    assert list(Notice.objects.order_by("pk").values_list("template", flat=True)) == ["accepted", "escalated"]


def test_a_level_that_a_rule_raised_is_no_news(told):
    react()
    told.case.refresh_from_db()
    with transaction.atomic():
        cases.set_level(told.cast.system, told.case, cases.book_of(told.case), "escalated", now=NOW, why="rule")
    react()
    assert list(Notice.objects.values_list("template", flat=True)) == ["accepted"]


def test_a_case_without_a_customer_or_of_an_enquiry_tells_nobody(cast, ground):
    cases.open_case(actor=cast.agent, request=CaseRequest(ground.station.pk, "delay", "hq", "总部来件", waybill="50004090806902"), now=NOW)
    asked = CaseRequest(ground.station.pk, "enquiry", "call", "查件", customer_phone="13800138001")
    cases.open_case(actor=cast.agent, request=asked, now=NOW)
    react()
    assert not Notice.objects.exists()


def test_who_opted_out_is_not_told(told):
    actions.choose_channel(
        actor=told.cast.agent, customer_id=told.case.customer_id, channel="sms", consent="电话中拒绝", opted_out=True, now=NOW
    )
    react()
    assert (only().state, only().reason) == ("skipped", "opted_out")
    assert actions.send_due(now=NOW) == 0
    assert not SENT
    assert whats(told) == ["notice.skipped"]


@pytest.mark.parametrize(
    ("channel", "reason"), [("phone", "phone"), ("wechat", "no_address"), ("email", "no_address"), ("platform", "no_address")]
)
def test_what_no_channel_can_send_waits_for_a_person(told, channel, reason):
    actions.choose_channel(actor=told.cast.agent, customer_id=told.case.customer_id, channel=channel, consent="电话中同意", now=NOW)
    react()
    assert (only().state, only().reason) == ("person", reason)
    assert whats(told) == ["notice.person"]


def test_a_channel_that_is_not_set_up_waits_for_a_person(told):
    customers.add_contact(actor=told.cast.agent, customer_id=told.case.customer_id, kind="wechat", value="wx-wang", now=NOW)
    actions.choose_channel(actor=told.cast.agent, customer_id=told.case.customer_id, channel="wechat", consent="电话中同意", now=NOW)
    react()
    assert (only().state, only().reason) == ("person", "no_channel")


def test_failures_are_tried_again_later_and_later_and_then_given_up(told):
    react()
    FAULTS.extend(NotSent("unreachable", again=True, detail="TimeoutError") for _ in range(9))
    waits, now = [], NOW
    while only().state == "queued":
        now = only().due_at
        assert actions.send_due(now=now) == 1
        if only().state == "queued":
            waits.append(only().due_at - now)
    assert [one.total_seconds() / 60 for one in waits] == [2, 4, 8, 16]
    assert (only().state, only().reason, only().tries) == ("failed", "unreachable", 5)
    react(now)
    assert whats(told) == ["notice.failed"]


def test_a_refusal_is_not_tried_again_but_by_hand(told):
    react()
    FAULTS.append(NotSent("refused", again=False, detail="HTTP 400"))
    actions.send_due(now=NOW)
    assert (only().state, only().detail) == ("failed", "HTTP 400")
    row = actions.retry(actor=told.cast.agent, notice_id=only().pk, now=NOW)
    assert (row.state, row.tries) == ("queued", 0)
    with pytest.raises(StillQueued):
        actions.retry(actor=told.cast.agent, notice_id=row.pk, now=NOW)
    actions.send_due(now=NOW)
    assert only().state == "sent"
    with pytest.raises(NoticeDone):
        actions.retry(actor=told.cast.agent, notice_id=row.pk, now=NOW)


def test_a_worker_that_died_leaves_it_to_another_under_the_same_key(told):
    react()
    Notice.objects.update(due_at=NOW + timedelta(minutes=5), tries=1, version=1)  # claimed, then nothing
    assert actions.send_due(now=NOW) == 0
    assert actions.send_due(now=NOW + timedelta(minutes=5)) == 1
    assert SENT[0].key == f"notice-{only().pk}"


def test_nothing_is_sent_at_night(told):
    late = datetime(2026, 11, 22, 14, 30, tzinfo=UTC)  # 22:30 in China
    react(late)
    assert only().due_at == datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
    assert actions.send_due(now=late) == 0


@pytest.mark.parametrize(
    ("hour", "minute", "quiet", "day", "at"),
    [
        (20, 59, (21, 8), 22, 20), (21, 0, (21, 8), 23, 8), (23, 30, (21, 8), 23, 8), (3, 0, (21, 8), 22, 8), (8, 0, (21, 8), 22, 8),
        (13, 0, (12, 14), 22, 14), (14, 0, (12, 14), 22, 14), (3, 0, (None, None), 22, 3), (3, 0, (8, 8), 22, 3),
    ],
)  # fmt: skip
def test_quiet_hours(hour, minute, quiet, day, at):
    found = rules.allowed_at(LOCAL.replace(hour=hour, minute=minute), *quiet)
    assert (found.day, found.hour) == (day, at)


def test_a_text_with_a_blank_names_it():
    assert rules.fill("{customer_name}您好，{amount} 元", {"customer_name": "王"}) == ("王您好，【amount】 元", ["amount"])


def test_told_by_a_person(told):
    actions.choose_channel(actor=told.cast.agent, customer_id=told.case.customer_id, channel="phone", consent="电话中同意", now=NOW)
    react()
    with pytest.raises(Invalid):
        actions.note_told(actor=told.cast.agent, notice_id=only().pk, note=" ", now=NOW)
    with pytest.raises(Stale):
        actions.note_told(actor=told.cast.agent, notice_id=only().pk, note="已告知", now=NOW, expected_version=7)
    actions.note_told(actor=told.cast.agent, notice_id=only().pk, note="已电话告知，客户认可", now=NOW)
    react()
    assert (only().state, only().told_by) == ("sent", "李晓")
    assert whats(told) == ["notice.person", "notice.sent"]


def test_left_with_a_reason(told):
    react()
    actions.drop(actor=told.cast.lead, notice_id=only().pk, note="客户刚来过网点", now=NOW)
    assert actions.send_due(now=NOW) == 0
    assert (only().state, only().reason) == ("skipped", "dropped")


def test_who_may_not(told):
    react()
    for actor, refusal in ((told.cast.outsider, NotFound), (told.cast.trainer, MissingPermission), (told.cast.customer, MissingPermission)):
        for act in (actions.note_told, actions.drop):
            with pytest.raises(refusal):
                act(actor=actor, notice_id=only().pk, note="试一试", now=NOW)
        with pytest.raises(refusal):
            actions.retry(actor=actor, notice_id=only().pk, now=NOW)
    assert queries.page(told.cast.outsider, queries.Wanted()).rows == []
    assert only().state == "queued"
    assert only().version == 0


def test_the_choice_is_kept_with_consent_and_a_version(told):
    agent, customer_id = told.cast.agent, told.case.customer_id
    assert queries.choice(agent, customer_id, now=NOW).chosen is False
    for channel, consent in (("pigeon", "电话中同意"), ("sms", " ")):
        with pytest.raises(Invalid):
            actions.choose_channel(actor=agent, customer_id=customer_id, channel=channel, consent=consent, now=NOW)
    with pytest.raises(NotFound):
        actions.choose_channel(actor=told.cast.outsider, customer_id=customer_id, channel="sms", consent="电话中同意", now=NOW)
    with pytest.raises(NotFound):
        actions.choose_channel(actor=told.cast.inspector, customer_id=customer_id, channel="sms", consent="电话中同意", now=NOW)
    actions.choose_channel(actor=agent, customer_id=customer_id, channel="sms", consent="电话中同意", now=NOW, expected_version=-1)
    with pytest.raises(Stale):
        actions.choose_channel(actor=agent, customer_id=customer_id, channel="phone", consent="电话中同意", now=NOW, expected_version=-1)
    actions.choose_channel(actor=agent, customer_id=customer_id, channel="phone", consent="电话中改的", now=NOW, expected_version=0)
    found = queries.choice(agent, customer_id, now=NOW)
    assert (found.channel, found.version, found.set_by) == ("phone", 1, "李晓")


def test_pages_mask_what_is_personal_and_ask_a_fixed_number_of_questions(told, django_assert_max_num_queries):
    react()
    with django_assert_max_num_queries(5):
        rows = queries.page(told.cast.agent, queries.Wanted()).rows
    assert "王女士" not in rows[0].customer
    for number in range(6):
        request = CaseRequest(
            told.ground.station.pk, "delay", "call", "慢", waybill=f"5000409080692{number}", customer_phone=f"1380013810{number}"
        )
        cases.open_case(actor=told.cast.agent, request=request, now=NOW)
    react()
    with django_assert_max_num_queries(5):
        assert len(queries.page(told.cast.agent, queries.Wanted()).rows) == 7


def test_the_gateway_is_signed_over_the_very_bytes():
    message = Outgoing("notice-1", "sms", "13800138000", "您好", NOW.isoformat())
    body, headers = signed(message, "s3cret")
    expected = hmac.new(b"s3cret", headers["X-Kefu-Timestamp"].encode() + b"." + body, hashlib.sha256).hexdigest()
    assert headers["X-Kefu-Signature"] == f"sha256={expected}"
    assert headers["Idempotency-Key"] == "notice-1"
    assert json.loads(body) == {"key": "notice-1", "channel": "sms", "to": "13800138000", "text": "您好"}


def test_the_folder_says_that_it_reaches_nobody(tmp_path):
    name = Folder(tmp_path / "out").send(Outgoing("notice-1", "sms", "13800138000", "您好", NOW.isoformat()))
    text = (tmp_path / "out" / name).read_text(encoding="utf-8")
    assert "没有真正发出" in text
    assert "您好" in text
