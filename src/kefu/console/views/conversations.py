"""Conversations: the list, and one with its findings beside the lines (CONV1, QA5)."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.cases import queries as cases
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import conversations_card, conversations_list, conversations_talk, recordings_player
from kefu.console.views import inspection_words as words
from kefu.console.views.inspection_filters import address, text
from kefu.conversations import actions, queries
from kefu.conversations.errors import ReasonTooShort
from kefu.conversations.lines import Line
from kefu.conversations.queries import Detail
from kefu.kernel.actor import Actor
from kefu.people.permissions import Permission
from kefu.quality import actions as quality_actions
from kefu.quality import queries as quality
from kefu.recordings import wording as recording_words

MOST_LINES = 2000


@page("conversations", "conversations", permission=Permission.CONVERSATION_VIEW)
def conversations(request: ConsoleRequest) -> HttpResponse:
    """The list; its whole state is in the address."""
    actor = request.actor
    wanted = conversations_list.asked(request, actor)
    found, count = conversations_list.page(actor, wanted, request.GET.get("cursor") or None)
    context = {
        "asked": wanted,
        "rows": conversations_list.rows(actor, found.rows),
        "paging": found,
        "count": count,
        "may_import": address("imports", actor),
        "own_only": actor.own_only,
    }
    return render(request, "conversations/list.jinja", context, part="list")


def _context(
    actor: Actor, detail: Detail, lines: Sequence[Line], *, masked: bool, item: str = "", whole: int | None = None
) -> dict[str, Any]:
    row = detail.conversation
    card = quality.findings_of(actor, row.pk)
    chosen = conversations_card.chosen_of(card, item)
    board = conversations_card.board(actor, card, chosen) if card is not None else None
    shown = lines[:MOST_LINES]
    player = recordings_player.player(actor, row.pk) if row.channel == "call" else None
    marked = conversations_card.narrowed(card, chosen) if card is not None else None
    spans = conversations_card.spans(marked, shown, row.pk, masked=masked)
    return {
        "conversation": row,
        "customer": detail.customer,
        "customer_address": address("customer", actor, customer_id=row.customer_id) if row.customer_id else "",
        "waybill_address": address("parcel", actor, waybill=row.waybill) if row.waybill else "",
        "channel": str(words.CHANNELS.get(row.channel, row.channel)),
        "channel_icon": words.CHANNEL_ICONS.get(row.channel, "chat"),
        "seconds": conversations_list.seconds_of(row),
        "talk": conversations_talk.rows(
            shown, timezone.localtime(row.started_at), row.channel, spans, conversations_card.waits(card, shown), whole
        ),
        "left_out": max(0, len(lines) - MOST_LINES),
        "board": board,
        "own_id": actor.staff_id,
        "here": reverse("console:conversation", kwargs={"conversation_id": row.pk}),
        "masked": masked,
        "hidden": masked and any("*" in line.text for line in shown),
        "cases": [(one, address("case", actor, case_id=one.pk)) for one in _cases(actor, row.pk)],
        "case_new": address("case-new", actor, _prefilled(row)),
        "reason": "",
        "reason_error": None,
        "scorecard_address": _scorecard(actor, row),
        "player": player,
        "purposes": {key: str(title) for key, title in recording_words.PURPOSES.items()},
        "upload_recording": row.channel == "call" and actor.may(Permission.RECORDING_MANAGE) and (player is None or bool(player.removed)),
    }


def _cases(actor: Actor, conversation_id: int) -> Sequence[Any]:
    return cases.of_conversation(actor, conversation_id) if actor.may(Permission.CASE_VIEW) else ()


def _prefilled(row: Any) -> dict[str, str]:
    return {"conversation": str(row.pk), "site": str(row.site_id), "channel": row.channel, "waybill": row.waybill}


def _scorecard(actor: Actor, row: Any) -> str:
    if row.staff_id is None:
        return ""
    if row.staff_id == actor.staff_id:
        return address("scorecard-own", actor)
    return address("scorecard", actor, staff_id=row.staff_id)


def _line(request: ConsoleRequest) -> int | None:
    """The line asked for as a whole, counted as people count."""
    number = request.GET.get("line", "")
    return int(number) - 1 if number.isdecimal() and len(number) < 9 else None


@page("conversations/<int:conversation_id>", "conversation", permission=Permission.CONVERSATION_VIEW)
def conversation(request: ConsoleRequest, conversation_id: int) -> HttpResponse:
    """One conversation, people's numbers masked."""
    detail = queries.detail(request.actor, conversation_id)
    # A page that follows others takes everything that findings can change.
    part = "whole" if "X-Kefu-Live" in request.headers else "talk"
    return render(
        request,
        "conversations/page.jinja",
        _context(request.actor, detail, detail.lines, masked=True, item=text(request.GET.get("item")), whole=_line(request)),
        part=part,
    )


@page(
    "conversations/<int:conversation_id>/clear",
    "conversation-clear",
    permission=Permission.PERSONAL_UNMASK,
    methods=("POST",),
)
def conversation_clear(request: ConsoleRequest, conversation_id: int) -> HttpResponse:
    """The same with nothing hidden, for a reason that is written down (SEC1). Never kept by the browser."""
    detail = queries.detail(request.actor, conversation_id)
    reason = text(request.POST.get("reason"))
    try:
        lines = actions.read_unmasked(actor=request.actor, conversation_id=conversation_id, reason=reason, now=timezone.now())
    except ReasonTooShort as error:
        context = _context(request.actor, detail, detail.lines, masked=True) | {"reason": reason, "reason_error": str(error)}
        return render(request, "conversations/page.jinja", context, status=error.status)
    response = render(request, "conversations/page.jinja", _context(request.actor, detail, lines, masked=False))
    response["Cache-Control"] = "no-store"
    return response


@page("conversations/<int:conversation_id>/inspect", "conversation-inspect", permission=Permission.QUALITY_INSPECT, methods=("POST",))
def conversation_inspect(request: ConsoleRequest, conversation_id: int) -> HttpResponse:
    """Inspect it now, or once more under the handbook that was in force at its time."""
    queries.detail(request.actor, conversation_id)
    done = quality_actions.inspect(actor=request.actor, conversation_ids=[conversation_id], now=timezone.now(), again=True)
    if done.inspected:
        messages.success(request, _("质检完成，共 %(count)s 处发现。") % {"count": done.findings})
    else:
        messages.warning(request, _("没有适用的评分表：请确认站点的手册在会话当天有效，并且评分表包含这个渠道。"))
    return redirect(request, reverse("console:conversation", kwargs={"conversation_id": conversation_id}))
