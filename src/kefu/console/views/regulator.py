"""Appeals to the postal authority: the list, the file with what may be done now, filing, the monthly rate (R25–R31, R63)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.stepping import one_step
from kefu.console.views import audit_words
from kefu.console.views.case_tasks import local
from kefu.console.views.regulator_threat import clause_of, drawn
from kefu.kernel import moment
from kefu.kernel.errors import Invalid, KefuError, Message, NotFound
from kefu.kernel.files import SIZE_LIMIT
from kefu.lists.arbitration import month_of
from kefu.lists.definition import day, whole
from kefu.lists.regulator import ANSWER_STATES, ANSWERS, APPEALS, PARTIES, STATES, TONES, VERDICTS
from kefu.people import queries as people
from kefu.people.errors import MissingPermission
from kefu.people.permissions import Permission
from kefu.regulator import actions, figures, queries
from kefu.regulator.drafts import AppealDraft, Upload
from kefu.regulator.vocabulary import Verdict

_LEVELS: Mapping[str, tuple[Message, str]] = {
    "met": (gettext_lazy("按时完成"), "good"),
    "late": (gettext_lazy("超时完成"), "bad"),
    "breached": (gettext_lazy("已超时"), "bad"),
    "warned": (gettext_lazy("快到期"), "warn"),
    "running": (gettext_lazy("进行中"), "accent"),
    "paused": (gettext_lazy("已暂停"), "quiet"),
    "stopped": (gettext_lazy("已停止"), "quiet"),
}
_Do = Callable[[ConsoleRequest, int, int | None, datetime], object]


@page("appeals", "appeals", permission=Permission.REGULATOR_VIEW)
def appeals(request: ConsoleRequest) -> HttpResponse:
    """Appeals of the sites in reach."""
    head = Head(lead=_("12305 转来的申诉：登记、答复、审批、调解、办结。只有获准的人能看，每次打开都有记录。"))
    return listing.show(request, APPEALS, template="regulator/list.jinja", head=head)


@page("appeals/<int:appeal_id>", "appeal", permission=Permission.REGULATOR_VIEW)
def appeal(request: ConsoleRequest, appeal_id: int) -> HttpResponse:
    """The file of an appeal; opening it is recorded."""
    return _show(request, appeal_id)


def _show(
    request: ConsoleRequest, appeal_id: int, *, errors: Mapping[str, str] | None = None, text: str = "", status: int = 200
) -> HttpResponse:
    actor = request.actor
    clear = request.GET.get("clear") == "1" and actor.may(Permission.PERSONAL_UNMASK)
    found = queries.open_file(actor, appeal_id, now=moment.now(), clear=clear)
    context: dict[str, Any] = {
        "it": found,
        "row": found.row,
        "state": (STATES[found.row.state], TONES[found.row.state]),
        "verdicts": [one for one in Verdict.choices if one[0] != Verdict.WITHDRAWN or "withdrawn" in found.may],
        "verdict": VERDICTS.get(found.row.verdict, ""),
        "party": PARTIES[found.party],
        "answers": [(one, ANSWER_STATES[one.state], ANSWERS[one.state]) for one in found.answers],
        "limits": [(one, _LEVELS[one.state], clause_of(one.clause, actor)) for one in found.limits],
        "checks": drawn(list(found.checks)),
        "rules_clause": clause_of(found.rules_clause, actor),
        "kept_clause": clause_of(found.kept_clause, actor),
        "clause": clause_of(found.row.clause, actor),
        "history": [(one, audit_words.action(one.action)) for one in found.history],
        "clear": clear,
        "errors": defaultdict(str, errors or {}),
        "text": text,
        "here_now": timezone.localtime(moment.now()).strftime("%Y-%m-%dT%H:%M"),
    }
    response = render(request, "regulator/appeal.jinja", context, status=status)
    response["Cache-Control"] = "private, no-store"
    return response


def _said(request: ConsoleRequest) -> str:
    return request.POST.get("text", "").replace("\0", "")


def _spoken(act: Callable[..., object], name: str = "text") -> _Do:
    def do(request: ConsoleRequest, appeal_id: int, version: int | None, now: datetime) -> object:
        return act(actor=request.actor, appeal_id=appeal_id, expected_version=version, now=now, **{name: _said(request)})

    return do


def _accept(request: ConsoleRequest, appeal_id: int, version: int | None, now: datetime) -> object:
    at = local(request.POST.get("accepted_at", "")) or now
    return actions.note_accepted(actor=request.actor, appeal_id=appeal_id, accepted_at=at, expected_version=version, now=now)


def _write(request: ConsoleRequest, appeal_id: int, version: int | None, now: datetime) -> object:
    handed = [Upload(file.name or "", file.read(SIZE_LIMIT + 1)) for file in request.FILES.getlist("files")[:20]]
    return actions.write_answer(
        actor=request.actor, appeal_id=appeal_id, text=_said(request), uploads=handed, expected_version=version, now=now
    )


def _approve(request: ConsoleRequest, appeal_id: int, version: int | None, now: datetime) -> object:
    return actions.approve_answer(actor=request.actor, appeal_id=appeal_id, expected_version=version, now=now)


def _close(request: ConsoleRequest, appeal_id: int, version: int | None, now: datetime) -> object:
    verdict = request.POST.get("verdict", "")[:20]
    return actions.close(actor=request.actor, appeal_id=appeal_id, verdict=verdict, text=_said(request), expected_version=version, now=now)


_STEPS: Mapping[str, tuple[_Do, Message]] = {
    "accepted": (_accept, gettext_lazy("已记录申诉中心受理。")),
    "written": (_write, gettext_lazy("答复已提交，等待另一位经理审批。")),
    "answered": (_approve, gettext_lazy("答复已批准发出。")),
    "returned": (_spoken(actions.return_answer, "note"), gettext_lazy("答复已退回重写。")),
    "opinion": (_spoken(actions.note_opinion), gettext_lazy("已登记调解意见，反馈时限开始计算。")),
    "fed_back": (_spoken(actions.feed_back), gettext_lazy("调解意见已反馈。")),
    "closed": (_close, gettext_lazy("申诉已办结。")),
}


@page("appeals/<int:appeal_id>/<str:step>", "appeal-step", permission=Permission.REGULATOR_VIEW, methods=("POST",))
def appeal_step(request: ConsoleRequest, appeal_id: int, step: str) -> HttpResponse:
    """One step; each asks its own permission. A refusal shows the page again with what was typed."""
    if step == "dispose":
        return _dispose(request, appeal_id)
    if step not in _STEPS:
        raise NotFound
    do, said = _STEPS[step]
    version = whole(request.POST.get("version", ""))

    def again(error: Invalid) -> HttpResponse:
        words = {step: str(next(iter(error.fields.values()), error))}
        return _show(request, appeal_id, errors=words, text=_said(request)[:8000], status=422)

    stale = _("此申诉刚有人处理过，已显示最新进度，请确认后再操作。")
    back = reverse("console:appeal", kwargs={"appeal_id": appeal_id})
    return one_step(request, lambda: do(request, appeal_id, version, moment.now()), said=said, stale=stale, back=back, again=again)


def _dispose(request: ConsoleRequest, appeal_id: int) -> HttpResponse:
    try:
        actions.dispose(actor=request.actor, appeal_id=appeal_id, now=moment.now())
    except (NotFound, MissingPermission):
        raise
    except KefuError as error:
        messages.error(request, str(error))
        return redirect(request, reverse("console:appeal", kwargs={"appeal_id": appeal_id}))
    messages.success(request, _("申诉档案已销毁，日志保留编号。"))
    return redirect(request, reverse("console:appeals"))


@page("appeals/<int:appeal_id>/files/<int:file_id>", "appeal-file", permission=Permission.REGULATOR_VIEW)
def appeal_file(request: ConsoleRequest, appeal_id: int, file_id: int) -> HttpResponse:
    """A file of an answer, always as a download; the look is recorded."""
    found = actions.read_file(actor=request.actor, appeal_id=appeal_id, file_id=file_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response


@page("appeals/new", "appeal-new", permission=Permission.REGULATOR_WORK, methods=("GET", "POST"))
def appeal_new(request: ConsoleRequest) -> HttpResponse:
    """File an appeal the authority passed on."""
    if request.method != "POST":
        known = {name: request.GET.get(name, "").replace("\0", "")[:60] for name in ("waybill", "complained_at") if name in request.GET}
        return _form(request, {"received_at": timezone.localtime(moment.now()).strftime("%Y-%m-%dT%H:%M"), **known})
    names = ("number", "waybill", "kind", "appellant", "phone", "party", "statement", "demand", "received_at", "posted_on", "complained_at")
    given = {name: request.POST.get(name, "").replace("\0", "")[:8200] for name in (*names, "site")}
    received = local(given["received_at"])
    if received is None:
        return _form(request, given, {"received_at": _("请填写收到时间。")}, status=422)
    words = {name: given[name] for name in ("number", "waybill", "kind", "appellant", "phone", "party", "statement", "demand")}
    draft = AppealDraft(
        **words,
        received_at=received,
        posted_on=day(given["posted_on"]),
        complained_at=local(given["complained_at"]),
        site_id=whole(given["site"]),
    )
    try:
        row = actions.file_appeal(actor=request.actor, draft=draft, now=moment.now())
    except Invalid as error:
        return _form(request, given, {name: str(text) for name, text in error.fields.items()}, status=422)
    messages.success(request, _("申诉已登记，工单和法定时限已建立。"))
    return redirect(request, reverse("console:appeal", kwargs={"appeal_id": row.pk}))


def _form(request: ConsoleRequest, values: Mapping[str, str], errors: Mapping[str, str] | None = None, status: int = 200) -> HttpResponse:
    actor = request.actor
    sites = [(str(pk), site.name) for pk, site in people.sites_by_id().items() if actor.reaches(pk)]
    context = {
        "values": defaultdict(str, {"site": str(actor.site_id or ""), "party": "recipient", **values}),
        "errors": defaultdict(str, errors or {}),
        "kinds": [(one.key, one.name()) for one in queries.kinds_here(actor, now=moment.now())],
        "parties": list(PARTIES.items()),
        "sites": sites,
    }
    return render(request, "regulator/new.jinja", context, status=status)


@page("appeals/rate", "appeal-rate", permission=Permission.REGULATOR_VIEW)
def appeal_rate(request: ConsoleRequest) -> HttpResponse:
    """申诉率 of a month by site, per million parcels; every figure opens to its appeals (R30)."""
    month = month_of(request.GET.get("month", "")) or timezone.localdate(moment.now()).replace(day=1)
    context = {
        "month": f"{month:%Y-%m}",
        "first": f"{month:%Y-%m-%d}",
        "last": f"{figures.last_of(month):%Y-%m-%d}",
        "rates": figures.rates(request.actor, month),
    }
    return render(request, "regulator/rate.jinja", context)
