"""Signing: the entry of one sign-off or of many in a row, the list, and the board's figures (OPS3, O10)."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console import listing
from kefu.console.listing import Bulk, BulkAction, Head
from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.station import board
from kefu.kernel import moment
from kefu.kernel.errors import KefuError
from kefu.kernel.files import SIZE_LIMIT, FileRefused
from kefu.lists.definition import whole
from kefu.lists.station.signing import SIGN_OFFS
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.signing import actions, queries
from kefu.station.signing.drafts import SignDraft
from kefu.station.signing.errors import SignRefused, TooManyProofs
from kefu.station.signing.queries import SignFilter
from kefu.station.signing.words import Consent, Signer, Situation

_SEPARATORS = re.compile(r"[\s,，;；、]+")
_FIELDS = (
    "site", "signed_at", "signer", "signer_name", "relation", "courier", "situation", "pieces", "place", "consent_by", "consent_how",
    "cod_collected", "freight_collected", "note",
)  # fmt: skip
_SHOWN = (*_FIELDS, "waybill", "numbers")
_BULK = Bulk("station-signing-bulk", (BulkAction("out", gettext_lazy("出库（已取走）"), "accept", "primary"),))


def choices() -> dict[str, object]:
    """What the selects of a sign-off offer."""
    return {
        "signers": [(code, str(label)) for code, label in Signer.choices],
        "situations": [(code, str(label)) for code, label in Situation.choices],
        "consents": [(code, str(label)) for code, label in Consent.choices],
    }


def _entry(
    request: ConsoleRequest,
    *,
    values: Mapping[str, str] | None = None,
    errors: Mapping[str, str] | None = None,
    refused: Sequence[tuple[str, str]] = (),
    status: int = 200,
) -> HttpResponse:
    actor = request.actor
    own = [(site.pk, site.name) for site in people.sites(actor) if site.kind in ("station", "hub")]
    usual = {"site": str(actor.site_id or (own[0][0] if own else "")), "signer": "self", "situation": "normal"}
    context = {
        "tabs": board.tabs(request),
        "values": dict.fromkeys(_SHOWN, "") | {"signed_at": _local(moment.now())} | usual | dict(values or {}),
        "errors": dict.fromkeys(_SHOWN, "") | dict(errors or {}),
        "refused": refused,
        "own_sites": own,
        "last": queries.page(actor, SignFilter(entered_id=actor.own_id), size=10).rows if actor.own_id else [],
        "most": actions.MOST_AT_ONCE,
        "signer_words": dict(Signer.choices),
        **choices(),
    }
    return render(request, "station/signing/entry.jinja", context, status=status)


def _local(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


@page("station/signing", "station-signing", permission=(Permission.PARCEL_SCAN, Permission.PARCEL_VIEW))
def signing(request: ConsoleRequest) -> HttpResponse:
    """The entry for who signs off; the list for everybody else."""
    if not request.actor.may(Permission.PARCEL_SCAN):
        return HttpResponseRedirect(reverse("console:station-signing-list"))
    return _entry(
        request, values={name: text[:60] for name in ("waybill", "site", "signer", "place") if (text := request.GET.get(name, ""))}
    )


def _draft(given: Mapping[str, str], number: str) -> SignDraft:
    return SignDraft(
        waybill=number,
        site_id=whole(given["site"]) or 0,
        signed_at=_moment(given["signed_at"]),
        signer=given["signer"],
        signer_name=given["signer_name"],
        relation=given["relation"],
        courier=given["courier"],
        situation=given["situation"],
        pieces=whole(given["pieces"]) or 0,
        place=given["place"],
        consent_by=given["consent_by"],
        consent_how=given["consent_how"],
        cod_collected=_amount(given["cod_collected"]),
        freight_collected=_amount(given["freight_collected"]),
        note=given["note"],
    )


def _moment(text: str) -> datetime:
    """The time of the form; what is none is taken for one far ahead, which is refused with the field."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return moment.now() + timedelta(days=3650)
    return at if at.tzinfo else timezone.make_aware(at)


def _amount(text: str) -> Decimal:
    try:
        return Decimal(text or "0")
    except InvalidOperation:
        return Decimal(-1)


def _given(request: ConsoleRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "").replace("\0", "").strip()[:500] for name in _SHOWN}


