"""Questions to departments on the screen: the inbox, the task, the case, the members (CASE9)."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kefu import conftest as whole_house
from kefu.cases import actions, files, tasks
from kefu.cases.actions import CaseRequest
from kefu.cases.models import Case, Member, Task
from kefu.cases.tasks import Question
from kefu.conftest import Cast, Ground
from kefu.console.tests import test_conversations as talks

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
hire, enter = whole_house.hire, talks.enter


@pytest.fixture(autouse=True)
def home(settings: Any, tmp_path: Any) -> None:
    settings.KEFU_HOME = str(tmp_path)


@pytest.fixture
def case(cast: Cast, ground: Ground) -> Case:
    wanted = CaseRequest(site_id=ground.station.pk, kind="delay", channel="call", description="机密的客户情况")
    return actions.open_case(actor=cast.agent, request=wanted, now=timezone.now())


@pytest.fixture
def manned(cast: Cast, ground: Ground) -> None:
    """The trainer, who opens no case, answers for the warehouse."""
    tasks.join(actor=cast.admin, site_id=ground.station.pk, department="warehouse", staff_id=cast.trainer.id, now=timezone.now())


def asked(cast: Cast, case: Case, title: str = "是否已发出", **given: Any) -> Task:
    question = Question(title, **given)
    return tasks.ask_department(actor=cast.agent, case_id=case.pk, department="warehouse", question=question, now=timezone.now())


@pytest.mark.usefixtures("manned")
def test_from_the_case_to_the_department_and_back(cast: Cast, case: Case, enter: Any) -> None:
    kept = files.attach(actor=cast.agent, case_id=case.pk, name="面单.txt", content=b"x", content_type="text/plain", now=timezone.now())
    agent, member = enter(cast.agent), enter(cast.trainer)
    html = agent.get(f"/cases/{case.pk}").content.decode()
    assert 'data-opens="question"' in html
    form = {"department": "warehouse", "title": "核对电话 13812345678", "text": "请看面单", "files": [kept.pk]}
    agent.post(f"/cases/{case.pk}/questions", form)
    task = Task.objects.get()
    page = member.get("/tasks").content.decode()
    assert "仓库" in page
    assert "13812345678" not in page
    assert "等我答复" in page
    html = member.get(f"/tasks/{task.pk}").content.decode()
    assert "面单.txt" in html
    assert "机密的客户情况" not in html
    assert f'href="/cases/{case.pk}"' not in html
    assert member.get(f"/tasks/{task.pk}/files/{kept.pk}").content == b"x"
    assert member.get(f"/cases/{case.pk}").status_code in (403, 404)
    assert "1" in member.get("/tasks/count").content.decode()
    member.post(f"/tasks/{task.pk}/reply", {"text": "昨天已发出"})
    html = agent.get(f"/cases/{case.pk}").content.decode()
    assert "昨天已发出" in html
    assert "部门答复" in html
    assert member.get("/tasks/count").content.decode().strip() == ""
    assert "部门已答复" in agent.get("/desk").content.decode()


@pytest.mark.usefixtures("manned")
def test_one_key_takes_the_most_pressing(cast: Cast, case: Case, enter: Any) -> None:
    task, member = asked(cast, case), enter(cast.trainer)
    assert 'data-key="t"' in member.get("/tasks").content.decode()
    assert member.post("/tasks/next").headers["Location"] == f"/tasks/{task.pk}"
    task.refresh_from_db()
    assert task.assignee_id == cast.trainer.id
    assert member.post("/tasks/next").headers["Location"] == "/tasks"


@pytest.mark.usefixtures("manned")
def test_refusals_come_back_with_what_was_typed(cast: Cast, case: Case, enter: Any) -> None:
    task, member = asked(cast, case), enter(cast.trainer)
    answer = member.post(f"/tasks/{task.pk}/return", {"reason": "不"})
    assert answer.status_code == 422
    assert "退回原因（至少 4 个字）" in answer.content.decode()
    member.post(f"/tasks/{task.pk}/reply", {"text": "好"})
    late = member.post(f"/tasks/{task.pk}/reply", {"text": "再来"})
    assert late.status_code == 409
    assert "该任务已处理" in late.content.decode()


@pytest.mark.usefixtures("manned")
def test_strangers_see_nothing_and_colleagues_cannot_answer(cast: Cast, case: Case, enter: Any) -> None:
    task = asked(cast, case)
    outsider, lead = enter(cast.outsider), enter(cast.lead)
    for address in (f"/tasks/{task.pk}", f"/tasks/{task.pk}/files/1"):
        assert outsider.get(address).status_code == 404
    assert outsider.post(f"/tasks/{task.pk}/reply", {"text": "我来"}).status_code == 404
    assert lead.get(f"/tasks/{task.pk}").status_code == 200
    assert lead.post(f"/tasks/{task.pk}/reply", {"text": "我来"}).status_code == 403
    task.refresh_from_db()
    assert task.state == "open"


def test_members_are_named_by_managers(cast: Cast, ground: Ground, enter: Any) -> None:
    manager = enter(cast.manager)
    for part in ("agent", "lead", "inspector"):
        assert enter(getattr(cast, part)).get("/tasks/members").status_code == 403
    form = {"site": ground.station.pk, "department": "warehouse", "staff": cast.agent.id}
    assert manager.post("/tasks/members", {**form, "department": "none"}).status_code == 422
    assert manager.post("/tasks/members", {**form, "staff": "x"}).status_code == 422
    manager.post("/tasks/members", form)
    row = Member.objects.get()
    assert "仓库" in manager.get("/tasks/members").content.decode()
    manager.post(f"/tasks/members/{row.pk}/leave")
    assert not Member.objects.exists()


@pytest.mark.usefixtures("manned")
def test_the_inbox_costs_the_same_whatever_its_size(cast: Cast, case: Case, enter: Any) -> None:
    member = enter(cast.trainer)

    def cost() -> int:
        with CaptureQueriesContext(connection) as spent:
            member.get("/tasks")
        return len(spent)

    asked(cast, case)
    cost()
    small = cost()
    for number in range(10):
        asked(cast, case, f"问题 {number}")
    assert cost() == small
