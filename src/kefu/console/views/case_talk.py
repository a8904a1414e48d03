"""Words on a case: note, reply, what the customer said; their drafts, phrases and people to name (CASE8)."""

from typing import Any

from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.cases import access, attention
from kefu.cases.actions import book_of
from kefu.cases.errors import AnsweredSince
from kefu.console.rendering import fragment
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views import case_composer, case_queue, cases_steps
from kefu.console.views.case_forms import number, post, work
from kefu.console.views.cases_page import Failed, show
from kefu.desk import drafts, phrases, sending, variables
from kefu.desk.errors import DraftGone, DraftNewer
from kefu.kernel import moment
from kefu.kernel.actor import Ref
from kefu.kernel.errors import NotFound
from kefu.people.permissions import Permission
from kefu.watch import actions as watch

_FOUND = 40


def _then(request: ConsoleRequest, case_id: int) -> str:
    """The next case of the queue when that was asked for; looked up before the case leaves it."""
    if request.POST.get("then") != "next":
        return ""
    return case_queue.next_address(request.actor, case_id, case_queue.origin(request), now=moment.now())


@page("cases/<int:case_id>/note", "case-note", permission=Permission.CASE_WORK, methods=("POST",))
def note(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Write an internal note."""
    given = post(request, "text")
    return work(
        request,
        case_id,
        "note",
        lambda: sending.note(actor=request.actor, case_id=case_id, text=given["text"], now=moment.now()),
        _("备注已保存。"),
        "text",
        then=_then(request, case_id),
    )


@page("cases/<int:case_id>/reply", "case-reply", permission=Permission.CASE_WORK, methods=("POST",))
def reply(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Reply to the customer. When something came since the page was read, nothing is sent and the page shows it.

    Sending again from there names the newer entry as seen, so that something newer still stops it once more.
    """
    given = post(request, "text", "channel", "awaiting", "seen", "confirm")
    found = access.get_for(request.actor, case_id)

    def send() -> None:
        now = moment.now()
        with watch.passing(
            actor=request.actor,
            text=given["text"],
            channel=given["channel"],
            subject=Ref("case", case_id, found.number),
            site_id=found.site_id,
            now=now,
            reason=given["confirm"],
        ):
            sending.reply(
                actor=request.actor,
                case_id=case_id,
                text=given["text"],
                channel=given["channel"],
                now=now,
                seen=number(given["seen"]),
                awaiting=given["awaiting"] == "1",
            )

    try:
        fields = ("text", "channel", "awaiting", "confirm")
        return work(request, case_id, "reply", send, _("回复已记录。"), *fields, then=_then(request, case_id))
    except AnsweredSince as stop:
        came = tuple(one["entry"] for one in stop.params["since"])
        return show(request, case_id, failed=Failed("reply", {}, given, came), status=409)


@page("cases/<int:case_id>/said", "case-said", permission=Permission.CASE_WORK, methods=("POST",))
def said(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Write down what the customer said."""
    given = post(request, "text", "channel")
    return work(
        request,
        case_id,
        "said",
        lambda: sending.said(actor=request.actor, case_id=case_id, text=given["text"], channel=given["channel"], now=moment.now()),
        _("客户的话已记录。"),
        "text",
        "channel",
        then=_then(request, case_id),
    )


@page("cases/<int:case_id>/draft", "case-draft", permission=Permission.CASE_WORK, methods=("POST",))
def draft(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Keep what stands in a box of the composer or in the form of a step (``mode`` ``step:<id>``).

    Answers JSON with the revision. 409 when another tab was later or it was sent.
    """
    mode, now = request.POST.get("mode", ""), moment.now()
    given = post(request, "text", "channel", "awaiting")
    if mode in case_composer.MODES:
        fields: dict[str, Any] = {name: given[name] for name in ("channel", "awaiting") if given[name]}
    else:
        fields = _step_answers(request, case_id, mode.removeprefix("step:"))
    revision = number(request.POST.get("revision", ""))
    try:
        kept = drafts.save(
            actor=request.actor, subject=f"case:{case_id}:{mode}", text=given["text"], fields=fields, revision=revision, now=now
        )
    except DraftNewer as newer:
        told = {name: newer.params[name] for name in ("text", "fields", "revision")}
        return JsonResponse({"code": "newer", **told}, status=409)
    except DraftGone:
        return JsonResponse({"code": "gone"}, status=409)
    return JsonResponse({"revision": kept.revision, "time": timezone.localtime(now).strftime("%H:%M")})


def _step_answers(request: ConsoleRequest, case_id: int, step_id: str) -> dict[str, Any]:
    """What stands in the form of a step of the case's procedure; ``NotFound`` for a step it does not have."""
    found = access.get_for(request.actor, case_id)
    step = book_of(found).procedures[found.procedure].step(step_id)
    if step is None:
        raise NotFound
    return cases_steps.answers_of(request, step)


@page("cases/<int:case_id>/phrases", "case-phrases", permission=Permission.CASE_WORK)
def case_phrases(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Phrases for what was typed behind ``/``, with the values of this case in them."""
    now, actor = moment.now(), request.actor
    found = phrases.find(actor, request.GET.get("q", "")[:40], now=now, case_id=case_id, limit=_FOUND)
    values = variables.values_of(actor, case_id, now=now)
    rows = [(one, variables.fill(one.text, values)) for one in found]
    return fragment(request, "cases/pick.jinja", {"rows": rows, "people": None}, part="list")


@page("cases/<int:case_id>/people", "case-people", permission=Permission.CASE_WORK)
def case_people(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """People who may be mentioned, for what was typed behind ``@``."""
    found = attention.mentionable(request.actor, case_id, request.GET.get("q", ""), limit=12)
    return fragment(request, "cases/pick.jinja", {"rows": [], "people": found}, part="list")


@page("phrases/<int:phrase_id>/used", "phrase-used", permission=Permission.CASE_WORK, methods=("POST",))
def phrase_used(request: ConsoleRequest, phrase_id: int) -> HttpResponse:
    """A phrase was put into a text: the most used ones come first."""
    phrases.count_use(actor=request.actor, phrase_id=phrase_id)
    return HttpResponse(status=204)


@page("cases/<int:case_id>/seen", "case-seen", permission=Permission.CASE_VIEW, methods=("POST",))
def case_seen(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """The page was in front of its reader up to an entry: unread marks and notices of the case go."""
    access.get_for(request.actor, case_id)
    attention.see(actor=request.actor, case_id=case_id, entry_id=number(request.POST.get("entry", "")), now=moment.now())
    return HttpResponse(status=204)
