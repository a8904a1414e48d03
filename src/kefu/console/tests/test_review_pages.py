"""Pages of inspectors and of disputes: the queue, the scoring page, plans, figures, a dispute from end to end (QA6, QA7)."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from kefu.conftest import NOW, hire  # noqa: F401 (of whom the cast is made, not the sign-in tests' own)
from kefu.console.tests.cases_world import World
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.disputes.models import Dispute
from kefu.kernel import moment
from kefu.people.models import Staff
from kefu.quality import actions as quality
from kefu.quality.models import Inspection
from kefu.quality.tests.dialogues import lines
from kefu.review.models import Plan, Task

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
BAD = "喂 | C: 我要投诉，我的快递呢 | 不知道 | C: 谢谢 | 你脑残吧"


@pytest.fixture
def world(ground, cast, monkeypatch):
    monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(minutes=10))
    people = {
        role: Staff.objects.get(pk=getattr(cast, role).id)
        for role in ("agent", "second_agent", "lead", "manager", "admin", "outsider", "inspector", "trainer")
    }
    return World(ground, people)


@pytest.fixture
def talk(cast, ground):
    no = Staff.objects.get(pk=cast.agent.id).staff_no
    draft = ConversationDraft("test", "one", "call", ground.station.pk, NOW, lines(BAD), staff_no=no)
    (pk,) = conversations.store(actor=cast.system, drafts=[draft], now=NOW).ids
    quality.inspect(actor=cast.inspector, conversation_ids=[pk], now=NOW)
    return pk


def at(name, **arguments):
    return reverse(f"console:{name}", kwargs=arguments)


def said(answer):
    return answer.content.decode()


def marked(page_task, **other):
    """The plain form as a browser without script sends it."""
    card = Inspection.objects.get()
    from kefu.quality import overruling

    values = {"version": page_task.version, "inspection": card.pk, "comment": "注意用语"}
    for key, state in overruling.automatic(card).items():
        values[f"verdict-{key}"] = state if state in ("breached", "passed", "not_applicable") else "passed"
    return values | other


class TestScoringPage:
    def test_from_the_conversation_to_a_score_as_a_plain_form(self, world, talk):
        client = world.client("inspector")
        assert "人工评分" in said(client.get(at("conversation", conversation_id=talk)))
        made = client.post(at("conversation-review", conversation_id=talk))
        task = Task.objects.get()
        assert made["Location"] == at("review-task", task_id=task.pk)
        assert at("review-task", task_id=task.pk) in said(client.get(at("review") + "?mine=1"))
        page = said(client.get(at("review-task", task_id=task.pk)))
        assert "质检员自选" in page
        assert 'data-key="j"' in page
        assert 'name="verdict-taboo" value="breached" checked' in page
        task.refresh_from_db()
        assert task.opened_at is not None
        address = at("review-task-step", task_id=task.pk, step="submit")
        refused = client.post(address, marked(task, **{"verdict-taboo": "passed", "reason-polite": "写好的理由"}))
        assert refused.status_code == 422
        assert "与自动判定不同，请写明理由" in said(refused)
        assert "写好的理由" in said(refused)
        done = client.post(address, marked(task, **{"verdict-taboo": "passed", "reason-taboo": "转述客户的话"}))
        assert done["Location"] == at("review") + "?free=1"
        task.refresh_from_db()
        assert task.state == "done"
        again = client.post(address, marked(task))
        assert again.status_code == 302
        shown = said(client.get(at("review-task", task_id=task.pk)))
        assert "转述客户的话" in shown
        assert "注意用语" in shown

    def test_a_page_somebody_was_quicker_than_keeps_what_was_typed(self, world, talk):
        client = world.client("inspector")
        client.post(at("conversation-review", conversation_id=talk))
        task = Task.objects.get()
        old = marked(task, **{"reason-taboo": "我写的"})
        client.post(at("review-task-step", task_id=task.pk, step="save"), old)
        answer = client.post(at("review-task-step", task_id=task.pk, step="submit"), old)
        assert answer.status_code == 409
        assert "我写的" in said(answer)

    def test_the_draft_is_kept_by_the_script(self, world, talk):
        client = world.client("inspector")
        client.post(at("conversation-review", conversation_id=talk))
        task = Task.objects.get()
        answer = client.post(at("review-task-step", task_id=task.pk, step="save"), marked(task), headers={"Accept": "application/json"})
        assert answer.json() == {"version": task.version + 1}

    def test_who_may_not(self, world, talk):
        world.client("inspector").post(at("conversation-review", conversation_id=talk))
        task = Task.objects.get()
        for role in ("agent", "lead", "trainer", "outsider"):
            assert world.client(role).get(at("review-task", task_id=task.pk)).status_code == 403
        given_back = world.client("inspector").post(at("review-task-step", task_id=task.pk, step="release"), {"version": task.version})
        assert given_back.status_code == 302
        assert world.client("manager").post(at("review-task-step", task_id=task.pk, step="take"), {}).status_code == 302
        assert Task.objects.get().inspector.name == "刘经理"


class TestPlans:
    def test_tried_out_kept_drawn_paused(self, world, talk, ground):
        client = world.client("manager")
        page = said(client.get(at("review-plan-new")))
        assert "投诉 赔偿 起诉 监管" in page
        values = {"name": "日常", "site": ground.hub.pk, "method": "all", "period": "week", "due_days": "2", "new_days": "90"}
        tried = client.post(at("review-plan-new"), values | {"do": "preview"})
        assert "会抽到" in said(tried)
        assert not Plan.objects.exists()
        wrong = client.post(at("review-plan-new"), values | {"name": "", "due_days": "x"})
        assert wrong.status_code == 422
        assert client.post(at("review-plan-new"), values).status_code == 302
        plan = Plan.objects.get()
        step = lambda name: client.post(at("review-plan-step", plan_id=plan.pk, step=name), {})  # noqa: E731
        assert step("draw").status_code == 302
        assert Task.objects.get().conversation_id == talk
        assert step("pause").status_code == 302
        assert "已暂停" in said(client.get(at("review-plans")))
        assert step("resume").status_code == 302
        seen = said(world.client("inspector").get(at("review-plan", plan_id=plan.pk)))
        assert 'value="preview"' not in seen
        assert world.client("inspector").post(at("review-plan", plan_id=plan.pk), values).status_code == 403

    def test_figures_open_their_rows(self, world, talk):
        client = world.client("manager")
        client.post(at("conversation-review", conversation_id=talk))
        task = Task.objects.get()
        client.post(at("review-task-step", task_id=task.pk, step="submit"), marked(task))
        page = said(client.get(at("review-coverage") + "?by=agent"))
        assert f"staff={task.staff_id}" in page
        assert "100" in page
        work = said(client.get(at("review-workload")))
        assert "刘经理" in work
        assert f"inspector={task.inspector_id}" in work


class TestDisputePages:
    def test_from_the_finding_to_the_final_word(self, world, talk):
        agent, inspection = world.client("agent"), Inspection.objects.get()
        assert at("dispute-new", inspection_id=inspection.pk) in said(agent.get(at("conversation", conversation_id=talk)))
        form = said(agent.get(at("dispute-new", inspection_id=inspection.pk)))
        assert "7 个自然日，到 2026-11-29 24 时止" in form
        address = at("dispute-new", inspection_id=inspection.pk)
        refused = agent.post(address, {"items": ["taboo"], "reason": "冤"})
        assert refused.status_code == 422
        assert "至少 10 个字" in said(refused)
        proof = SimpleUploadedFile("说明.txt", b"proof")
        assert (
            agent.post(address, {"items": ["taboo", "insult"], "reason": "客户先说的，我是复述客户的话", "files": proof}).status_code == 302
        )
        row = Dispute.objects.get()
        page = said(agent.get(at("dispute", dispute_id=row.pk)))
        assert "不知道" in page
        assert "转终审" in page
        file = row.files.get()
        assert agent.get(at("dispute-file", dispute_id=row.pk, file_id=file.pk)).content == b"proof"
        assert world.client("outsider").get(at("dispute", dispute_id=row.pk)).status_code == 404
        step = lambda name: at("dispute-step", dispute_id=row.pk, step=name)  # noqa: E731
        assert world.client("lead").post(step("comment"), {"comment": "线路确实不好"}).status_code == 302
        judge = world.client("inspector")
        assert at("dispute", dispute_id=row.pk) in said(judge.get(at("disputes") + "?todo=1"))
        missing = judge.post(step("decide"), {"item-taboo": "passed", "comment": "听过录音"})
        assert missing.status_code == 422
        assert "听过录音" in said(missing)
        assert judge.post(step("decide"), {"item-taboo": "passed", "item-insult": "breached", "comment": "听过录音"}).status_code == 302
        assert "不服复核结论" in said(agent.get(at("dispute", dispute_id=row.pk)))
        assert agent.post(step("final"), {"reason": "侮辱一项不服"}).status_code == 302
        own = judge.post(step("decide"), {"item-insult": "passed", "comment": "自己再判"}, headers={"Accept": "text/html"})
        assert own.status_code == 302
        row.refresh_from_db()
        assert row.state == "final"
        assert world.client("manager").post(step("decide"), {"item-insult": "passed", "comment": "改判"}).status_code == 302
        row.refresh_from_db()
        assert (row.state, row.outcome) == ("closed", "accepted")
        assert "终审" in said(agent.get(at("dispute", dispute_id=row.pk)))

    def test_the_window_is_closed(self, world, talk, monkeypatch):
        monkeypatch.setattr(moment, "now", lambda: NOW + timedelta(days=20))
        inspection = Inspection.objects.get()
        agent = world.client("agent")
        assert "申诉期已于" in said(agent.get(at("dispute-new", inspection_id=inspection.pk)))
        answer = agent.post(at("dispute-new", inspection_id=inspection.pk), {"items": ["taboo"], "reason": "客户先说的，我是复述客户的话"})
        assert answer.status_code == 409
        assert not Dispute.objects.exists()


class TestCalibrationPages:
    def test_from_blind_marks_to_what_was_agreed(self, world, talk, cast):
        manager, inspector = world.client("manager"), world.client("inspector")
        form = {"title": "十一月", "conversations": str(talk), "days": "3"}
        assert manager.post(at("calibration-new"), form).status_code == 422
        people = [str(cast.manager.id), str(cast.inspector.id)]
        made = manager.post(at("calibration-new"), form | {"members": people})
        assert made.status_code == 302
        from kefu.calibration.models import Session

        row = Session.objects.get()
        sheet = at("calibration-sheet", session_id=row.pk, talk_id=row.talks.get().pk)
        assert sheet in said(inspector.get(at("calibration", session_id=row.pk)))
        page = said(inspector.get(sheet))
        assert "不显示自动质检" in page
        assert "hit-note" not in page
        for client, verdict in ((inspector, "passed"), (manager, "breached")):
            saved = client.post(sheet, {"verdict-taboo": verdict, "reason-taboo": f"理由{verdict}", "verdict-insult": "breached"})
            assert saved.status_code == 302
            step = at("calibration-step", session_id=row.pk, step="hand-in")
            assert client.post(step).status_code == 302
        assert "理由passed" not in said(manager.get(at("calibration", session_id=row.pk)))
        assert inspector.post(at("calibration-step", session_id=row.pk, step="reveal")).status_code == 403
        manager.post(at("calibration-step", session_id=row.pk, step="reveal"))
        page = said(manager.get(at("calibration", session_id=row.pk)))
        assert "理由passed" in page
        assert "起草规则的修改" in page
        agree = at("calibration-step", session_id=row.pk, step="agree")
        place = {"talk": row.talks.get().pk, "item": "taboo"}
        assert manager.post(agree, place).status_code == 422
        assert manager.post(agree, place | {"verdict": "breached", "note": "照读也算"}).status_code == 302
        manager.post(at("calibration-step", session_id=row.pk, step="close"))
        row.refresh_from_db()
        assert row.state == "closed"
        assert "陈静" in said(manager.get(at("graders")))
        assert "十一月" in said(inspector.get(at("calibrations")))
        assert world.client("agent").get(at("calibrations")).status_code == 403
