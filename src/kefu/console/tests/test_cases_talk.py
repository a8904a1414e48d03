"""Writing on a case: reply, note, the customer's words; drafts, the hard stop, phrases, macros, the queue, one's own marks."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.cases import attention, queries, replies, upkeep
from kefu.conftest import NOW
from kefu.console.tests.cases_world import PHONE, World
from kefu.desk import drafts, macros, phrases
from kefu.desk.macros import NewMacro
from kefu.kernel import moment

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
LATER = NOW + timedelta(minutes=10)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def world(ground, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: LATER)
    return World(ground)


@pytest.fixture
def case(world):
    return world.case(assignee_id=world.person("agent").pk)


def kinds(world, case):
    return [row.entry.kind for row in queries.detail(world.actor("agent"), case.pk, now=LATER).timeline]


def newest(world, case):
    return queries.mark(world.actor("agent"), case.pk)[1]


def send(client, case, what, headers=None, **values):
    return client.post(f"/cases/{case.pk}/{what}", values, headers=headers or {})


# ── Reply, note, said ───────────────────────────────────────────────────────────────────────────────────────────────


def test_a_reply_is_kept_with_its_way_and_the_case_waits_for_the_customer(world, case):
    answer = send(world.client("agent"), case, "reply", text="今天送到", channel="sms", awaiting="1", seen=newest(world, case))
    assert answer.status_code == 302
    assert kinds(world, case)[-1] == "reply"
    page = world.client("agent").get(f"/cases/{case.pk}").content.decode()
    assert "回复客户（短信），等客户答复" in page


def test_what_the_customer_said_is_written_down(world, case):
    assert send(world.client("agent"), case, "said", text="我还没收到", channel="call").status_code == 302
    assert kinds(world, case)[-1] == "said"


def test_a_reply_stops_when_somebody_answered_since_and_goes_out_when_that_was_seen(world, case):
    client, seen = world.client("agent"), newest(world, case)
    replies.reply_to_customer(actor=world.actor("second"), case_id=case.pk, text="同事已答复", channel="call", now=NOW)
    stopped = send(client, case, "reply", HTMX, text="我来答复", channel="call", seen=seen)
    page = stopped.content.decode()
    assert (stopped.status_code, stopped["X-Kefu-Error"]) == (409, "stale")
    assert "同事已答复" in page.split('id="stopped"')[1].split("</ul>")[0]
    assert "仍然发送" in page
    assert "我来答复" in page
    assert kinds(world, case).count("reply") == 1
    assert send(client, case, "reply", HTMX, text="我来答复", channel="call", seen=newest(world, case)).status_code == 200
    assert kinds(world, case).count("reply") == 2


def test_a_forged_or_missing_mark_of_what_was_seen_stops_too(world, case):
    replies.reply_to_customer(actor=world.actor("second"), case_id=case.pk, text="同事已答复", channel="call", now=NOW)
    for seen in ("", "abc", "-1"):
        assert send(world.client("agent"), case, "reply", text="我来答复", channel="call", seen=seen).status_code == 409
    assert kinds(world, case).count("reply") == 1


@pytest.mark.parametrize(
    ("what", "values"),
    [("reply", {"text": " ", "channel": "call"}), ("reply", {"text": "好", "channel": "fax"}), ("said", {"text": "", "channel": "call"})],
)
def test_bad_input_stays_in_its_box(world, case, what, values):
    answer = send(world.client("agent"), case, what, HTMX, seen=newest(world, case), **values)
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert not {"reply", "said"} & set(kinds(world, case))


def test_a_double_click_replies_once(world, case):
    client, seen = world.client("agent"), newest(world, case)
    for _click in range(2):
        assert send(client, case, "reply", once="abc", text="今天送到", channel="call", seen=seen).status_code == 302
    assert kinds(world, case).count("reply") == 1


def test_send_and_next_goes_on_in_the_queue_one_came_from(world, case):
    other = world.case(assignee_id=world.person("agent").pk, waybill="")
    client = world.client("agent")
    answer = send(client, case, "note", text="已联系网点", then="next", **{"from": "view=mine"})
    assert answer["Location"] == f"/cases/{other.pk}?from=view%3Dmine"
    last = send(client, other, "note", text="也联系了", then="next", **{"from": "view=mine&kind=delay&assignee=none"})
    assert last["Location"].startswith("/cases?")


@pytest.mark.parametrize("what", ["reply", "said", "draft", "phrases", "people", "macros"])
def test_who_only_reads_does_not_write(world, case, what):
    client = world.client("inspector")
    answer = (
        client.get(f"/cases/{case.pk}/{what}")
        if what in ("phrases", "people", "macros")
        else send(client, case, what, text="x", channel="call")
    )
    assert answer.status_code == 403


# ── Drafts ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_draft_is_kept_shown_again_and_gone_when_sent(world, case):
    client = world.client("agent")
    kept = send(client, case, "draft", mode="reply", text="写到一半", channel="sms", revision=0)
    assert (kept.status_code, kept.json()["revision"]) == (200, 1)
    page = client.get(f"/cases/{case.pk}").content.decode()
    assert "写到一半" in page
    assert 'id="mode-reply" value="reply" checked' in page
    assert "草稿已保存" in page
    assert "写到一半" not in world.client("second").get(f"/cases/{case.pk}").content.decode()
    send(client, case, "reply", text="写完了", channel="sms", seen=newest(world, case))
    assert drafts.of_case(world.actor("agent"), case.pk) == {}
    late = send(client, case, "draft", mode="reply", text="写完了", revision=1)
    assert (late.status_code, late.json()["code"]) == (409, "gone")


def test_a_tab_that_is_behind_is_told_the_newer_draft(world, case):
    client = world.client("agent")
    send(client, case, "draft", mode="note", text="第一页", revision=0)
    send(client, case, "draft", mode="note", text="第二页", revision=1)
    behind = send(client, case, "draft", mode="note", text="第一页又写", revision=1)
    assert behind.status_code == 409
    assert behind.json() == {"code": "newer", "text": "第二页", "fields": {}, "revision": 2}


def test_a_draft_of_no_box_is_not_found(world, case):
    assert send(world.client("agent"), case, "draft", mode="step:../x", text="a").status_code == 404


# ── Phrases, people, macros ─────────────────────────────────────────────────────────────────────────────────────────


def test_phrases_come_filled_for_the_case_without_a_full_name_or_number(world, case):
    phrases.create(actor=world.actor("agent"), scope="own", values={"title": "请放心", "text": "{客户称呼}，运单{运单号}"}, now=NOW)
    found = world.client("agent").get(f"/cases/{case.pk}/phrases", {"q": "qfx"}).content.decode()
    assert 'data-text="王女士，运单50004090806944"' in found
    assert PHONE not in found
    assert "手册" in world.client("agent").get(f"/cases/{case.pk}/phrases").content.decode()


def test_people_to_mention_are_those_of_the_site(world, case):
    world.person("second")
    world.person("outsider")
    found = world.client("agent").get(f"/cases/{case.pk}/people").content.decode()
    assert "second-姓名" in found
    assert "outsider-姓名" not in found


def test_a_macro_says_what_it_would_do_runs_and_is_taken_back(world, case):
    actor, client = world.actor("agent"), world.client("agent")
    row = macros.create(actor=actor, scope="own", macro=NewMacro("跟进", [{"do": "note", "text": "已核实"}, {"do": "follow"}]), now=NOW)
    shown = client.get(f"/cases/{case.pk}/macros/{row.pk}").content.decode()
    assert "已核实" in shown
    assert "执行" in shown
    assert "note" not in kinds(world, case)
    ran = send(client, case, f"macros/{row.pk}", HTMX, once="m1").content.decode()
    assert "已执行宏“跟进”" in ran
    assert attention.of(actor, case.pk).followed_at is not None
    undo = ran.split('name="undo" value="')[1].split('"')[0]
    assert send(client, case, "macros/undo", HTMX, undo=undo).status_code == 200
    assert attention.of(actor, case.pk).followed_at is None
    assert send(client, case, "macros/undo", HTMX, undo=undo + "x").status_code == 422


def test_a_macro_with_a_refused_part_says_why_and_does_nothing(world, case):
    actor, client = world.actor("agent"), world.client("agent")
    parts = [{"do": "note", "text": "先写"}, {"do": "step", "step": "no_such"}]
    row = macros.create(actor=actor, scope="own", macro=NewMacro("不行", parts), now=NOW)
    shown = client.get(f"/cases/{case.pk}/macros/{row.pk}").content.decode()
    assert "不能执行" in shown
    assert ">执行<" not in shown
    assert send(client, case, f"macros/{row.pk}", HTMX).status_code == 409
    assert "note" not in kinds(world, case)


def test_a_macro_is_changed_by_its_form(world):
    """Every kind of part, what it is meant for, and who was first; what the form cannot say stays."""
    agent = world.client("agent")
    step = {"do": "step", "step": "receive", "answers": {"demand": "尽快派送"}}
    row = macros.create(actor=world.actor("agent"), scope="own", macro=NewMacro("跟进", [{"do": "follow"}, step]), now=NOW)
    page = agent.get("/phrases").content.decode()
    assert f'id="macro-{row.pk}"' in page
    form = {
        "name": "催促并升级",
        "version": "0",
        "urge": "客户来电催",
        "level": "urgent",
        "level_reason": "多次来电催促",
        "step": "receive",
    }
    sent = agent.post(f"/macros/{row.pk}", {**form, "kinds": ["delay", "loss"], "statuses": ["open"]})
    assert sent.status_code == 302, sent.content.decode()[:500]
    row.refresh_from_db()
    assert (row.name, row.kinds, row.statuses) == ("催促并升级", ["delay", "loss"], ["open"])
    assert [part["do"] for part in row.parts] == ["urge", "level", "step"]
    assert row.parts[2]["answers"] == {"demand": "尽快派送"}
    assert agent.post(f"/macros/{row.pk}", form).status_code == 409
    assert agent.post(f"/macros/{row.pk}", {**form, "version": "1", "level_reason": ""}).status_code == 422
    assert world.client("second").post(f"/macros/{row.pk}", {**form, "version": "1"}).status_code == 404


def test_phrases_and_macros_are_written_by_who_may(world):
    agent = world.client("agent")
    given = {"title": "稍等", "text": "请{客户称呼}稍等", "scope": "own"}
    assert agent.post("/phrases", given).status_code == 302
    assert agent.post("/phrases", given | {"scope": "team"}).status_code == 403
    assert world.client("lead").post("/phrases", given | {"scope": "team"}).status_code == 302
    wrong = agent.post("/phrases", given | {"text": "{没有的}"})
    assert wrong.status_code == 422
    assert "没有这样的变量" in wrong.content.decode()
    assert agent.post("/macros", {"name": "跟进", "scope": "own", "note": "已核实", "follow": "1"}).status_code == 302
    assert agent.post("/macros", {"name": "空的", "scope": "own"}).status_code == 422
    page = agent.get("/phrases").content.decode()
    assert "稍等" in page
    assert "跟进" in page
    assert world.client("inspector").post("/phrases", given).status_code == 403


# ── Marks, timeline, fields, cost ───────────────────────────────────────────────────────────────────────────────────


def test_following_and_being_reminded(world, case):
    client, actor = world.client("agent"), world.actor("agent")
    send(client, case, "follow")
    assert attention.of(actor, case.pk).followed_at == LATER
    send(client, case, "follow", off="1")
    assert attention.of(actor, case.pk).followed_at is None
    send(client, case, "remind", until="3h")
    assert attention.of(actor, case.pk).wake_at == LATER + timedelta(hours=3)
    assert send(client, case, "remind", until="never").status_code == 422
    send(client, case, "remind", until="off")
    assert attention.of(actor, case.pk).wake_at is None


def test_a_page_in_front_puts_the_notices_away(world, case):
    upkeep.add_note(actor=world.actor("second"), case_id=case.pk, text=f"@{world.person('agent').staff_no} 看一下", now=NOW)
    assert len(attention.mentions(world.actor("agent"))) == 1
    send(world.client("agent"), case, "seen", entry=newest(world, case))
    assert attention.mentions(world.actor("agent")) == []


def test_the_timeline_is_filtered_and_the_long_note_folded(world, case):
    upkeep.add_note(actor=world.actor("agent"), case_id=case.pk, text="长" * 10_000, now=NOW)
    client = world.client("agent")
    page = client.get(f"/cases/{case.pk}").content.decode()
    assert "全文（10,000 字）" in page
    only = client.get(f"/cases/{case.pk}?show=notes").content.decode().split('id="timeline"')[1].split("</ol>")[0]
    assert "写了内部备注" in only
    assert "受理工单" not in only


def test_a_stale_edit_shows_both_values_and_the_choice_counts(world, case):
    client = world.client("agent")
    version = queries.detail(world.actor("agent"), case.pk, now=LATER).case.version
    upkeep.edit(actor=world.actor("second"), case_id=case.pk, changes={"order_no": "B2"}, expected_version=version, now=NOW)
    stale = send(client, case, "edit", HTMX, title="新标题", waybill=case.waybill, order_no="A1", version=version)
    page = stale.content.decode()
    assert stale.status_code == 409
    assert "second-姓名 已改过这一项" in page
    assert "B2" in page
    fresh = queries.detail(world.actor("agent"), case.pk, now=LATER).case.version
    picked = {"pick-order_no": "now", "pick-title": "mine"}
    send(client, case, "edit", HTMX, title="新标题", waybill=case.waybill, order_no="A1", version=fresh, **picked)
    found = queries.detail(world.actor("agent"), case.pk, now=LATER).case
    assert (found.title, found.order_no) == ("新标题", "B2")


def test_the_strip_shows_the_cases_around_one_further_down(world, case):
    cases = [case, *(world.case(assignee_id=world.person("agent").pk, waybill="") for _number in range(39))]
    client = world.client("agent")

    def strip(one, token="view=mine"):
        page = client.get(f"/cases/{one.pk}", {"from": token}).content.decode()
        nav = page[page.index('class="case-strip"') :]
        rows = nav[nav.index("strip-rows") : nav.index("</ul>")]
        return [int(key) for key in re.findall(r'href="/cases/(\d+)\?', rows)], re.findall(r'data-key="Alt\+([jk])"', nav)

    keys = [one.pk for one in cases]
    assert strip(cases[3]) == (keys[:25], ["k", "j"])
    assert strip(cases[30]) == (keys[18:40], ["k", "j"])
    assert strip(cases[39]) == (keys[27:40], ["k"])
    outside = world.case(assignee_id=None, waybill="")
    assert strip(outside) == (keys[:25], ["j"])
    answer = send(client, cases[30], "note", text="已联系网点", then="next", **{"from": "view=mine"})
    assert answer["Location"] == f"/cases/{keys[31]}?from=view%3Dmine"


def test_the_page_asks_as_often_with_a_full_queue_and_many_drafts(world, case):
    client = world.client("agent")

    def asked():
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(f"/cases/{case.pk}?from=view%3Dmine").status_code == 200
        return len(found)

    world.case(assignee_id=world.person("agent").pk, waybill="")
    asked()
    few = asked()
    for number in range(12):
        other = world.case(assignee_id=world.person("agent").pk, waybill="")
        upkeep.add_note(actor=world.actor("agent"), case_id=case.pk, text=f"备注 {number}", now=NOW)
        drafts.save(actor=world.actor("agent"), subject=drafts.note(other.pk), text="稿", now=NOW)
    for what in ("note", "reply"):
        drafts.save(actor=world.actor("agent"), subject=f"case:{case.pk}:{what}", text="稿", now=NOW)
    assert asked() == few
