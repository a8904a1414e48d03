"""Claims: the list, the calculator on a case, a page for each claim with all that may be done now (CASE6)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.claims import actions, queries
from kefu.claims.liability import WHOLE, Party
from kefu.claims.queries import Detail
from kefu.claims.vocabulary import Cause, Channel, Choice, Claimant, Loss, Paper, Rung
from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.stepping import one_step
from kefu.console.views import audit_words, cases_words, claims_given, claims_words
from kefu.kernel import audit, moment
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Invalid, Message, NotFound
from kefu.lists.claims import CLAIMS, PAY_STATES, PAY_TONES, STATES, TONES
from kefu.people import queries as people
from kefu.people.permissions import Permission


@page("claims", "claims", permission=Permission.CLAIM_VIEW)
def claims(request: ConsoleRequest) -> HttpResponse:
    """Claims of the sites in reach."""
    head = Head(lead=_("计算、提交、逐级审批、客户确认、付款；同一损失只赔一次。"))
    return listing.show(request, CLAIMS, template="claims/list.jinja", head=head)


@page("claims/<int:claim_id>", "claim", permission=Permission.CLAIM_VIEW)
def claim(request: ConsoleRequest, claim_id: int) -> HttpResponse:
    """A claim: its reckoning, what is to be done now, papers, approvals, payments, liability, what happened."""
    return _show(request, claim_id)


def _show(
    request: ConsoleRequest,
    claim_id: int,
    *,
    errors: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    clear = request.GET.get("clear") == "1" and actor.may(Permission.PERSONAL_UNMASK)
    found = queries.detail(actor, claim_id, now=now, clear=clear)
    row = found.claim
    if clear:
        audit.record(actor, "claim.unmasked", Ref("claim", row.pk, row.number), now=now, site_id=row.site_id)
    context: dict[str, Any] = {
        "channels": Channel.choices,
        "found": found,
        "row": row,
        "state": (STATES[row.state], TONES[row.state]),
        "loss": Loss(row.loss).label,
        "cause": Cause(row.cause).label,
        "claimant": Claimant(row.claimant).label,
        "channel": dict(Channel.choices).get(row.channel, ""),
        "lines": claims_words.lines(row.lines, actor),
        "papers": [(key, title, key in row.papers, key in found.papers.papers) for key, title in Paper.choices],
        "papers_clause": _clause(found.papers.clause, actor),
        "missing": [Paper(one).label for one in found.missing],
        "rungs": _rungs(found),
        "limit_clause": _clause(row.limit_clause, actor),
        "payments": [(one, PAY_STATES[one.state], PAY_TONES[one.state]) for one in found.payments],
        "shares": [(one, _bearer(one.party, one.site_id), _clause(one.clause, actor)) for one in found.shares],
        "share_lines": _share_lines(found, values),
        "parties": [("", "—"), *Party.choices],
        "sites": [("", "—"), *((str(site.pk), site.name) for site in people.sites_by_id().values() if site.is_active)],
        "suggested": _bearer(found.suggested.party, found.suggested.site_id) if found.suggested else "",
        "suggested_clause": _clause(found.suggested.clause, actor) if found.suggested else None,
        "choice": dict(Choice.choices).get(found.recovery.choice, "") if found.recovery else "",
        "choices": Choice.choices,
        "history": [(one, audit_words.action(one.action)) for one in found.history],
        "can": found.can,
        "clear": clear,
        "errors": defaultdict(str, errors or {}),
        "values": defaultdict(str, values or {}),
    }
    return render(request, "claims/claim.jinja", context, part="claim", status=status)


def _clause(reference: str, actor: Actor) -> tuple[str, str] | None:
    return (cases_words.clause_title(reference), cases_words.clause_url(reference, actor)) if reference else None


def _bearer(party: str, site_id: int | None) -> str:
    title = str(dict(Party.choices).get(party, party))
    return f"{title} {queries.name_of_site(site_id)}" if site_id else title


def _rungs(found: Detail) -> list[tuple[str, str, Any]]:
    """Each rung of this round: its title, done, current or todo, and who decided."""
    row = found.claim
    decided = {one.rung: one for one in found.approvals if one.round == row.round}
    marks = [(one, "done" if one in decided else "current" if one == row.rung else "todo") for one in row.rungs]
    return [(str(Rung(one).label), mark, decided.get(one)) for one, mark in marks]


def _share_lines(found: Detail, values: Mapping[str, str] | None) -> list[tuple[str, str, str]]:
    """Lines of the liability form: as typed, as they stand, or as suggested; and two empty ones at least."""
    if values and any(name.startswith("party") for name in values):
        lines = [(values.get(f"party{at}", ""), values.get(f"site{at}", ""), values.get(f"percent{at}", "")) for at in range(6)]
    elif found.shares:
        lines = [(one.party, str(one.site_id or ""), f"{one.percent.normalize():f}") for one in found.shares]
    else:
        lines = [(found.suggested.party, str(found.suggested.site_id or ""), f"{WHOLE:f}")] if found.suggested else []
    lines = lines[: claims_given.MOST_SHARES]
    return lines + [("", "", "")] * (min(claims_given.MOST_SHARES, max(4, len(lines) + 2)) - len(lines))


_Do = Callable[[ConsoleRequest, dict[str, Any]], object]


def _text(request: ConsoleRequest, name: str) -> str:
    return request.POST.get(name, "").replace("\0", "")[:1000]


def _spoken(do: Callable[..., object]) -> _Do:
    return lambda request, about: do(reason=_text(request, "text"), **about)


def _propose(request: ConsoleRequest, about: dict[str, Any]) -> object:
    return actions.propose(amount=claims_given.amount(_text(request, "amount")) or Decimal(0), reason=_text(request, "reason"), **about)


def _agree(request: ConsoleRequest, about: dict[str, Any]) -> object:
    channel, name, account = (_text(request, one) for one in ("channel", "account_name", "account"))
    return actions.agree(channel=channel, account_name=name, account=account, **about)


def _recover(request: ConsoleRequest, about: dict[str, Any]) -> object:
    back = claims_given.amount(_text(request, "back")) or Decimal(0)
    return actions.recover(back=back, reason=_text(request, "text"), **about)


_STEPS: Mapping[str, tuple[_Do, Message]] = {
    "propose": (_propose, gettext_lazy("已提交。")),
    "approve": (_spoken(actions.approve), gettext_lazy("已同意。")),
    "reject": (_spoken(actions.reject), gettext_lazy("已驳回，登记人可修改后重新提交。")),
    "exempt": (_spoken(actions.exempt), gettext_lazy("已决定免赔。")),
    "withdraw": (_spoken(actions.withdraw), gettext_lazy("已撤回，这一损失可以重新登记。")),
    "acknowledge": (lambda _request, about: actions.acknowledge(**about), gettext_lazy("已登记：客户知道索赔已受理。")),
    "agree": (_agree, gettext_lazy("已登记客户同意。")),
    "papers": (lambda request, about: actions.hold_papers(papers=request.POST.getlist("papers"), **about), gettext_lazy("材料已更新。")),
    "share": (
        lambda request, about: actions.share_out(shares=claims_given.shares(request.POST.dict()), reason=_text(request, "reason"), **about),
        gettext_lazy("责任分摊已保存。"),
    ),
    "pay": (lambda _request, about: actions.start_payment(**about), gettext_lazy("已提交付款，请在“赔款支付”里导出。")),
    "found": (lambda _request, about: actions.note_found(**about), gettext_lazy("已登记找到快件。")),
    "clear": (_spoken(actions.clear_found), gettext_lazy("已确认未找到，理赔继续。")),
    "choose": (lambda request, about: actions.choose(choice=_text(request, "choice"), **about), gettext_lazy("已登记客户的选择。")),
    "recover": (_recover, gettext_lazy("已登记追回，理赔结束。")),
}


@page("claims/<int:claim_id>/<str:step>", "claim-step", permission=Permission.CLAIM_VIEW, methods=("POST",))
def claim_step(request: ConsoleRequest, claim_id: int, step: str) -> HttpResponse:
    """One step; each asks its own permission. A refusal shows the page again with what was typed."""
    if step not in _STEPS:
        raise NotFound
    do, said = _STEPS[step]
    now: datetime = moment.now()
    version = claims_given.whole(request.POST.get("version", ""))
    about = {"actor": request.actor, "claim_id": claim_id, "now": now, "expected_version": version}

    def again(error: Invalid) -> HttpResponse:
        fields = {f"{step}-{name}": str(words) for name, words in error.fields.items()}
        return _show(request, claim_id, errors=fields, values=request.POST.dict(), status=422)

    stale = _("这笔理赔刚有人处理过，已显示最新进度，请确认后再操作。")
    back = reverse("console:claim", kwargs={"claim_id": claim_id})
    return one_step(request, lambda: do(request, about), said=said, stale=stale, back=back, again=again)
