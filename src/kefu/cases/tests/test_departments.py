"""Questions to departments: who sees what, clocks, answers, hand-backs, lateness, two at once (CASE9)."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.cases import access, actions, files, queries, tasks
from kefu.cases.actions import CaseRequest
from kefu.cases.models import Entry, Member, Notice, Task
from kefu.cases.tasks import Question, Upload, inbox
from kefu.clocks import actions as clocks
from kefu.clocks.models import Clock
from kefu.clocks.queries import of_subject
from kefu.conftest import NOW
from kefu.kernel.errors import Conflict, Denied, Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.reactions.run import run_all

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
LATER = NOW + timedelta(minutes=10)


@pytest.fixture(autouse=True)
def home(settings, tmp_path):
    settings.KEFU_HOME = str(tmp_path)


@pytest.fixture
def case(cast, ground):
    """A complaint at the station, opened by the agent."""
    wanted = CaseRequest(site_id=ground.station.pk, kind="delay", channel="call", description="客户王女士 13812345678 反映没有更新")
    return actions.open_case(actor=cast.agent, request=wanted, now=NOW)


@pytest.fixture
def manned(cast, ground):
    """The trainer, who opens no case, and the second agent answer for the warehouse; an outsider for the hub's finance."""
    for staff in (cast.trainer, cast.second_agent):
        tasks.join(actor=cast.admin, site_id=ground.station.pk, department="warehouse", staff_id=staff.id, now=NOW)
    tasks.join(actor=cast.admin, site_id=ground.hub.pk, department="finance", staff_id=cast.outsider.id, now=NOW)


def ask(cast, case, department="warehouse", **given):
    return tasks.ask_department(
        actor=cast.agent, case_id=case.pk, department=department, question=Question(**{"title": "核对是否发出", **given}), now=NOW
    )


def told(actor, what):
    return Notice.objects.filter(staff_id=actor.id, what=what).count()


@pytest.mark.usefixtures("manned")
def test_a_question_starts_the_clock_of_the_handbook_and_tells_the_members(cast, case):
    task = ask(cast, case, text="单号见附件")
    (clock,) = of_subject("task", task.pk, now=NOW)
    assert (clock.clause_ref, clock.due_at) == ("best@1#clocks.department_reply", task.due_at)
    assert task.clause == "best@1#departments.warehouse"
    entry = case.entries.filter(kind=Entry.Kind.TASK).get()
    assert (entry.data["phase"], entry.data["department"], entry.text, entry.clause) == ("asked", "warehouse", "单号见附件", task.clause)
    assert [told(one, "task.asked") for one in (cast.trainer, cast.second_agent, cast.agent, cast.outsider)] == [1, 1, 0, 0]
    assert AuditEntry.objects.filter(action="case.task", subject_id=case.pk).count() == 1
    assert OutboxEvent.objects.filter(type="case.changed", payload__what="task").count() == 1
    case.refresh_from_db()
    assert case.next_due_at != task.due_at  # the department's limit is not the case's own


@pytest.mark.usefixtures("manned")
def test_an_escalated_case_gets_the_nearer_limit(cast, case):
    from kefu.cases import upkeep

    upkeep.escalate(actor=cast.lead, case_id=case.pk, level="escalated", reason="客户要求经理处理", now=NOW)
    task = ask(cast, case)
    assert task.due_at == NOW + timedelta(hours=1)
    assert {clock.key for clock in of_subject("task", task.pk, now=NOW)} == {"department_reply", "department_reply_urgent"}


@pytest.mark.usefixtures("manned")
def test_the_nearest_department_up_the_tree_is_asked(cast, case, ground):
    assert ask(cast, case, "finance").site_id == ground.hub.pk
    assert ask(cast, case).site_id == ground.station.pk


