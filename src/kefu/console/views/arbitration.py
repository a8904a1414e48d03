"""Arbitration: the list with the desk's views, a page for each filing with both sides' evidence, and what may be done now (CASE7, O6)."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.arbitration import actions, queries
from kefu.arbitration.queries import FilingPage
from kefu.arbitration.vocabulary import CountsFrom, Outcome
from kefu.console import listing
from kefu.console.listing import Head
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.stepping import one_step
from kefu.console.views import arbitration_given, audit_words, cases_words
from kefu.kernel import audit, moment
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Invalid, Message, NotFound
from kefu.lists.arbitration import ARBITRATIONS, STATES, TONES
from kefu.parcels.vocabulary import StateCode
from kefu.people import queries as people
from kefu.people.permissions import Permission

_PARCEL = dict(StateCode.choices)


@page("arbitrations", "arbitrations", permission=Permission.ARBITRATION_VIEW)
def arbitrations(request: ConsoleRequest) -> HttpResponse:
    """Filings of and against the sites in reach; the desk works from its views."""
    head = Head(lead=_("申报、受理、举证、裁决、复核、复议，终局后款项自动入账。"))
    return listing.show(request, ARBITRATIONS, template="arbitration/list.jinja", head=head)


@page("arbitrations/<int:filing_id>", "arbitration", permission=Permission.ARBITRATION_VIEW)
def arbitration(request: ConsoleRequest, filing_id: int) -> HttpResponse:
    """A filing with what may be done now."""
    return _show(request, filing_id)


def _clause(reference: str, actor: Actor) -> tuple[str, str] | None:
    return (cases_words.clause_title(reference), cases_words.clause_url(reference, actor)) if reference else None


def _show(
    request: ConsoleRequest,
    filing_id: int,
    *,
    errors: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    clear = request.GET.get("clear") == "1" and actor.may(Permission.PERSONAL_UNMASK)
    found = queries.get(actor, filing_id, now=now, clear=clear)
    row = found.row
    if clear:
        audit.record(actor, "arbitration.unmasked", Ref("arbitration", row.id, row.number), now=now, site_id=row.site_id)
    context: dict[str, Any] = {
        "it": found,
        "row": row,
        "state": (STATES[row.state], TONES[row.state]),
        "late": row.late and row.state in ("replying", "decided"),
        "outcomes": Outcome.choices,
        "outcome_names": dict(Outcome.choices),
        "parcel_state": _PARCEL.get(found.parcel_state, ""),
        "counted": dict(CountsFrom.choices).get(found.kind.counts_from, "") if found.kind else "",
        "clause": _clause(row.clause, actor),
        "due_clause": _clause(found.due_clause, actor),
        "history": [(one, audit_words.action(one.action)) for one in found.history],
        "parties": _parties(found),
        "arbiters": _arbiters(actor) if "assign" in found.may else (),
        "clear": clear,
        "fresh": values is None,
        "errors": defaultdict(str, errors or {}),
        "values": defaultdict(str, values or {}),
    }
    return render(request, "arbitration/filing.jinja", context, part="filing", status=status)


def _parties(found: FilingPage) -> list[tuple[int, str, bool]]:
    """Whose shares the verdict's form asks for: the accused first, then the applicant."""
    return [*((one.site_id, one.site, True) for one in found.answers), (found.row.site_id, found.row.site, False)]


def _arbiters(actor: Actor) -> list[tuple[str, str]]:
    found = {one.staff_id: one.name for one in queries.arbiters(actor) if one.is_active}
    me = people.me(actor)
    if me is not None:
        found.setdefault(me.pk, me.name)
    return [(str(pk), name) for pk, name in found.items()]


_Do = Callable[[ConsoleRequest, int, int | None, datetime], object]


def _plain(step: Callable[..., object]) -> _Do:
    def do(request: ConsoleRequest, filing_id: int, version: int | None, now: datetime) -> object:
        return step(actor=request.actor, filing_id=filing_id, expected_version=version, now=now)

    return do


