"""A case on paper: facts, clocks with the reckoning, record, files with hashes, findings; masked, stamped, audited (CASE8, SEC1, SEC3)."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from kefu.cases import queries
from kefu.cases.queries import CaseDetail
from kefu.console import times
from kefu.console.rendering import redirect
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_clocks, cases_timeline, inspection_words
from kefu.console.views import cases_words as words
from kefu.exports import actions as exports
from kefu.exports import stamp
from kefu.kernel import moment, pdf
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid
from kefu.kernel.masking import mask_name, mask_text
from kefu.people.permissions import Permission
from kefu.quality import access as quality

_TEMPLATE = Path(__file__).resolve().parent.parent / "documents" / "case_file.typ"
MOST_ENTRIES = 2000
_LEVELS = {
    "met": gettext_lazy("按时完成"),
    "late": gettext_lazy("超时完成"),
    "breached": gettext_lazy("已超时"),
    "warned": gettext_lazy("即将超时"),
    "paused": gettext_lazy("暂停中"),
    "running": gettext_lazy("计时中"),
    "stopped": gettext_lazy("已停止"),
}
_MOST_FINDINGS = 200


@page("cases/<int:case_id>/pdf", "case-pdf", permission=Permission.EXPORT, methods=("POST",))
def case_file(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """The case as a PDF, for a stated purpose."""
    actor, now, reason = request.actor, moment.now(), request.POST.get("reason", "")[:20]
    detail = queries.detail(actor, case_id, now=now, entries=MOST_ENTRIES)
    try:
        exports.require_case_file(actor, reason)
        content = pdf.written(_TEMPLATE, document(actor, detail, reason, now))
    except Invalid as error:
        messages.error(request, str(next(iter(error.fields.values()), error)))
        return redirect(request, reverse("console:case", kwargs={"case_id": case_id}))
    exports.record_case_file(
        actor=actor, case_id=detail.case.pk, number=detail.case.number, site_id=detail.case.site_id, reason=reason, now=now
    )
    response = HttpResponse(content, content_type="application/pdf")
    name = f"{detail.case.number}-{timezone.localtime(now):%Y%m%d-%H%M}.pdf"
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response


def document(actor: Actor, detail: CaseDetail, reason: str, now: datetime) -> dict[str, Any]:
    """Everything on the paper as texts in the reader's language, personal data masked."""
    case = detail.case
    return {
        "language": "en" if words.language() == "en" else "zh",
        "title": _("案卷 %(number)s") % {"number": case.number},
        "lead": mask_text(case.title),
        "number": case.number,
        "author": stamp.who(actor),
        "stamp": stamp.line(actor, reason, now),
        "watermark": f"{stamp.who(actor)} {timezone.localtime(now):%Y-%m-%d}",
        "facts": _facts(detail),
        "sections": [
            {"kind": "text", "title": _("客户反映的情况"), "text": mask_text(case.description) or "—"},
            *([_answers(detail)] if detail.answers else []),
            _clocks(actor, detail, now),
            _record(actor, detail),
            *([_tasks(detail)] if detail.tasks else []),
            _files(detail),
            *_findings(actor, detail),
        ],
    }


def _facts(detail: CaseDetail) -> list[tuple[str, str]]:
    case, book = detail.case, detail.book
    level = words.name(book.levels[case.level]) if case.level in book.levels else case.level
    found = [
        (_("类型"), words.kind_title(book, case.kind)),
        (_("状态"), words.status_badge(case.status).text),
        (_("级别"), level),
        (_("来源渠道"), str(words.CHANNEL_TITLES.get(case.channel, case.channel))),
        (_("站点"), case.site.name),
        (_("负责人"), f"{case.assignee.name} {case.assignee.staff_no}" if case.assignee else _("待领取")),
        (_("客户"), (mask_name(case.customer.name) or f"C{case.customer_id}") if case.customer else ""),
        (_("运单号"), case.waybill),
        (_("订单号"), case.order_no),
        (_("受理时间"), times.exact(case.opened_at)),
        (_("解决时间"), times.exact(case.solved_at) if case.solved_at else ""),
        (_("结案时间"), times.exact(case.closed_at) if case.closed_at else ""),
        (_("催单次数"), str(case.urge_count)),
        (_("重复投诉次数"), str(case.repeat_count)),
        (_("手册"), f"{book.title} {case.handbook}"),
        (_("流程"), words.name(detail.procedure)),
    ]
    return [(label, value) for label, value in found if value]