@pytest.mark.usefixtures("manned")
@pytest.mark.parametrize(
    ("given", "field"),
    [({"title": " "}, "title"), ({"title": "核" * 201}, "title"), ({"text": "长" * 4001}, "text"), ({"file_ids": (987654,)}, "files")],
)
def test_bad_questions_are_refused_with_the_field(cast, case, given, field):
    with pytest.raises(Invalid) as refused:
        ask(cast, case, **given)
    assert list(refused.value.fields) == [field]
    assert not Task.objects.exists()
    assert not Clock.objects.filter(subject_kind="task").exists()


def test_departments_nobody_answers_for_or_nobody_knows_are_refused(cast, case):
    for department in ("warehouse", "campaign", "no"):
        with pytest.raises(Invalid) as refused:
            ask(cast, case, department)
        assert list(refused.value.fields) == ["department"]
    assert not Task.objects.exists()


@pytest.mark.usefixtures("manned")
def test_a_member_sees_the_task_and_its_files_and_nothing_else_of_the_case(cast, case):
    sent, kept = (
        files.attach(actor=cast.agent, case_id=case.pk, name=name, content=name.encode(), content_type="text/plain", now=NOW)
        for name in ("面单.txt", "内部.txt")
    )
    task = ask(cast, case, file_ids=(sent.pk,))
    found = inbox.detail(cast.trainer, task.pk, now=NOW)
    assert ([one.name for one in found.files], found.inside, found.sees_case) == (["面单.txt"], True, False)
    assert tasks.read_file(actor=cast.trainer, task_id=task.pk, file_id=sent.pk, now=NOW).content == "面单.txt".encode()
    with pytest.raises(NotFound):
        tasks.read_file(actor=cast.trainer, task_id=task.pk, file_id=kept.pk, now=NOW)
    with pytest.raises(NotFound):
        queries.detail(cast.trainer, case.pk, now=NOW)
    for stranger in (cast.outsider, cast.customer):
        with pytest.raises(NotFound):
            inbox.detail(stranger, task.pk, now=NOW)
    assert not access.visible_tasks(cast.clerk).exists()  # a colleague of the site who is no member
    assert access.visible_tasks(cast.lead).filter(pk=task.pk).exists()


@pytest.mark.usefixtures("manned")
def test_taking_and_answering_goes_into_the_case_and_tells_who_asked(cast, case):
    task = ask(cast, case)
    tasks.take(actor=cast.trainer, task_id=task.pk, now=LATER)
    with pytest.raises(Conflict) as taken:
        tasks.take(actor=cast.second_agent, task_id=task.pk, now=LATER)
    assert taken.value.reason == "task_taken"
    with pytest.raises(Conflict):
        tasks.answer(actor=cast.second_agent, task_id=task.pk, text="我来答", now=LATER)
    tasks.answer(actor=cast.trainer, task_id=task.pk, text="今天 9 点已发出", uploads=[Upload("出库单.txt", b"x")], now=LATER)
    task.refresh_from_db()
    assert (task.state, task.answer, task.assignee_id, task.done_by) == ("done", "今天 9 点已发出", cast.trainer.id, cast.trainer.name)
    assert [clock.state for clock in of_subject("task", task.pk, now=LATER)] == ["met"]
    detail = queries.detail(cast.agent, case.pk, now=LATER)
    assert [row.entry.data.get("phase") for row in detail.timeline][-1] == "answered"
    assert detail.timeline[-1].text == "今天 9 点已发出"
    assert [one.name for one in detail.attachments] == ["出库单.txt"]
    assert told(cast.agent, "task.answered") == 1
    with pytest.raises(Conflict) as done:
        tasks.answer(actor=cast.trainer, task_id=task.pk, text="再答一次", now=LATER)
    assert done.value.reason == "task_done"


@pytest.mark.usefixtures("manned")
def test_taking_over_needs_to_be_said(cast, case):
    task = ask(cast, case)
    tasks.take(actor=cast.trainer, task_id=task.pk, now=LATER)
    tasks.take(actor=cast.second_agent, task_id=task.pk, now=LATER, over=True)
    assert told(cast.trainer, "task.taken") == 1
    tasks.answer(actor=cast.second_agent, task_id=task.pk, text="已核对", now=LATER)


