"""The scoring page: the conversation with its findings on one side, the card with both verdicts on the other (QA6)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page, wants_json
from kefu.console.views import conversations_card, conversations_talk
from kefu.console.views import inspection_words as words
from kefu.conversations import queries as conversations
from kefu.kernel import moment
from kefu.kernel.errors import Invalid, KefuError, NotFound, Stale
from kefu.lists.definition import whole
from kefu.lists.review import STATES, TONES, why_of
from kefu.people.errors import MissingPermission
from kefu.people.permissions import Permission
from kefu.quality import wording
from kefu.review import actions, queries
from kefu.review.queries import Sheet, SheetItem
from kefu.review.scoring import VERDICTS, Verdict

_WORKS = (Permission.REVIEW_WORK, Permission.REVIEW_PLAN)


@dataclass(frozen=True, slots=True)
class Row:
    """An item of the card as the page draws it."""

    one: SheetItem
    key: str
    title: str
    definition: str
    group: str
    price: str
    clause: str
    automatic: str
    tone: str
    why: str
    notes: tuple[Any, ...]
    differs: bool


def verdict_choices() -> list[tuple[str, str, str]]:
    """Verdicts with their words and keys."""
    return [
        ("breached", pgettext("verdict", "违规"), "1"),
        ("passed", pgettext("verdict", "合格"), "2"),
        ("not_applicable", _("不适用"), "3"),
    ]


@page("review/tasks/<int:task_id>", "review-task", permission=_WORKS)
def review_task(request: ConsoleRequest, task_id: int) -> HttpResponse:
    """One task: to be marked by who has it in hand, to be read by others."""
    return show(request, task_id)


def show(
    request: ConsoleRequest, task_id: int, *, errors: Mapping[str, str] | None = None, typed: Mapping[str, Verdict] | None = None,
    comment: str | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page, after a refusal with what was typed."""
    actor, now = request.actor, moment.now()
    found = queries.sheet(actor, task_id)
    task = found.task
    if found.mine:
        actions.note_opened(actor=actor, row=task, now=now)
    detail = conversations.detail(actor, task.conversation_id)
    board = conversations_card.board(actor, found.card) if found.card else None
    lines = detail.lines[:2000]
    spans = conversations_card.spans(found.card, lines, task.conversation_id, masked=True)
    started = timezone.localtime(detail.conversation.started_at)
    context: dict[str, Any] = {
        "task": task,
        "sheet": found,
        "state": (STATES[task.state], TONES[task.state]),
        "whys": [why_of(one) for one in task.why],
        "late": task.state in ("waiting", "assigned") and task.due_at <= now,
        "conversation": detail.conversation,
        "customer": detail.customer,
        "talk": conversations_talk.rows(lines, started, detail.conversation.channel, spans, conversations_card.waits(found.card, lines)),
        "board": board,
        "rows": _rows(found, board, typed or {}),
        "verdicts": verdict_choices(),
        "errors": defaultdict(str, errors or {}),
        "comment": task.comment if comment is None else comment,
        "inspectors": queries.able_inspectors(task.site_id) if actor.may(Permission.REVIEW_PLAN) else [],
        "following": queries.next_of(actor, after=task.pk),
    }
    return render(request, "review/task.jinja", context, status=status)


def _rows(found: Sheet, board: Any, typed: Mapping[str, Verdict]) -> list[Row]:
    if found.card is None or board is None:
        return []
    drawn = {item.item.key: item for section in board.sections for item in section.items}
    out = []
    for one in found.items:
        shown = drawn[one.item.key]
        given = typed.get(one.item.key)
        held = one if given is None else SheetItem(one.item, one.automatic, given.verdict, given.reason, given.line, one.settled)
        out.append(
            Row(
                held, one.item.key, shown.title, shown.definition, shown.group, shown.penalty, shown.clause,
                str(words.STATES.get(one.automatic, one.automatic)), words.STATE_TONES.get(one.automatic, "quiet"),
                wording.why(one.item.why) if one.item.why else "", shown.notes,
                held.verdict in VERDICTS and held.verdict != one.automatic,
            )
        )  # fmt: skip
    return out


def _typed(request: ConsoleRequest) -> tuple[dict[str, Verdict], str]:
    given = request.POST
    found = {}
    for name in list(given)[:800]:
        if name.startswith(("verdict-", "reason-")):
            key = name.partition("-")[2]
            line = whole(given.get(f"line-{key}", ""))
            reason = given.get(f"reason-{key}", "").replace("\0", "")[:600]
            found[key] = Verdict(given.get(f"verdict-{key}", "")[:20], reason, line - 1 if line else None)
    return found, given.get("comment", "").replace("\0", "")[:2200]


def given(request: ConsoleRequest, task_id: int, *, submit: bool) -> HttpResponse:
    """Keep the draft, or score and go to the next one. A refusal shows the page with everything that was typed."""
    typed, comment = _typed(request)
    call: dict[str, Any] = {
        "actor": request.actor, "task_id": task_id, "verdicts": typed, "comment": comment, "now": moment.now(),
        "expected_version": whole(request.POST.get("version", "")),
    }  # fmt: skip
    json = wants_json(request)
    here = reverse("console:review-task", kwargs={"task_id": task_id})
    try:
        if submit:
            actions.submit(**call, inspection_id=whole(request.POST.get("inspection", "")) or 0)
        else:
            row = actions.save_draft(**call)
            if json:
                return JsonResponse({"version": row.version})
    except (NotFound, MissingPermission):
        raise
    except Stale as error:
        if json:
            return JsonResponse({"code": error.reason}, status=error.status)
        stale = {"": _("这条任务或会话的质检刚有变动，已显示最新情况；您填写的内容还在，请核对后再提交。")}
        return show(request, task_id, errors=stale, typed=typed, comment=comment, status=409)
    except Invalid as error:
        return show(
            request, task_id, errors={name: str(text) for name, text in error.fields.items()}, typed=typed, comment=comment, status=422
        )
    except KefuError as error:
        messages.error(request, str(error))
        return redirect(request, here)
    if not submit:
        messages.success(request, _("草稿已保存。"))
        return redirect(request, here)
    following = queries.next_of(request.actor, after=task_id)
    if following is None:
        messages.success(request, _("评分已提交。手上的任务都评完了。"))
        return redirect(request, f"{reverse('console:review')}?free=1")
    messages.success(request, _("评分已提交，这是下一条。"))
    return redirect(request, reverse("console:review-task", kwargs={"task_id": following}))
