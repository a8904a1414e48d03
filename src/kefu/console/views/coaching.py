"""Coaching on the console: a person's own page, notes, the library of good passages."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.coaching import actions, queries
from kefu.coaching.access import READERS
from kefu.coaching.actions import NewClip, NewNote
from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.stepping import one_step
from kefu.console.views import inspection_words as words
from kefu.console.views.inspection import tabs
from kefu.console.views.inspection_filters import Period, address, day, period, text, whole
from kefu.console.views.scorecards import findings_of
from kefu.kernel import moment
from kefu.kernel.errors import Conflict, Denied, Invalid, KefuError, NotFound
from kefu.lists.coaching import CLIP_STATES, CLIP_TONES, CLIPS, NOTE_STATES, NOTE_TONES, NOTES
from kefu.penalties import queries as ledger
from kefu.penalties import statements
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.quality import acknowledging, standing
from kefu.quality import queries as quality

_TREND_WEEKS = 6


@page("coaching/me", "coaching-own", permission=Permission.QUALITY_OWN)
def own(request: ConsoleRequest) -> HttpResponse:
    """One's own page."""
    if request.actor.staff_id is None:
        raise NotFound
    return _person(request, request.actor.staff_id)


@page("coaching/staff/<int:staff_id>", "coaching-person", permission=READERS)
def person(request: ConsoleRequest, staff_id: int) -> HttpResponse:
    """The page of somebody of the team."""
    return _person(request, staff_id)


def _person(request: ConsoleRequest, staff_id: int) -> HttpResponse:
    """Findings with their sentences, the trend, the percentile, this month's penalties, notes: all of one person and nobody else."""
    actor = request.actor
    if not queries.may_open(actor, staff_id):
        raise NotFound
    staff, span = people.get_staff(actor, staff_id), period(request, days=30)
    today = timezone.localdate(moment.now())
    month = today.replace(day=1)
    card = quality.scorecard_of(actor, staff_id, since=today - timedelta(weeks=_TREND_WEEKS), until=today)
    found = queries.findings(actor, staff_id, since=span.since, until=span.until)
    seen = ledger.waiting(actor, staff_id=staff_id) if actor.may(Permission.PENALTY_VIEW) else ledger.waiting(actor)
    context = {
        "own": staff_id == actor.staff_id,
        "staff": staff,
        "span": span,
        "tabs": tabs(actor, "coaching"),
        "standing": standing.standing_of(actor, staff_id, since=span.since, until=span.until),
        "findings": [_learnt(request, one) for one in found],
        "all_findings": findings_of(actor, staff_id, span),
        "trend": [_trend(request, staff_id, span, one) for one in card.items if one.total.breached],
        "sums": statements.sums(actor, month=month, staff_id=staff_id) if _sees_penalties(request, staff_id) else None,
        "lines": address("penalties", actor, {"month": f"{month:%Y-%m}", "staff": str(staff_id)}),
        "waiting": seen if _sees_penalties(request, staff_id) else None,
        "notes": queries.notes_page(actor, queries.NotesWanted(staff_id=staff_id), today=today, size=5).rows,
        "note_states": NOTE_STATES,
        "note_tones": NOTE_TONES,
        "may_write": actor.may(Permission.COACHING_WRITE) and staff_id != actor.staff_id,
        "card": address("scorecard-own", actor) if staff_id == actor.staff_id else address("scorecard", actor, staff_id=staff_id),
    }  # fmt: skip
    return render(request, "coaching/person.jinja", context)


def _sees_penalties(request: ConsoleRequest, staff_id: int) -> bool:
    return staff_id == request.actor.staff_id or request.actor.may(Permission.PENALTY_VIEW)


def _trend(request: ConsoleRequest, staff_id: int, span: Period, one: quality.ItemFigures) -> tuple[str, Any, int, str]:
    to = findings_of(request.actor, staff_id, span, item=one.key, mode="auto")
    return words.either(one.title, one.title_en), _bars(one), one.total.breached, to


def _bars(item: quality.ItemFigures) -> tuple[tuple[str, int], ...]:
    return tuple((week.isoformat(), round(100 * (tally.rate or 0))) for week, tally in sorted(item.weeks.items()))


