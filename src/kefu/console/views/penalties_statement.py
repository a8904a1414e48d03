"""A person's month of penalties: on screen, acknowledged, on paper (QA8, PERF3)."""

from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.console import times
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_words
from kefu.console.views.inspection_filters import address
from kefu.console.views.penalties import evidence_address
from kefu.exports import stamp
from kefu.kernel import moment, pdf
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.lists.arbitration import month_of
from kefu.lists.definition import whole
from kefu.lists.penalties import KINDS, TONES
from kefu.penalties import actions, printing, statements
from kefu.penalties.access import VIEWERS
from kefu.penalties.statements import Statement
from kefu.people.permissions import Permission

_TEMPLATE = Path(__file__).resolve().parent.parent / "documents" / "case_file.typ"


def _month(text: str) -> date:
    month = month_of(text)
    if month is None:
        raise NotFound
    return month


@page("penalties/statements/<int:staff_id>/<str:month>", "penalty-statement", permission=VIEWERS)
def penalty_statement(request: ConsoleRequest, staff_id: int, month: str) -> HttpResponse:
    """The statement with every line; each opens, and the sums are those of the lines."""
    return _show(request, staff_id, month)


def _show(
    request: ConsoleRequest, staff_id: int, month: str, *, error: str = "", typed: str | None = None, status: int = 200
) -> HttpResponse:
    actor = request.actor
    found = statements.statement(actor, staff_id, _month(month))
    context = {
        "it": found,
        "sheet": found.sheet,
        "month": f"{found.sheet.month:%Y-%m}",
        "lines": [(one, KINDS[one.kind], TONES[one.kind], evidence_address(actor, one)) for one in found.lines],
        "own": staff_id == actor.staff_id,
        "floor_clause": (cases_words.clause_title(found.floor_clause), cases_words.clause_url(found.floor_clause, actor))
        if found.floor_clause
        else None,
        "list": address("penalties", actor, {"month": f"{found.sheet.month:%Y-%m}", "staff": str(staff_id)}),
        "may_wage": actor.may(Permission.PENALTY_MANAGE),
        "may_print": staff_id == actor.staff_id or actor.may(Permission.EXPORT),
        "wage_error": error,
        "typed": found.wage if typed is None else typed,
    }
    return render(request, "penalties/statement.jinja", context, status=status)


def _back(staff_id: int, month: str) -> str:
    return reverse("console:penalty-statement", kwargs={"staff_id": staff_id, "month": month})


@page("penalties/statements/<str:month>/acknowledge", "penalty-acknowledge", permission=Permission.QUALITY_OWN, methods=("POST",))
def penalty_acknowledge(request: ConsoleRequest, month: str) -> HttpResponse:
    """A person has read their own."""
    if request.actor.staff_id is None:
        raise NotFound
    try:
        actions.acknowledge(
            actor=request.actor, month=_month(month), entries=whole(request.POST.get("entries", "")), now=moment.now()
        )  # fmt: skip
    except Stale:
        messages.warning(request, _("月结单刚有变动，已显示最新内容，请核对后再确认。"))
    else:
        messages.success(request, _("已确认 %(month)s 的月结单。") % {"month": month})
    return redirect(request, _back(request.actor.own_id, month))


@page("penalties/statements/<int:staff_id>/<str:month>/wage", "penalty-wage", permission=Permission.PENALTY_MANAGE, methods=("POST",))
def penalty_wage(request: ConsoleRequest, staff_id: int, month: str) -> HttpResponse:
    """Note the wage the legal floor is reckoned from."""
    typed = request.POST.get("wage", "").replace("\0", "")[:40]
    try:
        actions.note_wage(actor=request.actor, staff_id=staff_id, month=_month(month), wage=typed, now=moment.now())
    except Invalid as error:
        return _show(request, staff_id, month, error=str(next(iter(error.fields.values()))), typed=typed, status=422)
    messages.success(request, _("工资已登记，法定限度按它核对。") if typed.strip() else _("已清除登记的工资。"))
    return redirect(request, _back(staff_id, month))


@page("penalties/statements/<int:staff_id>/<str:month>/pdf", "penalty-statement-pdf", permission=VIEWERS, methods=("POST",))
def penalty_statement_pdf(request: ConsoleRequest, staff_id: int, month: str) -> HttpResponse:
    """The statement on paper: one's own, or anybody's in reach with the right to export."""
    now = moment.now()
    found = statements.statement(request.actor, staff_id, _month(month))
    try:
        content = pdf.written(_TEMPLATE, document(request.actor, found, now))
    except Invalid as error:
        messages.error(request, str(error))
        return redirect(request, _back(staff_id, month))
    printing.record(actor=request.actor, statement=found, now=now)
    response = HttpResponse(content, content_type="application/pdf")
    name = _("处罚月结单-%(who)s-%(month)s.pdf") % {"who": found.sheet.staff_no, "month": month}
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response


def document(actor: Actor, found: Statement, now: Any) -> dict[str, Any]:
    """Everything on the paper in the reader's language."""
    sheet = found.sheet
    title = _("处罚月结单 %(month)s") % {"month": f"{sheet.month:%Y-%m}"}
    heads = [_("编号"), _("发生日期"), _("检查项"), _("类别"), _("倍数"), _("分数"), _("金额")]
    rows = [
        [
            one.number, f"{one.day:%Y-%m-%d}", one.title, str(KINDS[one.kind]), f"{one.multiplier:g}", f"{one.points:.2f}",
            f"{one.money:.2f}",
        ]
        for one in found.lines
    ]  # fmt: skip
    read = times.exact(sheet.acknowledged_at) if sheet.acknowledged_at and sheet.acknowledged else _("本人未确认")
    facts = [
        (_("客服"), f"{sheet.staff} {sheet.staff_no}"),
        (_("网点"), sheet.site),
        (_("班组"), sheet.team),
        (_("扣款合计"), f"{found.deducted:.2f}"),
        (_("退回和奖励合计"), f"{found.given:.2f}"),
        (_("分数合计"), f"{sheet.points:.2f}"),
        (_("金额合计"), f"{sheet.money:.2f}"),
        (_("本人确认"), read),
        (_("锁定时间"), times.exact(sheet.locked_at) if sheet.locked_at else _("未锁定")),
    ]
    warning = _("扣款超出法定限度 %(money)s 元，超出部分不得从当月工资扣除。") % {"money": f"{found.floor.over:.2f}"}
    return {
        "language": "en" if cases_words.language() == "en" else "zh",
        "title": title,
        "lead": f"{sheet.staff} {sheet.staff_no} · {sheet.site}",
        "number": f"{sheet.staff_no} {sheet.month:%Y-%m}",
        "author": stamp.who(actor),
        "stamp": f"{stamp.who(actor)} {times.exact(now)}",
        "watermark": f"{stamp.who(actor)} {timezone.localtime(now):%Y-%m-%d}",
        "facts": [(label, value) for label, value in facts if value],
        "sections": [
            {"kind": "table", "title": _("逐笔"), "heads": heads, "widths": [1.1, 1.2, 2, 0.9, 0.7, 0.9, 1], "rows": rows, "empty": "—"},
            *([{"kind": "text", "title": _("法定限度"), "text": warning}] if found.floor.over else []),
        ],
    }  # fmt: skip
