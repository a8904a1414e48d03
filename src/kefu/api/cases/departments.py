"""Questions of cases to departments: asking, the inbox, a department's answers, its members (CASE9)."""

from typing import Any, Literal
from urllib.parse import quote

from django.http import HttpResponse
from ninja import File, Query
from ninja.files import UploadedFile
from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.cases import shapes, showing
from kefu.api.cases.router import router
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id, Paged, PageOf, shown
from kefu.api.schema import Schema
from kefu.cases import tasks
from kefu.cases.tasks import Question, Upload, inbox, members
from kefu.kernel.files import SIZE_LIMIT


class NewQuestion(Schema):
    """Which department is asked, what, and which files of the case it may see."""

    model_config = ConfigDict(extra="forbid")
    department: str = Field(min_length=1, max_length=60)
    title: str = Field(min_length=1, max_length=200)
    text: str = Field(default="", max_length=4000)
    files: list[Id] = Field(default=[], max_length=20)


class Taking(Schema):
    """``over`` takes a task from a colleague who has it."""

    model_config = ConfigDict(extra="forbid")
    over: bool = False


class Said(Schema):
    """Words on a task."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(min_length=1, max_length=20000)


class Returning(Schema):
    """Why a task is handed back."""

    model_config = ConfigDict(extra="forbid")
    reason: str = Field(min_length=4, max_length=2000)


class InboxPage(Paged):
    """A view of the inbox, and one department alone."""

    view: Literal["mine", "open", "asked", "done"] = "mine"
    department: str = Field(default="", max_length=60)


class NewMember(Schema):
    """Who answers for which department of which site."""

    model_config = ConfigDict(extra="forbid")
    site: Id
    department: str = Field(min_length=1, max_length=60)
    staff: Id


def _detail(request: ApiRequest, task_id: int) -> shapes.TaskDetail:
    return showing.task_detail(inbox.detail(request.actor, task_id, now=moment.now()))


@router.post("/cases/{int:case_id}/questions", response={201: shapes.CaseTask})
def ask_department(request: ApiRequest, case_id: int, body: NewQuestion) -> Status[shapes.CaseTask]:
    """Ask a department 仓库、快递、产品、财务、活动; its clock of the handbook starts (CASE9)."""
    question = Question(body.title, body.text, tuple(body.files))
    task = tasks.ask_department(actor=request.actor, case_id=case_id, department=body.department, question=question, now=moment.now())
    return Status(201, showing.task(task, number=task.case.number))


@router.get("/tasks/inbox", response=PageOf[shapes.CaseTask])
def read_inbox(request: ApiRequest, wanted: Query[InboxPage]) -> PageOf[shapes.CaseTask]:
    """Tasks of one's own departments, the most overdue first, or those one asked (CASE9)."""
    page = inbox.page(request.actor, wanted.view, department=wanted.department, cursor=wanted.cursor, size=wanted.size)
    return shown(page, lambda task: showing.task(task, number=task.case.number))


@router.get("/tasks/{int:task_id}", response=shapes.TaskDetail)
def read_task(request: ApiRequest, task_id: int) -> shapes.TaskDetail:
    """A task with what was said about it; of the case only what was sent with it (CASE9)."""
    return _detail(request, task_id)


@router.post("/tasks/{int:task_id}/take", response=shapes.TaskDetail)
def take_task(request: ApiRequest, task_id: int, body: Taking) -> shapes.TaskDetail:
    """Take a task of one's department (CASE9)."""
    tasks.take(actor=request.actor, task_id=task_id, over=body.over, now=moment.now())
    return _detail(request, task_id)


@router.post("/tasks/{int:task_id}/words", response=shapes.TaskDetail)
def say_on_task(request: ApiRequest, task_id: int, body: Said) -> shapes.TaskDetail:
    """A word to the other side; it stands in the case too (CASE9)."""
    tasks.say(actor=request.actor, task_id=task_id, text=body.text, now=moment.now())
    return _detail(request, task_id)


@router.post("/tasks/{int:task_id}/files", response=shapes.TaskDetail)
def upload_task_file(request: ApiRequest, task_id: int, text: str, file: File[UploadedFile]) -> shapes.TaskDetail:
    """A word with a file of up to 20 MB; both sides see the file (CASE9)."""
    upload = Upload(file.name or "", file.read(SIZE_LIMIT + 1), file.content_type or "")
    tasks.say(actor=request.actor, task_id=task_id, text=text[:20000], uploads=(upload,), now=moment.now())
    return _detail(request, task_id)


@router.get("/tasks/{int:task_id}/files/{int:file_id}", response={200: None})
def download_task_file(request: ApiRequest, task_id: int, file_id: int) -> HttpResponse:
    """A file that was sent with the task, as a download; the read is audited (SEC2, SEC3)."""
    found = tasks.read_file(actor=request.actor, task_id=task_id, file_id=file_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


@router.post("/tasks/{int:task_id}/return", response=shapes.TaskDetail)
def hand_back_task(request: ApiRequest, task_id: int, body: Returning) -> shapes.TaskDetail:
    """Hand a task back unanswered, with the reason (CASE9)."""
    tasks.hand_back(actor=request.actor, task_id=task_id, reason=body.reason, now=moment.now())
    return _detail(request, task_id)


def _member(row: Any) -> shapes.DepartmentMember:
    return shapes.DepartmentMember(
        id=row.pk,
        site_id=row.site_id,
        site=row.site.name,
        department=row.department,
        staff_id=row.staff_id,
        staff_no=row.staff.staff_no,
        name=row.staff.name,
    )


@router.get("/departments/members", response=list[shapes.DepartmentMember])
def list_department_members(request: ApiRequest) -> list[shapes.DepartmentMember]:
    """Who answers for which department of the sites in reach (CASE9)."""
    return [_member(row) for row in members.visible(request.actor)]


@router.post("/departments/members", response={201: shapes.DepartmentMember})
def add_department_member(request: ApiRequest, body: NewMember) -> Status[shapes.DepartmentMember]:
    """Let somebody answer for a department of a site (CASE9)."""
    row = tasks.join(actor=request.actor, site_id=body.site, department=body.department, staff_id=body.staff, now=moment.now())
    return Status(201, _member(row))


@router.delete("/departments/members/{int:member_id}", response={204: None})
def remove_department_member(request: ApiRequest, member_id: int) -> Status[None]:
    """Let a member go; what they took goes back to the department (CASE9)."""
    tasks.leave(actor=request.actor, member_id=member_id, now=moment.now())
    return Status(204, None)