def _table(title: str, heads: list[str], widths: list[float], rows: Iterable[list[str]], empty: str = "") -> dict[str, Any]:
    return {"kind": "table", "title": title, "heads": heads, "widths": widths, "rows": list(rows), "empty": empty or _("无")}


def _answers(detail: CaseDetail) -> dict[str, Any]:
    fields = {one.id: one for step in detail.procedure.steps for one in step.fields}
    rows = [[label, value] for label, value in cases_timeline.answers(detail.answers, fields)]
    return _table(_("登记内容"), [_("项目"), _("内容")], [1, 3], rows)


def _clocks(actor: Actor, detail: CaseDetail, now: datetime) -> dict[str, Any]:
    rows = []
    for view in detail.clocks:
        found = queries.clock_explanation(actor, detail.case.pk, view.id, now=now)
        why = cases_clocks.why(found, detail.book, actor, is_open=detail.case.is_open)
        reckoning = "\n".join(f"{line.span} {line.words}" for line in why.lines)
        level = str(_LEVELS[view.level])
        rows.append(
            [
                why.card.title,
                times.exact(view.due_at),
                level,
                f"{why.card.target} · {why.calendar} · {why.sums}\n{reckoning}",
                why.card.source,
            ]
        )
    heads = [pgettext("moment", "时限"), _("到期"), _("状态"), _("怎么算的"), _("出处")]
    return _table(_("时限与计算"), heads, [1.2, 1.2, 0.8, 3.4, 1.2], rows, _("没有时限。"))


def _record(actor: Actor, detail: CaseDetail) -> dict[str, Any]:
    entries = [
        {
            "title": f"{line.title}（{line.from_case}）" if line.from_case else line.title,
            "who": f"{times.exact(line.at)} · {line.who}",
            "text": line.text,
            "answers": list(line.answers),
            "clause": line.clause,
        }
        for line in cases_timeline.lines(detail.timeline, detail.book, detail.procedure, actor)
    ]
    return {"kind": "entries", "title": _("处理经过"), "entries": entries}


def _tasks(detail: CaseDetail) -> dict[str, Any]:
    rows = [
        [mask_text(task.title), task.site.name, task.get_state_display(), times.exact(task.due_at), mask_text(task.answer)]
        for task in detail.tasks
    ]
    return _table(_("协作任务"), [_("内容"), _("站点"), _("状态"), _("到期"), _("答复")], [2, 1, 0.8, 1.2, 2], rows)


def _files(detail: CaseDetail) -> dict[str, Any]:
    rows = [[one.name, str(one.size), one.added_by, times.exact(one.added_at), _broken(one.sha256)] for one in detail.attachments]
    heads = [_("文件名"), _("字节"), _("上传人"), _("上传时间"), "SHA-256"]
    return _table(_("附件清单"), heads, [1.6, 0.7, 0.9, 1.3, 2.2], rows, _("没有附件。"))


def _broken(digest: str) -> str:
    """The hash in parts that fit a narrow column."""
    return " ".join(digest[place : place + 16] for place in range(0, len(digest), 16))


def _findings(actor: Actor, detail: CaseDetail) -> list[dict[str, Any]]:
    if not (actor.may(Permission.QUALITY_VIEW) or actor.may(Permission.QUALITY_OWN)):
        return []
    found = quality.visible_findings(actor).filter(current=True, subject_kind="case", subject_id=detail.case.pk).order_by("pk")
    rows = [
        [
            inspection_words.title_of(one.item),
            inspection_words.said(one.item, one.code, one.detail),
            one.get_mode_display(),
            f"{one.points:g}",
            one.item,
        ]
        for one in found[:_MOST_FINDINGS]
    ]
    heads = [_("检查项"), _("发现"), _("判定"), _("扣分"), _("条款")]
    return [_table(_("质检发现"), heads, [1.3, 2.2, 0.8, 0.6, 1.8], rows, _("没有扣分项。"))]
