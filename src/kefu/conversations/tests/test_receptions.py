"""Customers in hand: taken, led, recorded by force, parked, seen by whom they concern, matched with recordings (CONV1, SEC1, SEC2)."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from kefu.cases import actions as cases
from kefu.cases import receptions as case_receptions
from kefu.cases.actions import CaseRequest
from kefu.cases.errors import CaseClosed, LikelyDuplicate
from kefu.cases.models import Case, Entry, Link
from kefu.conftest import NOW
from kefu.conversations import access, in_hand, matching, prompts, receptions
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.errors import NeitherPhoneNorWaybill, ReasonTooShort, ReceptionEnded
from kefu.conversations.lines import Line
from kefu.conversations.models import Conversation, Reception
from kefu.conversations.receptions import Incoming, Known
from kefu.conversations.rules import Typed, fill, plain, read_typed
from kefu.customers import actions as customers
from kefu.kernel.errors import Conflict, Denied, Invalid, NotFound
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.people.errors import MissingPermission
from kefu.reactions import run as reactions

PHONE = "13812345678"
WAYBILL = "50004090806944"
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


def minutes(count):
    return NOW + timedelta(minutes=count)


@pytest.fixture
def ring(cast):
    count = 0

    def start(typed=PHONE, actor=None, at=0, **more):
        nonlocal count
        count += 1
        incoming = Incoming(typed=typed, external_id=more.pop("external_id", f"t{count}"), **more)
        return receptions.start(actor=actor or cast.agent, incoming=incoming, now=minutes(at))

    return start


def fresh(row):
    return Reception.objects.get(pk=row.pk)


def state():
    return list(Reception.objects.order_by("pk").values()), AuditEntry.objects.count(), OutboxEvent.objects.count()


# --- what was typed ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "phone", "waybill"),
    [
        ("", "", ""),
        ("13812345678", "13812345678", ""),
        (" 138 1234 5678 ", "138 1234 5678", ""),
        ("+86 13812345678", "+86 13812345678", ""),
        ("025-86654321", "025-86654321", ""),
        ("12305", "12305", ""),
        ("4008001234", "4008001234", ""),
        ("50004090806944", "", "50004090806944"),
        ("yt 9693083639795", "", "YT9693083639795"),
        ("７３１２３４５６７８９０１２", "", "73123456789012"),
        ("王女士 13812345678 运单：YT9693083639795", "13812345678", "YT9693083639795"),
        ("YT9693083639795，13812345678", "13812345678", "YT9693083639795"),
    ],
)
def test_one_box_takes_numbers_and_waybills_however_they_are_written(text, phone, waybill):
    assert read_typed(text) == Typed(phone, waybill)


@pytest.mark.parametrize("text", ["王女士", "？？", "abc", "\u200b…"])
def test_what_is_neither_is_said_to_be_neither(text):
    assert read_typed(text) is None


def test_words_are_filled_and_what_is_missing_is_named():
    pieces = fill("您好，{site_name}工号{staff_no}，{customer_name}您好", {"site_name": "南市分部", "staff_no": ""}, {"staff_no": "工号"})
    assert [(piece.text, piece.kind) for piece in pieces] == [
        ("您好，", "plain"), ("南市分部", "filled"), ("工号", "plain"), ("工号", "missing"), ("，", "plain"), ("customer_name", "missing"),
        ("您好", "plain"),
    ]  # fmt: skip
    assert plain(pieces) == "您好，南市分部工号〔工号〕，〔customer_name〕您好"


# --- taken in hand ----------------------------------------------------------------------------------------------------------------


def test_a_customer_is_taken_in_hand_by_number(ring, cast, ground):
    known = customers.find_or_create(actor=cast.system, site_id=ground.station.pk, name="王女士", phone=PHONE, now=NOW)
    row = fresh(ring("138-1234-5678"))
    assert (row.site_id, row.staff_id, row.state, row.customer_id) == (ground.station.pk, cast.agent.id, "talking", known.pk)
    assert (row.handbook, row.started_at, row.parked_at) == ("best@1", NOW, None)
    assert PHONE not in repr(list(Reception.objects.values_list()))
    assert AuditEntry.objects.get(action="reception.started").subject_id == row.pk
    assert OutboxEvent.objects.get(type="reception.changed").site_id == ground.station.pk


def test_the_same_talk_again_is_the_same_reception(ring):
    assert ring(external_id="same").pk == ring(external_id="same").pk
    assert Reception.objects.count() == 1


def test_nobody_is_taken_for_another_and_what_cannot_be_read_is_refused(ring, cast):
    before = state()
    with pytest.raises(NeitherPhoneNorWaybill):
        ring("王女士")
    with pytest.raises(Denied):
        ring(staff_id=cast.second_agent.id)
    with pytest.raises(Invalid):
        ring(channel="email")
    with pytest.raises(MissingPermission):
        ring(actor=cast.trainer)
    with pytest.raises(Denied):
        ring(actor=cast.system)
    assert state() == before


def test_a_telephone_system_rings_at_somebody(ring, cast):
    row = ring(actor=cast.system, staff_id=cast.agent.id, ringing=True, source="pbx")
    assert (row.state, row.answered_at, row.staff_id) == ("ringing", None, cast.agent.id)
    again = receptions.answer(actor=cast.agent, reception_id=row.pk, now=minutes(1))
    assert (again.state, fresh(again).answered_at) == ("talking", minutes(1))
    assert receptions.answer(actor=cast.agent, reception_id=row.pk, now=minutes(2)).answered_at == minutes(1)


def test_a_second_call_puts_the_first_aside_and_it_can_be_taken_up_again(ring, cast):
    first, second = ring(), ring(WAYBILL, at=1)
    assert [(row.pk, row.parked_at) for row in in_hand.mine(cast.agent)] == [(second.pk, None), (first.pk, minutes(1))]
    assert (in_hand.front(cast.agent).id, in_hand.front(cast.agent).aside) == (second.pk, 1)
    receptions.take(actor=cast.agent, reception_id=first.pk, now=minutes(2))
    assert [(row.pk, row.parked_at) for row in in_hand.mine(cast.agent)] == [(first.pk, None), (second.pk, minutes(2))]
    with pytest.raises(Denied):
        receptions.take(actor=cast.lead, reception_id=second.pk, now=minutes(3))


def test_the_database_itself_keeps_one_in_front(ring):
    first, _second = ring(), ring(at=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reception.objects.filter(pk=first.pk).update(parked_at=None)


def test_nobody_in_hand_is_remembered_until_somebody_is(ring, cast, django_assert_num_queries):
    assert in_hand.front(cast.agent) is None
    with django_assert_num_queries(0):
        assert in_hand.front(cast.agent) is None
    row = ring()
    assert in_hand.front(cast.agent).id == row.pk


# --- led through the moments ------------------------------------------------------------------------------------------------------


def led(row, cast):
    return prompts.led(access.get_reception(cast.agent, row.pk), language="zh")


def test_the_words_come_from_the_handbook_in_force_with_site_and_number(ring, cast):
    row = ring(WAYBILL)
    receptions.identify(actor=cast.agent, reception_id=row.pk, known=Known(name="王女士"), now=NOW)
    found = led(row, cast)
    assert [one.id for one in found.prompts] == ["opening", "identity", "need", "solution", "closing"]
    number = access.get_reception(cast.agent, row.pk).staff.staff_no
    assert plain(found.prompts[0].pieces) == f"您好，百世汇通南市分部工号{number}，很高兴为您服务，请问有什么可以帮您？"
    assert plain(found.prompts[3].pieces).startswith(f"王女士，您的快件{WAYBILL}")
    assert found.prompts[0].clause == "best@1#scripts.opening"
    assert ("喂", "您好") in [(one.term, one.better) for one in found.prompts[0].avoid] or found.prompts[0].avoid
    assert found.current == "opening"


def test_another_stations_handbook_says_other_words(ring, cast):
    row = ring(actor=cast.outsider)
    found = prompts.led(access.get_reception(cast.outsider, row.pk), language="zh")
    assert "中通快递" in plain(found.prompts[0].pieces)
    assert found.prompts[0].clause == "zto@1#scripts.opening"


def test_moments_are_ticked_with_their_times_and_taken_back(ring, cast):
    row = ring()
    receptions.pass_moment(actor=cast.agent, reception_id=row.pk, moment="opening", now=minutes(1))
    assert (led(row, cast).current, led(row, cast).prompts[0].passed_at) == ("identity", minutes(1))
    receptions.pass_moment(actor=cast.agent, reception_id=row.pk, moment="opening", now=minutes(2))
    assert led(row, cast).prompts[0].passed_at == minutes(1)
    receptions.pass_moment(actor=cast.agent, reception_id=row.pk, moment="opening", said=False, now=minutes(2))
    assert led(row, cast).current == "opening"
    with pytest.raises(NotFound):
        receptions.pass_moment(actor=cast.agent, reception_id=row.pk, moment="nothing", now=minutes(2))


@pytest.mark.parametrize(("branch", "procedure"), [("enquiry", "enquiry"), ("delay", "delay"), ("damage", "damage"), ("loss", "loss")])
def test_one_click_leads_to_the_first_step_of_the_procedure(ring, cast, branch, procedure):
    row = ring()
    receptions.choose(actor=cast.agent, reception_id=row.pk, branch=branch, now=minutes(1))
    found = led(row, cast)
    assert found.step.clause.startswith(f"best@1#procedures.{procedure}.steps.")
    assert found.step.questions
    assert [way.id for way in found.ways if way.chosen] == [branch]
    assert found.current == "solution"
    assert found.outcomes[0].first
    with pytest.raises(NotFound):
        receptions.choose(actor=cast.agent, reception_id=row.pk, branch="nothing", now=minutes(1))


# --- who it is --------------------------------------------------------------------------------------------------------------------


def test_a_name_and_a_number_are_remembered_as_a_customer(ring, cast):
    row = ring("")
    receptions.identify(actor=cast.agent, reception_id=row.pk, known=Known(name="王女士", phone=PHONE, waybill="yt 123456789"), now=NOW)
    row = fresh(row)
    assert (row.caller_name, row.number, row.waybill) == ("王女士", PHONE, "YT123456789")
    assert row.customer.name == "王女士"
    receptions.identify(actor=cast.agent, reception_id=row.pk, known=Known(), now=NOW)
    assert AuditEntry.objects.filter(action="reception.identified").count() == 1
    assert PHONE not in repr(list(AuditEntry.objects.values_list("data", flat=True)))


def test_who_may_not_keep_customers_notes_the_name_only(ring, cast):
    row = ring(actor=cast.clerk)
    receptions.identify(actor=cast.clerk, reception_id=row.pk, known=Known(name="王女士"), now=NOW)
    assert (fresh(row).caller_name, fresh(row).customer_id) == ("王女士", None)


@pytest.mark.parametrize("known", [Known(phone="王女士"), Known(waybill="？？")])
def test_a_bad_number_changes_nothing(ring, cast, known):
    row = ring()
    before = state()
    with pytest.raises(Invalid):
        receptions.identify(actor=cast.agent, reception_id=row.pk, known=known, now=NOW)
    assert state() == before


def test_eleven_digits_in_the_field_of_waybills_are_a_waybill(ring, cast):
    row = ring("")
    receptions.identify(actor=cast.agent, reception_id=row.pk, known=Known(waybill="13812345678"), now=NOW)
    assert fresh(row).waybill == "13812345678"


# --- the record -------------------------------------------------------------------------------------------------------------------


def test_after_the_talk_the_time_for_the_record_runs_as_the_handbook_says(ring, cast):
    row = ring()
    receptions.end_talk(actor=cast.agent, reception_id=row.pk, now=minutes(3))
    row = fresh(row)
    assert (row.state, row.talk_ended_at, row.wrap_due_at) == ("wrap_up", minutes(3), minutes(4))
    assert row.wrap_warn_at == minutes(4) - timedelta(seconds=15)
    assert AuditEntry.objects.get(action="reception.talk_ended").clause == "best@1#guides.contact"
    receptions.end_talk(actor=cast.agent, reception_id=row.pk, now=minutes(9))
    assert fresh(row).wrap_due_at == minutes(4)


@pytest.mark.parametrize("disposition", ["", "delay", "delay.nothing", "nothing.urged", "delay.urged.more", "x" * 200])
def test_nobody_is_let_go_without_an_outcome_of_the_handbook(ring, cast, disposition):
    row = ring()
    before = state()
    with pytest.raises(Invalid) as refused:
        receptions.finish(actor=cast.agent, reception_id=row.pk, disposition=disposition, remark="已催派送", now=minutes(4))
    assert "disposition" in refused.value.fields
    assert state() == before


def test_the_record_is_made_and_stands(ring, cast):
    row = ring()
    receptions.pass_moment(actor=cast.agent, reception_id=row.pk, moment="opening", now=minutes(1))
    receptions.end_talk(actor=cast.agent, reception_id=row.pk, now=minutes(2))
    receptions.finish(actor=cast.agent, reception_id=row.pk, disposition="delay.urged", remark=" 已催派送 ", now=minutes(5))
    row = fresh(row)
    assert (row.state, row.disposition, row.remark, row.ended_at) == ("ended", "delay.urged", "已催派送", minutes(5))
    entry = AuditEntry.objects.get(action="reception.finished")
    assert entry.clause == "best@1#dispositions.delay.outcomes.urged"
    assert (entry.data["late"], list(entry.data["passed"])) == (True, ["opening"])
    before = state()
    for again in (
        lambda: receptions.finish(actor=cast.agent, reception_id=row.pk, disposition="delay.urged", remark="", now=minutes(6)),
        lambda: receptions.identify(actor=cast.agent, reception_id=row.pk, known=Known(name="李"), now=minutes(6)),
        lambda: receptions.end_talk(actor=cast.agent, reception_id=row.pk, now=minutes(6)),
    ):
        with pytest.raises(ReceptionEnded):
            again()
    receptions.keep(actor=cast.agent, reception_id=row.pk, remark="改掉")
    assert state() == before
    assert in_hand.front(cast.agent) is None


def test_what_is_typed_is_kept_while_typing(ring, cast):
    row = ring()
    receptions.keep(actor=cast.agent, reception_id=row.pk, remark="客户说三天没", disposition="delay.urged")
    receptions.keep(actor=cast.agent, reception_id=row.pk, disposition="nothing.here")
    assert (fresh(row).remark, fresh(row).disposition, fresh(row).version) == ("客户说三天没", "delay.urged", 0)


def test_a_lead_sees_what_is_overdue_and_ends_it_for_the_agent(ring, cast):
    row = ring()
    receptions.end_talk(actor=cast.agent, reception_id=row.pk, now=minutes(1))
    (seen,) = in_hand.at_sites(cast.lead)
    assert (seen.pk, seen.wrap_due_at < minutes(30)) == (row.pk, True)
    receptions.finish(actor=cast.lead, reception_id=row.pk, disposition="none.cut_off", remark="", now=minutes(30))
    assert AuditEntry.objects.get(action="reception.finished").actor_id == cast.lead.id
    with pytest.raises(MissingPermission):
        in_hand.at_sites(cast.agent)


# --- who sees it ------------------------------------------------------------------------------------------------------------------


def test_colleagues_and_other_sites_see_nothing(ring, cast):
    row = ring()
    before = state()
    for other in (cast.second_agent, cast.outsider, cast.inspector, cast.trainer, cast.customer):
        assert list(access.visible_receptions(other)) == []
        for do in (
            lambda other=other: receptions.end_talk(actor=other, reception_id=row.pk, now=NOW),
            lambda other=other: receptions.finish(actor=other, reception_id=row.pk, disposition="delay.urged", remark="", now=NOW),
            lambda other=other: receptions.keep(actor=other, reception_id=row.pk, remark="x"),
            lambda other=other: receptions.read_number(actor=other, reception_id=row.pk, reason="核对号码", now=NOW),
            lambda other=other: case_receptions.open_case(
                actor=other, reception_id=row.pk, wanted=case_receptions.Wanted("delay", "x"), now=NOW
            ),
        ):
            with pytest.raises((NotFound, MissingPermission)):
                do()
    assert state() == before
    assert in_hand.earlier(cast.outsider, phone=PHONE) == []


def test_the_number_is_shown_for_a_reason_and_that_is_written_down(ring, cast):
    row = ring()
    with pytest.raises(ReasonTooShort):
        receptions.read_number(actor=cast.agent, reception_id=row.pk, reason="看", now=NOW)
    assert receptions.read_number(actor=cast.agent, reception_id=row.pk, reason="回拨客户", now=NOW) == PHONE
    assert AuditEntry.objects.get(action="reception.unmasked").data == {"reason": "回拨客户"}


# --- from the talk to the case ----------------------------------------------------------------------------------------------------


def delayed(ring, cast):
    row = ring(f"{PHONE} {WAYBILL}")
    receptions.identify(actor=cast.agent, reception_id=row.pk, known=Known(name="王女士"), now=NOW)
    receptions.choose(actor=cast.agent, reception_id=row.pk, branch="delay", now=NOW)
    receptions.keep(actor=cast.agent, reception_id=row.pk, remark="三天没有更新，要求尽快派送")
    return row


def test_a_case_carries_over_what_the_talk_brought(ring, cast):
    row = delayed(ring, cast)
    case = case_receptions.open_case(actor=cast.agent, reception_id=row.pk, wanted=case_receptions.Wanted(), now=minutes(2))
    assert (case.kind, case.channel, case.waybill, case.site_id) == ("delay", "call", WAYBILL, row.site_id)
    assert (case.customer_id, case.assignee_id) == (fresh(row).customer_id, cast.agent.id)
    assert case.description == "三天没有更新，要求尽快派送"
    again = case_receptions.open_case(actor=cast.agent, reception_id=row.pk, wanted=case_receptions.Wanted(), now=minutes(2))
    assert (again.pk, Case.objects.count()) == (case.pk, 1)
    assert (fresh(row).about_kind, fresh(row).about_id) == ("case", case.pk)


def test_without_a_kind_or_words_no_case_is_opened(ring, cast):
    row = ring(WAYBILL)
    before = state()
    for wanted, missing in ((case_receptions.Wanted(), "branch"), (case_receptions.Wanted("delay"), "remark")):
        with pytest.raises(Invalid) as refused:
            case_receptions.open_case(actor=cast.agent, reception_id=row.pk, wanted=wanted, now=NOW)
        assert missing in refused.value.fields
    assert (state(), Case.objects.count()) == (before, 0)


def test_calling_again_about_the_same_case_is_an_urge_once(ring, cast):
    case = cases.open_case(
        actor=cast.agent, request=CaseRequest(cast.agent.site_id, "delay", "call", "延误", waybill=WAYBILL), now=minutes(-60)
    )
    row = delayed(ring, cast)
    with pytest.raises(LikelyDuplicate):
        case_receptions.open_case(actor=cast.agent, reception_id=row.pk, wanted=case_receptions.Wanted(), now=NOW)
    assert fresh(row).about_id is None
    for _again in range(2):
        case_receptions.attach(actor=cast.agent, reception_id=row.pk, case_id=case.pk, now=minutes(1))
    case.refresh_from_db()
    assert (case.urge_count, fresh(row).about_id) == (1, case.pk)
    assert Entry.objects.get(case=case, kind="urged").text == "三天没有更新，要求尽快派送"
    other = cases.open_case(actor=cast.agent, request=CaseRequest(cast.agent.site_id, "loss", "call", "遗失"), now=NOW)
    with pytest.raises(Conflict):
        case_receptions.attach(actor=cast.agent, reception_id=row.pk, case_id=other.pk, now=minutes(1))
    assert Case.objects.get(pk=other.pk).urge_count == 0


def test_an_ended_case_is_not_urged(ring, cast):
    case = cases.open_case(actor=cast.agent, request=CaseRequest(cast.agent.site_id, "delay", "call", "延误"), now=NOW)
    Case.objects.filter(pk=case.pk).update(is_open=False, status="closed")
    row = ring()
    with pytest.raises(CaseClosed):
        case_receptions.attach(actor=cast.agent, reception_id=row.pk, case_id=case.pk, now=NOW)
    assert fresh(row).about_id is None


# --- the recording comes later ----------------------------------------------------------------------------------------------------


def recorded(cast, ground, external_id="rec-1", at=0, **more):
    number = Reception.objects.first().staff.staff_no
    given = {
        "source": "recorder",
        "external_id": external_id,
        "channel": "call",
        "site_id": ground.station.pk,
        "started_at": minutes(at),
        "lines": [Line(0, "agent", "您好"), Line(1, "customer", "我的快件")],
        "staff_no": number,
        "customer_value": PHONE,
        **more,
    }
    done = conversations.store(actor=cast.system, drafts=[ConversationDraft(**given)], now=minutes(60))
    return Conversation.objects.get(pk=done.ids[0])


@pytest.fixture
def ended(ring, cast):
    row = delayed(ring, cast)
    case_receptions.open_case(actor=cast.agent, reception_id=row.pk, wanted=case_receptions.Wanted(), now=minutes(2))
    return receptions.finish(actor=cast.agent, reception_id=row.pk, disposition="delay.complaint", remark="已受理", now=minutes(3))


def test_a_recording_of_the_talk_takes_over_what_the_agent_noted(ended, cast, ground):
    row = recorded(cast, ground, at=2)
    reactions.run_all(now=minutes(61))
    row.refresh_from_db()
    assert (row.disposition, row.waybill) == ("delay.complaint", WAYBILL)
    assert fresh(ended).conversation_id == row.pk
    assert Link.objects.get(target_kind="conversation").target_id == row.pk
    assert Link.objects.get(target_kind="conversation").case_id == ended.about_id


@pytest.mark.parametrize(
    "more",
    [
        {"at": 20},
        {"customer_value": "13900001111"},
        {"staff_no": "no-such"},
        {"channel": "chat"},
    ],
)
def test_what_does_not_fit_safely_is_left_alone(ended, cast, ground, more):
    row = recorded(cast, ground, **more)
    assert matching.match(actor=cast.system, conversation_ids=[row.pk], now=minutes(61)) == []
    assert (Conversation.objects.get().disposition, fresh(ended).conversation_id) == ("", None)


def test_two_that_fit_are_one_too_many(ended, ring, cast, ground):
    delayed(ring, cast)
    row = recorded(cast, ground, at=1)
    assert matching.match(actor=cast.system, conversation_ids=[row.pk], now=minutes(61)) == []


def test_the_same_id_at_the_same_source_needs_no_guessing(ring, cast, ground):
    row = ring("", actor=cast.system, staff_id=cast.agent.id, source="pbx", external_id="call-7")
    talk = recorded(cast, ground, source="pbx", external_id="call-7", at=40, customer_value="")
    matching.match(actor=cast.system, conversation_ids=[talk.pk], now=minutes(61))
    assert fresh(row).conversation_id == talk.pk
    receptions.finish(actor=cast.agent, reception_id=row.pk, disposition="delay.urged", remark="", now=minutes(62))
    assert Conversation.objects.get(pk=talk.pk).disposition == "delay.urged"
