"""The customer in hand: say, who, record (CONV1, HB4). Every button sends the whole form: nothing typed is lost, script or not."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.cases import receptions as from_talks
from kefu.cases.errors import LikelyDuplicate
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, is_htmx, page
from kefu.console.views import calls_words
from kefu.console.views import cases_words as words
from kefu.conversations import access, prompts, receptions
from kefu.conversations.receptions import Known
from kefu.kernel import moment
from kefu.kernel.errors import Invalid, KefuError
from kefu.kernel.wording import listed
from kefu.people.permissions import Permission

_WORK = Permission.CASE_WORK


def _id(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 18 else 0


def _shown(request: ConsoleRequest, reception_id: int, *, status: int = 200, **more: Any) -> HttpResponse:
    now, actor = moment.now(), request.actor
    row = access.get_reception(actor, reception_id)
    context = {
        "talk": row,
        "line": calls_words.lines([row], now, others=True)[0],
        "led": prompts.led(row, language=words.language()),
        "who": calls_words.who(actor, row, now),
        "cite": lambda reference: words.clause_url(reference, actor),
        "own": row.staff_id == actor.staff_id,
        "case_url": words.page_url(actor, "case", case_id=row.about_id) if row.about_kind == "case" and row.about_id else "",
        "conversation_url": words.page_url(actor, "conversation", conversation_id=row.conversation_id) if row.conversation_id else "",
        "listed": listed,
        "errors": {},
        "duplicate": None,
        "at": now,
        **more,
    }
    return render(request, "calls/page.jinja", context, part="talk", status=status)


@page("calls/<int:reception_id>", "call", permission=_WORK)
def call(request: ConsoleRequest, reception_id: int) -> HttpResponse:
    """The page of one talk."""
    return _shown(request, reception_id)


def _kept(request: ConsoleRequest, reception_id: int) -> dict[str, str]:
    """Keep everything the form carries before doing what the button says; returns what was wrong, by field."""
    given = request.POST
    keep = {name: given[name] for name in ("remark", "disposition") if name in given}
    receptions.keep(actor=request.actor, reception_id=reception_id, **keep)
    row = access.get_reception(request.actor, reception_id)
    if row.ended_at is not None:
        return {}
    phone = given.get("phone", "").replace("\0", "").strip()[:40]
    name, waybill = given.get("caller_name", row.caller_name), given.get("waybill", row.waybill)[:60]
    wrong: dict[str, str] = {}
    for known in (Known(name=name), Known(waybill=waybill), Known(phone=phone) if phone else None):
        try:
            if known is not None:
                receptions.identify(actor=request.actor, reception_id=reception_id, known=known, now=moment.now())
        except Invalid as error:
            wrong |= {field: str(text) for field, text in error.fields.items()}
    return wrong


def _done(request: ConsoleRequest, reception_id: int, do: Callable[[], object] | None = None) -> HttpResponse:
    """Keep, do, show again: the same page to a browser without script, the changed body to the others."""
    wrong = _kept(request, reception_id)
    try:
        if do is not None and not wrong:
            do()
    except LikelyDuplicate as twin:
        return _shown(request, reception_id, status=409 if not is_htmx(request) else 422, duplicate=twin.params | {"words": str(twin)})
    except Invalid as error:
        wrong |= {field: str(text) for field, text in error.fields.items()} or {"": str(error)}
    if wrong or is_htmx(request):
        return _shown(request, reception_id, errors=wrong, status=422 if wrong else 200)
    return HttpResponseRedirect(reverse("console:call", kwargs={"reception_id": reception_id}))


@page("calls/<int:reception_id>/save", "call-save", permission=_WORK, methods=("POST",))
def save(request: ConsoleRequest, reception_id: int) -> HttpResponse:
    """Keep what was typed."""
    return _done(request, reception_id)


@page("calls/<int:reception_id>/keep", "call-keep", permission=_WORK, methods=("POST",))
def keep(request: ConsoleRequest, reception_id: int) -> HttpResponse:
    """Keep the record while it is typed; nothing on the page changes."""
    given = {name: request.POST[name] for name in ("remark", "disposition") if name in request.POST}
    receptions.keep(actor=request.actor, reception_id=reception_id, **given)
    return HttpResponse(status=204)


@page("calls/<int:reception_id>/answer", "call-answer", permission=_WORK, methods=("POST",))
def answer(request: ConsoleRequest, reception_id: int) -> HttpResponse:
    """Pick up."""
    return _done(request, reception_id, lambda: receptions.answer(actor=request.actor, reception_id=reception_id, now=moment.now()))


@page("calls/<int:reception_id>/take", "call-take", permission=_WORK, methods=("POST",))
def take(request: ConsoleRequest, reception_id: int) -> HttpResponse:
    """Take up again one that was put aside."""
    receptions.take(actor=request.actor, reception_id=reception_id, now=moment.now())
    return redirect(request, reverse("console:call", kwargs={"reception_id": reception_id}))


@page("calls/<int:reception_id>/moment", "call-moment", permission=_WORK, methods=("POST",))
def pass_moment(request: ConsoleRequest, reception_id: int) -> HttpResponse:
    """A moment was said, or taken back."""
    said, back = request.POST.get("said", ""), request.POST.get("back", "")

    def do() -> None:
        receptions.pass_moment(actor=request.actor, reception_id=reception_id, moment=said or back, said=bool(said), now=moment.now())

    return _done(request, reception_id, do)


@page("calls/<int:reception_id>/branch", "call-branch", permission=_WORK, methods=("POST",))
def choose(request: ConsoleRequest, reception_id: int) -> HttpResponse:
    """What the customer wants, by one click."""
    branch = request.POST.get("branch", "")
    return _done(
        request, reception_id, lambda: receptions.choose(actor=request.actor, reception_id=reception_id, branch=branch, now=moment.now())
    )


@page("calls/<int:reception_id>/end", "call-end", permission=_WORK, methods=("POST",))
def end(request: ConsoleRequest, reception_id: int) -> HttpResponse:
    """The talk is over, the record begins."""
    return _done(request, reception_id, lambda: receptions.end_talk(actor=request.actor, reception_id=reception_id, now=moment.now()))


@page("calls/<int:reception_id>/case", "call-case", permission=Permission.CASE_OPEN, methods=("POST",))
def open_case(request: ConsoleRequest, reception_id: int) -> HttpResponse:
    """A case with what the talk brought."""

    def do() -> None:
        wanted = from_talks.Wanted(even_if_duplicate=request.POST.get("even_if_duplicate") == "1")
        case = from_talks.open_case(actor=request.actor, reception_id=reception_id, wanted=wanted, now=moment.now())
        if not is_htmx(request):
            messages.success(request, _("工单 %(number)s 已受理，时限开始计时。") % {"number": case.number})

    return _done(request, reception_id, do)


@page("calls/<int:reception_id>/attach", "call-attach", permission=_WORK, methods=("POST",))
def attach(request: ConsoleRequest, reception_id: int) -> HttpResponse:
    """The customer calls about this case again."""
    case_id = _id(request.POST.get("case", ""))
    return _done(
        request,
        reception_id,
        lambda: from_talks.attach(actor=request.actor, reception_id=reception_id, case_id=case_id, now=moment.now()),
    )


@page("calls/<int:reception_id>/finish", "call-finish", permission=_WORK, methods=("POST",))
def finish(request: ConsoleRequest, reception_id: int) -> HttpResponse:
    """Let the customer go; refused without an outcome."""
    wrong = _kept(request, reception_id)
    row = access.get_reception(request.actor, reception_id)
    try:
        done = receptions.finish(
            actor=request.actor,
            reception_id=reception_id,
            disposition=request.POST.get("disposition", row.disposition),
            remark=request.POST.get("remark", row.remark),
            now=moment.now(),
        )
    except Invalid as error:
        return _shown(request, reception_id, errors=wrong | {field: str(text) for field, text in error.fields.items()}, status=422)
    messages.success(request, _("接待已完成，记录已保存。"))
    if done.about_kind == "case" and done.about_id and (address := words.page_url(request.actor, "case", case_id=done.about_id)):
        return redirect(request, address)
    return redirect(request, reverse("console:calls"))


@page("calls/<int:reception_id>/number", "call-number", permission=Permission.PERSONAL_UNMASK, methods=("POST",))
def number(request: ConsoleRequest, reception_id: int) -> HttpResponse:
    """The number in the clear, once; why is written to the audit log (SEC3)."""
    reason = request.POST.get("reason", "").replace("\0", "")
    context: dict[str, Any] = {"reception_id": reception_id, "value": "", "error": "", "reason": reason[:200]}
    status = 200
    try:
        context["value"] = receptions.read_number(actor=request.actor, reception_id=reception_id, reason=reason, now=moment.now())
    except KefuError as error:
        if not isinstance(error, Invalid):
            raise
        context["error"], status = str(next(iter(error.fields.values()), error)), 422
    response = render(request, "calls/number.jinja", context, part="value", status=status)
    response["Cache-Control"] = "private, no-store"
    return response
