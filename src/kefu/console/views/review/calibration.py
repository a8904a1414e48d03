"""Calibration: sessions, one's own blind sheet, the marks side by side, what was agreed; how exact each inspector is (QA7)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.calibration import actions, queries
from kefu.calibration.actions import Said
from kefu.calibration.agreement import reading
from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.stepping import one_step
from kefu.console.views import conversations_talk
from kefu.console.views import inspection_words as words
from kefu.console.views.disputes import verdict_words
from kefu.console.views.inspection_filters import address, period
from kefu.console.views.review import tabs
from kefu.console.views.review.sheet import verdict_choices
from kefu.conversations import queries as conversations
from kefu.disputes import queries as disputes
from kefu.handbook import queries as handbooks
from kefu.kernel import moment
from kefu.kernel.errors import Invalid, KefuError, Message, NotFound
from kefu.lists.calibration import CALIBRATIONS, READING_TONES, STATES, TONES, said
from kefu.lists.definition import whole
from kefu.people import queries as people
from kefu.people.errors import MissingPermission
from kefu.people.permissions import Permission

_SEES = (Permission.REVIEW_WORK, Permission.CALIBRATION_LEAD)
_Do = Callable[[ConsoleRequest, int, int | None, datetime], object]


@page("review/calibration", "calibrations", permission=_SEES)
def calibrations(request: ConsoleRequest) -> HttpResponse:
    """Sessions in reach."""
    head = Head(lead=_("几名质检员各自评同样的会话，公布前互相看不到；意见不同的逐条讨论，写明一致的结论，必要时修改手册文字。"))
    return listing.show(request, CALIBRATIONS, template="review/calibrations.jinja", head=head, tabs=tabs(request, "calibrations"))


@page("review/calibration/new", "calibration-new", permission=Permission.CALIBRATION_LEAD, methods=("GET", "POST"))
def calibration_new(request: ConsoleRequest) -> HttpResponse:
    """Open one: which conversations, which inspectors, until when."""
    values: dict[str, Any] = {"title": "", "conversations": request.GET.get("conversations", "")[:400], "days": "3", "members": []}
    if request.method != "POST":
        return _form(request, values)
    post = request.POST
    values = {name: post.get(name, "").replace("\0", "")[:400] for name in ("title", "conversations", "days")}
    values["members"] = post.getlist("members")[:50]
    ids = [whole(part.lstrip("#")) or 0 for part in values["conversations"].replace("，", " ").replace(",", " ").split()[:50]]
    try:
        made = actions.open_session(
            actor=request.actor, title=values["title"], conversation_ids=ids, days=whole(values["days"]) or 0, now=moment.now(),
            staff_ids=[whole(one) or 0 for one in values["members"]],
        )  # fmt: skip
    except Invalid as error:
        return _form(request, values, {name: str(text) for name, text in error.fields.items()}, status=422)
    messages.success(request, _("校准已发起，参加的质检员可以开始评分。"))
    return redirect(request, reverse("console:calibration", kwargs={"session_id": made.pk}))


def _form(request: ConsoleRequest, values: Mapping[str, Any], errors: Mapping[str, str] | None = None, status: int = 200) -> HttpResponse:
    members = [(str(one.pk), f"{one.name} {one.staff_no}") for one in actions.able(request.actor)]
    context = {"values": values, "errors": defaultdict(str, errors or {}), "members": members}
    return render(request, "review/calibration_new.jinja", context, status=status)


@page("review/calibration/<int:session_id>", "calibration", permission=_SEES)
def calibration(request: ConsoleRequest, session_id: int) -> HttpResponse:
    """One session: while people mark who is done, afterwards everything."""
    return _show(request, session_id)


def _show(request: ConsoleRequest, session_id: int, *, errors: Mapping[str, str] | None = None, status: int = 200) -> HttpResponse:
    found = queries.detail(request.actor, session_id)
    row = found.session
    context: dict[str, Any] = {
        "it": found,
        "row": row,
        "state": (STATES[row.state], TONES[row.state]),
        "reading": (said(row.alpha), READING_TONES[reading(row.alpha)]),
        "said": said,
        "items": [
            (one, words.title_of(one.clause), words.clause_address(one.clause, request.actor), READING_TONES[reading(one.alpha)])
            for one in found.items
        ],
        "differences": [
            (one, words.title_of(one.clause), address("conversation", request.actor, conversation_id=one.talk.conversation_id))
            for one in found.differences
            if one.unlike
        ],
        "drafted_from": _drafted_from(request, row, found),
        "same": sum(not one.unlike for one in found.differences),
        "verdicts": verdict_words(),
        "choices": [(value, title) for value, title, _key in verdict_choices()],
        "errors": defaultdict(str, errors or {}),
        "late": row.state == "open" and row.due_at <= moment.now(),
    }  # fmt: skip
    return render(request, "review/calibration.jinja", context, status=status)


def _drafted_from(request: ConsoleRequest, row: Any, found: queries.Detail) -> int | None:
    """The handbook in force whose words a draft would change, for who may edit it."""
    if not request.actor.may(Permission.HANDBOOK_EDIT) or row.state == "open" or not found.talks:
        return None
    known = handbooks.versions(request.actor, found.talks[0].handbook, now=moment.now())
    return next((one.id for one in known if one.status == "in_force"), None)


@page(
    "review/calibration/<int:session_id>/talks/<int:talk_id>",
    "calibration-sheet",
    permission=Permission.REVIEW_WORK,
    methods=("GET", "POST"),
)
def calibration_sheet(request: ConsoleRequest, session_id: int, talk_id: int) -> HttpResponse:
    """One's own marks of one conversation. The machine's findings are not shown: they would lead the hand."""
    if request.method != "POST":
        return _sheet(request, session_id, talk_id)
    given = {
        name[8:68]: Said(request.POST[name][:20], request.POST.get(f"reason-{name[8:]}", "").replace("\0", "")[:600])
        for name in list(request.POST)[:400]
        if name.startswith("verdict-")
    }
    try:
        actions.mark(actor=request.actor, session_id=session_id, talk_id=talk_id, said=given, now=moment.now())
    except Invalid as error:
        return _sheet(request, session_id, talk_id, str(next(iter(error.fields.values()), error)), status=422)
    except (NotFound, MissingPermission):
        raise
    except KefuError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("已保存，公布之前可以改。"))
    return redirect(request, reverse("console:calibration", kwargs={"session_id": session_id}))


def _sheet(request: ConsoleRequest, session_id: int, talk_id: int, error: str = "", status: int = 200) -> HttpResponse:
    row, talk, items, mine = queries.own_sheet(request.actor, session_id, talk_id)
    detail = conversations.detail(request.actor, talk.conversation_id)
    base = f"{talk.handbook}@{talk.version_judged}#scorecards.{talk.scorecard}.items."
    context = {
        "row": row,
        "talk_row": talk,
        "conversation": detail.conversation,
        "customer": detail.customer,
        "talk": conversations_talk.rows(detail.lines[:2000], detail.conversation.started_at, detail.conversation.channel, {}),
        "items": [
            (
                key,
                words.title_of(base + key),
                words.definition_of(base + key),
                words.clause_address(base + key, request.actor),
                mine.get(key),
            )
            for key in items
        ],
        "verdicts": verdict_choices(),
        "error": error,
        "open": row.state == "open",
    }
    return render(request, "review/calibration_sheet.jinja", context, status=status)


def _hand_in(request: ConsoleRequest, session_id: int, _version: int | None, now: datetime) -> None:
    actions.hand_in(actor=request.actor, session_id=session_id, now=now)


def _reveal(request: ConsoleRequest, session_id: int, version: int | None, now: datetime) -> object:
    return actions.reveal(actor=request.actor, session_id=session_id, now=now, expected_version=version)


def _close(request: ConsoleRequest, session_id: int, version: int | None, now: datetime) -> object:
    return actions.close(actor=request.actor, session_id=session_id, now=now, expected_version=version)


def _agree(request: ConsoleRequest, session_id: int, _version: int | None, now: datetime) -> object:
    post = request.POST
    return actions.agree(
        actor=request.actor, session_id=session_id, talk_id=whole(post.get("talk", "")) or 0, item_key=post.get("item", "")[:60],
        verdict=post.get("verdict", "")[:20], note=post.get("note", "").replace("\0", "")[:2200], now=now,
    )  # fmt: skip


_STEPS: Mapping[str, tuple[_Do, Message]] = {
    "hand-in": (_hand_in, gettext_lazy("评分已提交，公布后可以看到大家的评分。")),
    "reveal": (_reveal, gettext_lazy("评分已公布，可以开始讨论。")),
    "agree": (_agree, gettext_lazy("一致的结论已写下。")),
    "close": (_close, gettext_lazy("校准已结束，计入质检员准确度。")),
}


@page("review/calibration/<int:session_id>/<str:step>", "calibration-step", permission=_SEES, methods=("POST",))
def calibration_step(request: ConsoleRequest, session_id: int, step: str) -> HttpResponse:
    """Hand in, show the marks, write what was agreed, close."""
    if step not in _STEPS:
        raise NotFound
    do, done = _STEPS[step]
    version, now = whole(request.POST.get("version", "")), moment.now()
    place = f"{request.POST.get('talk', '')}-{request.POST.get('item', '')}"

    def again(error: Invalid) -> HttpResponse | None:
        words_of = {f"{place}-{name}": str(text) for name, text in error.fields.items()}
        return _show(request, session_id, errors=words_of, status=422) if words_of else None

    stale = _("这次校准刚有人办理过，已显示最新情况，请确认后再操作。")
    back = reverse("console:calibration", kwargs={"session_id": session_id})
    return one_step(request, lambda: do(request, session_id, version, now), said=done, stale=stale, back=back, again=again)


@page("review/graders", "graders", permission=Permission.CALIBRATION_LEAD)
def graders(request: ConsoleRequest) -> HttpResponse:
    """Each inspector against agreed marks and against what disputes overturned."""
    found = period(request, days=90)
    off = {one.staff_id: one for one in queries.deviations(request.actor, since=found.since, until=found.until)}
    turned = disputes.overturned(request.actor, since=found.since, until=found.until)
    names = people.staff_names(set(off) | {pk for pk in turned if pk})
    rows = [(pk, name, off.get(pk), turned.get(pk)) for pk, name in sorted(names.items(), key=lambda one: one[1])]
    context = {"tabs": tabs(request, "graders"), "period": found, "rows": rows, "machine": turned.get(0)}
    return render(request, "review/graders.jinja", context)
