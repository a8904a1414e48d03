"""Work asked of other teams and sites inside a case."""

from ninja import Query
from ninja.responses import Status
from pydantic import AwareDatetime, ConfigDict, Field

from kefu.api import moment
from kefu.api.cases import shapes, showing
from kefu.api.cases.router import router
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.cases import queries, tasks


class NewTask(Schema):
    """What to do, by when, and who is asked: any site, or one of its teams."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    team: Id | None = None
    title: str = Field(min_length=1, max_length=200)
    due_at: AwareDatetime


class Answer(Schema):
    """What came of it."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=20000)


@router.get("/tasks", response=PageOf[shapes.CaseTask])
def list_tasks(request: ApiRequest, wanted: Query[Paged]) -> PageOf[shapes.CaseTask]:
    """Open tasks asked of the sites in reach, soonest first (CASE9)."""
    page = queries.open_tasks(request.actor, cursor=wanted.cursor, size=wanted.size)
    return shown(page, lambda task: showing.task(task, number=task.case.number))


@router.post("/cases/{int:case_id}/tasks", response={201: shapes.CaseTask})
def ask_task(request: ApiRequest, case_id: int, body: NewTask) -> Status[shapes.CaseTask]:
    """Ask a site or team to do something by a time 跨部门协调 (CASE9)."""
    task = tasks.ask(
        actor=request.actor,
        case_id=case_id,
        site_id=body.site,
        team_id=body.team,
        title=body.title,
        due_at=body.due_at,
        now=moment.now(),
    )
    return Status(201, showing.task(task, number=task.case.number))


@router.post("/tasks/{int:task_id}/answer", response=shapes.CaseTask)
def answer_task(request: ApiRequest, task_id: int, body: Answer) -> shapes.CaseTask:
    """Finish a task with an answer; people of the asked site or of the case's site may (CASE9)."""
    task = tasks.answer(actor=request.actor, task_id=task_id, text=body.text, now=moment.now())
    return showing.task(task, number=task.case.number)


@router.post("/tasks/{int:task_id}/cancel", response=shapes.CaseTask)
def cancel_task(request: ApiRequest, task_id: int) -> shapes.CaseTask:
    """Take a task back (CASE9)."""
    task = tasks.cancel(actor=request.actor, task_id=task_id, now=moment.now())
    return showing.task(task, number=task.case.number)