def _learnt(request: ConsoleRequest, one: queries.Learnt) -> dict[str, Any]:
    actor, found = request.actor, one.finding
    if found.subject_kind == "case":
        to = address("case", actor, case_id=found.subject_id)
    else:
        to = address("conversation", actor, conversation_id=found.subject_id)
        to += f"#finding-{found.pk}" if to else ""
    mine = found.staff_id == actor.staff_id
    return {
        "finding": found,
        "title": words.title_of(found.item),
        "clause": words.clause_address(found.item, actor),
        "said": one.said,
        "sentence": one.sentence,
        "better": one.better,
        "to": to,
        "acknowledge": mine and found.state == "open",
        "dispute": address("dispute-new", actor, inspection_id=found.inspection_id) if mine else "",
        "coach": address("coaching-new", actor, _about(found)) if not mine and actor.may(Permission.COACHING_WRITE) else "",
    }


def _about(found: Any) -> dict[str, str]:
    given = {"staff": str(found.staff_id), "item": found.item_key}
    if found.subject_kind == "conversation":
        given |= {"conversation": str(found.subject_id)} | ({"line": str(found.line)} if found.line is not None else {})
    return given


@page("findings/<int:finding_id>/acknowledge", "finding-acknowledge", permission=Permission.QUALITY_OWN, methods=("POST",))
def finding_acknowledge(request: ConsoleRequest, finding_id: int) -> HttpResponse:
    """Take note of a finding about oneself; no right to dispute it is given up."""
    acknowledging.acknowledge(actor=request.actor, finding_id=finding_id, now=moment.now())
    messages.success(request, _("已知悉。仍可在申诉期内申诉。"))
    return redirect(request, reverse("console:coaching-own"))


@page("coaching", "coaching", permission=READERS)
def coaching(request: ConsoleRequest) -> HttpResponse:
    """Notes about oneself, or about people one coaches."""
    head = Head(lead=_("针对一次发现或一通会话的辅导：看到了什么、约定下一步、客服回应、完成。"))
    extra = {"page_tabs": tabs(request.actor, "coaching"), "own": address("coaching-own", request.actor)}
    return listing.show(request, NOTES, template="coaching/list.jinja", head=head, extra=extra)


@page("coaching/new", "coaching-new", permission=Permission.COACHING_WRITE, methods=("GET", "POST"))
def coaching_new(request: ConsoleRequest) -> HttpResponse:
    """Write a note about somebody, a conversation or a finding."""
    given = request.POST if request.method == "POST" else request.GET
    values = {name: text(given.get(name), 2000) for name in ("staff", "conversation", "line", "item", "text", "next_step", "due_on")}
    staff = people.get_staff(request.actor, whole(values["staff"]) or 0)
    if request.method == "GET":
        return _note_form(request, staff, values, {})
    new = NewNote(
        staff.pk, values["text"], values["next_step"], day(values["due_on"]), whole(values["conversation"]), whole(values["line"]),
        values["item"],
    )  # fmt: skip
    try:
        row = actions.write_note(actor=request.actor, new=new, now=moment.now())
    except Invalid as error:
        return _note_form(request, staff, values, {name: str(said) for name, said in error.fields.items()}, status=422)
    except Denied as error:
        return _note_form(request, staff, values, {"text": str(error)}, status=403)
    messages.success(request, _("辅导已写好，客服会看到。"))
    return redirect(request, reverse("console:coaching-note", kwargs={"note_id": row.pk}))


def _note_form(
    request: ConsoleRequest, staff: Any, values: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200
) -> HttpResponse:
    context = {"staff": staff, "values": values, "errors": defaultdict(str, errors)}
    return render(request, "coaching/new.jinja", context, status=status)


@page("coaching/<int:note_id>", "coaching-note", permission=READERS)
def coaching_note(request: ConsoleRequest, note_id: int) -> HttpResponse:
    """One note."""
    return _note(request, note_id)


def _note(request: ConsoleRequest, note_id: int, *, error: str = "", typed: str = "", status: int = 200) -> HttpResponse:
    row, actor = queries.note(request.actor, note_id), request.actor
    talk = address("conversation", actor, conversation_id=row.conversation_id) if row.conversation_id else ""
    context = {
        "row": row,
        "state": (NOTE_STATES[row.state], NOTE_TONES[row.state]),
        "talk": talk + (f"#line-{row.line + 1}" if talk and row.line is not None else ""),
        "may_answer": row.staff_id == actor.staff_id and row.state != "done",
        "may_finish": actor.may(Permission.COACHING_WRITE) and row.staff_id != actor.staff_id and row.state != "done",
        "error": error,
        "typed": typed,
    }
    return render(request, "coaching/note.jinja", context, status=status)


