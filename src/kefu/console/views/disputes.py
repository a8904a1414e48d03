"""Disputes over inspection verdicts: the list, filing, one dispute with everything it rests on (QA7)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.stepping import one_step
from kefu.console.views import cases_words, conversations_card
from kefu.console.views import inspection_words as words
from kefu.console.views.inspection_filters import address
from kefu.conversations import queries as conversations
from kefu.disputes import actions, queries
from kefu.disputes.actions import Upload
from kefu.disputes.vocabulary import Overdue, StepKind
from kefu.kernel import moment
from kefu.kernel.errors import Invalid, KefuError, Message, NotFound
from kefu.kernel.files import SIZE_LIMIT
from kefu.lists.definition import whole
from kefu.lists.disputes import DISPUTES, OUTCOME_TONES, OUTCOMES, STATES, TONES
from kefu.people.errors import MissingPermission
from kefu.people.permissions import Permission

_Do = Callable[[ConsoleRequest, int, int | None, datetime], object]
_SEES = (Permission.DISPUTE_FILE, Permission.QUALITY_VIEW)
_KINDS, _WAYS = dict(StepKind.choices), dict(Overdue.choices)


@page("disputes", "disputes", permission=_SEES)
def disputes(request: ConsoleRequest) -> HttpResponse:
    """Disputes in reach; agents see their own."""
    head = Head(lead=_("对判为违规的评分项，本人在申诉期内可申诉一次；复核和终审由没有参与过评分的人办理。"))
    return listing.show(request, DISPUTES, head=head)


@page("disputes/<int:dispute_id>", "dispute", permission=_SEES)
def dispute(request: ConsoleRequest, dispute_id: int) -> HttpResponse:
    """One dispute."""
    return _show(request, dispute_id)


def verdict_words() -> dict[str, str]:
    """Verdicts as disputes name them."""
    return {"breached": pgettext("verdict", "违规"), "passed": pgettext("verdict", "合格"), "not_applicable": _("不适用"), "": "—"}


def _show(
    request: ConsoleRequest, dispute_id: int, *, errors: Mapping[str, str] | None = None, typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    actor, now = request.actor, moment.now()
    found = queries.detail(actor, dispute_id, now=now)
    row = found.dispute
    board = conversations_card.board(actor, found.card) if found.card else None
    notes = defaultdict(list)
    for note in board.notes if board else ():
        notes[note.item].append(note)
    base = f"{row.handbook}@{row.version_judged}#scorecards.{row.scorecard}.items."
    subject = (
        address("conversation", actor, conversation_id=row.subject_id) if row.subject_kind == "conversation"
        else address("case", actor, case_id=row.subject_id)
    )  # fmt: skip
    context: dict[str, Any] = {
        "it": found,
        "row": row,
        "state": (STATES[row.state], TONES[row.state]),
        "outcome": (OUTCOMES[row.outcome], OUTCOME_TONES[row.outcome]),
        "items": [
            (one, words.title_of(base + one.item_key), words.definition_of(base + one.item_key),
             words.clause_address(base + one.item_key, actor), notes[one.item_key])
            for one in found.items
        ],
        "lines": _lines(request, row, found),
        "subject": subject,
        "steps": [(one, _KINDS.get(one.kind, one.kind)) for one in found.steps],
        "clause": (cases_words.clause_title(row.clause), cases_words.clause_url(row.clause, actor)),
        "ways": (cases_words.clause_title(row.ways), cases_words.clause_url(row.ways, actor)) if row.ways else None,
        "way": _WAYS.get(row.overdue_final if row.state == "final" else row.overdue_review, ""),
        "late": row.state in ("review", "final") and row.due_at is not None and row.due_at <= now,
        "verdicts": verdict_words(),
        "errors": defaultdict(str, errors or {}),
        "typed": defaultdict(str, typed or {}),
        "machine": _("自动质检"),
    }  # fmt: skip
    return render(request, "disputes/dispute.jinja", context, status=status)


def _lines(request: ConsoleRequest, row: Any, found: queries.Detail) -> dict[int, str]:
    """The sentences findings point at, masked; none for who may not read the conversation."""
    if row.subject_kind != "conversation" or not found.card or not request.actor.may(Permission.CONVERSATION_VIEW):
        return {}
    wanted = {one.line for one in found.card.findings if one.line is not None}
    try:
        detail = conversations.detail(request.actor, row.subject_id)
    except NotFound:
        return {}
    return {line.index: line.text[:500] for line in detail.lines if line.index in wanted}


def _uploads(request: ConsoleRequest) -> list[Upload]:
    return [Upload(file.name or "", file.read(SIZE_LIMIT + 1)) for file in request.FILES.getlist("files")[:20]]


def _text(request: ConsoleRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "")[:2200]


@page("disputes/new/<int:inspection_id>", "dispute-new", permission=Permission.DISPUTE_FILE, methods=("GET", "POST"))
def dispute_new(request: ConsoleRequest, inspection_id: int) -> HttpResponse:
    """File one: which items, why, with the window explained."""
    if request.method != "POST":
        return _form(request, inspection_id, chosen=tuple(request.GET.getlist("item")[:50]))
    chosen = tuple(request.POST.getlist("items")[:50])
    try:
        made = actions.file(
            actor=request.actor, inspection_id=inspection_id, items=chosen, reason=_text(request, "reason"), now=moment.now(),
            uploads=_uploads(request),
        )  # fmt: skip
    except Invalid as error:
        fields = {name: str(text) for name, text in error.fields.items()} or {"": str(error)}
        return _form(request, inspection_id, chosen=chosen, reason=_text(request, "reason"), errors=fields, status=422)
    except (NotFound, MissingPermission):
        raise
    except KefuError as error:
        return _form(request, inspection_id, chosen=chosen, reason=_text(request, "reason"), errors={"": str(error)}, status=error.status)
    messages.success(request, _("申诉已提出。复核由没有参与过评分的人办理，期限和进展都在这里。"))
    return redirect(request, reverse("console:dispute", kwargs={"dispute_id": made.pk}))


def _form(
    request: ConsoleRequest, inspection_id: int, *, chosen: tuple[str, ...] = (), reason: str = "",
    errors: Mapping[str, str] | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    found = queries.disputable(request.actor, inspection_id, now=moment.now())
    context = {
        "it": found,
        "items": [
            (one, words.either(one.title, one.title_en), words.clause_address(one.ref, request.actor), one.key in found.taken)
            for one in found.items
        ],
        "chosen": chosen,
        "reason": reason,
        "errors": defaultdict(str, errors or {}),
        "clause": (cases_words.clause_title(found.terms.clause), cases_words.clause_url(found.terms.clause, request.actor)),
        "final_days": found.terms.final_days,
    }
    return render(request, "disputes/new.jinja", context, status=status)


def _decide(request: ConsoleRequest, dispute_id: int, version: int | None, now: datetime) -> object:
    verdicts = {name[5:65]: request.POST[name][:20] for name in list(request.POST)[:200] if name.startswith("item-")}
    return actions.decide(
        actor=request.actor, dispute_id=dispute_id, verdicts=verdicts, comment=_text(request, "comment"), now=now, expected_version=version
    )


def _comment(request: ConsoleRequest, dispute_id: int, version: int | None, now: datetime) -> object:
    return actions.comment(actor=request.actor, dispute_id=dispute_id, text=_text(request, "comment"), now=now, expected_version=version)


def _ask_final(request: ConsoleRequest, dispute_id: int, version: int | None, now: datetime) -> object:
    return actions.ask_final(actor=request.actor, dispute_id=dispute_id, reason=_text(request, "reason"), now=now, expected_version=version)


def _withdraw(request: ConsoleRequest, dispute_id: int, version: int | None, now: datetime) -> object:
    return actions.withdraw(actor=request.actor, dispute_id=dispute_id, now=now, expected_version=version)


def _files(request: ConsoleRequest, dispute_id: int, _version: int | None, now: datetime) -> object:
    return actions.add_files(actor=request.actor, dispute_id=dispute_id, uploads=_uploads(request), now=now)


_STEPS: Mapping[str, tuple[_Do, Message]] = {
    "decide": (_decide, gettext_lazy("结论已保存，得分和各处统计已随之更新。")),
    "comment": (_comment, gettext_lazy("意见已写入。")),
    "final": (_ask_final, gettext_lazy("已申请终审，由另一个人办理。")),
    "withdraw": (_withdraw, gettext_lazy("申诉已撤回。")),
    "files": (_files, gettext_lazy("附件已补充。")),
}


@page("disputes/<int:dispute_id>/<str:step>", "dispute-step", permission=_SEES, methods=("POST",))
def dispute_step(request: ConsoleRequest, dispute_id: int, step: str) -> HttpResponse:
    """One step; each asks its own permission. A refusal shows the page again with what was typed."""
    if step not in _STEPS:
        raise NotFound
    do, said = _STEPS[step]
    version, now = whole(request.POST.get("version", "")), moment.now()

    def again(error: Invalid) -> HttpResponse | None:
        fields = {f"{step}-{name}": str(text) for name, text in error.fields.items()}
        typed = {f"{step}-{name}": _text(request, name) for name in ("comment", "reason")}
        typed |= {name: request.POST[name][:20] for name in list(request.POST)[:200] if name.startswith("item-")}
        return _show(request, dispute_id, errors=fields, typed=typed, status=422) if fields else None

    stale = _("这件申诉刚有人处理过，已显示最新情况，请确认后再操作。")
    back = reverse("console:dispute", kwargs={"dispute_id": dispute_id})
    return one_step(request, lambda: do(request, dispute_id, version, now), said=said, stale=stale, back=back, again=again)


@page("disputes/<int:dispute_id>/files/<int:file_id>", "dispute-file", permission=_SEES)
def dispute_file(request: ConsoleRequest, dispute_id: int, file_id: int) -> HttpResponse:
    """A file, always as a download; the look is recorded."""
    found = actions.read_file(actor=request.actor, dispute_id=dispute_id, file_id=file_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response