def _spoken(step: Callable[..., object]) -> _Do:
    def do(request: ConsoleRequest, filing_id: int, version: int | None, now: datetime) -> object:
        text = arbitration_given.text(request, "text")
        return step(actor=request.actor, filing_id=filing_id, text=text, expected_version=version, now=now)

    return do


def _reply(request: ConsoleRequest, filing_id: int, version: int | None, now: datetime) -> object:
    text, uploads = arbitration_given.text(request, "text"), arbitration_given.uploads(request)
    return actions.reply(actor=request.actor, filing_id=filing_id, text=text, uploads=uploads, expected_version=version, now=now)


def _evidence(request: ConsoleRequest, filing_id: int, _version: int | None, now: datetime) -> object:
    uploads = arbitration_given.uploads(request)
    if not uploads:
        raise Invalid(fields={"files": _("请选择要上传的附件。")}, code="no_files")
    return actions.add_evidence(actor=request.actor, filing_id=filing_id, uploads=uploads, now=now)


def _rule(request: ConsoleRequest, filing_id: int, version: int | None, now: datetime) -> object:
    found = queries.get(request.actor, filing_id, now=now)
    ruling = arbitration_given.ruling(request, [site_id for site_id, _name, _accused in _parties(found)])
    return actions.rule(actor=request.actor, filing_id=filing_id, ruling=ruling, expected_version=version, now=now)


def _assign(request: ConsoleRequest, filing_id: int, version: int | None, now: datetime) -> object:
    staff_id = arbitration_given.whole(request.POST.get("staff", "")) or 0
    return actions.assign(actor=request.actor, filing_id=filing_id, staff_id=staff_id, expected_version=version, now=now)


_STEPS: Mapping[str, tuple[_Do, Message]] = {
    "accept": (_plain(actions.accept), gettext_lazy("已受理，对方开始举证。")),
    "refuse": (_spoken(actions.refuse), gettext_lazy("已不予受理，申报网点可以重新申报。")),
    "withdraw": (_spoken(actions.withdraw), gettext_lazy("申报已撤回。")),
    "reply": (_reply, gettext_lazy("举证已提交。")),
    "evidence": (_evidence, gettext_lazy("附件已提交。")),
    "rule": (_rule, gettext_lazy("裁决已提交，等待另一位仲裁员复核。")),
    "confirm": (_plain(actions.confirm), gettext_lazy("裁决已复核生效。")),
    "send_back": (_spoken(actions.send_back), gettext_lazy("裁决已退回重拟。")),
    "appeal": (_spoken(actions.appeal), gettext_lazy("复议已提交。")),
    "assign": (_assign, gettext_lazy("已换仲裁员。")),
}


@page("arbitrations/<int:filing_id>/<str:step>", "arbitration-step", permission=Permission.ARBITRATION_VIEW, methods=("POST",))
def arbitration_step(request: ConsoleRequest, filing_id: int, step: str) -> HttpResponse:
    """One step; each asks its own permission. A refusal shows the page again with what was typed."""
    if step not in _STEPS:
        raise NotFound
    do, said = _STEPS[step]
    version = arbitration_given.whole(request.POST.get("version", ""))

    def again(error: Invalid) -> HttpResponse:
        fields = {f"{step}-{name}": str(text) for name, text in error.fields.items()} or {f"{step}-text": str(error)}
        return _show(request, filing_id, errors=fields, values=arbitration_given.typed(request), status=422)

    stale = _("此仲裁刚有人处理过，已显示最新进度，请确认后再操作。")
    back = reverse("console:arbitration", kwargs={"filing_id": filing_id})
    return one_step(request, lambda: do(request, filing_id, version, moment.now()), said=said, stale=stale, back=back, again=again)


@page("arbitrations/<int:filing_id>/evidence/<int:evidence_id>", "arbitration-evidence", permission=Permission.ARBITRATION_VIEW)
def arbitration_evidence(request: ConsoleRequest, filing_id: int, evidence_id: int) -> HttpResponse:
    """A piece of evidence, always as a download; the look is recorded."""
    found = actions.read_evidence(actor=request.actor, filing_id=filing_id, evidence_id=evidence_id, now=moment.now())
    response = HttpResponse(found.content, content_type="application/octet-stream")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.name, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response
