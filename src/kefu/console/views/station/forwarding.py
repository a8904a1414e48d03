"""Out-of-area forwarding: the list with its views, the form, a page for each request drawn as steps (OPS10, O7)."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kefu.console import listing
from kefu.console.listing import Bulk, BulkAction, Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.stepping import one_step
from kefu.console.views import audit_words, cases_words
from kefu.console.views.station import board
from kefu.escalations import queries as cases
from kefu.escalations.forwarding import KIND, escalate_forward
from kefu.kernel import audit, moment
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Invalid, KefuError, Message, NotFound
from kefu.lists.station.forwarding import FORWARDS, LATE, PAYERS, REASONS, STATES, TONES, WAYS
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.forwarding import actions, queries
from kefu.station.forwarding.drafts import ForwardDraft
from kefu.station.forwarding.queries import ForwardRow
from kefu.station.forwarding.vocabulary import OUTSIDE_COMPANIES, Contact, Payer, Reason, State, Step, Way

_FIELDS = (
    "waybill", "reason", "way", "site", "to_site", "company", "address", "note", "fee", "payer", "sender_told", "confirmed_at", "contact",
)  # fmt: skip
_BULK = Bulk(
    "station-forwarding-bulk", (BulkAction("approve", gettext_lazy("同意"), "accept"), BulkAction("refuse", gettext_lazy("驳回"), "close"))
)
STEPS = dict(Step.choices)


@page("station/forwarding", "station-forwarding", permission=Permission.FORWARD_VIEW)
def forwarding(request: ConsoleRequest) -> HttpResponse:
    """Requests of the sites in reach and to them."""
    bulk = _BULK if request.actor.may(Permission.FORWARD_APPROVE) else None
    head = Head(lead=_("地址不在派送范围时申请转件：审核、转出、签收、结算。"))
    return listing.show(request, FORWARDS, template="station/forwarding/list.jinja", tabs=board.tabs(request), head=head, bulk=bulk)


@page("station/forwarding/bulk", "station-forwarding-bulk", permission=Permission.FORWARD_APPROVE, methods=("POST",))
def forwarding_bulk(request: ConsoleRequest) -> HttpResponse:
    """Agree to, or refuse, the ticked rows."""
    now = moment.now()
    chosen = listing.chosen(request, FORWARDS)
    if chosen.nothing or chosen.do not in ("approve", "refuse"):
        messages.warning(request, _("请先勾选要审核的申请。"))
        return redirect(request, chosen.back(FORWARDS))
    step = actions.approve if chosen.do == "approve" else actions.refuse
    done, refused = 0, dict[str, int]()
    for key in (int(one) for one in chosen.keys(FORWARDS, now) if one.isdecimal() and len(one) < 18):
        try:
            step(actor=request.actor, forward_id=key, text=request.POST.get("text", ""), now=now)
            done += 1
        except KefuError as error:
            words = str(_words_of(error))
            refused[words] = refused.get(words, 0) + 1
    if done:
        messages.success(request, ngettext("已处理 %(count)s 件。", "已处理 %(count)s 件。", done) % {"count": done})
    for words, count in list(refused.items())[:5]:
        messages.warning(request, _("%(count)s 件没有处理：%(words)s") % {"count": count, "words": words})
    return redirect(request, chosen.back(FORWARDS))


def _words_of(error: KefuError) -> Message:
    fields = error.fields if isinstance(error, Invalid) else {}
    return next(iter(fields.values()), str(error))


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text.strip() or "0")
    except InvalidOperation:
        return Decimal("NaN")


def _moment(text: str) -> datetime | None:
    """A local time as a form has it."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return timezone.make_aware(found) if found is not None and timezone.is_naive(found) else found


@page("station/forwarding/new", "station-forward-new", permission=Permission.FORWARD_REQUEST, methods=("GET", "POST"))
def forward_new(request: ConsoleRequest) -> HttpResponse:
    """The form of a request."""
    given = request.POST if request.method == "POST" else request.GET
    values = {name: given.get(name, "").replace("\0", "")[:2000] for name in _FIELDS}
    if request.method == "GET":
        return _form(request, {"reason": "out_of_area", "payer": "own", **{key: value for key, value in values.items() if value}}, {})
    at = _moment(values["confirmed_at"])
    draft = ForwardDraft(
        waybill=values["waybill"],
        reason=values["reason"],
        way=values["way"],
        site_id=_whole(values["site"]),
        to_site_id=_whole(values["to_site"]) if values["way"] == Way.SITE else None,
        company=values["company"],
        address=values["address"],
        note=values["note"],
        fee=_amount(values["fee"]),
        payer=values["payer"],
        sender_told=values["sender_told"] == "1",
        confirmed_at=at,
        confirmed_by_way=values["contact"],
    )
    try:
        row = actions.request_forward(actor=request.actor, draft=draft, now=moment.now())
    except Invalid as error:
        return _form(request, values, {name: str(text) for name, text in error.fields.items()}, status=422)
    messages.success(request, _("转件申请已提交，等待审核。"))
    if row.wrong_claim:
        messages.warning(request, _("范围表记载本网点派送“%(area)s”，这可能是误报超区，责任在申报网点。") % {"area": row.area})
    return redirect(request, reverse("console:station-forward", kwargs={"forward_id": row.pk}))


