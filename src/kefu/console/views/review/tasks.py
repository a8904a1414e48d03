"""The queue of conversations to be scored, and what is done with a task without scoring it (QA6)."""

from collections.abc import Callable, Mapping
from datetime import datetime

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console import listing
from kefu.console.listing import Bulk, BulkAction, Head
from kefu.console.rendering import redirect
from kefu.console.routes import ConsoleRequest, page
from kefu.console.stepping import one_step
from kefu.console.views.review import tabs
from kefu.kernel import moment
from kefu.kernel.errors import KefuError, Message, NotFound
from kefu.lists.definition import whole
from kefu.lists.review import REVIEWS
from kefu.people.permissions import Permission
from kefu.review import actions

_Do = Callable[[ConsoleRequest, int, int | None, datetime], object]
_WORKS = (Permission.REVIEW_WORK, Permission.REVIEW_PLAN)


@page("review", "review", permission=_WORKS)
def review(request: ConsoleRequest) -> HttpResponse:
    """Tasks of the sites in reach."""
    head = Head(lead=_("自动质检覆盖全部会话；抽中的会话由人再评一遍，两个得分都保留。"))
    bulk = Bulk("review-take", [BulkAction("take", _("领取"), "accept", "primary")]) if request.actor.may(Permission.REVIEW_WORK) else None
    return listing.show(request, REVIEWS, head=head, tabs=tabs(request, "review"), bulk=bulk)


@page("review/take", "review-take", permission=Permission.REVIEW_WORK, methods=("POST",))
def review_take(request: ConsoleRequest) -> HttpResponse:
    """Take ticked tasks; those somebody was quicker with are counted."""
    chosen, taken, missed = listing.chosen(request, REVIEWS), 0, 0
    for key in chosen.keys(REVIEWS, moment.now()):
        try:
            actions.take(actor=request.actor, task_id=whole(key) or 0, now=moment.now())
        except KefuError:
            missed += 1
        else:
            taken += 1
    if taken:
        messages.success(request, _("已领取 %(count)s 条。") % {"count": taken})
    if missed:
        messages.warning(request, _("%(count)s 条没有领到：已被领取、已评分，或是自己班组的。") % {"count": missed})
    return redirect(request, chosen.back(REVIEWS))


def _take(request: ConsoleRequest, task_id: int, version: int | None, now: datetime) -> object:
    return actions.take(actor=request.actor, task_id=task_id, now=now, expected_version=version)


def _release(request: ConsoleRequest, task_id: int, version: int | None, now: datetime) -> object:
    return actions.release(actor=request.actor, task_id=task_id, now=now, expected_version=version)


def _reassign(request: ConsoleRequest, task_id: int, version: int | None, now: datetime) -> object:
    chosen = whole(request.POST.get("inspector", "")) or 0
    return actions.reassign(actor=request.actor, task_id=task_id, inspector_id=chosen, now=now, expected_version=version)


def _drop(request: ConsoleRequest, task_id: int, version: int | None, now: datetime) -> object:
    reason = request.POST.get("reason", "").replace("\0", "")[:400]
    return actions.drop(actor=request.actor, task_id=task_id, reason=reason, now=now, expected_version=version)


_STEPS: Mapping[str, tuple[_Do, Message]] = {
    "take": (_take, gettext_lazy("已领取。")),
    "release": (_release, gettext_lazy("已放回，其他质检员可以领取。")),
    "reassign": (_reassign, gettext_lazy("已改派。")),
    "drop": (_drop, gettext_lazy("这条任务不再检查。")),
}


@page("review/tasks/<int:task_id>/<str:step>", "review-task-step", permission=_WORKS, methods=("POST",))
def review_task_step(request: ConsoleRequest, task_id: int, step: str) -> HttpResponse:
    """Take it, give it back, hand it on, drop it; or keep or submit what is marked."""
    from kefu.console.views.review import sheet

    if step in ("save", "submit"):
        return sheet.given(request, task_id, submit=step == "submit")
    if step not in _STEPS:
        raise NotFound
    do, said = _STEPS[step]
    version = whole(request.POST.get("version", ""))
    stale = _("这条任务刚有人动过，已显示最新情况，请确认后再操作。")
    back = reverse("console:review-task", kwargs={"task_id": task_id})

    def again(error: KefuError) -> HttpResponse | None:
        fields = getattr(error, "fields", {})
        return sheet.show(request, task_id, errors={name: str(text) for name, text in fields.items()}, status=422) if fields else None

    return one_step(request, lambda: do(request, task_id, version, moment.now()), said=said, stale=stale, back=back, again=again)


@page("conversations/<int:conversation_id>/review", "conversation-review", permission=Permission.REVIEW_WORK, methods=("POST",))
def conversation_review(request: ConsoleRequest, conversation_id: int) -> HttpResponse:
    """Choose a conversation for a spot check by oneself."""
    try:
        task = actions.start_spot_check(actor=request.actor, conversation_id=conversation_id, now=moment.now())
    except NotFound:
        raise
    except KefuError as error:
        messages.error(request, str(error))
        return redirect(request, reverse("console:conversation", kwargs={"conversation_id": conversation_id}))
    return redirect(request, reverse("console:review-task", kwargs={"task_id": task.pk}))
