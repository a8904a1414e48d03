"""Pages of calls: from a number to the record, without script, two at once, seen by whom they concern (CONV1, CRM1, HB4, SEC2)."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.cases import caller
from kefu.cases import receptions as from_talks
from kefu.cases.caller import Asked
from kefu.cases.models import Case
from kefu.conftest import NOW
from kefu.console.tests.cases_world import EVIL, PHONE, WAYBILL, World
from kefu.conversations import receptions
from kefu.conversations.models import Reception
from kefu.conversations.receptions import Incoming
from kefu.customers import actions as customers
from kefu.handbook import actions as handbooks
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.models import AuditEntry

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
HTMX = {"HX-Request": "true"}


class Clock:
    """The moment the pages are asked at."""

    at = NOW


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(moment, "now", lambda: clock.at)
    return clock


@pytest.fixture
def world(ground, clock):
    return World(ground)


@pytest.fixture
def agent(world):
    return world.client("agent")


def begin(client, typed=PHONE, ticket="t1", **more):
    return client.post("/calls/start", {"typed": typed, "ticket": ticket, "channel": "call", **more})


@pytest.fixture
def talk(agent):
    address = begin(agent).headers["Location"]
    assert re.fullmatch(r"/calls/\d+", address)
    return address


def body(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def fresh(address):
    return Reception.objects.get(pk=int(address.rpartition("/")[2]))


def post(client, address, what, headers=None, **values):
    return client.post(f"{address}/{what}", values, headers=headers or {})


# --- beginning --------------------------------------------------------------------------------------------------------------------


def test_a_number_leads_to_the_words_to_say_with_site_and_staff_number(agent, talk, world):
    page = body(agent, talk)
    words = re.sub(r"<[^>]+>", "", page)
    assert f"您好，百世汇通南市分部工号{world.person('agent').staff_no}，很高兴为您服务" in words
    assert "scripts.opening" in page
    assert PHONE not in page
    assert "138******78" in page


def test_the_same_form_sent_twice_is_one_talk(agent):
    assert begin(agent).headers["Location"] == begin(agent).headers["Location"]
    assert Reception.objects.count() == 1


@pytest.mark.parametrize("typed", ["王女士", EVIL, "。。。"])
def test_what_is_neither_is_said_on_the_form_and_stays_typed(agent, typed):
    answer = begin(agent, typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "看不出是电话还是运单号" in page
    assert EVIL not in page
    assert not Reception.objects.exists()


def test_without_a_number_one_begins_too_and_asks_for_it_later(agent):
    address = begin(agent, "").headers["Location"]
    assert 'name="phone"' in body(agent, address)
    post(agent, address, "save", phone=PHONE, caller_name="王女士", waybill="yt 123456789")
    row = fresh(address)
    assert (row.number, row.caller_name, row.waybill, row.customer.name) == (PHONE, "王女士", "YT123456789", "王女士")


# --- led, without script ----------------------------------------------------------------------------------------------------------


def test_any_button_keeps_everything_the_form_carries(agent, talk):
    given = {"remark": "客户说三天没有动静", "caller_name": "王女士", "waybill": WAYBILL, "disposition": "delay.urged"}
    answer = post(agent, talk, "moment", said="opening", **given)
    assert answer.headers["Location"] == talk
    row = fresh(talk)
    assert (row.remark, row.caller_name, row.waybill, row.disposition) == tuple(given.values())
    assert list(row.passed) == ["opening"]
    post(agent, talk, "moment", back="opening")
    assert (fresh(talk).passed, fresh(talk).remark) == ({}, "客户说三天没有动静")


def test_one_click_says_how_the_procedure_begins(agent, talk):
    post(agent, talk, "branch", branch="damage")
    page = body(agent, talk)
    assert 'aria-pressed="true"' in page
    assert "procedures.damage.steps." in page
    assert page.index("outcomes-damage") < page.index("outcomes-enquiry")


def test_script_gets_the_changed_body_only(agent, talk):
    answer = post(agent, talk, "branch", headers=HTMX, branch="delay")
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    assert post(agent, talk, "keep", headers=HTMX, remark="边听边记").status_code == 204
    assert fresh(talk).remark == "边听边记"


def test_a_wrong_number_is_told_beside_the_field_and_the_rest_is_kept(agent):
    address = begin(agent, "").headers["Location"]
    answer = post(agent, address, "end", phone="没有", caller_name="王女士", remark="要回电")
    assert answer.status_code == 422
    assert "请填写有效的电话号码" in answer.content.decode()
    row = fresh(address)
    assert (row.state, row.caller_name, row.remark) == ("talking", "王女士", "要回电")


# --- the record -------------------------------------------------------------------------------------------------------------------


def test_nobody_is_let_go_without_an_outcome(agent, talk):
    post(agent, talk, "end")
    for headers in ({}, HTMX):
        answer = post(agent, talk, "finish", headers=headers, remark="办好了")
        assert answer.status_code == 422
        assert "请选择接待结果" in answer.content.decode()
    assert (fresh(talk).state, fresh(talk).remark) == ("wrap_up", "办好了")
    assert post(agent, talk, "finish", disposition="delay.urged").headers["Location"] == "/calls"
    assert (fresh(talk).state, fresh(talk).disposition, fresh(talk).remark) == ("ended", "delay.urged", "办好了")
    assert "延误 · 已催派" in body(agent, talk)
    assert "talk-form" in body(agent, talk)
    assert "call-finish" not in body(agent, talk)


def test_the_countdown_runs_on_every_page_and_is_overdue_in_words(agent, talk, clock, world):
    assert "call-chip-talking" in body(agent, "/cases")
    post(agent, talk, "end")
    chip = body(agent, "/cases")
    assert "call-chip-wrap_up" in chip
    assert 'data-due="2026-11-22T10:01:00+08:00"' in chip
    clock.at = NOW + timedelta(minutes=5)
    assert "整理超时" in body(agent, talk)
    assert "整理超时" in body(world.client("lead"), "/calls")
    post(agent, talk, "finish", disposition="none.silent")
    assert "call-chip" not in body(agent, "/cases")


def test_a_second_call_puts_the_first_aside_and_both_are_finished(agent, talk):
    second = begin(agent, WAYBILL, ticket="t2").headers["Location"]
    assert "+1" in body(agent, second)
    assert "已放一边" in body(agent, "/calls")
    assert post(agent, talk, "take").headers["Location"] == talk
    assert (fresh(talk).parked_at, fresh(second).parked_at) == (None, NOW)
    for address in (talk, second):
        post(agent, address, "finish", disposition="delay.urged")
    assert set(Reception.objects.values_list("state", flat=True)) == {"ended"}


def test_a_finished_talk_shows_its_record_and_nothing_to_go_on_with(agent, talk, clock, world):
    assert "现在说什么" in body(agent, talk)
    post(agent, talk, "moment", said="opening")
    clock.at = NOW + timedelta(seconds=75)
    post(agent, talk, "end")
    clock.at = NOW + timedelta(seconds=95)
    post(agent, talk, "finish", disposition="delay.urged", remark="明天再打")
    page = body(agent, talk)
    words = re.sub(r"<[^>]+>", " ", page)
    assert "现在说什么" not in page
    assert "call-now" not in page
    assert 'class="slot"' not in page
    assert all(f"/calls/{fresh(talk).pk}/{what}" not in page for what in ("moment", "branch", "finish", "case"))
    for wanted in ("接待经过", "没有登记", "1 分 15 秒", "20 秒", "明天再打", "没有开工单。", world.person("agent").staff_no):
        assert wanted in words, wanted
    assert re.search(r"开场白?.*?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", words, re.S)


# --- who it is --------------------------------------------------------------------------------------------------------------------


def test_the_pop_up_shows_customer_parcels_cases_and_cautions(agent, world):
    world.parcel()
    case = world.case()
    customers.set_tier(actor=Actor.system("t"), customer_id=case.customer_id, tier="vip", reason="月结", now=NOW)
    page = body(agent, begin(agent, f"{PHONE} {WAYBILL}").headers["Location"])
    for words in (case.number, WAYBILL, "王*", "重要客户", "就是这件，记一次催单"):
        assert words in page, words
    assert PHONE not in page


def test_the_pop_up_costs_the_same_whatever_there_is(world):
    def cost():
        with CaptureQueriesContext(connection) as seen:
            found = caller.caller(world.actor("agent"), Asked(PHONE, WAYBILL), now=NOW)
        return len(seen), found

    world.parcel()
    world.case()
    cost()
    few, _found = cost()
    for number in range(6):
        world.case(kind="loss", title=f"遗失 {number}")
        incoming = Incoming(PHONE, external_id=f"x{number}")
        row = receptions.start(actor=world.actor("agent"), incoming=incoming, now=NOW)
        receptions.finish(actor=world.actor("agent"), reception_id=row.pk, disposition="loss.claim", remark="", now=NOW)
    many, found = cost()
    assert (len(found.open_cases), len(found.talks)) == (7, 5)
    assert many == few <= 12


def test_the_page_costs_the_same_whatever_there_is(agent, talk, world):
    body(agent, talk)
    with CaptureQueriesContext(connection) as few:
        body(agent, talk)
    for number in range(5):
        world.case(kind="loss", title=f"遗失 {number}")
    body(agent, talk)
    with CaptureQueriesContext(connection) as many:
        body(agent, talk)
    assert len(few) <= len(many) <= 22


def test_the_number_is_shown_for_a_reason_and_written_down(agent, talk):
    assert post(agent, talk, "number", headers=HTMX, reason="看").status_code == 422
    answer = post(agent, talk, "number", headers=HTMX, reason="回拨客户")
    assert PHONE in answer.content.decode()
    assert "no-store" in answer.headers["Cache-Control"]
    assert AuditEntry.objects.filter(action="reception.unmasked").count() == 1


# --- to the case ------------------------------------------------------------------------------------------------------------------


def test_from_the_number_to_the_case(agent, talk):
    answer = post(agent, talk, "case", remark="外箱压坏")
    assert (answer.status_code, "请先选择客户要办的事" in answer.content.decode()) == (422, True)
    post(agent, talk, "branch", branch="damage", waybill=WAYBILL, caller_name="王女士")
    post(agent, talk, "case", remark="外箱压坏，少一件")
    case = Case.objects.get()
    assert (case.kind, case.waybill, case.description) == ("damage", WAYBILL, "外箱压坏，少一件")
    assert case.number in body(agent, talk)
    done = post(agent, talk, "finish", disposition="damage.complaint")
    assert done.headers["Location"] == f"/cases/{case.pk}"


def test_a_twin_is_offered_first_and_calling_again_is_an_urge(agent, talk, world):
    case = world.case()
    post(agent, talk, "branch", branch="delay", waybill=WAYBILL, remark="又来问了")
    answer = post(agent, talk, "case")
    assert (answer.status_code, case.number in answer.content.decode()) == (409, True)
    assert post(agent, talk, "case", headers=HTMX).status_code == 422
    post(agent, talk, "attach", case=case.pk)
    post(agent, talk, "attach", case=case.pk)
    case.refresh_from_db()
    assert (case.urge_count, Case.objects.count()) == (1, 1)


def test_still_another_case_is_opened_when_it_is_meant(agent, talk, world):
    world.case()
    post(agent, talk, "branch", branch="delay", waybill=WAYBILL, remark="另一件")
    post(agent, talk, "case", even_if_duplicate="1")
    assert Case.objects.count() == 2


# --- who may ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "status"), [("second", 404), ("outsider", 404), ("lead", 200), ("manager", 200), ("inspector", 403), ("trainer", 403)]
)
def test_who_opens_the_page_of_a_talk(world, talk, role, status):
    assert world.client(role).get(talk).status_code == status


def test_an_outsider_changes_nothing(world, talk):
    client, before = world.client("outsider"), list(Reception.objects.values())
    for what in ("save", "keep", "answer", "take", "moment", "branch", "end", "case", "attach", "finish", "number"):
        answer = post(
            client, talk, what, said="opening", branch="delay", disposition="delay.urged", case="1", reason="核对号码", remark="x"
        )
        assert answer.status_code == 404, what
    assert list(Reception.objects.values()) == before


def test_what_customers_say_is_only_text(agent, talk):
    post(agent, talk, "save", remark=EVIL, caller_name=EVIL[:40])
    assert "<script>alert" not in body(agent, talk)
    post(agent, talk, "finish", disposition="delay.urged", remark=EVIL)
    assert "<script>alert" not in body(agent, talk) + body(agent, "/calls")


BARE = """\
handbook: best
title: 没有接待步骤的手册
effective_from: 2026-01-02
extends: [common]
guides:
  contact: {remove: true}
dispositions:
""" + "".join(f"  {key}: {{remove: true}}\n" for key in ("enquiry", "delay", "damage", "loss", "service", "none"))


def test_a_handbook_without_a_guide_still_lets_one_answer(agent):
    system = Actor.system("t")
    draft = handbooks.save_draft(actor=system, text=BARE, now=NOW)
    handbooks.put_in_force(actor=system, version_id=draft.id, now=NOW)
    talk = begin(agent).headers["Location"]
    assert "没有接待步骤" in body(agent, talk)
    post(agent, talk, "end")
    assert fresh(talk).wrap_due_at is None
    assert post(agent, talk, "finish", remark="好").status_code == 422
    assert post(agent, talk, "finish", remark="已答复客户").status_code == 302


def test_a_case_opened_from_a_talk_keeps_its_tie(world, talk):
    row = fresh(talk)
    wanted = from_talks.Wanted("delay", "三天没有动静")
    case = from_talks.open_case(actor=world.actor("agent"), reception_id=row.pk, wanted=wanted, now=NOW)
    assert (fresh(talk).about_kind, fresh(talk).about_id) == ("case", case.pk)