@page("station/signing/record", "station-signing-record", permission=Permission.PARCEL_SCAN, methods=("POST",))
def signing_record(request: ConsoleRequest) -> HttpResponse:
    """One sign-off with its pictures."""
    given = _given(request)
    try:
        row = actions.sign(actor=request.actor, draft=_draft(given, given["waybill"]), now=moment.now())
    except SignRefused as refused:
        return _entry(request, values=given, errors={name: str(text) for name, text in refused.fields.items()}, status=422)
    try:
        add_proofs(request, row.pk)
    except (FileRefused, TooManyProofs) as refused_file:
        messages.warning(request, _("签收已录入，图片没有保存：%(why)s") % {"why": refused_file})
        return HttpResponseRedirect(reverse("console:station-signing-one", kwargs={"key": row.pk}))
    messages.success(request, _("%(number)s 已录入。") % {"number": row.waybill})
    keep = {name: given[name] for name in ("site", "signer", "place") if given[name]}
    return HttpResponseRedirect(f"{reverse('console:station-signing')}?{urlencode(keep)}")


def add_proofs(request: ConsoleRequest, key: int) -> None:
    """Keep the pictures of a form."""
    for file in request.FILES.getlist("proofs")[: actions.MOST_PROOFS]:
        actions.attach(
            actor=request.actor,
            sign_off_id=key,
            name=file.name or "",
            content=file.read(SIZE_LIMIT + 1),
            content_type=file.content_type or "",
            now=moment.now(),
        )


@page("station/signing/many", "station-signing-many", permission=Permission.PARCEL_SCAN, methods=("POST",))
def signing_many(request: ConsoleRequest) -> HttpResponse:
    """Many numbers with the same signer; those refused are shown with what to do, the others are recorded."""
    given = _given(request) | {"numbers": request.POST.get("numbers", "")[:60_000].replace("\0", "")}
    numbers = [part for part in _SEPARATORS.split(given["numbers"]) if part][: actions.MOST_AT_ONCE]
    if not numbers:
        return _entry(request, values=given, errors={"numbers": _("请扫描或粘贴运单号，一行一个。")}, status=422)
    done = actions.sign_many(actor=request.actor, drafts=[_draft(given, number) for number in numbers], now=moment.now())
    refused = [(numbers[one.place], " ".join(problem.words for problem in one.problems)) for one in done.refused]
    words = _("录入 %(stored)s 票，未录 %(refused)s 票。") % {"stored": len(done.stored), "refused": len(refused)}
    (messages.warning if refused else messages.success)(request, words)
    if not refused:
        return HttpResponseRedirect(reverse("console:station-signing"))
    return _entry(request, values=given | {"numbers": "\n".join(number for number, _words in refused)}, refused=refused, status=422)


@page("station/signing/list", "station-signing-list", permission=Permission.PARCEL_VIEW)
def signing_list(request: ConsoleRequest) -> HttpResponse:
    """Sign-offs by day, courier, signer, situation, site, number, who entered them."""
    actor = request.actor
    crumbs = [(_("签收录入"), reverse("console:station-signing"))] if actor.may(Permission.PARCEL_SCAN) else []
    bulk = _BULK if actor.may(Permission.PARCEL_SCAN) else None
    head = Head(lead=_("点开运单号看签收图片和修改记录。"), crumbs=crumbs)
    return listing.show(request, SIGN_OFFS, template="station/signing/list.jinja", tabs=board.tabs(request), head=head, bulk=bulk)


@page("station/signing/bulk", "station-signing-bulk", permission=Permission.PARCEL_SCAN, methods=("POST",))
def signing_bulk(request: ConsoleRequest) -> HttpResponse:
    """Taken out of store, many at once."""
    chosen, now = listing.chosen(request, SIGN_OFFS), moment.now()
    done, refused = 0, ""
    for key in chosen.keys(SIGN_OFFS, now):
        try:
            row = queries.one(request.actor, whole(key) or 0)
            actions.hand_out(actor=request.actor, sign_off_id=row.id, version=row.version, out_at=now, now=now)
            done += 1
        except KefuError as error:
            refused = refused or f"{error}"
    if refused:
        messages.warning(request, _("出库 %(done)s 票；其余没有出库：%(why)s") % {"done": done, "why": refused})
    else:
        messages.success(request, _("出库 %(done)s 票。") % {"done": done})
    return redirect(request, chosen.back(SIGN_OFFS))
