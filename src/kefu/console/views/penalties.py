"""The ledger of penalties: lines, one line with its evidence and what may be done, months and their locks (QA8)."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

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
from kefu.console.views import cases_words
from kefu.console.views.inspection_filters import address
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid, Message, NotFound
from kefu.lists.arbitration import month_of
from kefu.lists.definition import whole
from kefu.lists.penalties import CAUSES, KINDS, PENALTIES, PENALTY_SHEETS, TONES
from kefu.penalties import actions, queries, statements
from kefu.penalties.access import VIEWERS
from kefu.penalties.queries import EntryRow
from kefu.penalties.vocabulary import ObjectionState
from kefu.people.permissions import Permission

_OBJECTIONS = dict(ObjectionState.choices)
_OBJECTION_TONES = {"open": "warn", "upheld": "good", "rejected": "quiet"}


def tabs(current: str) -> list[dict[str, Any]]:
    """Pages of penalties side by side."""
    return [
        {"label": title, "href": reverse(f"console:{name}"), "current": name == current}
        for name, title in (("penalties", _("台账")), ("penalty-sheets", _("月结单")))
    ]


def this_month(request: ConsoleRequest) -> date:
    """The month asked for, or the current one."""
    return month_of(request.GET.get("month", "")) or timezone.localdate(moment.now()).replace(day=1)


@page("penalties", "penalties", permission=VIEWERS)
def penalties(request: ConsoleRequest) -> HttpResponse:
    """Lines the reader may see, with what the chosen month comes to."""
    month, site = month_of(request.GET.get("month", "")), whole(request.GET.get("site", ""))
    staff, team = whole(request.GET.get("staff", "")), whole(request.GET.get("team", ""))
    extra = {
        "sums": statements.sums(request.actor, month=month, site_id=site, staff_id=staff, team_id=team),
        "waiting": queries.waiting(request.actor),
        "opens": lambda **more: _with(request, **more),
        "page_tabs": tabs("penalties"),
    }
    head = Head(lead=_("申诉期满、没有未决申诉的判定才记入；记入后不修改，更正一律用冲销记录。"))
    return listing.show(request, PENALTIES, template="penalties/list.jinja", head=head, extra=extra)


def _with(request: ConsoleRequest, **more: str) -> str:
    names = ("month", "site", "staff", "team")
    query = {name: request.GET[name] for name in names if request.GET.get(name)} | more
    return address("penalties", request.actor, query)


@page("penalties/<int:entry_id>", "penalty", permission=VIEWERS)
def penalty(request: ConsoleRequest, entry_id: int) -> HttpResponse:
    """One line with everything it rests on."""
    return _show(request, entry_id)


def evidence_address(actor: Actor, one: EntryRow) -> str:
    """Where the sentence is read: the finding in its conversation, or the case."""
    if one.subject_kind == "case":
        return address("case", actor, case_id=one.subject_id)
    found = address("conversation", actor, conversation_id=one.subject_id)
    return f"{found}#finding-{one.finding_id}" if found else ""


def _clause(reference: str, actor: Actor) -> tuple[str, str]:
    return cases_words.clause_title(reference), cases_words.clause_url(reference, actor)


def _show(
    request: ConsoleRequest, entry_id: int, *, errors: Mapping[str, str] | None = None, typed: str = "", status: int = 200
) -> HttpResponse:
    found = queries.detail(request.actor, entry_id)
    row = found.row
    context: dict[str, Any] = {
        "it": found,
        "row": row,
        "kind": (KINDS[row.kind], TONES[row.kind]),
        "cause": CAUSES.get(row.cause, ""),
        "clause": _clause(row.clause, request.actor),
        "policy": _clause(row.policy, request.actor) if row.policy else None,
        "evidence": evidence_address(request.actor, row),
        "statement": reverse("console:penalty-statement", kwargs={"staff_id": row.staff_id, "month": f"{row.month:%Y-%m}"}),
        "objections": [(one, _OBJECTIONS[one.state], _OBJECTION_TONES[one.state]) for one in found.objections],
        "errors": defaultdict(str, errors or {}),
        "typed": typed,
    }
    return render(request, "penalties/entry.jinja", context, status=status)


_STEPS: Mapping[str, tuple[str, Message]] = {
    "object": ("reason", gettext_lazy("异议已提交，等待经理答复。")),
    "waive": ("reason", gettext_lazy("已免除，记入一笔冲销。")),
    "uphold": ("answer", gettext_lazy("异议成立，已记入一笔冲销。")),
    "reject": ("answer", gettext_lazy("已答复：异议不成立。")),
}


@page("penalties/<int:entry_id>/<str:step>", "penalty-step", permission=VIEWERS, methods=("POST",))
def penalty_step(request: ConsoleRequest, entry_id: int, step: str) -> HttpResponse:
    """Object, waive, answer. A refusal shows the page again with what was typed."""
    if step not in _STEPS:
        raise NotFound
    field, said = _STEPS[step]
    typed = request.POST.get(field, "").replace("\0", "")
    now = moment.now()

    def do() -> object:
        return _do(request, entry_id, step, typed, now)

    def again(error: Invalid) -> HttpResponse | None:
        words = {step: str(next(iter(error.fields.values())))} if error.fields else None
        return _show(request, entry_id, errors=words, typed=typed[:600], status=422) if words else None

    stale = _("这笔记录刚有人处理过，已显示最新情况，请确认后再操作。")
    back = reverse("console:penalty", kwargs={"entry_id": entry_id})
    return one_step(request, do, said=said, stale=stale, back=back, again=again)


def _do(request: ConsoleRequest, entry_id: int, step: str, typed: str, now: datetime) -> object:
    if step == "object":
        return actions.object_to(actor=request.actor, entry_id=entry_id, reason=typed, now=now)
    if step == "waive":
        return actions.waive(actor=request.actor, entry_id=entry_id, reason=typed, now=now)
    objection_id, version = whole(request.POST.get("objection", "")), whole(request.POST.get("version", ""))
    if objection_id is None:
        raise NotFound
    return actions.answer_objection(
        actor=request.actor, objection_id=objection_id, upheld=step == "uphold", answer=typed, now=now, expected_version=version
    )


@page("penalties/months", "penalty-sheets", permission=VIEWERS)
def penalty_sheets(request: ConsoleRequest) -> HttpResponse:
    """Statements of people's months; the months of sites with their locks stand above them."""
    month = this_month(request)
    sees = request.actor.may(Permission.PENALTY_VIEW)
    over = month < timezone.localdate(moment.now()).replace(day=1)
    extra = {
        "months": statements.months(request.actor, month=month) if sees else [],
        "month": month,
        "can_lock": over and request.actor.may(Permission.PENALTY_LOCK),
        "lines": lambda one: address("penalties", request.actor, {"month": f"{one.month:%Y-%m}", "site": str(one.site_id)}),
        "page_tabs": tabs("penalty-sheets"),
    }
    head = Head(lead=_("每人每月一张；锁定的月份不再变动，之后的更正记入以后的月份。"))
    return listing.show(request, PENALTY_SHEETS, template="penalties/sheets.jinja", head=head, extra=extra)


@page("penalties/months/lock", "penalty-lock", permission=Permission.PENALTY_LOCK, methods=("POST",))
def penalty_lock(request: ConsoleRequest) -> HttpResponse:
    """Lock a site's month."""
    site_id, month = whole(request.POST.get("site", "")), month_of(request.POST.get("month", ""))
    if site_id is None or month is None:
        raise NotFound
    try:
        actions.lock_month(actor=request.actor, site_id=site_id, month=month, now=moment.now())
    except Conflict as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("%(month)s 已锁定。") % {"month": f"{month:%Y-%m}"})
    return redirect(request, f"{reverse('console:penalty-sheets')}?month={month:%Y-%m}")