@page("coaching/<int:note_id>/<str:step>", "coaching-step", permission=READERS, methods=("POST",))
def coaching_step(request: ConsoleRequest, note_id: int, step: str) -> HttpResponse:
    """Answer, or say that it is done."""
    typed, version, now = text(request.POST.get("answer"), 2500), whole(request.POST.get("version", "")), moment.now()
    if step not in ("answer", "done"):
        raise NotFound

    def do() -> object:
        if step == "answer":
            return actions.answer_note(actor=request.actor, note_id=note_id, answer=typed, now=now, expected_version=version)
        return actions.finish_note(actor=request.actor, note_id=note_id, now=now, expected_version=version)

    def again(error: Invalid) -> HttpResponse:
        return _note(request, note_id, error=str(next(iter(error.fields.values()), error)), typed=typed, status=422)

    said = _("回应已保存。") if step == "answer" else _("已标为完成。")
    stale = _("这条辅导刚有变动，已显示最新内容。")
    return one_step(
        request, do, said=said, stale=stale, back=reverse("console:coaching-note", kwargs={"note_id": note_id}), again=again
    )  # fmt: skip


@page("clips", "clips", permission=READERS)
def clips(request: ConsoleRequest) -> HttpResponse:
    """The library of good passages."""
    head = Head(lead=_("值得学的一段对话：推荐后由培训师发布。个人信息已掩码。"))
    return listing.show(
        request, CLIPS, template="coaching/list.jinja", head=head, extra={"page_tabs": tabs(request.actor, "clips"), "own": ""}
    )


@page("clips/new", "clip-new", permission=READERS, methods=("GET", "POST"))
def clip_new(request: ConsoleRequest) -> HttpResponse:
    """Put a passage of a conversation forward."""
    given = request.POST if request.method == "POST" else request.GET
    values = {name: text(given.get(name), 600) for name in ("conversation", "first", "last", "title", "why", "tag", "item")}
    if request.method == "GET":
        return _clip_form(request, values, {})
    first, last = whole(values["first"]) or 0, whole(values["last"]) or 0
    new = NewClip(whole(values["conversation"]) or 0, first - 1, last - 1, values["title"], values["why"], values["item"], values["tag"])
    try:
        row = actions.nominate(actor=request.actor, new=new, now=moment.now())
    except Invalid as error:
        return _clip_form(request, values, {name: str(said) for name, said in error.fields.items()}, status=422)
    except Conflict as error:
        return _clip_form(request, values, {"last": str(error)}, status=409)
    messages.success(request, _("已推荐，培训师发布后大家可见。"))
    return redirect(request, reverse("console:clip", kwargs={"clip_id": row.pk}))


def _clip_form(request: ConsoleRequest, values: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200) -> HttpResponse:
    from kefu.conversations import access

    talk = access.get_for(request.actor, whole(values["conversation"]) or 0)
    context = {
        "values": values, "errors": defaultdict(str, errors), "talk": address("conversation", request.actor, conversation_id=talk.pk),
    }  # fmt: skip
    return render(request, "coaching/clip_new.jinja", context, status=status)


@page("clips/<int:clip_id>", "clip", permission=READERS)
def clip(request: ConsoleRequest, clip_id: int) -> HttpResponse:
    """One passage, masked."""
    row, lines = queries.clip(request.actor, clip_id)
    context = {
        "row": row,
        "lines": lines,
        "state": (CLIP_STATES[row.state], CLIP_TONES[row.state]),
        "talk": address("conversation", request.actor, conversation_id=row.conversation_id),
        "may_decide": request.actor.may(Permission.CLIPS_PUBLISH),
    }
    return render(request, "coaching/clip.jinja", context)


@page("clips/<int:clip_id>/<str:step>", "clip-step", permission=Permission.CLIPS_PUBLISH, methods=("POST",))
def clip_step(request: ConsoleRequest, clip_id: int, step: str) -> HttpResponse:
    """Publish or withdraw."""
    do = {"publish": actions.publish, "withdraw": actions.withdraw}.get(step)
    if do is None:
        raise NotFound
    try:
        do(actor=request.actor, clip_id=clip_id, now=moment.now())
    except NotFound:
        raise
    except KefuError as error:
        messages.warning(request, str(error))
    else:
        messages.success(request, _("已发布。") if step == "publish" else _("已撤下。"))
    return redirect(request, reverse("console:clip", kwargs={"clip_id": clip_id}))