@pytest.mark.usefixtures("manned")
def test_of_two_answers_at_once_one_stands(cast, case, monkeypatch):
    task = ask(cast, case)
    seen = access.get_task(cast.second_agent, task.pk)
    tasks.answer(actor=cast.trainer, task_id=task.pk, text="第一个答复", now=LATER)
    monkeypatch.setattr(access, "get_task", lambda _actor, _id: seen)  # what the second read before the first wrote
    with pytest.raises(Stale):
        tasks.answer(actor=cast.second_agent, task_id=task.pk, text="第二个答复", now=LATER)
    assert [one.answer for one in Task.objects.all()] == ["第一个答复"]
    assert case.entries.filter(data__phase="answered").count() == 1
    assert told(cast.agent, "task.answered") == 1


@pytest.mark.usefixtures("manned")
def test_only_members_work_a_task_and_nothing_changes_when_refused(cast, case):
    task = ask(cast, case)
    for actor, error in (
        (cast.agent, Denied),
        (cast.lead, Denied),
        (cast.clerk, Denied),
        (cast.outsider, NotFound),
        (cast.customer, NotFound),
    ):
        for work in (
            lambda actor: tasks.take(actor=actor, task_id=task.pk, now=LATER),
            lambda actor: tasks.answer(actor=actor, task_id=task.pk, text="答复", now=LATER),
            lambda actor: tasks.hand_back(actor=actor, task_id=task.pk, reason="不归我们", now=LATER),
        ):
            with pytest.raises(error):
                work(actor)
    with pytest.raises(NotFound):  # a member who may not open the case cannot take the question back
        tasks.cancel(actor=cast.trainer, task_id=task.pk, now=LATER)
    task.refresh_from_db()
    assert (task.state, task.version, task.words.count()) == ("open", 0, 1)


@pytest.mark.usefixtures("manned")
def test_handing_back_needs_a_reason_and_ends_the_clock(cast, case):
    task = ask(cast, case)
    with pytest.raises(Invalid) as refused:
        tasks.hand_back(actor=cast.trainer, task_id=task.pk, reason="不", now=LATER)
    assert list(refused.value.fields) == ["reason"]
    tasks.hand_back(actor=cast.trainer, task_id=task.pk, reason="没有写订单号", now=LATER)
    task.refresh_from_db()
    assert (task.state, [clock.state for clock in of_subject("task", task.pk, now=LATER)]) == ("returned", ["met"])
    assert told(cast.agent, "task.returned") == 1
    assert case.entries.filter(data__phase="returned").get().text == "没有写订单号"


@pytest.mark.usefixtures("manned")
def test_words_go_both_ways_and_reach_those_they_name(cast, case):
    task = ask(cast, case)
    name = cast.second_agent.name
    tasks.say(actor=cast.agent, task_id=task.pk, text=f"麻烦@{name}看一下", now=LATER)
    assert (told(cast.second_agent, "mention"), told(cast.trainer, "task.said"), told(cast.trainer, "mention")) == (1, 1, 0)
    tasks.say(actor=cast.trainer, task_id=task.pk, text=f"缺货号，@{cast.outsider.name} @{cast.agent.name}", now=LATER)
    assert (told(cast.agent, "task.said"), told(cast.agent, "mention"), told(cast.outsider, "mention")) == (1, 1, 0)
    assert [word.by_department for word in task.words.order_by("pk")] == [False, False, True]


@pytest.mark.usefixtures("manned")
def test_a_late_task_is_told_to_taker_lead_and_asker_and_stands_in_the_case(cast, case):
    task = ask(cast, case)
    tasks.take(actor=cast.trainer, task_id=task.pk, now=NOW)
    late = task.due_at + timedelta(minutes=1)
    while clocks.sweep(now=late):
        pass
    run_all(now=late)
    assert [case.entries.filter(kind="task", data__phase=phase).count() for phase in ("warn", "breach")] == [1, 1]
    breach = case.entries.get(kind="task", data__phase="breach")
    assert (breach.at, breach.clause) == (task.due_at, "best@1#clocks.department_reply")
    people = (cast.trainer, cast.lead, cast.agent, cast.second_agent)
    assert [told(one, "task.breach") for one in people] == [1, 1, 1, 0]
    run_all(now=late)
    assert told(cast.agent, "task.breach") == 1
    assert inbox.counts(cast.trainer, now=late)["late"].value == 1


