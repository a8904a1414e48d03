"""One problem parcel: its thread between two sites, answers, how it ends (OPS8, O15)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import cases_words
from kefu.console.views.station import board
from kefu.console.views.station.problems import results, uploads, words_of
from kefu.escalations import queries as cases
from kefu.escalations.problems import KIND, escalate_problem
from kefu.kernel import audit, moment
from kefu.kernel.actor import Ref
from kefu.kernel.errors import Invalid, KefuError, NotFound, Stale
from kefu.lists.station.problems import ALARMS, RESULTS, STATES, TONES
from kefu.parcels.vocabulary import ScanCode
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.problems import actions, pictures, queries
from kefu.station.problems.queries import LineRow, Thread
from kefu.station.problems.vocabulary import OPEN_STATES, Follow, Told, Way

_SCANS = dict(ScanCode.choices)


def _happened(line: LineRow) -> str:
    """A line that nobody wrote, in words."""
    said = {
        Told.SIGNED: _("快件已签收，问题件自动完成。"),
        Told.BARRED: _("问题未处理完就出现了“%(scan)s”，请核实。") % {"scan": _SCANS.get(line.data.get("scan", ""), "")},
        Told.CLOSED: _("%(who)s 完成：%(result)s") % {"who": line.author, "result": RESULTS.get(line.data.get("result", ""), "")},
        Told.CANCELLED: _("%(who)s 撤销了登记") % {"who": line.author},
        Told.CASE: _("%(who)s 已转工单") % {"who": line.author},
        Told.PASSED: _("%(who)s 把接收网点由 %(old)s 改为 %(new)s")
        % {"who": line.author, "old": line.data.get("from_site", ""), "new": line.data.get("to_site", "")},
    }
    return str(said.get(Told(line.told), ""))


@page("station/problems/<int:problem_id>", "station-problem", permission=Permission.PROBLEM_VIEW)
def problem(request: ConsoleRequest, problem_id: int) -> HttpResponse:
    """The thread. One's own site has seen it by this (网点已读)."""
    actions.mark_read(actor=request.actor, problem_id=problem_id, now=moment.now())
    return _show(request, problem_id)


