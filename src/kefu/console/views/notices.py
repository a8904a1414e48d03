"""What customers are told: the list, one notice with what may be done about it, the customer's choice, a preview for a case (CASE5)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.cases import access as cases
from kefu.cases import telling
from kefu.cases.actions import book_of
from kefu.cases.queries import CaseDetail
from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.stepping import one_step
from kefu.console.views import cases_words
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, Message, NotFound, Stale
from kefu.lists.definition import whole
from kefu.lists.notices import CHANNELS, NOTICES, REASONS, STATES, TONES
from kefu.notices import actions, queries
from kefu.people.permissions import Permission

_Do = Callable[[ConsoleRequest, int, int | None, datetime], object]


@page("customer-notices", "customer-notices", permission=Permission.NOTICE_VIEW)
def customer_notices(request: ConsoleRequest) -> HttpResponse:
    """Notices of the sites in reach; what a person has to do first."""
    head = Head(lead=_("处理的每一步按客户选定的方式自动告知；没有发出的在这里由人处理。"))
    return listing.show(request, NOTICES, head=head)


@page("customer-notices/<int:notice_id>", "customer-notice", permission=Permission.NOTICE_VIEW)
def customer_notice(request: ConsoleRequest, notice_id: int) -> HttpResponse:
    """One notice."""
    return _show(request, notice_id)


def _show(
    request: ConsoleRequest, notice_id: int, *, errors: Mapping[str, str] | None = None, note: str = "", status: int = 200
) -> HttpResponse:
    row = queries.get(request.actor, notice_id)
    context: dict[str, Any] = {
        "row": row,
        "state": (STATES[row.state], TONES[row.state]),
        "channel": CHANNELS[row.channel],
        "reason": REASONS.get(row.reason, ""),
        "open": row.state in ("queued", "failed", "person"),
        "clause": (cases_words.clause_title(row.clause), cases_words.clause_url(row.clause, request.actor)),
        "errors": defaultdict(str, errors or {}),
        "note": note,
    }
    return render(request, "notices/notice.jinja", context, status=status)


def _retry(request: ConsoleRequest, notice_id: int, version: int | None, now: datetime) -> object:
    return actions.retry(actor=request.actor, notice_id=notice_id, expected_version=version, now=now)


def _noted(act: Callable[..., object]) -> _Do:
    def do(request: ConsoleRequest, notice_id: int, version: int | None, now: datetime) -> object:
        note = request.POST.get("note", "").replace("\0", "")
        return act(actor=request.actor, notice_id=notice_id, note=note, expected_version=version, now=now)

    return do


_STEPS: Mapping[str, tuple[_Do, Message]] = {
    "retry": (_retry, gettext_lazy("已重新排队发送。")),
    "told": (_noted(actions.note_told), gettext_lazy("已记录人工告知。")),
    "drop": (_noted(actions.drop), gettext_lazy("已改为不发送。")),
}


@page("customer-notices/<int:notice_id>/<str:step>", "customer-notice-step", permission=Permission.NOTICE_WORK, methods=("POST",))
def customer_notice_step(request: ConsoleRequest, notice_id: int, step: str) -> HttpResponse:
    """Send it again, note that a person told them, or leave it. A refusal shows the page again with what was typed."""
    if step not in _STEPS:
        raise NotFound
    do, said = _STEPS[step]
    version = whole(request.POST.get("version", ""))

    def again(error: Invalid) -> HttpResponse | None:
        words = {step: str(next(iter(error.fields.values())))} if error.fields else None
        return _show(request, notice_id, errors=words, note=request.POST.get("note", "")[:400], status=422) if words else None

    stale = _("这条告知刚有人处理过，已显示最新情况，请确认后再操作。")
    back = reverse("console:customer-notice", kwargs={"notice_id": notice_id})
    return one_step(request, lambda: do(request, notice_id, version, moment.now()), said=said, stale=stale, back=back, again=again)


@page("customers/<int:customer_id>/channel", "customer-channel", permission=Permission.CUSTOMER_EDIT, methods=("POST",))
def customer_channel(request: ConsoleRequest, customer_id: int) -> HttpResponse:
    """Keep how the customer wants to be told, with how they said so."""
    from kefu.console.views import customers

    values = {name: request.POST.get(name, "").replace("\0", "")[:400] for name in ("channel", "consent", "opted_out")}
    seen = request.POST.get("choice", "")
    version = -1 if seen == "-1" else whole(seen)
    try:
        actions.choose_channel(
            actor=request.actor, customer_id=customer_id, channel=values["channel"], consent=values["consent"],
            opted_out=values["opted_out"] == "1", expected_version=version, now=moment.now(),
        )  # fmt: skip
    except Invalid as error:
        errors = {name: str(text) for name, text in error.fields.items()}
        return customers.show(request, customer_id, status=422, form_name="channel", values=values, errors=errors)
    except Stale:
        return customers.show(request, customer_id, status=409, form_name="channel", values=values, stale=True)
    messages.success(request, _("告知方式已保存。"))
    return redirect(request, reverse("console:customer", kwargs={"customer_id": customer_id}))


def foretold(detail: CaseDetail, actor: Actor) -> dict[str, str]:
    """Steps that may follow and tell the customer something, with where it is read; asks the database nothing."""
    case = detail.case
    if case.customer_id is None or not actor.may(Permission.NOTICE_VIEW):
        return {}
    steps = [one.step for one in detail.options]
    told = [one for one in steps if detail.book.notice_for(kind=case.kind, step=f"{case.procedure}.{one.id}", events=one.events)]
    return {one.id: reverse("console:case-foretold", kwargs={"case_id": case.pk, "step": one.id}) for one in told}


@page("cases/<int:case_id>/foretold/<str:step>", "case-foretold", permission=Permission.NOTICE_VIEW)
def case_foretold(request: ConsoleRequest, case_id: int, step: str) -> HttpResponse:
    """What the customer of a case will be told by a step, and by which way."""
    case = cases.get_for(request.actor, case_id)
    book = book_of(case)
    if case.customer_id is None or book.procedures[case.procedure].step(step) is None:
        raise NotFound
    moments = [telling.moment_of(case, book, 0, "step", moment.now(), {"step": step})]
    found = next(iter(queries.foretold(request.actor, moments, book).values()), None)
    if found is None:
        raise NotFound
    context = {
        "case": case,
        "channel": CHANNELS[found.channel],
        "text": found.text,
        "reason": REASONS.get(found.reason, ""),
        "clause": (cases_words.clause_title(found.clause), cases_words.clause_url(found.clause, request.actor)),
    }
    return render(request, "notices/foretold.jinja", context, part="foretold")