def _form(request: ConsoleRequest, values: Mapping[str, str], errors: Mapping[str, str], *, status: int = 200) -> HttpResponse:
    actor = request.actor
    sites = [site for site in people.sites_by_id().values() if site.is_active and site.kind != "shop"]
    own = [(str(site.pk), site.name) for site in sites if actor.reaches(site.pk)]
    site_id = _whole(values.get("site", "")) or actor.site_id
    if site_id is None or not actor.reaches(site_id):
        site_id = int(own[0][0]) if own else None
    terms = queries.terms_for(actor, site_id, now=moment.now()) if site_id is not None else None
    context = {
        "tabs": board.tabs(request),
        "values": {**dict.fromkeys(_FIELDS, ""), **values, "site": str(site_id or "")},
        "errors": defaultdict(str, errors),
        "own": own,
        "sites": [(str(site.pk), f"{site.name} {site.code}") for site in sites if site.pk != site_id],
        "companies": [str(title) for _key, title in OUTSIDE_COMPANIES[:-1]],
        "reasons": [(key, title) for key, title in Reason.choices],
        "ways": Way.choices,
        "payers": [
            (key, title) for key, title in Payer.choices if key != Payer.RECEIVER or terms is None or terms.receiver_pays is not False
        ],
        "contacts": Contact.choices,
        "payer_clause": _clause(terms.payer_clause, actor) if terms and terms.payer_clause else None,
        "now_local": timezone.localtime(moment.now()).strftime("%Y-%m-%dT%H:%M"),
    }
    return render(request, "station/forwarding/new.jinja", context, status=status)


def _clause(reference: str, actor: Actor) -> tuple[str, str]:
    return cases_words.clause_title(reference), cases_words.clause_url(reference, actor)


@page("station/forwarding/<int:forward_id>", "station-forward", permission=Permission.FORWARD_VIEW)
def forward(request: ConsoleRequest, forward_id: int) -> HttpResponse:
    """A request as steps, with what may be done now."""
    return _show(request, forward_id)