def _show(
    request: ConsoleRequest,
    problem_id: int,
    *,
    errors: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    clear = request.GET.get("clear") == "1" and actor.may(Permission.PERSONAL_UNMASK)
    found = queries.thread(actor, problem_id, now=now, clear=clear)
    row = found.row
    if clear:
        audit.record(actor, "problem.unmasked", Ref("problem", row.id, row.waybill), now=now, site_id=found.speaks_for)
    case_id = cases.cases_of(KIND, [row.id]).get(row.id)
    is_open = row.state in OPEN_STATES
    context: dict[str, Any] = {
        "tabs": board.tabs(request),
        "it": found,
        "row": row,
        "lines": [(line, _happened(line)) for line in found.lines],
        "state": (STATES[row.state], TONES[row.state]),
        "alarm": ALARMS.get(row.alarm, ""),
        "result": RESULTS.get(row.result, ""),
        "follow": dict(Follow.choices).get(found.follow, ""),
        "way": dict(Way.choices).get(row.way, ""),
        "clause_url": cases_words.clause_url(row.clause, actor),
        "clause_title": cases_words.clause_title(row.clause),
        "case_id": case_id,
        "can_work": is_open and actor.may(Permission.PROBLEM_WORK),
        "can_cancel": actor.reaches(row.reporter_site_id),
        "can_case": case_id is None and actor.may(Permission.CASE_OPEN),
        "clear": clear,
        "results": results(intercept=bool(row.way)),
        "sites": _others(found),
        "errors": defaultdict(str, errors or {}),
        "values": defaultdict(str, values or {}),
    }
    return render(request, "station/problems/thread.jinja", context, part="thread", status=status)


def _others(found: Thread) -> list[tuple[str, str]]:
    both = (found.row.reporter_site_id, found.row.receiver_site_id)
    return [(str(pk), f"{site.name} {site.code}") for pk, site in people.sites_by_id().items() if site.is_active and pk not in both]


def _step(request: ConsoleRequest, problem_id: int, do: Callable[[int | None, datetime], object], said: str) -> HttpResponse:
    """One write from the thread's forms; a refusal shows the page again with what was typed."""
    given = {name: request.POST.get(name, "").replace("\0", "")[:4000] for name in ("text", "result", "receiver", "version")}
    version = int(given["version"]) if given["version"].isdecimal() and len(given["version"]) < 10 else None
    try:
        do(version, moment.now())
    except Invalid as error:
        fields = {name: str(text) for name, text in error.fields.items()} or {"": str(words_of(error))}
        return _show(request, problem_id, errors=fields, values=given, status=422)
    except Stale:
        words = _("对方刚回复过，请先看最新一条；您写的内容还在下面。")
        return _show(request, problem_id, errors={"text": words}, values=given, status=409)
    except KefuError as error:
        if isinstance(error, NotFound):
            raise
        messages.error(request, str(error))
    else:
        messages.success(request, said)
    return redirect(request, reverse("console:station-problem", kwargs={"problem_id": problem_id}))


@page("station/problems/<int:problem_id>/reply", "station-problem-reply", permission=Permission.PROBLEM_WORK, methods=("POST",))
def problem_reply(request: ConsoleRequest, problem_id: int) -> HttpResponse:
    """Answer; a quick reply only fills the field (``use``)."""
    chosen = request.POST.get("use", "")
    if chosen.isdecimal() and len(chosen) < 4:
        replies = queries.thread(request.actor, problem_id, now=moment.now()).replies
        text = replies[int(chosen)] if int(chosen) < len(replies) else ""
        return _show(request, problem_id, values={"text": f"{request.POST.get('text', '')[:4000]}{text}"})

    def do(version: int | None, now: datetime) -> None:
        text = request.POST.get("text", "").replace("\0", "")
        actions.reply(actor=request.actor, problem_id=problem_id, text=text, images=uploads(request), expected_version=version, now=now)

    return _step(request, problem_id, do, _("已回复。"))


@page("station/problems/<int:problem_id>/close", "station-problem-close", permission=Permission.PROBLEM_WORK, methods=("POST",))
def problem_close(request: ConsoleRequest, problem_id: int) -> HttpResponse:
    """End it with a result."""

    def do(version: int | None, now: datetime) -> None:
        post = request.POST
        actions.close(
            actor=request.actor,
            problem_id=problem_id,
            result=post.get("result", ""),
            text=post.get("text", ""),
            expected_version=version,
            now=now,
        )

    return _step(request, problem_id, do, _("问题件已完成。"))


@page("station/problems/<int:problem_id>/cancel", "station-problem-cancel", permission=Permission.PROBLEM_WORK, methods=("POST",))
def problem_cancel(request: ConsoleRequest, problem_id: int) -> HttpResponse:
    """Take one's report back."""

    def do(version: int | None, now: datetime) -> None:
        actions.cancel(actor=request.actor, problem_id=problem_id, reason=request.POST.get("text", ""), expected_version=version, now=now)

    return _step(request, problem_id, do, _("问题件已撤销。"))


@page("station/problems/<int:problem_id>/pass", "station-problem-pass", permission=Permission.PROBLEM_WORK, methods=("POST",))
def problem_pass(request: ConsoleRequest, problem_id: int) -> HttpResponse:
    """Give it to the site it is really for; it may be out of one's own sight then."""
    post = request.POST
    receiver = post.get("receiver", "")
    try:
        actions.pass_on(
            actor=request.actor,
            problem_id=problem_id,
            receiver_site_id=int(receiver) if receiver.isdecimal() and len(receiver) < 18 else 0,
            reason=post.get("text", ""),
            now=moment.now(),
        )
    except Invalid as error:
        fields = {f"pass-{name}": str(text) for name, text in error.fields.items()}
        return _show(request, problem_id, errors=fields, values={"reason": post.get("text", "")}, status=422)
    except KefuError as error:
        if isinstance(error, NotFound):
            raise
        messages.error(request, str(error))
    else:
        messages.success(request, _("已改接收网点。"))
    return redirect(request, reverse("console:station-problems"))


@page("station/problems/<int:problem_id>/case", "station-problem-case", permission=Permission.CASE_OPEN, methods=("POST",))
def problem_case(request: ConsoleRequest, problem_id: int) -> HttpResponse:
    """Open a case, and go there."""
    try:
        done = escalate_problem(actor=request.actor, problem_id=problem_id, now=moment.now())
    except KefuError as error:
        if isinstance(error, NotFound):
            raise
        messages.error(request, str(words_of(error)))
        return redirect(request, reverse("console:station-problem", kwargs={"problem_id": problem_id}))
    messages.success(request, _("已开工单。") if done.fresh else _("此问题件已有工单。"))
    return redirect(request, reverse("console:case", kwargs={"case_id": done.case_id}))


@page("station/problems/<int:problem_id>/pictures/<int:picture_id>", "station-problem-picture", permission=Permission.PROBLEM_VIEW)
def problem_picture(request: ConsoleRequest, problem_id: int, picture_id: int) -> HttpResponse:
    """A picture, shown as nothing but a picture and never kept by the browser."""
    found = pictures.picture(actor=request.actor, problem_id=problem_id, picture_id=picture_id, now=moment.now())
    response = HttpResponse(found.content, content_type=found.content_type)
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response