@pytest.mark.usefixtures("manned")
def test_a_question_taken_back_rests(cast, case):
    task = ask(cast, case)
    tasks.cancel(actor=cast.agent, task_id=task.pk, now=LATER)
    assert [clock.state for clock in of_subject("task", task.pk, now=LATER)] == ["stopped"]
    with pytest.raises(Conflict):
        tasks.answer(actor=cast.trainer, task_id=task.pk, text="晚了", now=LATER)


@pytest.mark.usefixtures("manned")
def test_the_views_of_the_inbox(cast, case):
    first, second, third = (ask(cast, case, title=title) for title in ("一", "二", "三"))
    Task.objects.filter(pk=third.pk).update(due_at=NOW - timedelta(hours=1))
    tasks.take(actor=cast.second_agent, task_id=second.pk, now=NOW)
    tasks.answer(actor=cast.second_agent, task_id=second.pk, text="好", now=NOW)
    tasks.take(actor=cast.second_agent, task_id=first.pk, now=NOW)
    assert [one.pk for one in inbox.page(cast.trainer, "mine").rows] == [third.pk]
    assert [one.pk for one in inbox.page(cast.trainer, "open").rows] == [third.pk, first.pk]
    assert [one.pk for one in inbox.page(cast.trainer, "done").rows] == [second.pk]
    assert {one.pk for one in inbox.page(cast.agent, "asked").rows} == {first.pk, third.pk}
    assert inbox.page(cast.agent, "mine").rows == []
    assert inbox.page(cast.customer, "asked").rows == []
    assert inbox.next_untaken(cast.trainer).pk == third.pk
    assert queries.open_tasks(cast.clerk).rows == []  # the desk shows a site's tasks, not its departments'


def test_who_may_name_members(cast, ground):
    given = {"site_id": ground.station.pk, "department": "warehouse", "staff_id": cast.trainer.id, "now": NOW}
    for actor in (cast.agent, cast.lead, cast.inspector, cast.customer):
        with pytest.raises(Denied):
            tasks.join(actor=actor, **given)
    with pytest.raises(Invalid):
        tasks.join(actor=cast.admin, **{**given, "department": "nobody"})
    row = tasks.join(actor=cast.admin, **given)
    assert tasks.join(actor=cast.admin, **given).pk == row.pk
    assert AuditEntry.objects.filter(action="department.joined").count() == 1
    with pytest.raises(Denied):
        tasks.leave(actor=cast.lead, member_id=row.pk, now=NOW)
    tasks.leave(actor=cast.admin, member_id=row.pk, now=NOW)
    assert not Member.objects.exists()


@pytest.mark.usefixtures("manned")
def test_what_a_leaver_took_goes_back(cast, case, ground):
    task = ask(cast, case)
    tasks.take(actor=cast.trainer, task_id=task.pk, now=NOW)
    row = Member.objects.get(staff_id=cast.trainer.id)
    tasks.leave(actor=cast.admin, member_id=row.pk, now=NOW)
    task.refresh_from_db()
    assert task.assignee_id is None
    with pytest.raises(NotFound):
        inbox.detail(cast.trainer, task.pk, now=NOW)


@pytest.mark.usefixtures("manned")
def test_the_inbox_costs_the_same_whatever_its_size(cast, case):
    def cost():
        with CaptureQueriesContext(connection) as spent:
            found = inbox.page(cast.trainer, "mine")
            inbox.limits(found.rows)
            inbox.counts(cast.trainer, now=NOW)
        return len(spent)

    ask(cast, case)
    cost()  # statements are prepared once
    small = cost()
    for number in range(12):
        ask(cast, case, title=f"问题 {number}")
    assert cost() == small