def _show(
    request: ConsoleRequest,
    forward_id: int,
    *,
    errors: Mapping[str, str] | None = None,
    values: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, now = request.actor, moment.now()
    clear = request.GET.get("clear") == "1" and actor.may(Permission.PERSONAL_UNMASK)
    row = queries.get(actor, forward_id, now=now, clear=clear)
    if clear:
        audit.record(actor, "forward.unmasked", Ref("forward", row.id, row.waybill), now=now, site_id=row.site_id)
    case_id = cases.cases_of(KIND, [row.id]).get(row.id)
    context: dict[str, Any] = {
        "tabs": board.tabs(request),
        "row": row,
        "state": (STATES[row.state], TONES[row.state]),
        "late": LATE.get(row.state, "") if row.late else "",
        "steps": [(one, STEPS[one.step]) for one in queries.steps(row)],
        "history": [(one, audit_words.action(one.action)) for one in queries.history(actor, forward_id)],
        "reason": REASONS[row.reason],
        "way": WAYS[row.way],
        "payer": PAYERS[row.payer],
        "settled_payer": PAYERS.get(row.settled_payer, ""),
        "contact": dict(Contact.choices).get(row.confirmed_by_way, ""),
        "contacts": Contact.choices,
        "payers": Payer.choices,
        "clause": _clause(row.clause, actor) if row.clause else None,
        "payer_clause": _clause(row.payer_clause, actor) if row.payer_clause else None,
        "case_id": case_id,
        "can": _offered(actor, row, case_id),
        "clear": clear,
        "errors": defaultdict(str, errors or {}),
        "values": defaultdict(str, values or {}),
        "now_local": timezone.localtime(now).strftime("%Y-%m-%dT%H:%M"),
    }
    return render(request, "station/forwarding/request.jinja", context, part="request", status=status)


def _offered(actor: Actor, row: ForwardRow, case_id: int | None) -> frozenset[str]:
    """What this reader may do with it as it stands."""
    offers = {"case": case_id is None and actor.may(Permission.CASE_OPEN)}
    if row.own:
        asks, decides = actor.may(Permission.FORWARD_REQUEST), actor.may(Permission.FORWARD_APPROVE)
        mine = actor.staff_id is not None and actor.staff_id == row.requested_by_id
        offers |= {
            "confirm": asks and row.confirmed_at is None and row.state in (State.REQUESTED, State.APPROVED),
            "decide": decides and not mine and row.state == State.REQUESTED,
            "wait": mine and decides and row.state == State.REQUESTED,
            "withdraw": asks and row.state in (State.REQUESTED, State.APPROVED),
            "hand-on": asks and row.state == State.APPROVED,
            "sign": asks and row.state == State.FORWARDED,
            "settle": actor.may(Permission.FEE_SETTLE) and row.state == State.SIGNED,
        }
    return frozenset(name for name, offered in offers.items() if offered)


_Step = Callable[[ConsoleRequest, int, int | None, datetime], object]


def _confirm(request: ConsoleRequest, forward_id: int, version: int | None, now: datetime) -> object:
    at = _moment(request.POST.get("confirmed_at", "")) or now.max.replace(tzinfo=now.tzinfo)
    return actions.confirm(
        actor=request.actor, forward_id=forward_id, at=at, way=request.POST.get("contact", ""), expected_version=version, now=now
    )


def _spoken(step: Callable[..., object]) -> _Step:
    def do(request: ConsoleRequest, forward_id: int, version: int | None, now: datetime) -> object:
        return step(actor=request.actor, forward_id=forward_id, text=request.POST.get("text", ""), expected_version=version, now=now)

    return do


def _hand_on(request: ConsoleRequest, forward_id: int, version: int | None, now: datetime) -> object:
    return actions.hand_on(
        actor=request.actor, forward_id=forward_id, new_waybill=request.POST.get("new_waybill", "")[:60], expected_version=version, now=now
    )


def _sign(request: ConsoleRequest, forward_id: int, version: int | None, now: datetime) -> object:
    at = _moment(request.POST.get("signed_at", "")) or now.max.replace(tzinfo=now.tzinfo)
    return actions.mark_signed(actor=request.actor, forward_id=forward_id, at=at, expected_version=version, now=now)


def _settle(request: ConsoleRequest, forward_id: int, version: int | None, now: datetime) -> object:
    fee, payer = _amount(request.POST.get("fee", "")), request.POST.get("payer", "")
    return actions.settle(actor=request.actor, forward_id=forward_id, fee=fee, payer=payer, expected_version=version, now=now)


_STEPS: Mapping[str, tuple[_Step, Message]] = {
    "confirm": (_confirm, gettext_lazy("已登记收件人确认。")),
    "approve": (_spoken(actions.approve), gettext_lazy("已同意，可以转出。")),
    "refuse": (_spoken(actions.refuse), gettext_lazy("已驳回。")),
    "withdraw": (_spoken(actions.withdraw), gettext_lazy("申请已撤销。")),
    "hand-on": (_hand_on, gettext_lazy("已转出，原单号会跟着新单号走。")),
    "sign": (_sign, gettext_lazy("已登记签收。")),
    "settle": (_settle, gettext_lazy("已结算。")),
}


@page("station/forwarding/<int:forward_id>/<str:step>", "station-forward-step", permission=Permission.FORWARD_VIEW, methods=("POST",))
def forward_step(request: ConsoleRequest, forward_id: int, step: str) -> HttpResponse:
    """One step; each asks its own permission. A refusal shows the page again with what was typed."""
    if step == "case":
        return _case(request, forward_id)
    if step not in _STEPS:
        raise NotFound
    do, said = _STEPS[step]
    version = _whole(request.POST.get("version", ""))

    def again(error: Invalid) -> HttpResponse:
        fields = {f"{step}-{name}": str(text) for name, text in error.fields.items()}
        return _show(request, forward_id, errors=fields, values=_typed(request, ("text", "new_waybill", "fee", "payer")), status=422)

    stale = _("此申请刚有人处理过，已显示最新进度，请确认后再操作。")
    back = reverse("console:station-forward", kwargs={"forward_id": forward_id})
    return one_step(request, lambda: do(request, forward_id, version, moment.now()), said=said, stale=stale, back=back, again=again)


def _typed(request: ConsoleRequest, names: Sequence[str]) -> dict[str, str]:
    return {name: request.POST.get(name, "").replace("\0", "")[:500] for name in names}


def _case(request: ConsoleRequest, forward_id: int) -> HttpResponse:
    try:
        done = escalate_forward(actor=request.actor, forward_id=forward_id, now=moment.now())
    except NotFound:
        raise
    except KefuError as error:
        messages.error(request, str(_words_of(error)))
        return redirect(request, reverse("console:station-forward", kwargs={"forward_id": forward_id}))
    messages.success(request, _("已开工单。") if done.fresh else _("此申请已有工单。"))
    return redirect(request, reverse("console:case", kwargs={"case_id": done.case_id}))
