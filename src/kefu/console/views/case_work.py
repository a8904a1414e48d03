"""What people do to a case from its page: steps, urging, raising, assigning, editing, files. Each form works with a plain POST."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kefu.cases import access, actions, files, upkeep
from kefu.cases.errors import StepRefused
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_steps
from kefu.console.views.case_forms import away, done, number, post, work
from kefu.console.views.cases_page import Failed, show
from kefu.console.views.cases_steps import Typed
from kefu.desk import sending
from kefu.kernel import moment
from kefu.kernel.errors import Invalid, Stale
from kefu.kernel.files import FileRefused
from kefu.kernel.masking import mask_text
from kefu.people.permissions import Permission

_MOST_FILES = 10


@page("cases/<int:case_id>/step", "case-step", permission=Permission.CASE_WORK, methods=("POST",))
def step(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Take a step of the procedure (CASE1)."""
    actor, now = request.actor, moment.now()
    found = access.get_for(actor, case_id)
    name = request.POST.get("step", "")[:60]
    wanted = actions.book_of(found).procedures[found.procedure].step(name)
    answers = cases_steps.answers_of(request, wanted) if wanted else {}
    try:
        if wanted:
            _take_files(request, case_id, wanted, answers, now)
        sending.step(
            actor=actor,
            case_id=case_id,
            step=name,
            answers=answers,
            now=now,
            expected_version=number(request.POST.get("version", ""), -1),
        )
    except StepRefused as refused:
        return show(request, case_id, typed=Typed(name, answers, refused.refusals), failed=Failed("step", {"": str(refused)}), status=422)
    except Stale:
        return show(request, case_id, typed=Typed(name, answers), failed=Failed("step"), stale=True, status=409)
    except FileRefused as refused:
        return show(request, case_id, typed=Typed(name, answers), failed=Failed("step", {"": str(refused)}), status=422)
    return done(request, case_id, _("已完成这一步。"))


def _take_files(request: ConsoleRequest, case_id: int, wanted: Any, answers: dict[str, Any], now: datetime) -> None:
    for field in wanted.fields:
        file = request.FILES.get(f"{cases_steps.field_name(wanted.id, field.id)}-file")
        if field.type != "attachment" or file is None:
            continue
        row = files.attach(
            actor=request.actor,
            case_id=case_id,
            name=file.name or "",
            content=file.read(files.SIZE_LIMIT + 1),
            content_type=file.content_type or "",
            now=now,
        )
        answers[field.id] = row.name


@page("cases/<int:case_id>/urge", "case-urge", permission=Permission.CASE_WORK, methods=("POST",))
def urge(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """The customer urges (催单)."""
    given = post(request, "text")
    return work(
        request,
        case_id,
        "urge",
        lambda: upkeep.urge(actor=request.actor, case_id=case_id, text=given["text"], now=moment.now()),
        _("已记录客户催单。"),
        "text",
    )


@page("cases/<int:case_id>/escalate", "case-escalate", permission=Permission.CASE_ESCALATE, methods=("POST",))
def escalate(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Raise the level by hand."""
    given = post(request, "level", "reason")
    return work(
        request,
        case_id,
        "escalate",
        lambda: upkeep.escalate(actor=request.actor, case_id=case_id, level=given["level"], reason=given["reason"], now=moment.now()),
        _("工单已升级。"),
        "level",
        "reason",
    )


@page("cases/<int:case_id>/assign", "case-assign", permission=Permission.CASE_WORK, methods=("POST",))
def assign(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Give the case to somebody, take it oneself (``me``), or put it back (empty)."""
    given = post(request, "staff", "version")
    staff_id = request.actor.staff_id if given["staff"] == "me" else number(given["staff"]) or None
    words = _("已领取，由您处理。") if given["staff"] == "me" else _("已转派。") if staff_id else _("已退回待领取。")
    return work(
        request,
        case_id,
        "assign",
        lambda: upkeep.assign(
            actor=request.actor,
            case_id=case_id,
            staff_id=staff_id,
            now=moment.now(),
            expected_version=number(given["version"], -1),
        ),
        words,
        "staff",
    )


@page("cases/<int:case_id>/reopen", "case-reopen", permission=Permission.CASE_WORK, methods=("POST",))
def reopen(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Take a closed case up again."""
    given = post(request, "reason")
    return work(
        request,
        case_id,
        "reopen",
        lambda: upkeep.reopen(actor=request.actor, case_id=case_id, reason=given["reason"], now=moment.now()),
        _("工单已重新打开。"),
        "reason",
    )


@page("cases/<int:case_id>/edit", "case-edit", permission=Permission.CASE_WORK, methods=("POST",))
def edit(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Change title, waybill or order number."""
    found = access.get_for(request.actor, case_id)
    given = post(request, "title", "waybill", "order_no")
    changes = {**given, "waybill": "".join(given["waybill"].split()).upper()}
    if given["title"] == mask_text(found.title):
        # The form shows the title masked: sent back as shown, it is unchanged.
        changes.pop("title")
    for name in given:
        # After a stale save the person chose, field by field, to keep what stands.
        if request.POST.get(f"pick-{name}") == "now":
            changes.pop(name, None)
    version = number(request.POST.get("version", ""), -1)
    response = work(
        request,
        case_id,
        "edit",
        lambda: upkeep.edit(actor=request.actor, case_id=case_id, changes=changes, expected_version=version, now=moment.now()),
        _("已保存。"),
        "title",
        "waybill",
        "order_no",
    )
    if response.status_code == 200 and changes.get("waybill", found.waybill) != found.waybill:
        # The context column belongs to the other waybill.
        return away(request, reverse("console:case", kwargs={"case_id": case_id}), _("已保存。"))
    return response


@page("cases/<int:case_id>/files", "case-attach", permission=Permission.CASE_WORK, methods=("POST",))
def attach(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Keep files with the case."""
    given = request.FILES.getlist("file")[:_MOST_FILES]

    def keep() -> None:
        if not given:
            raise Invalid(fields={"file": _("请选择要上传的文件。")})
        for file in given:
            files.attach(
                actor=request.actor,
                case_id=case_id,
                name=file.name or "",
                content=file.read(files.SIZE_LIMIT + 1),
                content_type=file.content_type or "",
                now=moment.now(),
            )

    words = ngettext("已上传 %(count)s 个附件。", "已上传 %(count)s 个附件。", len(given)) % {"count": len(given)}
    return work(request, case_id, "attach", keep, words)
