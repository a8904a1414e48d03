"""The page of a case and all work on it: who may, bad input, stale saves, double clicks, escaping, cost."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.cases import queries, tasks, upkeep
from kefu.conftest import NOW
from kefu.console import routes
from kefu.console.tests.cases_world import EVIL, PHONE, RECEIVE, World
from kefu.console.tests.test_shell import Inline
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
    world.parcel()
    return world.case(assignee_id=world.person("agent").pk)


def detail(world, case):
    return queries.detail(world.actor("agent"), case.pk, now=LATER)


def entries(world, case):
    return [row.entry.kind for row in detail(world, case).timeline]


def send(client, case, what, headers=None, **values):
    return client.post(f"/cases/{case.pk}/{what}", values, headers=headers or {})


@pytest.mark.parametrize(
    ("role", "status"),
    [
        ("agent", 200),
        ("second", 200),
        ("lead", 200),
        ("clerk", 200),
        ("inspector", 200),
        ("manager", 200),
        ("trainer", 403),
        ("outsider", 404),
    ],
)
def test_who_opens_a_case(world, case, role, status):
    assert world.client(role).get(f"/cases/{case.pk}").status_code == status


def test_the_page_shows_it_all_and_obeys_the_policy(world, case):
    page = world.client("lead").get(f"/cases/{case.pk}").content.decode()
    found = Inline()
    found.feed(page)
    assert found.bad == []
    assert len(found.ids) == len(set(found.ids)), sorted(one for one in found.ids if found.ids.count(one) > 1)
    assert PHONE not in page
    for words in (
        "受理投诉",
        "2 小时回电",
        "48 小时解决",
        "法规时限",
        "为什么是这个时间",
        "派件",
        "客户资料",
        "非常抱歉给您带来不便",
        "王*",
    ):
        assert words in page
    assert 'class="box box-next"' in page


def test_what_the_reader_may_not_do_is_not_offered(world, case):
    agent = world.client("agent").get(f"/cases/{case.pk}").content.decode()
    assert 'id="escalate"' not in agent
    assert 'id="merge"' not in agent
    inspector = world.client("inspector").get(f"/cases/{case.pk}").content.decode()
    assert 'id="note-form"' not in inspector
    assert "/step" not in inspector


def test_every_address_of_a_case_is_not_found_for_an_outsider(world, case):
    task = tasks.ask(
        actor=world.actor("agent"), case_id=case.pk, site_id=case.site_id, title="拍照", due_at=LATER + timedelta(hours=1), now=NOW
    )
    clock = detail(world, case).clocks[0]
    values = {"case_id": case.pk, "clock_id": clock.id, "file_id": 1, "task_id": task.pk, "macro_id": 1}
    client = world.client("outsider")
    tried = 0
    for route in routes.all_routes():
        if not (route.path.startswith("cases/<") or route.path.startswith("tasks/<int:task_id>")):
            continue
        path = "/" + route.path
        for name, value in values.items():
            path = path.replace(f"<int:{name}>", str(value))
        for method in route.methods:
            answer = client.post(path) if method == "POST" else client.get(path)
            assert answer.status_code in ((404,) if route.opens_for(world.actor("outsider")) else (403,)), route.path
            tried += 1
    assert tried >= 20
    assert entries(world, case) == ["opened", "task"]


# ── Steps ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_step_is_taken_by_a_plain_form(world, case):
    answer = send(world.client("agent"), case, "step", step="receive", version=case.version, **RECEIVE)
    assert answer.status_code == 302
    found = detail(world, case)
    assert found.case.step == "receive"
    page = world.client("agent").get(f"/cases/{case.pk}").content.decode()
    assert "完成“受理投诉”" in page
    assert "客户诉求" in page
    assert PHONE not in page


def test_a_step_by_htmx_brings_the_fresh_page_without_the_context(world, case):
    answer = send(world.client("agent"), case, "step", headers=HTMX, step="receive", version=case.version, **RECEIVE)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" not in page
    assert "case-right" not in page
    assert "kefu:toast" in answer["HX-Trigger"]


def test_every_refusal_stands_at_its_field_and_what_was_typed_stays(world, case):
    bad = {**RECEIVE, "receive-caller_phone": "12", "receive-caller_role": "neighbour", "receive-demand": "", "receive-statement": EVIL}
    answer = send(world.client("agent"), case, "step", step="receive", version=case.version, **bad)
    page = answer.content.decode()
    assert answer.status_code == 422
    for words in ("不是有效的电话号码", "请从列表中选择“客户身份”", "请填写“客户诉求”"):
        assert words in page
    assert EVIL not in page
    assert "&lt;script&gt;" in page
    assert detail(world, case).case.step == ""


@pytest.mark.parametrize("step", ["close", "nonsense", "", "../x"])
def test_a_step_not_offered_is_refused_in_words(world, case, step):
    answer = send(world.client("agent"), case, "step", step=step, version=case.version)
    assert answer.status_code == 422
    assert detail(world, case).case.step == ""


def test_a_stale_step_says_what_changed_and_keeps_what_was_typed(world, case):
    seen = detail(world, case).timeline[-1].entry.pk
    upkeep.urge(actor=world.actor("second"), case_id=case.pk, text="再催", now=LATER)
    answer = send(world.client("agent"), case, "step", headers=HTMX, step="receive", version=case.version, seen=seen, **RECEIVE)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert answer["X-Kefu-Error"] == "stale"
    assert "有人先保存了" in page
    assert "客户催单，累计 1 次" in page
    assert "三天没有更新物流" in page
    assert detail(world, case).case.step == ""


def test_a_second_click_on_a_step_takes_it_once(world, case):
    client = world.client("agent")
    send(client, case, "step", step="receive", version=case.version, **RECEIVE)
    again = send(client, case, "step", step="receive", version=case.version, **RECEIVE)
    assert again.status_code == 409
    assert "您为已不适用的步骤填写的内容" in again.content.decode()
    assert entries(world, case).count("step") == 1


def walk(client, world, case, *steps):
    for step, answers in steps:
        values = {f"{step}-{name}": value for name, value in answers.items()}
        answer = send(client, case, "step", step=step, version=detail(world, case).case.version, **values)
        assert answer.status_code == 302, answer.content.decode()


ENQUIRY = (
    ("identify", {"caller_name": "王女士", "caller_role": "third"}),
    ("look_up", {"waybill": "50004090806944", "enquiry_type": "where"}),
)
ANSWERED = ("answer", {"answer": "今晚送达", "satisfied": "true"})


def test_a_step_of_another_post_is_shown_with_the_reason(world):
    case = world.case(kind="pickup_order", waybill="")
    client = world.client("agent")
    walk(client, world, case, ("assigned", {"order_no": "T1", "platform": "淘宝"}), ("accepted", {"courier": "小马"}))
    page = client.get(f"/cases/{case.pk}").content.decode()
    assert "暂不能进行" in page
    assert "此步骤由" in page
    assert 'id="form-transferred"' not in page
    assert 'id="form-collected"' in page
    refused = send(
        client, case, "step", step="transferred", version=detail(world, case).case.version, **{"transferred-transfer_site": "城北"}
    )
    assert refused.status_code == 422
    assert "此步骤由" in refused.content.decode()


def test_a_branch_that_is_closed_is_said_at_the_step(world):
    case = world.case(kind="enquiry", waybill="")
    client = world.client("agent")
    walk(client, world, case, *ENQUIRY, ANSWERED)
    answer = send(client, case, "step", step="look_up", version=detail(world, case).case.version, **{"look_up-enquiry_type": "urge"})
    assert answer.status_code == 422
    assert "“查询轨迹”的前提是：客户没有其他问题 为 否" in answer.content.decode()


def test_scripts_come_with_their_blanks_filled(world):
    case = world.case(kind="enquiry", waybill="")
    page = world.client("agent").get(f"/cases/{case.pk}").content.decode()
    assert f"您好，百世汇通南市分部工号{world.person('agent').staff_no}，很高兴为您服务" in page


def test_a_phone_given_before_is_kept_without_being_shown(world):
    case = world.case(kind="damage", waybill="")
    client = world.client("agent")
    send(client, case, "step", step="receive", version=0, **RECEIVE)
    assert PHONE not in client.get(f"/cases/{case.pk}").content.decode()


def test_an_attachment_is_uploaded_with_its_step(world):
    case = world.case(kind="damage", waybill="")
    client = world.client("agent")
    send(client, case, "step", step="receive", version=0, **RECEIVE)
    version = detail(world, case).case.version
    values = {
        "step": "evidence",
        "version": version,
        "evidence-loss_type": "broken",
        "evidence-degree": "part",
        "evidence-pieces": "2",
        "evidence-insured": "false",
        "evidence-signed_normally": "true",
        "evidence-found_at": "delivery",
    }
    missing = client.post(f"/cases/{case.pk}/step", values)
    assert missing.status_code == 422
    assert "请填写“照片”" in missing.content.decode()
    photo = SimpleUploadedFile("照片.jpg", b"jpg", "image/jpeg")
    taken = client.post(f"/cases/{case.pk}/step", {**values, "evidence-photos-file": photo})
    assert taken.status_code == 302, taken.content.decode()
    found = detail(world, case)
    assert found.answers["photos"] == "照片.jpg"
    assert [row.name for row in found.attachments] == ["照片.jpg"]


# ── Beside the procedure ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_note_is_written_once_however_often_it_is_sent(world, case):
    client = world.client("agent")
    for _ in range(2):
        assert send(client, case, "note", text=f"{EVIL} 电话 {PHONE}", once="abc").status_code == 302
    assert entries(world, case) == ["opened", "note"]
    page = client.get(f"/cases/{case.pk}").content.decode()
    assert EVIL not in page
    assert PHONE not in page
    assert send(client, case, "note", text="另一条", once="def").status_code == 302
    assert entries(world, case) == ["opened", "note", "note"]


@pytest.mark.parametrize("text", ["", "  \n", "长" * 20001])
def test_a_bad_note_stays_in_its_box(world, case, text):
    answer = send(world.client("agent"), case, "note", headers=HTMX, text=text, once="x")
    assert answer.status_code == 422
    assert 'id="note-error"' in answer.content.decode()
    assert entries(world, case) == ["opened"]
    # The refused try does not count as the one that was taken.
    assert send(world.client("agent"), case, "note", text="好", once="x").status_code == 302
    assert entries(world, case) == ["opened", "note"]


@pytest.mark.parametrize(("role", "what"), [("inspector", "note"), ("agent", "escalate"), ("agent", "merge"), ("inspector", "assign")])
def test_who_may_not_is_refused(world, case, role, what):
    assert send(world.client(role), case, what).status_code == 403
    assert entries(world, case) == ["opened"]


def test_urging_and_escalating(world, case):
    client = world.client("lead")
    assert send(client, case, "urge", text="再催").status_code == 302
    short = send(client, case, "escalate", level="escalated", reason="短")
    assert short.status_code == 422
    assert "至少 4 个字" in short.content.decode()
    assert 'id="escalate" aria-labelledby="escalate-title" data-open' in short.content.decode()
    assert send(client, case, "escalate", level="escalated", reason="客户要求经理处理").status_code == 302
    assert detail(world, case).case.level == "escalated"


def test_taking_assigning_and_putting_back(world):
    case = world.case()
    assert send(world.client("agent"), case, "assign", staff="me", version=0).status_code == 302
    assert detail(world, case).case.assignee_id == world.person("agent").pk
    stale = send(world.client("lead"), case, "assign", staff=world.person("second").pk, version=0)
    assert stale.status_code == 409
    version = detail(world, case).case.version
    bad = send(world.client("lead"), case, "assign", staff=world.person("outsider").pk, version=version)
    assert bad.status_code == 422
    assert "本站点的在岗人员" in bad.content.decode()
    assert send(world.client("lead"), case, "assign", staff="", version=version).status_code == 302
    assert detail(world, case).case.assignee_id is None


def test_editing_keeps_a_masked_title_and_refuses_an_older_sight(world, case):
    client = world.client("agent")
    shown = world.client("agent").get(f"/cases/{case.pk}").content.decode()
    masked = shown.split('id="edit-heading"')[1].split('value="')[1].split('"')[0]
    assert "*" in masked
    answer = send(client, case, "edit", title=masked, waybill="5000 409080 0001", order_no="T1", version=case.version)
    assert answer.status_code == 302
    found = detail(world, case).case
    assert (found.waybill, found.order_no) == ("50004090800001", "T1")
    assert PHONE in found.title
    stale = send(client, case, "edit", title="新标题", waybill="", order_no="", version=case.version)
    assert stale.status_code == 409
    assert 'value="新标题"' in stale.content.decode()
    assert send(client, case, "edit", title=" ", waybill="", order_no="", version=found.version).status_code == 422


def test_merging_shows_both_and_can_be_undone(world, case):
    other = world.case()
    client = world.client("lead")
    upkeep.add_note(actor=world.actor("agent"), case_id=case.pk, text="旧单备注", now=NOW)
    for number in ("", "K9999999", "abc", case.number):
        answer = send(client, case, "merge", number=number)
        assert answer.status_code == 422
        assert "dialog" in answer.content.decode()
    assert send(client, case, "merge", number=other.number.lower()).status_code == 302
    merged = client.get(f"/cases/{other.pk}").content.decode()
    assert "旧单备注" in merged
    assert f"来自 {case.number}" in merged
    assert "已合并" in client.get(f"/cases/{case.pk}").content.decode()
    assert send(client, case, "unmerge").status_code == 302
    assert detail(world, case).case.is_open


def test_linking_by_number(world, case):
    other = world.case()
    client = world.client("agent")
    assert send(client, case, "link", number=other.number, kind="related").status_code == 302
    assert send(client, case, "link", number=other.number, kind="related").status_code == 422
    assert other.number in client.get(f"/cases/{case.pk}").content.decode()
    foreign = world.case("outsider")
    assert send(client, case, "link", number=foreign.number, kind="related").status_code == 422


def test_a_clock_is_paused_for_a_reason_of_the_handbook_and_explained(world, case):
    clock = next(view for view in detail(world, case).clocks if view.key == "solve")
    address = f"clocks/{clock.id}/pause"
    assert send(world.client("agent"), case, address, reason="waiting_papers").status_code == 403
    lead = world.client("lead")
    assert send(lead, case, address, reason="because").status_code == 422
    assert send(lead, case, address, reason="waiting_papers").status_code == 302
    assert next(view for view in detail(world, case).clocks if view.key == "solve").state == "paused"
    why = lead.get(f"/cases/{case.pk}/clocks/{clock.id}")
    assert "暂停（等客户补证明材料），不计时" in why.content.decode()
    part = lead.get(f"/cases/{case.pk}/clocks/{clock.id}", headers=HTMX).content.decode()
    assert "<html" not in part
    assert send(lead, case, f"clocks/{clock.id}/resume").status_code == 302
    assert lead.get(f"/cases/{case.pk}/clocks/99999").status_code == 404


def test_a_pause_takes_hold_between_two_seconds(world, case, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: LATER + timedelta(microseconds=610121))
    clock = next(view for view in detail(world, case).clocks if view.key == "solve")
    send(world.client("lead"), case, f"clocks/{clock.id}/pause", reason="waiting_papers")
    assert next(view for view in detail(world, case).clocks if view.key == "solve").state == "paused"


def test_the_reckoning_is_in_words_of_the_reader(world, case):
    clock = next(view for view in detail(world, case).clocks if view.key == "call_back")
    page = world.client("agent").get(f"/cases/{case.pk}/clocks/{clock.id}").content.decode()
    assert "工作时间，计时" in page
    assert "共 2 小时" in page


def test_work_is_asked_of_another_site_and_answered_there(world, case):
    due = "2026-11-22T14:30"
    client = world.client("agent")
    bad = send(client, case, "tasks", site=world.ground.other_station.pk, title="", due_at="soon")
    assert bad.status_code == 422
    assert "请填写完成时间" in bad.content.decode()
    assert send(client, case, "tasks", site=world.ground.other_station.pk, title=f"找件 {EVIL}", due_at=due).status_code == 302
    task = detail(world, case).tasks[0]
    there = world.client("outsider")
    desk = there.get("/desk").content.decode()
    assert "找件" in desk
    assert EVIL not in desk
    assert f"/cases/{case.pk}" not in desk
    assert there.post(f"/tasks/{task.pk}/answer", {"text": ""}).status_code == 422
    answer = there.post(f"/tasks/{task.pk}/answer", {"text": "在货架上"})
    assert answer["Location"] == "/desk"
    assert there.post(f"/tasks/{task.pk}/answer", {"text": "在货架上"}).status_code == 409
    assert "在货架上" in client.get(f"/cases/{case.pk}").content.decode()


def test_closing_and_reopening(world):
    case = world.case(kind="enquiry", waybill="")
    client = world.client("agent")
    assert send(client, case, "reopen", reason="客户又来电").status_code == 409
    walk(client, world, case, *ENQUIRY, ANSWERED, ("close", {}))
    closed = client.get(f"/cases/{case.pk}").content.decode()
    assert "工单结案" in closed
    assert 'id="next"' not in closed
    assert send(client, case, "urge", text="再催").status_code == 409
    assert send(client, case, "note", text="结案后补记").status_code == 302
    assert send(client, case, "reopen", reason="短").status_code == 422
    assert send(client, case, "reopen", reason="客户又来电").status_code == 302
    assert detail(world, case).case.is_open


# ── Files ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def upload(client, case, name, content=b"x", **more):
    return client.post(f"/cases/{case.pk}/files", {"file": SimpleUploadedFile(name, content, "text/html"), **more})


def test_files_go_out_as_downloads_only(world, case):
    client = world.client("agent")
    assert upload(client, case, "证据 <img onerror=x>.html", b"<script>1</script>").status_code == 302
    page = client.get(f"/cases/{case.pk}").content.decode()
    assert "<img onerror" not in page
    row = detail(world, case).attachments[0]
    answer = client.get(f"/cases/{case.pk}/files/{row.pk}")
    assert answer.content == b"<script>1</script>"
    assert answer["Content-Disposition"] == f"attachment; filename*=UTF-8''{quote(row.name, safe='')}"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in answer["Cache-Control"]
    other = world.case()
    assert client.get(f"/cases/{other.pk}/files/{row.pk}").status_code == 404
    assert world.client("outsider").get(f"/cases/{case.pk}/files/{row.pk}").status_code == 404


def test_no_file_and_an_empty_file_are_refused_in_words(world, case):
    client = world.client("agent")
    assert "请选择要上传的文件" in send(client, case, "files").content.decode()
    empty = upload(client, case, "a.txt", b"")
    assert empty.status_code == 422
    assert "空" in empty.content.decode()


# ── Long cases ──────────────────────────────────────────────────────────────────────────────────────────────────────


def test_older_entries_come_on_demand(world, case):
    for index in range(60):
        upkeep.add_note(actor=world.actor("agent"), case_id=case.pk, text=f"备注 {index:02d}。", now=NOW)
    client = world.client("agent")
    page = client.get(f"/cases/{case.pk}").content.decode()
    assert "备注 59。" in page
    assert "备注 00。" not in page
    address = page.split('class="timeline-more"')[1].split('href="')[1].split('"')[0]
    older = client.get(address, headers=HTMX).content.decode()
    assert "备注 00。" in older
    assert "<html" not in older
    assert "<html" in client.get(address).content.decode()
    assert client.get(f"/cases/{case.pk}/timeline?before=x").status_code == 200
    assert world.client("outsider").get(address).status_code == 404


def test_the_page_costs_the_same_however_long_the_case(world, case):
    client = world.client("lead")
    # What a case has none of is not asked for, so it has one of each.
    upload(client, case, "first.txt", b"first")
    world.case()
    client.get(f"/cases/{case.pk}")
    with CaptureQueriesContext(connection) as few:
        client.get(f"/cases/{case.pk}")
    for index in range(30):
        upkeep.add_note(actor=world.actor("agent"), case_id=case.pk, text=f"备注 {index}", now=NOW)
        upload(client, case, f"{index}.txt", str(index).encode())
    for _ in range(3):
        world.case()
    client.get(f"/cases/{case.pk}")
    with CaptureQueriesContext(connection) as many:
        client.get(f"/cases/{case.pk}")
    assert len(many) - len(few) <= 1
    assert len(few) <= 27


def test_characters_no_database_holds_are_taken_out_of_forms_and_addresses(world, case):
    client = world.client("agent")
    assert send(client, case, "note", text="客户\0来电", once="nul").status_code == 302
    assert queries.detail(world.actor("agent"), case.pk, now=NOW).timeline[-1].text == "客户来电"
    assert client.get("/cases?kind=a%00b&view=all").status_code == 200
    assert client.get("/parcels/a%00b").status_code == 404


def test_every_running_clock_names_its_clause_and_who_may_pause_it(world, case):
    html = world.client("lead").get(f"/cases/{case.pk}").content.decode()
    clocks = html[html.index('id="clocks"') :]
    clocks = clocks[: clocks.index('id="tasks"')]
    assert clocks.count('class="line clock-line"') == clocks.count('class="cite"') == 3
    assert "不可暂停" in clocks
    assert "可暂停，合计至多" in clocks
    due = [line.split("data-due=")[1][:26] for line in clocks.split("clock-line")[1:] if "data-due=" in line]
    assert due == sorted(due)
